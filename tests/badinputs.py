"""The corpus of bad inputs, case by case through a door: one runner for the forms, the API and the workbook.

A door sends the cases of a field and says what came of each; `differences` holds that against what was agreed on, and
against the problem codes that reading the same values comes to. Come with another door? Give it `tries`.
"""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

from portal.calculation.problems import Severity
from portal.intake.texts import read_short_text
from portal.services.line_reading import CONFIRMED, judge
from portal.store.lines import ActivityLine
from tests.corpus import CORPUS
from tests.factories.desks import a_desk

ACCEPTED = {"accept", "accept_normalized", "accept_flagged", "accept_inert"}
# The column of a line that a case of each field stands in; the rest of the line is sound.
COLUMN_OF = {
    "number": "quantity",
    "unit": "unit",
    "period": "period",
    "date": "start",
    "percent": "parameters.nitrogen_percent",
    "text_long": "note",
}
FIELDS = (*COLUMN_OF, "text_short")
PRODUCT = {"quantity": "1", "unit": "t"}
# A unit needs a category whose dimension it has.
CATEGORY_OF_UNIT = {
    "kg": "soils.urea", "t": "soils.urea", "m³": "water.supply", "µg": "soils.urea", "GJ": "heat.steam",
    "tce": "stationary.anthracite", "bbl": "stationary.diesel", "ton": "soils.urea", "斤": "soils.urea",
    "Nm3": "stationary.natural_gas", "gal": "stationary.diesel", "CNY": "soils.urea",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One case, with its value ready to be sent."""

    id: str
    field: str
    locale: str
    expect: str
    value: Any
    stored: str | None

    @property
    def language(self) -> str:
        """The language that the sender prefers, which decides how numbers are read."""
        return self.locale if self.locale in ("de", "zh") else "en"

    @property
    def year(self) -> int:
        """The year that the case's line belongs to."""
        is_next = self.field == "period" and str(self.value).startswith("2026")
        return 2026 if is_next else 2025

    @property
    def line(self) -> dict[str, Any]:
        """The line that the case stands in, by column."""
        line = {
            "category": "electricity.grid",
            "quantity": "1",
            "unit": "kWh",
            "period": f"{self.year}-03",
            "site": "S1",
        }
        match self.field:
            case "unit":
                wanted = self.stored or self.value
                known = CATEGORY_OF_UNIT.get(wanted, "electricity.grid")
                line["category"] = CATEGORY_OF_UNIT.get(self.value, known)
            case "date":
                del line["period"]
                line["end"] = "2025-12-31"
            case "percent":
                line |= {"category": "soils.fertiliser", "unit": "t"}
        return {**line, COLUMN_OF[self.field]: self.value}

    @property
    def wanted(self) -> str:
        """What must be kept of an accepted case."""
        wanted = self.value if self.stored is None else self.stored
        if self.field == "text_long":
            return str(wanted).replace("\r\n", "\n").strip().lstrip("\ufeff")
        return str(wanted)

    def kept(self, line: ActivityLine | None) -> object:
        """What a finished line says in the case's column; None for none."""
        if line is None or not line.is_complete:
            return None
        match self.field:
            case "period":
                assert line.start_on is not None
                assert line.end_on is not None
                last = line.end_on - timedelta(days=1)
                return f"{line.start_on.isoformat()}/{last.isoformat()}"
            case "date":
                return line.start_on.isoformat() if line.start_on else None
            case "percent":
                return (line.parameters or {}).get("nitrogen_percent")
            case "text_long":
                return line.note
            case _:
                return getattr(line, COLUMN_OF[self.field])


@dataclass(frozen=True)
class Came:
    """What a door made of a case.

    `codes` are those of the problems that it named for the case's own column, None where it only has words for them;
    `complaint` is what a person or program would miss in its answer.
    """

    status: int
    is_taken: bool
    stored: object
    asks: bool = False
    codes: frozenset[str] | None = None
    complaint: str = ""


class Door(Protocol):
    """A way in."""

    channels: frozenset[str]

    def tries(self, field: str, cases: Sequence[Case]) -> Iterable[Came]:
        """Send each case of a field, and say what came of it."""


def cases_of(field: str, channels: frozenset[str]) -> list[Case]:
    """The cases of a field that are for one of the channels."""
    found = []
    for text in (CORPUS / "cases.jsonl").read_text(encoding="ascii").splitlines():
        raw = json.loads(text)
        if raw["field"] == field and channels & set(raw["channel"]):
            kept = (raw["locale"], raw["expect"], value_of(raw), raw.get("stored"))
            found.append(Case(raw["id"], field, *kept))
    assert found, field
    return found


def value_of(raw: Mapping[str, Any]) -> Any:
    """The value of a case: as it stands, from its bytes, or made by its recipe."""
    if "input_b64" in raw:
        return base64.b64decode(raw["input_b64"]).decode("utf-8", "surrogateescape")
    recipe = raw.get("recipe")
    if recipe is None:
        return raw.get("input")
    if "repeat" in recipe:
        return str(recipe["repeat"]) * int(recipe["count"])
    around = (str(recipe[name]) * int(recipe["count"]) for name in ("prefix", "suffix"))
    return str(recipe["middle"]).join(around)


def differences(door: Door, field: str, *, without: frozenset[str] = frozenset()) -> list[str]:
    """The cases of a field whose answer is of another class than the corpus says, each with what is wrong."""
    cases = [case for case in cases_of(field, door.channels) if case.id not in without]
    return [
        f"{case.id} ({case.expect}, {str(case.value)[:30]!r}) {came.status}: {wrong}"
        for case, came in zip(cases, door.tries(field, cases), strict=True)
        if (wrong := _wrong(case, came))
    ]


def _wrong(case: Case, came: Came) -> str:
    if came.status >= 500:
        return "a failure"
    if case.expect in ACCEPTED:
        if not came.is_taken:
            return f"not taken: {came.complaint or came.codes}"
        return "" if same(came.stored, case.wanted) else f"stored {came.stored!r}"
    if came.is_taken or came.stored is not None:
        return f"taken, stored {came.stored!r}"
    if came.complaint:
        return came.complaint
    if case.expect == "ask" and not came.asks:
        return "no readings to choose from"
    # What is no text never gets as far as the readers.
    is_read = came.codes is not None and isinstance(case.value, str)
    if is_read and came.codes != (codes := codes_of(case)):
        return f"told {sorted(came.codes)}, not {sorted(codes)}"
    return ""


def same(stored: object, wanted: str) -> bool:
    """Whether what is kept is what the corpus wants, as a number or as text."""
    if isinstance(stored, Decimal):
        return stored == Decimal(wanted) and not (stored.is_zero() and stored.is_signed())
    return stored == unicodedata.normalize("NFC", wanted)


def codes_of(case: Case) -> frozenset[str]:
    """The problems that reading the case comes to, whichever door it comes through."""
    if case.field == "text_short":
        return frozenset(each.code for each in read_short_text(case.value).problems)
    desk = a_desk(["S1"], year=case.year, locale=case.language)
    judged = judge(desk, {**case.line, CONFIRMED: {}}, key="", has_evidence=False)
    own = columns_of(case)
    grave = (each for each in judged.problems if each.severity is not Severity.WARNING)
    return frozenset(each.code for each in grave if each.field in own)


def columns_of(case: Case) -> frozenset[str]:
    """The columns that a problem of the case may name: a first day that lies behind the last is one of the period."""
    own = COLUMN_OF[case.field]
    return frozenset({own, "period"} if case.field == "date" else {own})
