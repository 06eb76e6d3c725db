"""Last year's line for each line of a year: the same category, site and days, one counterpart each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from portal.calculation.problems import CalculationError
from portal.calculation.units import convert
from portal.domain.warnings import day_of_year

Counterparts = dict[tuple[object, ...], list[Any]]


def by_place(lines: Iterable[Any]) -> Counterparts:
    """Lines of last year by their place in any year."""
    found: Counterparts = {}
    for line in lines:
        found.setdefault(_place(line), []).append(line)
    return found


def take_away(before: Counterparts, taken: Iterable[Any]) -> None:
    """Leave out what other lines have taken: rows with a place and the `count` of lines that stand there."""
    for row in taken:
        lines = before.get(_place(row))
        if lines:
            del lines[: row.count]


def paired(rows: Iterable[Any], before: Counterparts) -> dict[Any, Any]:
    """Last year's line for each line that has one, by key; two meters of a site take one counterpart each."""
    found: dict[Any, Any] = {}
    for row in rows:
        if row.category and row.site_id and row.start_on and row.end_on:
            lines = before.get(_place(row))
            if lines:
                found[row.key] = lines.pop(0)
    return found


def in_unit(line: Any, unit: str | None) -> tuple[Decimal, str]:
    """The quantity of a line in a unit, or in its own where the two don't convert."""
    if unit is None or unit == line.unit:
        return line.quantity, line.unit
    try:
        return convert(line.quantity, line.unit, unit), unit
    except CalculationError:
        return line.quantity, line.unit


def year_earlier(day: date) -> date:
    """The same day of the year before; the 28th for a leap day."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year - 1, 2, 28) if is_leap_day else day.replace(year=day.year - 1)


def _place(line: Any) -> tuple[object, ...]:
    """Where a line belongs in any year."""
    days = (day_of_year(line.start_on), day_of_year(line.end_on))
    return (line.category, line.site_id, *days)
