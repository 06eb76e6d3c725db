"""A whole bundle: its files against their digests, its tables against its frozen content, and every number again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from portal.calculation.problems import CalculationError
from portal.domain.canonical import digest_of_bytes
from portal.domain.differences import ABSENT, Comparison
from portal.domain.ledger.keyring import KeyRing
from portal.domain.submissions import Kind
from portal.services.bundles import papers
from portal.services.bundles.about import (
    ABOUT,
    CERTIFICATE,
    EVIDENCE,
    FACTORS,
    FACTS,
    LEDGER,
    MANIFEST,
    README,
    TRACES,
    chain_in,
)
from portal.services.bundles.chain import Chain, Handed, TrialLayer
from portal.services.bundles.factors import used_rows
from portal.services.bundles.proof import proof_name
from portal.services.bundles.tables import read_table
from portal.services.recomputation.certificates import check_certificate
from portal.services.recomputation.editions import Editions
from portal.services.recomputation.inventories import check_inventory
from portal.services.recomputation.ledger_entries import check_entries, check_proofs
from portal.services.recomputation.plans import check_plan
from portal.services.recomputation.progress import check_progress
from portal.services.recomputation.restatements import check_restatement

# What a document that somebody has changed can lead the portal's own functions to.
_BROKEN = (ArithmeticError, AttributeError, CalculationError, LookupError, TypeError, ValueError)
_NAMES = frozenset({"category_en", "category_zh"})


@dataclass(frozen=True, slots=True)
class Measured:
    """SHA-256 and size in bytes of a file as it was read."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle as it was read: what every file measures, the bytes of all but evidence, and what the JSON files hold."""

    measured: Mapping[str, Measured]
    files: Mapping[str, bytes]
    documents: Mapping[str, Any]


def recompute(bundle: Opened, ring: KeyRing | None = None) -> Comparison:
    """Check everything that can be checked without anything but the bundle; what can't be read as what it should be is a difference."""
    comparison = Comparison()
    with _guarded(comparison, MANIFEST):
        _check_manifest(comparison, bundle)
    with _guarded(comparison, ABOUT):
        about = bundle.documents[ABOUT]
        chain, own = chain_in(about, lambda file: bundle.documents[file])
        editions = Editions(bundle.documents[FACTORS], comparison)
        _check_files(comparison, bundle, about, chain, own)
        _check_papers(comparison, bundle, about, chain, own, editions)
        for each in chain.decisions:
            if isinstance(each, TrialLayer):
                comparison.note(
                    f"Years that a trial of edition {each.edition} with {each.gwp_set} restated: taken as decided."
                )
            else:
                with _guarded(comparison, each.file):
                    _check_submission(comparison, editions, chain, each, about["programmes"])
        _check_certificate(comparison, bundle, about, chain, own, editions)
    with _guarded(comparison, LEDGER):
        check_proofs(comparison, bundle.files, bundle.documents[LEDGER]["entries"], ring)
    return comparison


@contextmanager
def _guarded(comparison: Comparison, file: str) -> Iterator[None]:
    """A part that somebody has changed beyond reading is a difference, and the others are still checked."""
    try:
        yield
    except _BROKEN as trouble:
        said = f"can't be recomputed: {type(trouble).__name__}: {trouble}"
        comparison.tell(file, "", "", said)


def _check_manifest(comparison: Comparison, bundle: Opened) -> None:
    listed = bundle.documents[MANIFEST]["files"]
    found = {name: each for name, each in bundle.measured.items() if name != MANIFEST}
    for name in sorted(listed.keys() | found.keys()):
        if name not in found:
            comparison.tell(MANIFEST, name, listed[name]["sha256"], ABSENT)
        elif name not in listed:
            comparison.tell(MANIFEST, name, ABSENT, found[name].sha256)
        else:
            again = {"sha256": found[name].sha256, "size": found[name].size}
            if listed[name] != again:
                comparison.tell(MANIFEST, name, listed[name], again)


def _check_files(
    comparison: Comparison, bundle: Opened, about: Mapping[str, Any], chain: Chain, own: Handed
) -> None:
    """The digests that documents name, and that nothing is there which no document speaks of."""
    expected = {ABOUT, MANIFEST, README, TRACES, FACTORS, EVIDENCE, LEDGER}
    expected |= papers.tables_of(own.content).keys()
    for each in chain.decisions:
        if isinstance(each, Handed):
            expected.add(each.file)
            _same(
                comparison, ABOUT, each.file, each.digest, digest_of_bytes(bundle.files[each.file])
            )
    certificate = about["certificate"]
    if certificate is not None:
        expected.add(FACTS)
        _same(comparison, ABOUT, FACTS, certificate["facts"], digest_of_bytes(bundle.files[FACTS]))
        if certificate["document"] is not None:
            expected.add(CERTIFICATE)
            found = digest_of_bytes(bundle.files[CERTIFICATE])
            _same(comparison, ABOUT, CERTIFICATE, certificate["document"], found)
    expected |= _check_evidence(comparison, bundle, own, with_files=about["with_files"])
    proofs = {proof_name(each["sequence"]) for each in bundle.documents[LEDGER]["entries"]}
    for name in sorted(bundle.measured.keys() - expected - proofs):
        comparison.tell(ABOUT, name, "a file of the bundle", "no document speaks of it")


def _check_evidence(
    comparison: Comparison, bundle: Opened, own: Handed, *, with_files: bool
) -> set[str]:
    if not with_files:
        return set()
    names = set()
    for file in own.content["evidence"]:
        name = papers.evidence_name(file)
        names.add(name)
        found = bundle.measured.get(name)
        again = ABSENT if found is None else {"sha256": found.sha256, "size": found.size}
        stated = {"sha256": file["sha256"], "size": file["size"]}
        comparison.compare(own.file, f"evidence/{file['sha256']}", stated, again)
    return names


def _check_papers(
    comparison: Comparison,
    bundle: Opened,
    about: Mapping[str, Any],
    chain: Chain,
    own: Handed,
    editions: Editions,
) -> None:
    """Everything that follows from the frozen content is made anew."""
    content = own.content
    tables = papers.tables_of(content)
    tables[EVIDENCE] = papers.evidence_table(content, with_files=about["with_files"])
    for name, table in tables.items():
        with _guarded(comparison, name):
            _check_table(comparison, name, bundle.files[name], table)
    if bundle.files[README] != papers.readme_of(about, content):
        comparison.tell(README, "", "other words", "the words of this version of bundles")
    handed = [each for each in chain.decisions if isinstance(each, Handed)]
    made = {
        TRACES: papers.traces_of(content),
        FACTORS: papers.factors_of(
            (editions.of(code), used_rows(editions.of(code), handed, chain))
            for code in editions.codes
        ),
    }
    for name, again in made.items():
        if bundle.files[name] != again:
            before = len(comparison.differences)
            comparison.differences += _document_differences(name, bundle.documents[name], again)
            if len(comparison.differences) == before:
                comparison.tell(name, "", "other bytes", "the same values, written otherwise")


def _document_differences(name: str, stated: Any, again: bytes) -> list[Any]:
    held = Comparison()
    held.compare(name, "", stated, papers.read_json(again))
    return held.differences


def _check_table(comparison: Comparison, name: str, stated: bytes, again: bytes) -> None:
    """Cell by cell, so that it is said which row and column differs; names of categories may be put better one day."""
    rows, made = read_table(stated), read_table(again)
    if len(rows) != len(made):
        comparison.tell(name, "rows", len(rows), len(made))
        return
    for position, (row, other) in enumerate(zip(rows, made, strict=True), start=1):
        for column in sorted(row.keys() | other.keys() - _NAMES):
            found = (row.get(column, ABSENT), other.get(column, ABSENT))
            if column not in _NAMES and found[0] != found[1]:
                comparison.tell(name, f"row {position}/{column}", *found)


def _check_submission(
    comparison: Comparison,
    editions: Editions,
    chain: Chain,
    handed: Handed,
    programmes: Mapping[str, Any],
) -> None:
    stated = {name: handed.content[name] for name in ("kind", "year")}
    comparison.compare(handed.file, "", stated, {"kind": handed.kind, "year": handed.year})
    match handed.kind:
        case Kind.BASELINE:
            check_inventory(comparison, editions, handed)
        case Kind.PLAN:
            check_plan(comparison, editions, chain, handed, programmes)
        case Kind.PROGRESS:
            check_progress(comparison, editions, chain, handed, programmes)
        case Kind.RESTATEMENT:
            check_restatement(comparison, chain, handed, programmes)


def _check_certificate(
    comparison: Comparison,
    bundle: Opened,
    about: Mapping[str, Any],
    chain: Chain,
    own: Handed,
    editions: Editions,
) -> None:
    certificate = about["certificate"]
    with _guarded(comparison, LEDGER):
        facts = bundle.documents.get(FACTS, {})
        check_entries(comparison, bundle.documents[LEDGER]["entries"], own, certificate, facts)
    if certificate is not None:
        with _guarded(comparison, FACTS):
            plain = bundle.files[FACTS]
            check_certificate(comparison, editions, chain, own, plain, about["alliance"])


def _same(comparison: Comparison, file: str, place: str, stated: str, found: str) -> None:
    if stated != found:
        comparison.tell(file, place, stated, found)
