"""Downloading a workbook, uploading it again, and what it would change as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from portal import data
from portal.calculation.problems import Problem, Severity
from portal.documents.facts import Language
from portal.documents.workbook_words import SHEETS
from portal.domain.merging import WHOLE_ROW, Choice, Fate
from portal.domain.workbooks import SheetCode
from portal.intake.read import PARAMETER
from portal.services.line_reading import problem_of
from portal.services.workbook_texts import parameters_of
from portal.web.forms.fields import PortalForm, required
from portal.web.forms.line_rows import label_of
from portal.web.language import current
from portal.web.names import name_of
from portal.web.words import say

ROWS_A_PAGE = 50
_CONTROL = "choose"


class WorkbookForm(PortalForm):
    """The workbook that was filled in."""

    file = FileField(lazy_gettext("Workbook"), validators=[required(lazy_gettext("Choose a file"))])


class ApplyForm(PortalForm):
    """What is to be kept of a workbook."""

    removals = BooleanField(lazy_gettext("Remove them"))


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that the file changes; `control` names its choice where both sides changed it, `base` is what it said when
    the workbook was downloaded."""

    label: str
    base: str
    now: str
    file: str
    control: str = ""
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that the file touches; `control` names the choice about the whole row."""

    place: str
    fate: str
    fate_words: str
    about: str
    sheet: str
    cells: tuple[CellChange, ...]
    messages: tuple[str, ...]
    control: str = ""
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """A page of what a file would change; `blocked` says why it can't be applied as it is."""

    rows: tuple[RowChange, ...]
    number: int
    last: int
    total: int
    blocked: tuple[str, ...]
    remarks: tuple[str, ...]
    missing: tuple[str, ...]
    attention: int
    unchosen: int
    first_unchosen: int


def preview_page(
    preview: Mapping[str, Any], chosen: Mapping[tuple[str, str], Choice], number: int
) -> PreviewPage:
    """The rows of one page, those that wait for a choice first, then those to be put right, with the messages about the
    whole file."""
    every = sorted(
        preview["rows"], key=lambda row: (not row["conflicts"], not _grave(row["problems"]))
    )
    last = max(1, -(-len(every) // ROWS_A_PAGE))
    number = min(number, last)
    first = (number - 1) * ROWS_A_PAGE
    labels = _labels()
    waiting = [
        place
        for place, row in enumerate(every)
        if any((row["name"], column) not in chosen for column in row["conflicts"])
    ]
    return PreviewPage(
        tuple(_row(row, chosen, labels) for row in every[first : first + ROWS_A_PAGE]),
        number,
        last,
        len(every),
        tuple(dict.fromkeys(_blocking(preview))),
        tuple(message for message, found in _of_file(preview) if not _is_grave(found)),
        tuple(SHEETS[SheetCode(code)].first(_language()) for code in preview.get("missing", ())),
        sum(bool(_grave(row["problems"])) for row in every if row["sheet"] == SheetCode.LINES),
        len(waiting),
        waiting[0] // ROWS_A_PAGE + 1 if waiting else 0,
    )


def _of_file(preview: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
    for plain in preview.get("problems", ()):
        found = problem_of(plain)
        yield say(found), found


def _blocking(preview: Mapping[str, Any]) -> Iterator[str]:
    """What keeps the file from being applied: cells without a value, and products that can't be kept."""
    yield from (message for message, found in _of_file(preview) if _is_grave(found))
    yield from (_at(problem_of(plain)) for plain in preview.get("blocked", ()))
    for row in preview["rows"]:
        if row["sheet"] == SheetCode.OUTPUTS:
            yield from _grave(row["problems"])


def _grave(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    found = [problem_of(plain) for plain in problems]
    return [_at(each) for each in found if _is_grave(each)]


def _is_grave(found: Problem) -> bool:
    return found.severity is not Severity.WARNING


def _at(found: Problem) -> str:
    """A message with its cell; what already names the cell is not told it twice."""
    if found.code.startswith("cell."):
        return say(found)
    return gettext("%(label)s: %(message)s", label=found.field, message=say(found))


def marks_of(preview: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every cell that something is wrong with, and the message for it."""
    plain = [
        *preview.get("problems", ()),
        *preview.get("blocked", ()),
        *(found for row in preview["rows"] for found in row["problems"]),
    ]
    found = [problem_of(each) for each in plain]
    return list(dict.fromkeys((each.field, say(each)) for each in found if _is_grave(each)))


def _row(
    row: Mapping[str, Any],
    chosen: Mapping[tuple[str, str], Choice],
    labels: Mapping[str, str],
) -> RowChange:
    whole = WHOLE_ROW in row["conflicts"]
    cells = tuple(_cell(row, cell, chosen, labels) for cell in row["cells"])
    return RowChange(
        row["place"],
        row["fate"],
        fate_words(row["fate"]),
        row["about"],
        SHEETS[SheetCode(row["sheet"])].first(_language()),
        cells,
        tuple(_grave(row["problems"])),
        f"{_CONTROL}.{row['name']}.{WHOLE_ROW}" if whole else "",
        str(chosen.get((row["name"], WHOLE_ROW), "")),
    )


def _cell(
    row: Mapping[str, Any],
    cell: Mapping[str, str],
    chosen: Mapping[tuple[str, str], Choice],
    labels: Mapping[str, str],
) -> CellChange:
    column = cell["column"]
    is_conflict = column in row["conflicts"]
    return CellChange(
        labels.get(column, column),
        cell["base"],
        cell["now"],
        cell["file"],
        f"{_CONTROL}.{row['name']}.{column}" if is_conflict else "",
        str(chosen.get((row["name"], column), "")),
    )


def sent_choices(
    form: MultiDict[str, str],
    preview: Mapping[str, Any],
    before: Mapping[tuple[str, str], Choice],
) -> dict[tuple[str, str], Choice]:
    """What was chosen on the page: for single cells, and for all that nothing was chosen for, on no other page either.

    Strange controls are left alone.
    """
    rest = form.get("rest", "")
    found: dict[tuple[str, str], Choice] = {}
    for row in preview["rows"]:
        for column in row["conflicts"]:
            sent = form.get(f"{_CONTROL}.{row['name']}.{column}", "")
            if not sent and (row["name"], column) not in before:
                sent = rest
            if sent in (Choice.FILE, Choice.PORTAL):
                found[row["name"], column] = Choice(sent)
    return found


def fate_words(fate: str) -> str:
    """What the file does to a row, in a word or two."""
    return {
        Fate.ADDED: gettext("New"),
        Fate.CHANGED: gettext("Changed"),
        Fate.REMOVED: gettext("Not in the file any more"),
        Fate.GONE_HERE: gettext("Removed in the portal, changed in the file"),
        Fate.GONE_THERE: gettext("Changed in the portal, not in the file any more"),
    }[Fate(fate)]


def count_items(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The counts that head the page."""
    return [
        (gettext("New"), counts.get("added", 0)),
        (gettext("Changed"), counts.get("changed", 0)),
        (gettext("Not in the file any more"), counts.get("removed", 0)),
        (gettext("Changed on both sides"), counts.get("conflicts", 0)),
        (gettext("As it was"), counts.get("unchanged", 0)),
    ]


def _labels() -> dict[str, str]:
    """What columns are called on the page; a parameter by the name that the first category gives it."""
    from_parameters = {
        PARAMETER + name: name_of(asked[0]) for name, asked in parameters_of(_categories()).items()
    }
    usual = {
        column: label_of(column)
        for column in ("category", "quantity", "unit", "period", "site", "note")
    }
    return {**from_parameters, **usual, "product": gettext("Product")}


def _categories() -> Sequence[Any]:
    return list(data.load_categories().values())


def _language() -> Language:
    return Language(current().code)
