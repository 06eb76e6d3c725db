"""Rules about a series of readings, of a meter or anything else that is counted by month or by day.

They see plain values: the first day of each period, and what was counted in it. A series by day is judged day by day for
what stands still, is missing or leaps, and by its months for what creeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.calculation.metering import ENOUGH, Use
from portal.calculation.periods import month_after
from portal.domain.plausibility import figures, median, slip_of
from portal.domain.seasons import Level, fold, judge, month_index
from portal.domain.warnings.months import (
    LEAST_FALL,
    LEAST_LEVEL,
    LEAST_RISE,
    MOST_ERRORS,
)
from portal.domain.warnings.sameness import side_of, sight
from portal.domain.warnings.seen import RaisedWarning, Weight

# Periods in a row with one amount: months rarely repeat, a day's whole kilowatt hours do.
MOST_EQUAL = {"month": 2, "day": 6}
# Same weekdays that a day is compared with, and how far off it must lie; days have heavy tails.
WEEKS, DAY_ERRORS, DAY_FOLD = 8, Decimal(10), Decimal(3)
LEAST_DAY_SPREAD = Decimal("0.05")
TWELVE = 12
# So many times as much is usual.
LITTLE = 10


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

    `through_on` is the first day of the last period that should be there. Of `doubtful` periods there are readings, but
    they contradict each other: these are neither missing nor compared with anything.
    """

    key: str
    name: str
    unit: str
    step: Step
    values: Sequence[Counted]
    through_on: date
    doubtful: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class MonthOfMeter:
    """A month of a meter as its readings tell it; `is_whole` says that the meter was in service on each of its days."""

    start_on: date
    use: Use | None
    is_whole: bool


def series_of(
    key: str, name: str, unit: str, months: Iterable[MonthOfMeter], through_on: date
) -> MeterSeries:
    """The months of a meter through a month: what is known of nearly all of a month counts, what is doubtful is set aside."""
    values: list[Counted] = []
    doubtful: set[date] = set()
    for each in months:
        if each.use is None or not each.is_whole or each.start_on > through_on:
            continue
        if each.use.is_doubtful:
            doubtful.add(each.start_on)
        elif each.use.completeness >= ENOUGH:
            values.append(Counted(each.start_on, each.use.amount))
    return MeterSeries(key, name, unit, Step.MONTH, values, through_on, frozenset(doubtful))


def find_meter_warnings(series: MeterSeries, since: date) -> list[RaisedWarning]:
    """What is odd about the periods from `since` on, heaviest first; earlier ones are what they are compared with."""
    values = sorted(series.values, key=lambda each: each.start_on)
    recent = [each for each in values if each.start_on >= since]
    found = [
        *_gaps(series, recent, since),
        *_doubtful(series, since),
        *_not_positive(series, recent),
        *_stuck(series, recent),
        *_leaps(series, values, since),
        *_creeps(series, values, since),
    ]
    return sorted(found, key=lambda each: (-each.weight, each.code, each.values))


def _raised(
    series: MeterSeries,
    code: str,
    weight: Weight,
    start_on: date,
    seen: str = "",
    *,
    is_dated: bool = True,
    **values: str,
) -> RaisedWarning:
    """A warning about a period; the day on which a slow change began is an estimate, so that isn't known by its day."""
    named = tuple({"meter": series.name, "day": start_on.isoformat(), **values}.items())
    subject = f"meter/{series.key}" + (f"@{start_on.isoformat()}" if is_dated else "")
    return RaisedWarning(code, subject, weight, named, (), seen)


def _next(step: Step, day: date) -> date:
    if step is Step.DAY:
        return day + timedelta(days=1)
    return month_after(day)


def _gaps(series: MeterSeries, recent: Sequence[Counted], since: date) -> Iterator[RaisedWarning]:
    """Rows of periods without a value, each once."""
    known = {each.start_on for each in recent} | series.doubtful
    missing = [day for day in _days(series, since) if day not in known]
    for begun, count in _rows(series.step, missing):
        yield _counted(series, "meter.gap", begun, count)


def _doubtful(series: MeterSeries, since: date) -> Iterator[RaisedWarning]:
    """Rows of periods whose readings contradict each other, each once."""
    days = sorted(day for day in series.doubtful if day >= since)
    for begun, count in _rows(series.step, days):
        yield _counted(series, "meter.doubtful", begun, count)


def _counted(series: MeterSeries, code: str, begun: date, count: int) -> RaisedWarning:
    seen = sight(size=Decimal(count))
    return _raised(series, code, Weight.CHECK, begun, seen, count=str(count))


def _days(series: MeterSeries, since: date) -> Iterator[date]:
    """The first day of each period that should be there."""
    day = since
    while day <= series.through_on:
        yield day
        day = _next(series.step, day)


def _rows(step: Step, days: Sequence[date]) -> Iterator[tuple[date, int]]:
    """The first of each row of periods that follow each other, and how many they are."""
    begun, count = None, 0
    for place, day in enumerate(days):
        begun, count = begun or day, count + 1
        if place + 1 == len(days) or days[place + 1] != _next(step, day):
            yield begun, count
            begun, count = None, 0


def _not_positive(series: MeterSeries, recent: Sequence[Counted]) -> Iterator[RaisedWarning]:
    """Amounts below nothing, and none where there usually is one."""
    usual = _usual(series)
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
    idle = [each for each in recent if not each.quantity] if usual > 0 else []
    for each in idle:
        if not _may_rest(series, each.start_on, usual):
            yield _raised(series, "meter.nothing", Weight.CHECK, each.start_on)


def _may_rest(series: MeterSeries, day: date, usual: Decimal) -> bool:
    """A meter that rests now and then, as heating in summer, may rest again; one that never did stands still."""
    earlier = [each for each in series.values if each.start_on < day]
    if series.step is Step.MONTH:
        alike = [each for each in earlier if each.start_on.month == day.month]
    else:
        alike = [each for each in earlier if each.start_on.weekday() == day.weekday()]
    among = alike or earlier
    resting = sum(1 for each in among if _is_little(each.quantity, usual))
    return resting * (4 if alike else 10) >= len(among)


def _usual(series: MeterSeries) -> Decimal:
    """The middle of all periods, which is asked for once for all of them."""
    return median([each.quantity for each in series.values]) if series.values else Decimal(0)


def _is_little(quantity: Decimal, usual: Decimal) -> bool:
    """A small part of a usual period: what is read a day late leaves as much in a period of rest, and says nothing."""
    return quantity * LITTLE < usual


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
                    sight(size=Decimal(place - begun)),
                    count=str(place - begun),
                    quantity=figures(recent[begun].quantity),
                    unit=series.unit,
                )
            begun = place


def _leaps(series: MeterSeries, values: Sequence[Counted], since: date) -> Iterator[RaisedWarning]:
    """Single periods far from what was to be expected."""
    expected = _months_expected if series.step is Step.MONTH else _days_expected
    usual = _usual(series)
    for each, ratio, limit in expected(values, since):
        if fold(ratio) < limit or _is_little(max(each.quantity, each.quantity / ratio), usual):
            continue
        slip = slip_of(ratio, series.unit)
        yield _raised(
            series,
            "meter.slip" if slip else "meter.spike",
            Weight.SERIOUS if slip else Weight.CHECK,
            each.start_on,
            sight(side_of(ratio)) if slip else sight(side_of(ratio), size=fold(ratio)),
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
    indices = sorted(index for index in amounts if index >= first)
    level = _level(amounts, indices)
    if level is None:
        return
    # A climb that begins after a steady year looks like a step as long as that year is seen with it.
    latest = _level(amounts, indices[-TWELVE:])
    level = latest if latest is not None and latest.is_gradual else level
    day = date(level.since // TWELVE, level.since % TWELVE + 1, 1)
    code = "meter.drift" if level.is_gradual else "meter.level"
    seen = sight(side_of(level.ratio), size=fold(level.ratio), near=level.since)
    yield _raised(series, code, Weight.CHECK, day, seen, is_dated=False, ratio=figures(level.ratio))


def _level(amounts: Mapping[int, Decimal], indices: Sequence[int]) -> Level | None:
    judged = judge(amounts, indices, {}, LEAST_LEVEL)
    return None if judged is None else judged.level


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
