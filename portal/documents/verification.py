"""Whether a document is genuine, told by itself: nothing but the file and what somebody trusts is asked, no database, no network."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import pikepdf

from portal.documents import signatures
from portal.documents.press import FACTS, PROOF
from portal.documents.signatures import NotIntact
from portal.domain import revocations
from portal.domain.canonical import canonical_json, digest_of_bytes
from portal.domain.ledger import checkpoints
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.facts import INTENDED, REPORT_INTENDED
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.merkle import NotProven
from portal.domain.ledger.notes import NotANote, Note, NotSigned
from portal.domain.ledger.proofs import InclusionProof

MOST_ENCLOSED_BYTES = 32 * 1024 * 1024


class Verdict(StrEnum):
    """What one check came to: OPEN asks for something that is missing, SKIPPED was not asked for."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One check in words."""

    subject: str
    verdict: Verdict
    said: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What the person who checks trusts or has from elsewhere.

    `roots` are CA certificates as DER. `is_consistent` tells whether two checkpoints belong to one log, None where the
    hashes for that are not at hand; equal sizes need no hashes.
    """

    ring: KeyRing | None = None
    roots: Sequence[bytes] = ()
    checkpoint: str = ""
    revocations: str = ""
    is_consistent: Callable[[Checkpoint, Checkpoint], bool | None] = field(
        default=lambda earlier, later: None
    )


@dataclass(frozen=True, slots=True)
class Verified:
    """All checks in their order, and the facts of the document where they could be read."""

    checks: tuple[Check, ...]
    facts: dict[str, Any] | None

    @property
    def verdict(self) -> Verdict:
        """FAILS when anything fails, OPEN when something could not be told, HOLDS otherwise."""
        found = {check.verdict for check in self.checks}
        return next((v for v in (Verdict.FAILS, Verdict.OPEN) if v in found), Verdict.HOLDS)


class _Stop(Exception):
    """A check failed that all others stand on."""


def verify(pdf: bytes, trust: Trust, today: date) -> Verified:
    """Check a document; whatever is wrong with it is said, nothing is raised."""
    checks: list[Check] = []
    facts: dict[str, Any] | None = None
    try:
        checks += _signature(pdf, trust)
        enclosed = _enclosed(pdf)
        facts = _read_facts(enclosed.facts)
        checks.append(Check("facts", Verdict.HOLDS, f"SHA-256 {digest_of_bytes(enclosed.facts)}"))
        proof = _entry_binds(enclosed, facts)
        checks += _log(proof, trust)
        checks.append(_revocation(facts, trust))
        checks += _validity(facts, today)
    except NotIntact as wrong:
        checks.append(Check("bytes", Verdict.FAILS, str(wrong)))
    except _Stop as wrong:
        checks.append(Check(*wrong.args))
    return Verified(tuple(checks), facts)


def _signature(pdf: bytes, trust: Trust) -> Iterator[Check]:
    signed = signatures.read_signature(pdf)
    yield Check("bytes", Verdict.HOLDS, "every byte is as it was when the file was signed")
    at = f" on {signed.at:%Y-%m-%d %H:%M} UTC" if signed.at else ""
    stamp = ", with a time stamp" if signed.is_stamped else ""
    who = f"signed by {signed.signer}{at}{stamp} (certificate {signed.fingerprint[:16]}…)"
    if not trust.roots:
        said = f"{who}; whether that is who it says was not checked: give its CA with --ca"
        yield Check("signature", Verdict.OPEN, said)
    elif signed.at is None or not signatures.is_trusted(pdf, trust.roots, signed.at):
        yield Check("signature", Verdict.FAILS, f"{who}, whom the given CA doesn't vouch for")
    else:
        yield Check("signature", Verdict.HOLDS, f"{who}, vouched for by the given CA")


@dataclass(frozen=True, slots=True)
class _Enclosed:
    facts: bytes
    proof: bytes


def _enclosed(pdf: bytes) -> _Enclosed:
    """The facts and the proof that the signed file encloses."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            sizes = {
                name: int(file.get_file().obj.get("/Params", pikepdf.Dictionary()).get("/Size", 0))
                for name, file in opened.attachments.items()
            }
            if set(sizes) != {FACTS, PROOF} or sum(sizes.values()) > MOST_ENCLOSED_BYTES:
                raise _Stop("facts", Verdict.FAILS, "the file encloses no facts with their proof")
            files = {name: opened.attachments[name].get_file().read_bytes() for name in sizes}
    except pikepdf.PdfError as error:
        raise NotIntact(f"the file can't be read: {error}") from error
    return _Enclosed(files[FACTS], files[PROOF])


def _read_facts(data: bytes) -> dict[str, Any]:
    wrong = _Stop("facts", Verdict.FAILS, "the facts are not in canonical form")
    try:
        facts = json.loads(data)
        written = canonical_json(facts)
    except (ValueError, TypeError, RecursionError) as error:
        raise wrong from error
    if not isinstance(facts, dict) or written != data:
        raise wrong
    return facts


def _entry_binds(enclosed: _Enclosed, facts: dict[str, Any]) -> InclusionProof:
    """The proof, once its entry is seen to speak of these facts and no others."""
    try:
        proof = InclusionProof.read(enclosed.proof.decode())
        entry = json.loads(proof.entry)
    except (ValueError, RecursionError) as error:
        raise _Stop("inclusion", Verdict.FAILS, f"the proof is damaged: {error}") from error
    number = facts.get("number") or facts.get("certificate_number")
    kind = INTENDED if "number" in facts else REPORT_INTENDED
    if (
        not isinstance(entry, dict)
        or entry.get("kind") != kind
        or entry.get("subject") != f"certificate/{number}"
        or entry.get("digest") != digest_of_bytes(enclosed.facts)
    ):
        raise _Stop("inclusion", Verdict.FAILS, "the log's entry speaks of other facts")
    return proof


def _log(proof: InclusionProof, trust: Trust) -> Iterator[Check]:
    """That the entry stands in the log, whose head is signed and is the one that others saw too."""
    try:
        checkpoint = Checkpoint.read(Note.read(proof.checkpoint).text)
        proof.check_against(checkpoint)
    except (NotANote, NotProven) as wrong:
        raise _Stop("inclusion", Verdict.FAILS, str(wrong)) from wrong
    place = f"entry {proof.index} of the first {checkpoint.size} of {checkpoint.origin}"
    yield Check("inclusion", Verdict.HOLDS, place)
    if trust.ring is None:
        said = f"signed as {checkpoint.origin}, which was not checked: give the key with --log-key"
        yield Check("checkpoint", Verdict.OPEN, said)
        return
    keys = trust.ring.for_size(checkpoint.size)
    try:
        checkpoints.opened(proof.checkpoint, keys)
    except NotSigned as wrong:
        raise _Stop("checkpoint", Verdict.FAILS, str(wrong)) from wrong
    said = f"signed by the log {checkpoint.origin} at {checkpoint.size} entries"
    yield Check("checkpoint", Verdict.HOLDS, said)
    yield _witnessed(checkpoint, trust)


def _witnessed(own: Checkpoint, trust: Trust) -> Check:
    """Whether the checkpoint in the file and the one from elsewhere are of one and the same log."""
    subject = "other checkpoint"
    if not trust.checkpoint:
        return Check(subject, Verdict.SKIPPED, "none was given to compare with (--checkpoint)")
    try:
        other = Checkpoint.read(Note.read(trust.checkpoint).text)
        keys = trust.ring.for_size(other.size) if trust.ring else []
        checkpoints.opened(trust.checkpoint, keys)
    except (NotANote, NotSigned) as wrong:
        return Check(subject, Verdict.FAILS, f"the given checkpoint: {wrong}")
    earlier, later = sorted((own, other), key=lambda each: each.size)
    is_one_log: bool | None = earlier.root == later.root
    if earlier.size != later.size:
        is_one_log = trust.is_consistent(earlier, later)
    sizes = f"{earlier.size} and {later.size} entries"
    if is_one_log is None:
        said = f"of {sizes}: the log's tiles must lie beside the given checkpoint to compare them"
        return Check(subject, Verdict.OPEN, said)
    if not is_one_log:
        said = f"of {sizes}: they are not of one log. Somebody showed two people two different logs"
        return Check(subject, Verdict.FAILS, said)
    return Check(subject, Verdict.HOLDS, f"of {sizes}: one and the same log")


def _revocation(facts: dict[str, Any], trust: Trust) -> Check:
    number = str(facts.get("number") or facts.get("certificate_number"))
    subject = "revocation list"
    if not trust.revocations:
        said = (
            "not looked at: whether it was revoked or superseded since is not known (--revocations)"
        )
        return Check(subject, Verdict.SKIPPED, said)
    if trust.ring is None:
        return Check(subject, Verdict.OPEN, "can't be checked without the log's key (--log-key)")
    try:
        listed = revocations.opened(trust.revocations, trust.ring)
    except (NotANote, NotSigned) as wrong:
        return Check(subject, Verdict.FAILS, str(wrong))
    ended = listed.find(number)
    if ended is not None:
        return Check(subject, Verdict.FAILS, f"{number} was {ended.state} on {ended.on}")
    said = f"{number} is not among the {len(listed.ended)} listed on {listed.at:%Y-%m-%d %H:%M} UTC"
    return Check(subject, Verdict.HOLDS, said)


def _validity(facts: dict[str, Any], today: date) -> Iterator[Check]:
    if "valid_until" not in facts:
        return
    last = date.fromisoformat(facts["valid_until"])
    if today > last:
        yield Check("validity", Verdict.FAILS, f"it was genuine, and ran out on {last}")
    else:
        yield Check("validity", Verdict.HOLDS, f"until {last}")
