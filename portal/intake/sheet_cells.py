"""What a cell of a sheet means as typed text: exact digits, ISO days; what is no value is refused with its cell and a cure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from portal.calculation.problems import Severity, problem
from portal.calculation.quantities import EXACT, text
from portal.domain.cells import Cell
from portal.intake.numbers import QUANTITY, without_binary_noise
from portal.intake.reading import Read, failed, shown

# Beyond this a double stands for a range of numbers that no quantity comes near; it is spelled as it is.
_MOST_PLAIN_DIGITS = 40


def read_cell(cell: Cell, address: str) -> Read[str]:
    """The text of a cell as if somebody had typed it; nothing is an empty text.

    A formula's kept result is taken with a remark. Errors, TRUE and FALSE, formulas without a result and cells under a
    merged one and texts that were cut are refused: each would otherwise become an empty cell, or a number or text that nobody entered.
    """
    if cell.is_covered:
        return failed("cell.covered", address, cell=address)
    if cell.error:
        return failed("cell.error", address, cell=address, given=shown(cell.error))
    if cell.is_cut:
        most = len(cell.value) if isinstance(cell.value, str) else 0
        return failed("cell.too_long", address, cell=address, most=most)
    if isinstance(cell.value, bool):
        return failed("cell.truth", address, cell=address, given=str(cell.value).upper())
    if cell.is_formula and (cell.value is None or cell.value == ""):
        return failed("cell.formula_unknown", address, cell=address)
    typed = _text(cell)
    if not cell.is_formula:
        return Read(typed)
    remark = problem(
        "cell.calculated", address, severity=Severity.WARNING, cell=address, given=shown(typed)
    )
    return Read(typed, (remark,))


def period_text(cell: Cell) -> str | None:
    """The period that a day in a cell stands for, None for any other cell: its first day means the whole month.

    Spreadsheet programs make a day of what looks like a month, such as 2025-03.
    """
    day = cell.value
    if not isinstance(day, date) or _time_of_day(day):
        return None
    return f"{day.year:04d}-{day.month:02d}" if day.day == 1 else day.isoformat()[:10]


def _text(cell: Cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat() if _time_of_day(value) else value.isoformat()[:10]
    if isinstance(value, bool):
        raise TypeError("a truth value has no text")
    if cell.is_percent and value.is_finite():
        return f"{number_text(EXACT.multiply(value, Decimal(100)))}%"
    return number_text(value)


def _time_of_day(day: date) -> bool:
    return isinstance(day, datetime) and (day.hour, day.minute, day.second) != (0, 0, 0)


def number_text(value: Decimal) -> str:
    """The plain digits of a number that a sheet holds, without what binary sums leave behind."""
    if not value.is_finite() or abs(value.adjusted()) > _MOST_PLAIN_DIGITS:
        return str(value)
    return text(without_binary_noise(value, QUANTITY))
