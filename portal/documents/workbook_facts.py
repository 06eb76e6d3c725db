"""The plain values that a workbook of a year is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.documents.facts import Language
from portal.domain.cells import letters
from portal.domain.workbooks import ROWS_ABOVE, SheetCode


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its name for machines, its title, and how its cells may be filled in.

    `choices` are offered in a drop-down; `follows` names the column whose text decides which units are offered. Only an
    open column can be filled in; numbers are written as numbers wherever they lose no digit.
    """

    name: str
    title: str
    hint: str = ""
    width: int = 14
    is_open: bool = True
    is_number: bool = False
    choices: tuple[str, ...] = ()
    follows: str = ""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A row of a sheet: its texts by column, and what is wrong with which of its cells.

    An offered one is none of the year's yet: it waits to be filled in.
    """

    values: Mapping[str, str]
    marks: Mapping[str, str] = field(default_factory=dict)
    is_offered: bool = False


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet of rows; one that is not open is for looking up only."""

    code: SheetCode
    title: str
    columns: tuple[Column, ...]
    lines: tuple[SheetLine, ...]
    is_open: bool

    def cell_address(self, place: int, column: str) -> str:
        """Where a column of a line stands, as spreadsheet programs name it; lines are counted from 0."""
        names = [each.name for each in self.columns]
        letter = letters(names.index(column)) if column in names else letters(0)
        return f"{self.title}!{letter}{ROWS_ABOVE + place + 1}"


@dataclass(frozen=True, slots=True)
class Guide:
    """What a category asks for, as the sheet of categories explains it."""

    name: str
    scope: int
    units: tuple[str, ...]
    asks: str
    hint: str


@dataclass(frozen=True, slots=True)
class WorkbookFacts:
    """A year as a workbook. `hidden` are the rows of the sheet that nobody sees; `problems` are cells and messages."""

    language: Language
    member_name: str
    member_code: str
    year: int
    is_open: bool
    changed_at: datetime
    tables: tuple[SheetTable, ...]
    guides: tuple[Guide, ...]
    hidden: tuple[tuple[str, ...], ...]
    problems: tuple[tuple[str, str], ...] = ()
