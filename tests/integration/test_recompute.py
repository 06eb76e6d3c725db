"""Bundles of every kind come out as they are stated, and a forger who changes one number is found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.domain.canonical import canonical_json, digest_of_bytes
from portal.domain.differences import is_number
from portal.domain.ledger.facts import Entry
from portal.domain.levels import Measure
from portal.domain.submissions import Kind
from portal.services import review
from portal.services.bundles import papers
from portal.services.bundles.about import (
    ABOUT,
    EVIDENCE,
    FACTORS,
    FACTS,
    LEDGER,
    README,
    SUBMISSION,
    TRACES,
)
from portal.services.recomputation.whole import recompute
from portal.store.blobs import Blobs
from portal.store.submissions import Submission
from tests.factories.audits import Audit, opened, with_manifest
from tests.factories.scenes import Scene

KINDS = tuple(Kind)
# Numbers that somebody stated and nothing is worked out from: only the digest, the ledger and its proof hold them.
STATED = {
    Kind.BASELINE: r"lines/\d+/(raw/.*|position)|outputs/.*|evidence/\d+/(size|sha256)|warnings/.*|schema",
    Kind.PLAN: (
        r"actions/\d+/(milestones/.*|water_m3|energy_kwh|waste_t|basis_year|estimate/edition)"
        r"|actions/4/ramp_months"  # avoided elsewhere, so in no forecast
        r"|targets/\d+/adopted_version|schema|member/base_year"
    ),
    Kind.PROGRESS: r"evidence/\d+/(size|sha256)|schema|member/base_year",
    Kind.RESTATEMENT: r"schema|adjustments/\d+/reason",
}


@pytest.fixture
def audit(scene: Scene, tmp_path: Path) -> Audit:
    return Audit(scene, scene.member("M-1"), Blobs(tmp_path / "blobs"))


@pytest.fixture
def approved(audit: Audit) -> dict[Kind, Submission]:
    return audit.whole_path()


def found_in(files: dict[str, bytes]) -> list[str]:
    """The places that differ, as `file place`."""
    return [f"{each.file} {each.place}" for each in recompute(opened(files)).differences]


@pytest.mark.parametrize("kind", KINDS)
def test_bundle_comes_out_as_it_is_stated(
    audit: Audit, approved: dict[Kind, Submission], kind: Kind
) -> None:
    found = recompute(opened(audit.files(approved[kind], with_files=True)))

    assert found.differences == []
    assert found.numbers > 100
    assert "Edition 2026.1 is the one shipped with this portal." in found.notes


def test_year_that_a_program_handed_in_comes_out_too(scene: Scene, tmp_path: Path) -> None:
    audit = Audit(scene, scene.member("M-1"), Blobs(tmp_path / "blobs"), through=str(uuid4()))
    files = audit.files(audit.year(2024))

    assert f'"through": "{audit.through}"' in files[LEDGER].decode()
    assert found_in(files) == []


def test_later_versions_and_decisions_come_out_too(audit: Audit) -> None:
    audit.whole_path()
    quarter = audit.progress(2026, 1)
    again = audit.recalculation((2025, "heat.steam", "1"), (2024, "heat.hot_water", "3"))
    plan = audit.revised_plan()

    for each in (quarter, again, plan):
        assert found_in(audit.files(each)) == []


def test_bundle_of_what_was_replaced_stands_on_what_had_been_decided_then(
    audit: Audit, approved: dict[Kind, Submission]
) -> None:
    audit.revised_plan()

    files = audit.files(approved[Kind.PLAN])

    assert found_in(files) == []
    assert [name for name in files if name.startswith("basis/")] == [
        name for name in files if name.startswith("basis/baseline-2024-v1-")
    ]


def test_years_restated_by_a_trial_count_until_they_are_approved_anew(audit: Audit) -> None:
    audit.year(2024)
    audit.plan()
    audit.restated_by_trial("AR5")
    trialled = audit.revised_plan()
    work = audit.scene.as_coordinator(audit.step())
    first = work.session.scalars(select(Submission).where(Submission.year == 2024)).one()
    review.reopen(work, first.uid, "One bill was missing.")
    work.commit()
    audit.resubmit(2024)
    anew = audit.revised_plan()

    bases = []
    for each in (trialled, anew):
        files = audit.files(each)
        found = recompute(opened(files))
        assert found.differences == []
        assert any("trial of edition" in note for note in found.notes)
        bases.append(json.loads(files[SUBMISSION])["targets"][0]["base"])
    assert Decimal(bases[0]) > Decimal(bases[1])  # methane weighs more in AR5


# A forger


def leaves(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all numbers in a document."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*place, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from leaves(item, (*place, position))
    elif is_number(value):
        yield place


def forged(document: Any, place: tuple[str | int, ...]) -> Any:
    """A document in which the number at a place is another one."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    was = inner[place[-1]]
    inner[place[-1]] = was + 1 if isinstance(was, int) else str(Decimal(was) + Decimal("0.5"))
    return copy


def rebuilt(files: dict[str, bytes], content: Any) -> dict[str, bytes]:
    """The bundle with other frozen content, and everything that names it or follows from it made to fit."""
    plain = canonical_json(content)
    old, new = digest_of_bytes(files[SUBMISSION]), digest_of_bytes(plain)
    made = {
        name: each.replace(old.encode(), new.encode())
        for name, each in files.items()
        if name != SUBMISSION
    }
    made[SUBMISSION] = plain
    if FACTS in made:
        facts, fitted = digest_of_bytes(files[FACTS]), digest_of_bytes(made[FACTS])
        made = {name: each.replace(facts.encode(), fitted.encode()) for name, each in made.items()}
    about = json.loads(made[ABOUT])
    made |= papers.tables_of(content) | {
        TRACES: papers.traces_of(content),
        EVIDENCE: papers.evidence_table(content, with_files=about["with_files"]),
        README: papers.readme_of(about, content),
        LEDGER: papers.json_bytes(
            {"entries": [_hashed(e) for e in json.loads(made[LEDGER])["entries"]]}
        ),
    }
    return with_manifest(made)


def _hashed(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "leaf": Entry.read(entry).leaf().hex()}


@pytest.mark.parametrize("kind", KINDS)
def test_forger_who_fits_everything_else_is_found_at_every_number_that_follows_from_others(
    audit: Audit, approved: dict[Kind, Submission], kind: Kind
) -> None:
    files = audit.files(approved[kind])
    content = json.loads(files[SUBMISSION])
    assert found_in(rebuilt(files, content)) == []

    tried = list(leaves(content))
    unseen = [
        place
        for place in (
            "/".join(map(str, each))
            for each in tried
            if not found_in(rebuilt(files, forged(content, each)))
        )
        if not re.fullmatch(STATED[kind], place)
    ]

    assert unseen == []
    assert len(tried) > 10


@pytest.mark.parametrize("kind", [Kind.BASELINE, Kind.PROGRESS])
def test_forged_certificate_is_found_at_every_number(
    audit: Audit, approved: dict[Kind, Submission], kind: Kind
) -> None:
    files = audit.files(approved[kind])
    facts = json.loads(files[FACTS])
    places = [each for each in leaves(facts) if not _is_taken_as_stated(facts, each)]
    unseen = []
    for place in places:
        plain = canonical_json(forged(facts, place))
        old, new = digest_of_bytes(files[FACTS]), digest_of_bytes(plain)
        made = {n: each.replace(old.encode(), new.encode()) for n, each in files.items()}
        made[FACTS] = plain
        entries = [_hashed(each) for each in json.loads(made[LEDGER])["entries"]]
        made[LEDGER] = papers.json_bytes({"entries": entries})
        if not found_in(with_manifest(made)):
            unseen.append(place)

    assert unseen == []
    assert len(places) > 15


def _is_taken_as_stated(facts: Any, place: tuple[str | int, ...]) -> bool:
    """What the certificate's own heading says, and the place among members that are not in the bundle."""
    if place[0] in ("code", "number", "inventory_number"):
        return True
    if place[0] != "levels" or place[-1] != "value":
        return False
    return facts["levels"][place[1]]["criteria"][place[3]]["measure"] == Measure.TOP_SHARE


def test_day_year_and_version_that_the_bundle_gives_itself_are_held_against_the_ledger(
    audit: Audit, approved: dict[Kind, Submission]
) -> None:
    files = audit.files(approved[Kind.PLAN])
    about = json.loads(files[ABOUT])
    for name, other in (
        ("number", 2),
        ("year", 2027),
        ("submitted_at", "2026-03-01T09:30:00+00:00"),
        ("decided_at", "2026-03-01T09:30:00+00:00"),
    ):
        forged = {**about, "submission": {**about["submission"], name: other}}
        found = found_in(with_manifest({**files, ABOUT: papers.json_bytes(forged)}))
        assert any(each.startswith(LEDGER) for each in found), name


@pytest.mark.parametrize("name", ["lines.csv", TRACES, FACTORS, EVIDENCE, README, LEDGER])
def test_table_that_says_other_than_the_frozen_content_is_found(
    audit: Audit, approved: dict[Kind, Submission], name: str
) -> None:
    files = audit.files(approved[Kind.BASELINE])
    changed = re.sub(
        rb"(\d)(?=\D*$)", lambda digit: b"%d" % ((int(digit[1]) + 1) % 10), files[name]
    )
    assert changed != files[name]

    found = found_in(with_manifest({**files, name: changed}))

    assert found
    assert {each.split(" ")[0] for each in found} == {name}


def test_changed_file_is_found_by_its_digest_and_added_and_missing_ones_too(
    audit: Audit, approved: dict[Kind, Submission]
) -> None:
    files = audit.files(approved[Kind.BASELINE], with_files=True)
    (bill,) = [name for name in files if name.startswith("evidence/")]

    assert f"manifest.json {bill}" in found_in({**files, bill: b"x"})
    assert f"submission.json evidence/{bill[9:73]}" in [
        each.rsplit("/", 1)[0] for each in found_in(with_manifest({**files, bill: b"x"}))
    ]
    assert found_in({**files, "more.txt": b"x"}) == [
        "manifest.json more.txt",
        "bundle.json more.txt",
    ]
    del files["traces.json"]
    assert "manifest.json traces.json" in found_in(files)


def test_edition_that_is_not_shipped_is_taken_from_the_bundle(
    audit: Audit, approved: dict[Kind, Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = {kind: audit.files(each) for kind, each in approved.items()}
    monkeypatch.setattr("portal.services.recomputation.editions.data.editions", lambda: ())

    for files in packed.values():
        found = recompute(opened(files))
        assert found.differences == []
        assert found.notes[0] == (
            "Edition 2026.1 is not shipped with this portal: the factors in the bundle were used."
        )


def test_factor_forged_in_a_shipped_edition_is_found(
    audit: Audit, approved: dict[Kind, Submission]
) -> None:
    files = audit.files(approved[Kind.BASELINE])
    document = json.loads(files[FACTORS])
    document["editions"][0]["digest"] = "0" * 64
    found = recompute(opened(with_manifest({**files, FACTORS: papers.json_bytes(document)})))

    places = [each.place for each in found.differences if each.file == FACTORS]
    assert "2026.1/digest" in places
    assert any("another digest" in note for note in found.notes)


def test_document_changed_beyond_reading_is_a_difference_and_no_failure(
    audit: Audit, approved: dict[Kind, Submission]
) -> None:
    for kind, submission in approved.items():
        files = audit.files(submission)
        for broken in ({}, [], {"kind": kind.value}, {"kind": "baseline", "lines": 3}, "x"):
            made = with_manifest({**files, SUBMISSION: canonical_json(broken)})
            assert found_in(made)
        about = {**json.loads(files[ABOUT]), "basis": [{"type": "trial"}]}
        assert found_in(with_manifest({**files, ABOUT: papers.json_bytes(about)}))
