"""Writes a year as a workbook: sheets to fill in, drop-downs that fit, and a hidden part by which it is compared later.

Equal facts give equal bytes. Whatever comes out of data is written as a string or as a number, never as a formula or a
link.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from typing import Any

import xlsxwriter

from portal.documents.facts import Name
from portal.documents.workbook_facts import Column, SheetLine, SheetTable, WorkbookFacts
from portal.documents.workbook_words import (
    ABOUT,
    CATEGORIES,
    GUIDE_TITLES,
    HEADING,
    HOW_TO,
    HOW_TO_OFFERED,
    INSTRUCTIONS,
    NOT_OPEN,
    PROBLEM_TITLES,
    PROBLEMS,
)
from portal.domain.cells import letters
from portal.domain.workbooks import HIDDEN_SHEET, KEY, ROWS_ABOVE

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# A double holds any decimal of so many digits; a longer one is written as text, which keeps them all.
_MOST_DIGITS = 15
_CANONICAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?", re.ASCII)
# How far below the last row the drop-downs reach.
_ROOM = 2000
_LONGEST_TITLE, _LONGEST_HINT = 32, 255
_PLAIN = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
_ALLOWED = {
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
}


def write_workbook(facts: WorkbookFacts) -> bytes:
    """The workbook's bytes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **_PLAIN}) as book:
        moment = facts.changed_at.astimezone(UTC).replace(tzinfo=None)
        book.set_properties({"title": f"{facts.member_code} {facts.year}", "created": moment})
        _Writer(book, facts).write()
    return out.getvalue()


def number_in(text: str) -> Decimal | None:
    """The number that a cell may hold for this text without losing a digit; None where it must stay a text."""
    if not _CANONICAL.fullmatch(text) or text.startswith("-0"):
        return None
    digits = text.lstrip("-").replace(".", "").strip("0")
    return Decimal(text) if len(digits) <= _MOST_DIGITS and len(text) <= 2 * _MOST_DIGITS else None


@dataclass
class _Writer:
    book: Any
    facts: WorkbookFacts
    lists: dict[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        def layout(**values: object) -> Any:
            return self.book.add_format({"valign": "top", **values})

        self.heading = layout(bold=True, font_size=16)
        self.title = layout(bold=True, bg_color="#005B48", font_color="#FFFFFF", text_wrap=True)
        self.prose = layout(text_wrap=True)
        self.locked = layout(bg_color="#EEF1F0", font_color="#3C4A46")
        self.open_number = layout(locked=False)
        self.open_text = layout(locked=False, num_format="@")
        self.offered_number = layout(locked=False, bg_color="#FFF6DB")
        self.offered_text = layout(locked=False, bg_color="#FFF6DB", num_format="@")
        self.marked_number = layout(locked=False, bg_color="#FFD9D4")
        self.marked_text = layout(locked=False, bg_color="#FFD9D4", num_format="@")

    def write(self) -> None:
        """Write all sheets; what drop-downs point to comes last, when it is known what they offer."""
        self._instructions()
        if self.facts.problems:
            self._problems()
        tables = [(table, self.book.add_worksheet(table.title)) for table in self.facts.tables]
        self._guide()
        choices = self.book.add_worksheet("_choices")
        units = self.book.add_worksheet("_units")
        hidden = self.book.add_worksheet(HIDDEN_SHEET)
        for table, sheet in tables:
            self._table(table, sheet, choices)
        self._units(units)
        for place, row in enumerate(self.facts.hidden):
            for column, text in enumerate(row):
                if text:
                    hidden.write_string(place, column, text)
        choices.hide()
        units.hide()
        hidden.very_hidden()

    def _of(self, name: Name) -> str:
        return name.first(self.facts.language)

    def _instructions(self) -> None:
        sheet = self.book.add_worksheet(self._of(INSTRUCTIONS))
        sheet.protect("", _ALLOWED)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 90)
        sheet.write_string(0, 0, self._of(HEADING), self.heading)
        told = (self.facts.member_name, self.facts.member_code, str(self.facts.year))
        for row, (name, value) in enumerate(zip(ABOUT, told, strict=True), start=2):
            sheet.write_string(row, 0, self._of(name), self.title)
            sheet.write_string(row, 1, value, self.prose)
        how_to = HOW_TO if self.facts.is_open else (NOT_OPEN,)
        if any(line.is_offered for table in self.facts.tables for line in table.lines):
            how_to = (*how_to, HOW_TO_OFFERED)
        for row, sentence in enumerate(how_to, start=6):
            sheet.write_string(row, 0, str(row - 5), self.prose)
            sheet.write_string(row, 1, self._of(sentence), self.prose)

    def _problems(self) -> None:
        sheet = self.book.add_worksheet(self._of(PROBLEMS))
        self._plain_sheet(sheet, PROBLEM_TITLES, (26, 100), self.facts.problems)

    def _guide(self) -> None:
        sheet = self.book.add_worksheet(self._of(CATEGORIES))
        rows = [
            (each.name, str(each.scope), ", ".join(each.units), each.asks, each.hint)
            for each in self.facts.guides
        ]
        self._plain_sheet(sheet, GUIDE_TITLES, (34, 8, 40, 60, 80), rows)

    def _plain_sheet(
        self,
        sheet: Any,
        titles: Sequence[Name],
        widths: Sequence[int],
        rows: Sequence[Sequence[str]],
    ) -> None:
        """A sheet of texts for reading."""
        sheet.protect("", _ALLOWED)
        sheet.freeze_panes(1, 0)
        for column, (name, width) in enumerate(zip(titles, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, self._of(name), self.title)
        for row, texts in enumerate(rows, start=1):
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text, self.prose)

    def _table(self, table: SheetTable, sheet: Any, choices: Any) -> None:
        sheet.protect("", _ALLOWED)
        sheet.freeze_panes(ROWS_ABOVE, 2)
        sheet.set_row(0, None, None, {"hidden": True})
        last = ROWS_ABOVE + len(table.lines) + _ROOM
        for place, column in enumerate(table.columns):
            layout = self._layout(table, column)
            sheet.set_column(place, place, column.width, layout)
            if not column.name.startswith("+"):
                sheet.write_string(0, place, f"{table.code.value}.{column.name}", self.locked)
            sheet.write_string(1, place, column.title, self.title)
            if table.is_open and column.is_open:
                self._validation(table, sheet, place, last, choices)
        for row, line in enumerate(table.lines, start=ROWS_ABOVE):
            for place, column in enumerate(table.columns):
                layout = self._layout(table, column, line)
                self._cell(sheet, (row, place), column, line, layout)

    def _layout(self, table: SheetTable, column: Column, line: SheetLine | None = None) -> Any:
        """How a cell looks; without a line, how those below the last one do."""
        if line is not None and line.marks.get(column.name):
            return self.marked_number if column.is_number else self.marked_text
        if not (table.is_open and column.is_open):
            return self.locked
        if line is not None and line.is_offered:
            return self.offered_number if column.is_number else self.offered_text
        return self.open_number if column.is_number else self.open_text

    def _cell(
        self, sheet: Any, at: tuple[int, int], column: Column, line: SheetLine, layout: Any
    ) -> None:
        text, mark = line.values.get(column.name, ""), line.marks.get(column.name, "")
        number = number_in(text) if column.is_number else None
        if number is not None:
            sheet.write_number(*at, number, layout)
        elif text:
            sheet.write_string(*at, text, layout)
        elif mark or line.is_offered:
            sheet.write_blank(*at, None, layout)
        if mark:
            sheet.write_comment(*at, mark, {"x_scale": 2, "y_scale": 1.2})

    def _validation(
        self, table: SheetTable, sheet: Any, place: int, last: int, choices: Any
    ) -> None:
        """A drop-down and a hint; what is not in the list may be typed all the same: the portal says what is wrong."""
        column = table.columns[place]
        options: dict[str, Any] = {"validate": "any", "ignore_blank": True, "show_error": False}
        if column.follows:
            options |= {"validate": "list", "source": self._source_of_units(table, column.follows)}
        elif column.choices:
            options |= {"validate": "list", "source": self._source(column.choices, choices)}
        if column.hint:
            options |= {
                "input_title": column.title[:_LONGEST_TITLE],
                "input_message": column.hint[:_LONGEST_HINT],
            }
        if column.hint or column.choices or column.follows:
            sheet.data_validation(ROWS_ABOVE, place, last, place, options)

    def _source(self, texts: tuple[str, ...], choices: Any) -> str:
        """The cells that hold a list of choices, written once for all columns that offer it."""
        if texts not in self.lists:
            place = len(self.lists)
            for row, text in enumerate(texts):
                choices.write_string(row, place, text)
            letter = letters(place)
            self.lists[texts] = f"='_choices'!${letter}$1:${letter}${len(texts)}"
        return self.lists[texts]

    def _source_of_units(self, table: SheetTable, follows: str) -> str:
        """The units beside the category that stands in the same row."""
        place = next(n for n, column in enumerate(table.columns) if column.name == follows)
        count = max(1, len(self.facts.guides))
        found = f"MATCH(${letters(place)}{ROWS_ABOVE + 1},'_units'!$A$1:$A${count},0)"
        width = f"INDEX('_units'!$B$1:$B${count},{found})"
        return f"=OFFSET('_units'!$C$1,{found}-1,0,1,{width})"

    def _units(self, sheet: Any) -> None:
        for row, guide in enumerate(self.facts.guides):
            sheet.write_string(row, 0, guide.name)
            sheet.write_number(row, 1, len(guide.units))
            for place, unit in enumerate(guide.units, start=2):
                sheet.write_string(row, place, unit)


def key_column(title: str) -> Column:
    """The column that says which row is which."""
    return Column(KEY, title, width=10, is_open=False)
