"""Every table of the corpus of bad inputs comes to what the corpus says: taken, flagged, or refused with exactly its bad rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from portal.domain.evidence import EvidenceKind
from portal.intake.tables.guessing import Guess
from portal.services.tables.checks import TableFile, check
from portal.services.tables.judging import Judgement
from portal.services.tables.reading import RefusedTable, opened
from portal.services.tables.surveys import Survey, survey
from portal.store.evidence_inspection import inspect
from tests.corpus import CASES, CORPUS
from tests.factories.desks import a_desk

# Agreed on with 50,000 rows as the most that is read. A table may be longer by now: docs/decisions.md.
LONGER_NOW = {"FI-061": 60_001, "FI-117": 60_001}
TABLES = [
    case
    | ({"expect": "import_ok", "rows": LONGER_NOW[case["id"]]} if case["id"] in LONGER_NOW else {})
    for case in CASES
    if case["id"].startswith("FI")
]
CATEGORIES = {"electricity": "electricity.grid", "natural_gas": "stationary.natural_gas"}
TAKEN = ("import_ok", "import_flagged", "import_ok_or_reject", "import_ok_or_ask")


@dataclass
class Came:
    """What a file came to."""

    refused: str = ""
    judgement: Judgement | None = None
    survey: Survey | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)


def came(case: dict[str, Any]) -> Came:
    """The file as the page takes it: looked into, looked through without asking anybody, judged."""
    path, name = CORPUS / case["file"], case["upload_name"]
    verdict = inspect(path, name)
    if not verdict.is_accepted or verdict.kind not in (EvidenceKind.XLSX, EvidenceKind.CSV):
        return Came(refused=verdict.reason)
    desk = a_desk(["SITE-001", "SITE-002"])
    found = Came()
    try:
        with opened(path, name) as table:
            mapping, looked = survey(table, desk.rules, lambda _shape: None)
        if mapping.problems() or looked.problems:
            return Came(refused=[*looked.problems, *mapping.problems()][0].code)
        certain = Guess(mapping, looked.doubts).certain
        file = TableFile(path, name, looked.sheet, certain)
        found.survey = looked
        found.judgement, _counts = check(
            desk, file, new_uid=uuid4, take=lambda columns: found.lines.append(dict(columns))
        )
    except RefusedTable as refused:
        return Came(refused=refused.problem.code)
    return found


@pytest.mark.skipif(not TABLES, reason="the corpus does not lie beside this checkout")
@pytest.mark.parametrize("case", TABLES, ids=lambda case: f"{case['id']} {Path(case['file']).stem}")
def test_table_comes_to_what_the_corpus_says(case):
    found = came(case)
    if case["expect"] == "reject_file":
        assert found.refused, found.judgement
        return
    if found.refused:
        assert case["expect"] in ("import_ok_or_reject", "import_ok_or_ask"), found.refused
        return
    assert found.judgement is not None
    assert found.judgement.bad_rows == case.get("bad_rows", []), found.judgement.problems
    if case["expect"] not in TAKEN:
        return
    assert found.judgement.is_sound
    assert found.judgement.lines == case["rows"]
    if "values" in case:
        assert [_said(line) for line in found.lines] == [_expected(each) for each in case["values"]]
    if case["expect"] == "import_flagged":
        assert _is_flagged(found), "the preview names nothing"


def _said(line: dict[str, Any]) -> list[str]:
    raw = line["raw"]
    quantity = format(line["quantity"], "f")
    return [raw["site"], line["start_on"].isoformat()[:7], line["category"], quantity, line["unit"]]


def _expected(values: list[str]) -> list[str]:
    site, period, activity, quantity, unit = values
    return [site, period, CATEGORIES[activity], quantity, unit]


def _is_flagged(found: Came) -> bool:
    assert found.judgement is not None
    assert found.survey is not None
    looked = found.survey
    return bool(found.judgement.remarks or looked.hidden_count or looked.hides_rows)
