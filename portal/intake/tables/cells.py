"""A row of a table as a file gave it, and what its cells say as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from portal.calculation.problems import Problem
from portal.calculation.quantities import text
from portal.intake.characters import trim
from portal.intake.numbers import QUANTITY, without_binary_noise

Cell = str | int | Decimal | bool | date | None


NO_FLAWS: Mapping[int, tuple[Problem, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, counted from 1, its cells from the first column on, and what is wrong with some.

    `flaws` holds by column what its reader already found: an error instead of a value, a formula without a result.
    `is_typed` says that the file tells numbers and days from texts, as a workbook does.
    """

    number: int
    cells: Sequence[Cell]
    flaws: Mapping[int, tuple[Problem, ...]] = field(default_factory=lambda: NO_FLAWS)
    is_typed: bool = False

    def cell(self, place: int) -> Cell:
        """The cell in a column, counted from 0; None where the row ends before it."""
        return self.cells[place] if place < len(self.cells) else None

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not any(map(is_filled, self.cells))


def is_filled(cell: Cell) -> bool:
    """Whether something stands in a cell that a person would see."""
    return cell is not None and (type(cell) is not str or (bool(cell) and bool(trim(cell[:1000]))))


def cell_text(cell: Cell) -> str:
    """What a cell says, in the spelling that the readers of lines take without a question where the cell has a type.

    A number loses what binary sums left behind; the first day of a month is a sheet's way to write the month.
    """
    if cell is None:
        return ""
    if type(cell) is str:
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, Decimal):
        return text(without_binary_noise(cell, QUANTITY)) if cell.is_finite() else str(cell)
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        return day.isoformat()[:7] if day.day == 1 else day.isoformat()
    return str(cell)
