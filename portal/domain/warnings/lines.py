"""Rules about single lines: slips of unit and point beside last year, periods beyond the year, duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from portal.calculation.problems import CalculationError
from portal.calculation.units import convert
from portal.domain.plausibility import figures, slip_of
from portal.domain.warnings.sameness import side_of, sight
from portal.domain.warnings.seen import (
    Amount,
    Evidence,
    RaisedWarning,
    ReportedLine,
    Slot,
    Weight,
    about,
)

# Nearer to last year than this, neither a jump nor a slip can be seen.
LEAST_SLIP = Decimal(3)
# Beyond this factor a change against last year asks for a reason.
JUMP = Decimal(3)


def lines_beside_last_year(seen: Evidence) -> Iterator[RaisedWarning]:
    """Each line by itself and beside its counterpart of last year."""
    # Two meters of one site share a slot: each is compared with one counterpart, in the order of last year's table.
    counterparts = {slot: iter(lines) for slot, lines in by_slot(seen.last_year).items()}
    for line in seen.lines:
        yield from line_warnings(line, seen.year, next(counterparts.get(line.slot, iter(())), None))


def by_slot(lines: Iterable[ReportedLine]) -> dict[Slot, list[ReportedLine]]:
    """Lines by their place in the year, each place in the order of the table."""
    slots: dict[Slot, list[ReportedLine]] = defaultdict(list)
    for line in lines:
        slots[line.slot].append(line)
    return slots


def line_warnings(line: ReportedLine, year: int, last: Amount | None) -> Iterator[RaisedWarning]:
    """What is odd about one line by itself and beside its counterpart of last year."""
    if line.start.year != year or line.end > date(year + 1, 1, 1):
        period = f"{line.start.isoformat()}/{line.end.isoformat()}"
        yield about(line, "line.period.beyond_year", Weight.CHECK, sight(period), year=str(year))
    before = _in_unit_of(line, last)
    if before is not None:
        yield from _compared(line, before)


def _in_unit_of(line: ReportedLine, other: Amount | None) -> Decimal | None:
    """The other line's quantity in this line's unit, None where the two can't be compared."""
    if other is None or dict(other.parameters) != dict(line.parameters):
        return None
    if other.unit == line.unit:
        return other.quantity
    try:
        return convert(other.quantity, other.unit, line.unit)
    except CalculationError:
        return None


def _compared(line: ReportedLine, before: Decimal) -> Iterator[RaisedWarning]:
    """A slip of unit or point where the ratio has its mark, else a jump or a drop beyond the usual, or nothing at all."""
    if not before:
        return
    if not line.quantity:
        named = {"last": figures(before), "unit": line.unit}
        yield about(line, "line.quantity.zero", Weight.CHECK, **named)
        return
    ratio = line.quantity / before
    if LEAST_SLIP > ratio > 1 / LEAST_SLIP:
        return
    named = {"last": figures(before), "unit": line.unit}
    slip = slip_of(ratio, line.unit)
    if slip is not None:
        yield about(line, slip, Weight.SERIOUS, sight(side_of(ratio)), **named)
    elif ratio > JUMP:
        seen = sight(size=ratio)
        yield about(line, "line.quantity.jump", Weight.CHECK, seen, ratio=figures(ratio), **named)
    elif ratio * JUMP < 1:
        seen, percent = sight(size=1 / ratio), figures(ratio * 100)
        yield about(line, "line.quantity.drop", Weight.CHECK, seen, percent=percent, **named)


def duplicates(seen: Evidence) -> Iterator[RaisedWarning]:
    """Lines that say the same as an earlier one; two that say nothing was used count nothing twice."""
    first: dict[tuple[object, ...], ReportedLine] = {}
    for line in seen.lines:
        twin = first.setdefault(says(line), line)
        yield from duplicate(line, twin.position)


def duplicate(line: ReportedLine, first: int) -> Iterator[RaisedWarning]:
    """The warning that a line repeats the first one that says the same, at position `first`, which may be itself."""
    if first >= line.position or not line.quantity:
        return
    named = {"position": str(line.position), "other": str(first)}
    yield about(line, "line.duplicate", Weight.SERIOUS, sight(repr(says(line))), **named)


def says(line: ReportedLine) -> tuple[object, ...]:
    """What two lines must have in common to be the same: category, site, period, quantity, unit and parameters."""
    return (*line.series, line.start, line.end, line.quantity, line.unit, line.choices)
