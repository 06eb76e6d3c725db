"""Cells and rows of sheets as they were read from somebody's file, before anybody says what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from string import ascii_uppercase

from portal.domain.words import N_

# What is read while somebody waits for the page; jobs read tables that are longer.
MOST_ROWS = 50_000
MOST_ROWS_OF_A_WORKBOOK, MOST_ROWS_OF_A_TEXT = 200_000, 1_000_000
LARGEST_TEXT = 100 * 1024 * 1024
MOST_COLUMNS = 200
# What a sheet takes into one cell.
LONGEST_CELL = 32_767


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its value, or the text of its error (`#DIV/0!`); a formula without a kept result has neither.

    A number is the exact decimal of the double that the file holds. `is_covered` says that another cell was merged over
    this one, so its value is nobody's; `is_cut` that its text was longer than what is read.
    """

    value: str | Decimal | bool | date | None = None
    error: str = ""
    is_formula: bool = False
    is_percent: bool = False
    is_covered: bool = False
    is_cut: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in the cell, not even a formula or an error."""
        nothing = self.value is None or (isinstance(self.value, str) and not self.value.strip())
        return nothing and not self.error and not self.is_formula and not self.is_covered


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with its number as the sheet counts, from 1; trailing empty cells are left out."""

    sheet: int
    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """The cell of a column, counted from 0; beyond the last one stands nothing."""
        return self.cells[column] if column < len(self.cells) else EMPTY


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """A sheet of a workbook in its order: its name, whether its reader sees it, and whether it hides rows."""

    name: str
    is_hidden: bool = False
    hides_rows: bool = False


def letters(column: int) -> str:
    """The letters of a column counted from 0: A, B, … Z, AA."""
    found = ""
    rest = column + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        found = ascii_uppercase[place] + found
    return found


MESSAGES = {
    "sheets.not_a_workbook": N_(
        "“%(name)s” is not an .xlsx workbook. Open it in your spreadsheet program and save it as “Excel workbook (.xlsx)”."
    ),
    "sheets.too_many_rows": N_(
        "“%(name)s” has more than %(rows)s rows in a sheet. Split it into several files, or save the sheet as CSV."
    ),
    "sheets.too_many_columns": N_(
        "“%(name)s” has more than %(columns)s columns in a sheet. Delete the columns that are not needed."
    ),
    "sheets.too_many_marks": N_(
        "“%(name)s” has too many formulas, merged cells or errors to be read. Paste the values alone into a new workbook."
    ),
    "sheets.too_much": N_(
        "“%(name)s” holds more than can be read at once. Delete sheets and long texts that are not needed, or split it into several files."
    ),
    "sheets.active_content": N_(
        "“%(name)s” loads data from elsewhere or holds another file. Paste the values alone into a new workbook."
    ),
}
