"""Meters for the bench of warnings: four years of readings as people and machines take them, and what goes wrong with them.

A counter is read at the end of a month, a few days early or late, so that use moves between months; now and then a reading
is left out, a register rolls over or is replaced. None of this is an error. Readings go the way of the portal's own:
`portal.calculation.metering` makes months of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import log
from random import Random

from portal.calculation.metering import Counting, Register, Shown, series, used
from portal.calculation.periods import month_after
from portal.cli.scenery.streams import SEASONS, Season
from portal.cli.scenery.trade import MEMORY, student
from portal.domain.warnings.meters import MeterSeries, MonthOfMeter, series_of

YEARS, JUDGED = 4, 2
MONTHS = YEARS * 12
BEGUN = date(2022, 1, 1)
SINCE, THROUGH = date(BEGUN.year + YEARS - JUDGED, 1, 1), date(BEGUN.year + YEARS - 1, 12, 1)
FIRSTS = [date(BEGUN.year + place // 12, place % 12 + 1, 1) for place in range(MONTHS)]
# The first month that is judged, by its place.
FIRST_JUDGED = (YEARS - JUDGED) * 12


@dataclass(slots=True)
class BenchMeter:
    """A meter: what was truly used by month, and the readings that were taken of it, by counted month.

    `skewed` is by how many days a reading was early or late; `shown` what was written down, None where nobody read.
    """

    key: str
    counting: Counting
    truth: list[Decimal]
    skewed: list[int]
    shown: list[Decimal | None] = field(default_factory=list)
    registers: list[Register] = field(default_factory=list)

    def evidence(self) -> MeterSeries:
        """The months as the portal works them out of the readings."""
        readings = [
            Shown(self.read_at(place), value, self._began(place))
            for place, value in enumerate(self.shown)
            if value is not None
        ]
        found = series(self.counting, self.registers, readings)
        months = []
        for first in FIRSTS:
            use = used(found, _midnight(first), _midnight(month_after(first)))
            known = use if use.completeness or use.odd else None
            months.append(MonthOfMeter(first, known, is_whole=True))
        return series_of(self.key, "", "kWh", months, THROUGH)

    def read_at(self, place: int) -> datetime:
        """When the reading before a counted month was taken; that after the last one is the last."""
        first = FIRSTS[place] if place < MONTHS else month_after(FIRSTS[-1])
        return _midnight(first) + timedelta(days=self.skewed[place])

    def _began(self, place: int) -> datetime | None:
        return self.read_at(place - 1) if self.counting is Counting.INTERVAL else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MeterMistake:
    """A kind of trouble with a meter: its name, how large it is, what names it, and how it is planted into which months.

    It is planted into what was used, or with `is_written` into what was written down; None where there is no room.
    """

    name: str
    size: str
    named_by: tuple[str, ...]
    plant: Callable[[Random, BenchMeter], range | None]
    is_written: bool = False


def meter(random: Random, number: int) -> BenchMeter:
    """One meter with four clean years of use; `read` takes its readings."""
    counting = Counting.CUMULATIVE if random.random() < 0.7 else Counting.INTERVAL
    season = SEASONS[random.choice(list(Season))]
    amount = random.lognormvariate(log(40_000), 0.8)
    noise = min(0.15, random.lognormvariate(log(0.05), 0.5))
    growth = random.uniform(-0.06, 0.1)
    rests = random.random() < 0.06
    saves = random.randrange(12, MONTHS) if random.random() < 0.08 else MONTHS
    memory, truth = 0.0, []
    for place in range(MONTHS):
        memory = MEMORY * memory + student(random) * noise
        shut = random.uniform(0.45, 0.8) if random.random() < 0.01 else 1
        value = amount * season[place % 12] / sum(season) * (1 + growth) ** (place / 12) * shut
        value *= max(0.2, 1 + memory) * (0.85 if place >= saves else 1)
        is_resting = rests and 4 <= place % 12 <= 8
        truth.append(Decimal(0) if is_resting else Decimal(f"{value:.1f}"))
    late = random.random() < 0.3
    skewed = [random.choice((-2, -1, 0, 0, 1, 2, 3)) if late else 0 for _ in range(MONTHS + 1)]
    skewed[0] = skewed[-1] = 0
    return BenchMeter(f"m{number}", counting, truth, skewed)


def read(random: Random, of: BenchMeter) -> None:
    """Take the readings of what was used; a counter may be read over, roll over or be replaced."""
    # What was used between two readings: a day early takes a day's use from the month.
    between = [_between(of, place) for place in range(MONTHS)]
    if of.counting is Counting.INTERVAL:
        of.shown = [None, *between]
        of.registers = [Register(_midnight(BEGUN))]
        return
    digits = 10
    # One register in ten is near its end, and goes on counting from zero.
    year = int(sum(of.truth[:12], Decimal(1)))
    total = (
        Decimal(10**digits - random.randrange(1, 4 * year))
        if random.random() < 0.1
        else Decimal(random.randrange(10**6))
    )
    of.registers = [Register(_midnight(BEGUN), digits=digits, first=total)]
    replaced = random.randrange(6, MONTHS) if random.random() < 0.1 else None
    of.shown = [total]
    for place, amount in enumerate(between, start=1):
        total += amount
        if place == replaced:
            at = of.read_at(place)
            old = of.registers[0]
            last = total % (10**digits)
            of.registers = [
                Register(old.starts_at, digits=digits, first=old.first, last=last),
                Register(at, digits=digits, first=Decimal(0)),
            ]
            total = Decimal(0)
        of.shown.append(total % 10**digits)
    # One reading that is left out lies between two others: the register goes on counting.
    if random.random() < 0.1:
        gap = random.randrange(2, MONTHS - 1)
        if gap != replaced:
            of.shown[gap] = None


def _between(of: BenchMeter, place: int) -> Decimal:
    """What was used between the reading before a month and the one after it."""
    return (of.truth[place] - _moved(of, place) + _moved(of, place + 1)).quantize(Decimal("0.1"))


def _moved(of: BenchMeter, place: int) -> Decimal:
    """What was used between the first of a month and the day on which it was read."""
    days = of.skewed[place]
    month = of.truth[place if days > 0 else place - 1] if 0 < place < MONTHS else Decimal(0)
    return month * days / 30


def _months(random: Random, least: int, most: int) -> range:
    """Some months of those that are judged, in a row."""
    count = random.randrange(least, most + 1)
    first = random.randrange(FIRST_JUDGED, MONTHS - count + 1)
    return range(first, first + count)


def _times(random: Random, of: BenchMeter, months: range, ratio: Decimal) -> range | None:
    """So many times what was used, where something was."""
    if not any(of.truth[place] for place in months):
        return None
    for place in months:
        of.truth[place] *= ratio
    return months


def _spike(random: Random, of: BenchMeter) -> range | None:
    ratio = Decimal(f"{random.uniform(1.9, 5):.3f}")
    return _times(random, of, _months(random, 1, 1), ratio)


def _slip(random: Random, of: BenchMeter) -> range | None:
    """An interval that is typed in another unit, or a counter whose ratio was entered wrong for some months."""
    ratio = Decimal(random.choice(("10", "100", "1000", "0.1", "0.01", "0.001")))
    return _times(random, of, _months(random, 1, 2), ratio)


def _stands(random: Random, of: BenchMeter) -> range | None:
    """The counter stands still, or a machine sends its last amount again."""
    months = _months(random, 2, 6)
    value = Decimal(0) if of.counting is Counting.CUMULATIVE else of.truth[months[0]]
    if any(not of.truth[place] for place in months):
        return None
    months = (
        months if value == 0 else range(months[0], min(months[0] + max(3, len(months)), MONTHS))
    )
    if value and len(months) < 3:
        return None
    for place in months:
        of.truth[place] = value
        of.skewed[place] = 0
    if months.stop < MONTHS:
        of.skewed[months.stop] = 0
    return months


def _drift(random: Random, of: BenchMeter) -> range | None:
    end = random.uniform(1.8, 2.5)
    for place in range(MONTHS - 12, MONTHS):
        of.truth[place] *= Decimal(f"{1 + (end - 1) * (place - MONTHS + 12) / 11:.4f}")
    return range(MONTHS - 12, MONTHS)


def _level(random: Random, of: BenchMeter) -> range | None:
    first = random.randrange(MONTHS - 9, MONTHS - 3)
    ratio = Decimal(f"{random.uniform(1.7, 3):.3f}")
    ratio = ratio if random.random() < 0.6 else 1 / ratio
    return _times(random, of, range(first, MONTHS), ratio)


def _gap(random: Random, of: BenchMeter) -> range | None:
    """Nobody reads for some months at the end, or intervals are lost on the way."""
    if of.counting is Counting.INTERVAL:
        months = _months(random, 1, 3)
        for place in months:
            of.shown[place + 1] = None
        return months
    count = random.randrange(2, 5)
    for place in range(MONTHS - count, MONTHS):
        of.shown[place + 1] = None
    return range(MONTHS - count, MONTHS)


def _back(random: Random, of: BenchMeter) -> range | None:
    """One count is typed with a digit less, so that the register seems to have gone back: less than nothing was used."""
    if of.counting is Counting.INTERVAL:
        return None
    place = random.randrange(FIRST_JUDGED + 1, MONTHS)
    before, value = of.shown[place - 1], of.shown[place]
    if value is None or before is None or value < 1000:
        return None
    of.shown[place] = value // 10
    return range(place - 1, place + 1)


METER_MISTAKES: Sequence[MeterMistake] = (
    MeterMistake("meter: unit or point", "one or two months × or ÷ 10 to 1000", ("meter.slip",), _slip),
    MeterMistake("meter: spike", "one month × 1.9 to 5", ("meter.spike", "meter.slip"), _spike),
    MeterMistake("meter: stuck", "2 to 6 months of nothing, or 3 to 6 of one amount", ("meter.stuck", "meter.nothing"), _stands),
    MeterMistake("meter: drift", "a climb over a year to 1.8 to 2.5 times", ("meter.drift", "meter.level"), _drift),
    MeterMistake("meter: level", "from a month on × or ÷ 1.7 to 3", ("meter.level", "meter.drift"), _level),
    MeterMistake("meter: gap", "1 to 4 months without readings", ("meter.gap",), _gap, is_written=True),
    MeterMistake("meter: negative", "one count a digit short, so that it went back", ("meter.doubtful",), _back, is_written=True),
)  # fmt: skip
