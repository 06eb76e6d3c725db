"""Rules about a series of readings, of a meter or anything else that is counted by month or by day.

They see plain values: the first day of each period, and what was counted in it. A series by day is judged day by day for
what stands still, is missing or leaps, and by its months for what creeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.calculation.periods import month_after
from portal.calculation.units import UNITS
from portal.domain.plausibility import figures, median, slip_of
from portal.domain.seasons import fold, judge, month_index
from portal.domain.warnings.months import (
    LEAST_FALL,
    LEAST_LEVEL,
    LEAST_RISE,
    MOST_ERRORS,
)
from portal.domain.warnings.seen import RaisedWarning, Weight, fingerprint

# Periods in a row with one amount: months rarely repeat, a day's whole kilowatt hours do.
MOST_EQUAL = {"month": 2, "day": 6}
# Same weekdays that a day is compared with, and how far off it must lie; days have heavy tails.
WEEKS, DAY_ERRORS, DAY_FOLD = 8, Decimal(10), Decimal(3)
LEAST_DAY_SPREAD = Decimal("0.05")
TWELVE = 12


class Step(StrEnum):
    """The length of a period."""

    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in the period that begins on a day."""

    start_on: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class MeterSeries:
    """The periods of a meter in their order, with its key, name and unit; what is missing is left out.

    `through_on` is the first day of the last period that should be there.
    """

    key: str
    name: str
    unit: str
    step: Step
    values: Sequence[Counted]
    through_on: date


def find_meter_warnings(series: MeterSeries, since: date) -> list[RaisedWarning]:
    """What is odd about the periods from `since` on, heaviest first; earlier ones are what they are compared with."""
    values = sorted(series.values, key=lambda each: each.start_on)
    recent = [each for each in values if each.start_on >= since]
    found = [
        *_gaps(series, recent, since),
        *_not_positive(series, recent),
        *_stuck(series, recent),
        *_leaps(series, values, since),
        *_creeps(series, values, since),
    ]
    return sorted(found, key=lambda each: (-each.weight, each.code, each.values))


def _raised(
    series: MeterSeries, code: str, weight: Weight, start_on: date, **values: str
) -> RaisedWarning:
    named = tuple({"meter": series.name, "day": start_on.isoformat(), **values}.items())
    subject = f"meter/{series.key}@{start_on.isoformat()}"
    seen = fingerprint(repr(sorted({**values, "code": code}.items())))
    return RaisedWarning(code, subject, weight, named, (), seen)


def _next(step: Step, day: date) -> date:
    if step is Step.DAY:
        return day + timedelta(days=1)
    return month_after(day)


def _gaps(series: MeterSeries, recent: Sequence[Counted], since: date) -> Iterator[RaisedWarning]:
    """Rows of periods without a value, each once."""
    known = {each.start_on for each in recent}
    day, begun, count = since, None, 0
    while day <= series.through_on:
        if day not in known:
            begun, count = begun or day, count + 1
        elif begun is not None:
            yield _raised(series, "meter.gap", Weight.CHECK, begun, count=str(count))
            begun, count = None, 0
        day = _next(series.step, day)
    if begun is not None:
        yield _raised(series, "meter.gap", Weight.CHECK, begun, count=str(count))


def _not_positive(series: MeterSeries, recent: Sequence[Counted]) -> Iterator[RaisedWarning]:
    """Amounts below nothing, and none where there usually is one."""
    usual = median([each.quantity for each in series.values]) if series.values else Decimal(0)
    for each in recent:
        if each.quantity < 0:
            yield _raised(
                series,
                "meter.negative",
                Weight.SERIOUS,
                each.start_on,
                quantity=str(each.quantity),
                unit=series.unit,
            )
    idle = [each for each in series.values if not each.quantity]
    # A meter that rests now and then, as heating in summer, may rest again.
    if usual > 0 and len(idle) * 10 < len(series.values):
        for each in recent:
            if not each.quantity:
                yield _raised(series, "meter.nothing", Weight.CHECK, each.start_on)


def _stuck(series: MeterSeries, recent: Sequence[Counted]) -> Iterator[RaisedWarning]:
    """The same amount again and again, in a meter that usually varies."""
    amounts = {each.quantity for each in series.values}
    if len(amounts) * 4 <= len(series.values):
        return
    begun = 0
    for place in range(1, len(recent) + 1):
        ends = place == len(recent) or (
            recent[place].quantity != recent[begun].quantity
            or recent[place].start_on != _next(series.step, recent[place - 1].start_on)
        )
        if ends:
            if place - begun > MOST_EQUAL[series.step] and recent[begun].quantity:
                yield _raised(
                    series,
                    "meter.stuck",
                    Weight.CHECK,
                    recent[begun].start_on,
                    count=str(place - begun),
                    quantity=figures(recent[begun].quantity),
                    unit=series.unit,
                )
            begun = place


def _leaps(series: MeterSeries, values: Sequence[Counted], since: date) -> Iterator[RaisedWarning]:
    """Single periods far from what was to be expected."""
    expected = _months_expected if series.step is Step.MONTH else _days_expected
    for each, ratio, limit in expected(values, since):
        if fold(ratio) < limit:
            continue
        dimension = UNITS[series.unit].dimension if series.unit in UNITS else None
        slip = slip_of(ratio, dimension) if dimension is not None else None
        yield _raised(
            series,
            "meter.slip" if slip else "meter.spike",
            Weight.SERIOUS if slip else Weight.CHECK,
            each.start_on,
            quantity=figures(each.quantity),
            last=figures(each.quantity / ratio),
            unit=series.unit,
        )


Expected = Iterator[tuple[Counted, Decimal, Decimal]]


def _months_expected(values: Sequence[Counted], since: date) -> Expected:
    by_index = {month_index(v.start_on.year, v.start_on.month): v for v in values}
    amounts = {index: v.quantity for index, v in by_index.items() if v.quantity > 0}
    first = month_index(since.year, since.month)
    judged = judge(amounts, [index for index in amounts if index >= first], {}, LEAST_LEVEL)
    if judged is None:
        return
    for index, ratio in judged.ratios.items():
        least = LEAST_RISE if ratio > 1 else LEAST_FALL
        yield by_index[index], ratio, max(least, 1 + MOST_ERRORS * judged.width(index))


def _days_expected(values: Sequence[Counted], since: date) -> Expected:
    """Each day beside the middle of the same weekdays before it, with the spread of these."""
    by_day = {each.start_on: each.quantity for each in values if each.quantity > 0}
    for each in values:
        if each.start_on < since or each.quantity <= 0:
            continue
        days = (each.start_on - timedelta(weeks=week) for week in range(1, WEEKS + 1))
        before = [by_day[day] for day in days if day in by_day]
        if len(before) * 2 < WEEKS:
            continue
        middle = median(before)
        spread = max(LEAST_DAY_SPREAD, median([fold(v / middle) - 1 for v in before]))
        yield each, each.quantity / middle, max(DAY_FOLD, 1 + DAY_ERRORS * spread)


def _creeps(series: MeterSeries, values: Sequence[Counted], since: date) -> Iterator[RaisedWarning]:
    """A level that changed and stayed, or a drift, by month."""
    amounts = _by_month(series, values)
    first = month_index(since.year, since.month)
    judged = judge(amounts, [index for index in amounts if index >= first], {}, LEAST_LEVEL)
    if judged is None or judged.level is None:
        return
    level = judged.level
    day = date(level.since // TWELVE, level.since % TWELVE + 1, 1)
    code = "meter.drift" if level.is_gradual else "meter.level"
    yield _raised(series, code, Weight.CHECK, day, ratio=figures(level.ratio))


def _by_month(series: MeterSeries, values: Sequence[Counted]) -> dict[int, Decimal]:
    """Amounts by month: of days the average of the days that are there, so that a gap isn't a fall."""
    days: dict[int, list[Decimal]] = {}
    for each in values:
        if each.quantity > 0:
            days.setdefault(month_index(each.start_on.year, each.start_on.month), []).append(
                each.quantity
            )
    least = 20 if series.step is Step.DAY else 1
    return {
        index: sum(amounts, Decimal(0)) / len(amounts)
        for index, amounts in days.items()
        if len(amounts) >= least
    }
