"""Warnings: what a rule or a comparison finds odd in a year of data; they never block, they ask for a reason."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from portal.calculation.problems import CalculationError
from portal.calculation.units import UNITS, convert
from portal.domain.canonical import decimal_text
from portal.domain.plausibility import figures, is_outlier, median, slip_of
from portal.domain.words import N_

Series = tuple[str, str]
Slot = tuple[str, str, int, int]


class Weight(IntEnum):
    """How much a warning matters; the reviewer reads the heaviest first."""

    NOTE = 1
    CHECK = 2
    SERIOUS = 3


@dataclass(frozen=True, slots=True)
class ReportedLine:
    """A finished line as the rules see it: period half-open, quantity in its own unit, result in kg CO2e."""

    key: str
    position: int
    category: str
    site: str
    start: date
    end: date
    quantity: Decimal
    unit: str
    kg_co2e: Decimal
    has_evidence: bool
    parameters: Mapping[str, str]

    @property
    def series(self) -> Series:
        """What it belongs to in any year: its category and site."""
        return (self.category, self.site)

    @property
    def slot(self) -> Slot:
        """Its place in any year: series and the part of the year it covers."""
        return (self.category, self.site, day_of_year(self.start), day_of_year(self.end))

    @property
    def month(self) -> int | None:
        """The one calendar month it covers, None for any other period."""
        follows = (self.start.year + self.start.month // 12, self.start.month % 12 + 1)
        is_month = (
            self.start.day == 1 and self.end.day == 1 and (self.end.year, self.end.month) == follows
        )
        return self.start.month if is_month else None


class Amount(Protocol):
    """What a line is compared with: a quantity in its unit, with what tells it from others in its place."""

    @property
    def quantity(self) -> Decimal:
        """The quantity in its own unit."""

    @property
    def unit(self) -> str:
        """The unit's code."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters as they are kept."""


def day_of_year(day: date) -> int:
    """Month and day as one number, the same in every year: 315 for the 15th of March."""
    return day.month * 100 + day.day


@dataclass(frozen=True, slots=True)
class RaisedWarning:
    """One odd thing: what was seen (`code` and `values`), where (`subject`, `lines` by key), how much it matters.

    `seen` is a fingerprint of what was compared: an acknowledgement holds only while the same thing is seen.
    """

    code: str
    subject: str
    weight: Weight
    values: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    seen: str = ""

    @property
    def address(self) -> str:
        """What an acknowledgement is kept under: the subject and what was seen there."""
        return f"{self.subject}#{self.seen}" if self.seen else self.subject

    @property
    def named_values(self) -> Mapping[str, str]:
        """The values as the mapping that the message's %(name)s placeholders ask for."""
        return dict(self.values)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the rules look at for one inventory; `history` holds earlier years' totals by series.

    `through` is the last day whose data can exist: a month that has not ended yet is not missing.
    """

    year: int
    lines: Sequence[ReportedLine]
    last_year: Sequence[ReportedLine]
    history: Mapping[Series, Sequence[Decimal]]
    expected: Sequence[str]
    not_applicable: frozenset[str]
    through: date
    output_count: int = 1


# Nearer to last year than this, neither a jump nor a slip can be seen.
LEAST_SLIP = Decimal(3)
# Beyond this factor a change against last year asks for a reason.
JUMP = Decimal(3)
# Months differ by season; only a month beyond this multiple of the others' median is odd.
ODD_MONTH = Decimal(6)
LEAST_MONTHS = 3


MESSAGES: dict[str, str] = {
    "line.quantity.jump": N_(
        "This is %(ratio)s times last year's %(last)s %(unit)s. Check the number against the bill; if it is right, say why it grew."
    ),
    "line.quantity.drop": N_(
        "This is %(percent)s percent of last year's %(last)s %(unit)s. "
        "Check the number against the bill; if it is right, say why it fell."
    ),
    "line.slip.mega_joule": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 3.6: kilowatt hours and megajoules may be mixed up. Check the unit."
    ),
    "line.slip.coal_equivalent": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 29.3: gigajoules and tonnes of coal equivalent "
        "may be mixed up. Check the unit."
    ),
    "line.slip.ten": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 10: a digit or the decimal point may have slipped. Check the number."
    ),
    "line.slip.hundred": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 100: the decimal point may have slipped. Check the number."
    ),
    "line.slip.thousand": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 1000: kilo and mega units (kWh and MWh, kg and t) "
        "may be mixed up. Check the unit."
    ),
    "line.slip.ten_thousand": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 10,000: the bill may count in ten thousands (万). Check the unit."
    ),
    "line.slip.million": N_(
        "Compared with %(last)s %(unit)s before, this differs by about a million: the unit may be two steps off. Check the unit."
    ),
    "line.quantity.odd_month": N_(
        "This month is %(ratio)s times the usual month of this year (%(last)s %(unit)s). Check the number and its unit."
    ),
    "line.duplicate": N_(
        "Line %(position)s and line %(other)s say the same: category, site, period, quantity and unit. "
        "Remove one, or say why both are right."
    ),
    "line.period.beyond_year": N_(
        "The period goes beyond the year %(year)s. Split it at the turn of the year, or say why the bill can't be split."
    ),
    "series.evidence.missing": N_(
        "Lines without evidence: %(count)s. Attach the bill or the meter reading, or say why there is none."
    ),
    "series.month.missing": N_(
        "Months without a line: %(months)s. Add them, or say why nothing was used."
    ),
    "series.period.overlap": N_(
        "Line %(position)s overlaps line %(other)s with a period of another length: the same use may be counted twice. "
        "Remove one, or say why both are right."
    ),
    "series.total.jump": N_(
        "The year's total is %(ratio)s times last year's. Check the lines against the bills; if it is right, say why it grew."
    ),
    "series.total.drop": N_(
        "The year's total is %(percent)s percent of last year's. Check that no line is missing; if it is right, say why it fell."
    ),
    "series.total.outlier": N_(
        "The year's total lies far from the years before (their median is %(median)s kg CO2e). Check the lines, or say what changed."
    ),
    "category.expected.absent": N_(
        "A supplier like you usually reports this. Add a line, or mark it as not applicable with the reason."
    ),
    "inventory.output.absent": N_(
        "The year's production is missing. Enter what was produced, so that intensities can be stated, or say why it can't be."
    ),
    "category.last_year.absent": N_(
        "You reported this last year. Add a line, or mark it as not applicable with the reason."
    ),
}


def find_warnings(seen: Evidence) -> list[RaisedWarning]:
    """All warnings of an inventory, heaviest first, then in the order of the lines."""
    rules: tuple[Callable[[Evidence], Iterable[RaisedWarning]], ...] = (
        _line_rules,
        duplicates,
        _series_rules,
        _category_rules,
    )
    places = {line.key: line.position for line in seen.lines}
    found = [warning for rule in rules for warning in rule(seen)]
    return sorted(
        found, key=lambda each: (-each.weight, _place(each, places), each.code, each.subject)
    )


def _place(warning: RaisedWarning, places: Mapping[str, int]) -> int:
    return min((places[key] for key in warning.lines if key in places), default=0)


def _line_rules(seen: Evidence) -> Iterator[RaisedWarning]:
    counterparts = by_slot(seen.last_year)
    for line in seen.lines:
        yield from line_warnings(line, seen.year, _take(counterparts, line))


def by_slot(lines: Iterable[ReportedLine]) -> dict[Slot, list[ReportedLine]]:
    """Lines by their place in the year, each place in the order of the table."""
    slots: dict[Slot, list[ReportedLine]] = defaultdict(list)
    for line in lines:
        slots[line.slot].append(line)
    return slots


def _take(slots: Mapping[Slot, list[ReportedLine]], line: ReportedLine) -> ReportedLine | None:
    # Two meters of one site share a slot: each is compared with one counterpart, in the order of last year's table.
    waiting = slots.get(line.slot)
    return waiting.pop(0) if waiting else None


def line_warnings(line: ReportedLine, year: int, last: Amount | None) -> Iterator[RaisedWarning]:
    """What is odd about one line by itself and beside its counterpart of last year."""
    if line.start.year != year or line.end > date(year + 1, 1, 1):
        period = f"{line.start.isoformat()}/{line.end.isoformat()}"
        yield _about(line, "line.period.beyond_year", Weight.CHECK, period, year=str(year))
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
    """A slip of unit or point where the ratio has its mark, else a jump or a drop beyond the usual."""
    if not before or not line.quantity:
        return
    ratio = line.quantity / before
    if LEAST_SLIP > ratio > 1 / LEAST_SLIP:
        return
    typed = f"{decimal_text(line.quantity)} {line.unit}"
    named = {"last": figures(before), "unit": line.unit}
    slip = slip_of(ratio, UNITS[line.unit].dimension)
    if slip is not None:
        yield _about(line, slip, Weight.SERIOUS, typed, **named)
    elif ratio > JUMP:
        yield _about(line, "line.quantity.jump", Weight.CHECK, typed, ratio=figures(ratio), **named)
    elif ratio * JUMP < 1:
        yield _about(
            line, "line.quantity.drop", Weight.CHECK, typed, percent=figures(ratio * 100), **named
        )


def duplicates(seen: Evidence) -> Iterator[RaisedWarning]:
    """Lines that say the same as an earlier one."""
    first: dict[tuple[object, ...], ReportedLine] = {}
    for line in seen.lines:
        twin = first.setdefault(says(line), line)
        if twin is not line:
            yield duplicate(line, twin.position)


def duplicate(line: ReportedLine, other: int) -> RaisedWarning:
    """The warning that a line repeats the line at position `other`."""
    named = {"position": str(line.position), "other": str(other)}
    return _about(line, "line.duplicate", Weight.SERIOUS, repr(says(line)), **named)


def says(line: ReportedLine) -> tuple[object, ...]:
    """What two lines must have in common to be the same: category, site, period, quantity, unit and parameters."""
    parameters = tuple(sorted(line.parameters.items()))
    return (*line.series, line.start, line.end, line.quantity, line.unit, parameters)


def _series_rules(seen: Evidence) -> Iterator[RaisedWarning]:
    now, before = _by_series(seen.lines), _by_series(seen.last_year)
    for series, lines in now.items():
        yield from _missing_evidence(series, lines)
        yield from _missing_months(series, lines, seen.year, seen.through)
        yield from _overlaps(series, lines)
        yield from _odd_months(lines, before.get(series, ()))
        yield from _totals(series, lines, before.get(series, ()), seen.history.get(series, ()))


def _by_series(lines: Iterable[ReportedLine]) -> dict[Series, list[ReportedLine]]:
    found: dict[Series, list[ReportedLine]] = defaultdict(list)
    for line in lines:
        found[line.series].append(line)
    return found


def _missing_evidence(series: Series, lines: Sequence[ReportedLine]) -> Iterator[RaisedWarning]:
    bare = [line for line in lines if not line.has_evidence]
    if bare:
        yield _about_series(
            series, "series.evidence.missing", Weight.NOTE, bare, count=str(len(bare))
        )


def _missing_months(
    series: Series, lines: Sequence[ReportedLine], year: int, through: date
) -> Iterator[RaisedWarning]:
    """A gap in a monthly series; one that also has longer periods is not monthly."""
    months = {line.month for line in lines}
    if None in months or len(months) < LEAST_MONTHS:
        return
    ended = [month for month in range(1, 13) if _month_end(year, month) <= through]
    missing = [month for month in ended if month not in months]
    if missing:
        names = ", ".join(f"{year}-{month:02d}" for month in missing)
        yield _about_series(
            series, "series.month.missing", Weight.CHECK, lines, seen=names, months=names
        )


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _overlaps(series: Series, lines: Sequence[ReportedLine]) -> Iterator[RaisedWarning]:
    """A year's line beside monthly ones counts twice; equal periods are two meters or duplicates, not this."""
    alike: dict[tuple[tuple[str, str], ...], list[ReportedLine]] = defaultdict(list)
    for line in lines:
        alike[tuple(sorted(line.parameters.items()))].append(line)
    for group in alike.values():
        pair = _first_overlap(group)
        if pair is not None:
            wide, line = pair
            named = {"position": str(line.position), "other": str(wide.position)}
            seen = f"{wide.key}/{line.key}"
            yield _about_series(
                series, "series.period.overlap", Weight.SERIOUS, pair, seen=seen, **named
            )


def _first_overlap(lines: Sequence[ReportedLine]) -> tuple[ReportedLine, ReportedLine] | None:
    """The first two lines that share days and differ in length, the longer-reaching one first."""
    ordered = sorted(lines, key=lambda line: (line.start, -line.end.toordinal()))
    wide = ordered[0]
    for line in ordered[1:]:
        if line.start < wide.end and (line.start, line.end) != (wide.start, wide.end):
            return wide, line
        if line.end > wide.end:
            wide = line
    return None


def _odd_months(
    lines: Sequence[ReportedLine], before: Sequence[ReportedLine]
) -> Iterator[RaisedWarning]:
    """A month far above the other months, where last year offers no counterpart to compare with."""
    months = [line for line in lines if line.month is not None and line.quantity]
    known = {line.slot for line in before}
    units = {line.unit for line in months}
    if len(months) < LEAST_MONTHS + 1 or len(units) != 1:
        return
    for line in months:
        usual = median([other.quantity for other in months if other is not line])
        if line.slot not in known and line.quantity > usual * ODD_MONTH:
            named = {
                "ratio": figures(line.quantity / usual),
                "last": figures(usual),
                "unit": line.unit,
            }
            yield _about(
                line, "line.quantity.odd_month", Weight.CHECK, decimal_text(line.quantity), **named
            )


def _totals(
    series: Series,
    lines: Sequence[ReportedLine],
    before: Sequence[ReportedLine],
    history: Sequence[Decimal],
) -> Iterator[RaisedWarning]:
    """The series' kg CO2e of the year beside last year's and beside the years before."""
    total = sum((line.kg_co2e for line in lines), Decimal(0))
    last = sum((line.kg_co2e for line in before), Decimal(0))
    seen = figures(total)
    comparable = {line.slot for line in lines} & {line.slot for line in before}
    if total and last and not comparable:  # where slots match, the lines themselves were compared
        ratio = total / last
        if ratio > JUMP:
            yield _about_series(
                series, "series.total.jump", Weight.CHECK, lines, seen=seen, ratio=figures(ratio)
            )
            return
        if ratio * JUMP < 1:
            percent = figures(ratio * 100)
            yield _about_series(
                series, "series.total.drop", Weight.CHECK, lines, seen=seen, percent=percent
            )
            return
    if is_outlier(total, history):
        middle = figures(median(history))
        yield _about_series(
            series, "series.total.outlier", Weight.CHECK, lines, seen=seen, median=middle
        )


def _category_rules(seen: Evidence) -> Iterator[RaisedWarning]:
    settled = {line.category for line in seen.lines} | seen.not_applicable
    last_year = {line.category for line in seen.last_year}
    for category in dict.fromkeys([*seen.expected, *sorted(last_year)]):
        if category not in settled:
            code = (
                "category.last_year.absent" if category in last_year else "category.expected.absent"
            )
            yield RaisedWarning(code, f"category/{category}", Weight.CHECK)
    if seen.output_count == 0:
        yield RaisedWarning("inventory.output.absent", "inventory/outputs", Weight.CHECK)


def fingerprint(seen: str) -> str:
    """Eight hexadecimal digits that change when what was seen changes."""
    return hashlib.sha256(seen.encode()).hexdigest()[:8]


def _about(
    line: ReportedLine, code: str, weight: Weight, seen: str, **values: str
) -> RaisedWarning:
    return RaisedWarning(
        code, f"line/{line.key}", weight, tuple(values.items()), (line.key,), fingerprint(seen)
    )


def _about_series(
    series: Series,
    code: str,
    weight: Weight,
    lines: Sequence[ReportedLine],
    *,
    seen: str = "",
    **values: str,
) -> RaisedWarning:
    category, site = series
    return RaisedWarning(
        code,
        f"series/{category}@{site}",
        weight,
        tuple(values.items()),
        tuple(line.key for line in lines),
        fingerprint(seen) if seen else "",
    )
