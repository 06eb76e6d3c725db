"""From what a meter showed to what was used: roll-overs, replacements, gaps and the borders of months, in exact decimals.

A counter's readings become a running total that never falls. What was used between two moments is the difference of that
total at both, rounded there to a millionth, so the months of a year come to exactly what the year comes to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from itertools import pairwise

from portal.calculation.quantities import EXACT

MICRO = Decimal("0.000001")
# A register that is read once a month is read every 31 days, now and then some days late.
LONG_GAP = timedelta(days=45)
# A register that falls by more than three quarters of its range went on counting from zero; one that falls by less
# was misread, replaced or turned back, and a person has to say which.
ROLL_OVER_WITHIN = Decimal("0.25")
# Of interval readings some may be lost on the way; a month that lacks more than this share is not told as a whole one.
ENOUGH = Decimal("0.95")
_NOTHING, _ALL = Decimal(0), Decimal(1)


class Counting(StrEnum):
    """What a reading says: the register's count, or what was used since the reading before it."""

    CUMULATIVE = "cumulative"
    INTERVAL = "interval"


class Oddity(StrEnum):
    """What a person should know about a month; DOUBTFUL says which of them keep it from being taken over."""

    ROLLED_OVER = "rolled_over"
    REPLACED = "replaced"
    LONG_GAP = "long_gap"
    MISSING = "missing"
    OVERLAP = "overlap"
    DECREASED = "decreased"
    UNREAD_END = "unread_end"


DOUBTFUL = frozenset({Oddity.OVERLAP, Oddity.DECREASED, Oddity.UNREAD_END})


@dataclass(frozen=True, slots=True)
class Shown:
    """A reading: what the register showed at a moment, or what was used since `began_at`; in the meter's unit."""

    at: datetime
    value: Decimal
    began_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """The device that counts from a moment on: what it showed then and when it was taken away, its digits, its ratio.

    `digits` are those before the point, None for one that doesn't roll over. `multiplier` makes use out of the count.
    """

    starts_at: datetime
    multiplier: Decimal = _ALL
    digits: int | None = None
    first: Decimal | None = None
    last: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Odd:
    """Something odd between two moments."""

    kind: Oddity
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """The running total between two neighbouring readings; `is_known` is false where nothing says what was used."""

    start: datetime
    end: datetime
    total_before: Decimal
    total_after: Decimal
    is_known: bool = True

    def total_at(self, moment: datetime) -> Decimal:
        """The total at a moment within, as if the same had been used in each second; rounded to a millionth."""
        if moment == self.start:
            return _cut(self.total_before)
        if moment == self.end:
            return _cut(self.total_after)
        part = _seconds(moment - self.start)
        used = EXACT.subtract(self.total_after, self.total_before)
        share = EXACT.divide(EXACT.multiply(used, part), _seconds(self.end - self.start))
        return _cut(EXACT.add(self.total_before, share))


@dataclass(frozen=True, slots=True)
class Series:
    """All that a meter's readings say: neighbouring stretches in the order of time, and what is odd."""

    stretches: tuple[Stretch, ...]
    odd: tuple[Odd, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """What was used between two moments: the amount, the share of the time that is known, what of it is interpolated.

    `interpolated` is the share of the amount that lies between a border and the reading next to it.
    """

    start: datetime
    end: datetime
    amount: Decimal
    completeness: Decimal
    interpolated: Decimal
    odd: tuple[Odd, ...]

    @property
    def kinds(self) -> tuple[Oddity, ...]:
        """What is odd, each once, the gravest last."""
        found = {each.kind for each in self.odd}
        return tuple(kind for kind in Oddity if kind in found)

    @property
    def is_doubtful(self) -> bool:
        """Whether something has to be put right before the amount means anything."""
        return any(each.kind in DOUBTFUL for each in self.odd)


def series(counting: Counting, registers: Sequence[Register], readings: Iterable[Shown]) -> Series:
    """Lay the running total through a meter's readings, in whatever order they came; a moment has one reading."""
    ordered = sorted(readings, key=lambda each: each.at)
    devices = sorted(registers, key=lambda each: each.starts_at)
    if counting is Counting.INTERVAL:
        return _of_intervals(devices, ordered)
    return _of_counts(devices, ordered)


def used(found: Series, start: datetime, end: datetime) -> Use:
    """What was used from `start` until `end`."""
    # They follow each other in time, so that a month of a long series is found without looking at all of it.
    first_touched = bisect_right(found.stretches, start, key=lambda each: each.end)
    behind = bisect_left(found.stretches, end, key=lambda each: each.start)
    touched = found.stretches[first_touched:behind]
    known = [each for each in touched if each.is_known]
    amount = interpolated = _NOTHING
    covered = timedelta()
    for each in known:
        first, last = max(each.start, start), min(each.end, end)
        part = EXACT.subtract(each.total_at(last), each.total_at(first))
        amount = EXACT.add(amount, part)
        covered += last - first
        if (first, last) != (each.start, each.end):
            interpolated = EXACT.add(interpolated, part)
    odd = [each for each in found.odd if each.start < end and start < each.end]
    odd.extend(
        Odd(Oddity.LONG_GAP, each.start, each.end)
        for each in known
        if each.end - each.start > LONG_GAP
    )
    return Use(
        start,
        end,
        amount,
        _share(_seconds(covered), _seconds(end - start)),
        _share(interpolated, amount),
        tuple(odd),
    )


def known_span(found: Series) -> tuple[datetime, datetime] | None:
    """From when until when anything is known."""
    first = next((each for each in found.stretches if each.is_known), None)
    last = next((each for each in reversed(found.stretches) if each.is_known), None)
    return None if first is None or last is None else (first.start, last.end)


def local_midnight(day: date, zone: tzinfo) -> datetime:
    """The moment at which a day begins somewhere; where a clock change skips midnight, the first moment after it."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def rolls_over(before: Decimal, after: Decimal, digits: int | None) -> bool:
    """Whether a register that fell plausibly went through all of its digits."""
    if digits is None or after >= before:
        return False
    capacity = Decimal(10) ** digits
    return after + capacity - before <= capacity * ROLL_OVER_WITHIN


def _of_counts(registers: Sequence[Register], readings: Sequence[Shown]) -> Series:
    stretches: list[Stretch] = []
    odd: list[Odd] = []
    total = _NOTHING
    for place, register in enumerate(registers):
        ends_at = registers[place + 1].starts_at if place + 1 < len(registers) else None
        counts = _counts(register, readings, ends_at)
        for before, after in pairwise(counts):
            counted = _counted(register, before, after, odd)
            following = EXACT.add(total, EXACT.multiply(counted, register.multiplier))
            stretches.append(Stretch(before.at, after.at, total, following))
            total = following
        if ends_at is not None:
            odd.append(Odd(Oddity.REPLACED, ends_at, ends_at + timedelta(seconds=1)))
            if register.last is None and counts and counts[-1].at < ends_at:
                stretches.append(Stretch(counts[-1].at, ends_at, total, total, is_known=False))
                odd.append(Odd(Oddity.UNREAD_END, counts[-1].at, ends_at))
    return Series(tuple(stretches), tuple(odd))


def _counts(register: Register, readings: Sequence[Shown], ends_at: datetime | None) -> list[Shown]:
    """What one device showed, with what it showed when it came and when it went."""
    own = [
        each
        for each in readings
        if register.starts_at <= each.at and (ends_at is None or each.at < ends_at)
    ]
    if register.first is not None and not (own and own[0].at == register.starts_at):
        own.insert(0, Shown(register.starts_at, register.first))
    if ends_at is not None and register.last is not None:
        own.append(Shown(ends_at, register.last))
    return own


def _counted(register: Register, before: Shown, after: Shown, odd: list[Odd]) -> Decimal:
    """How far a register went between two readings; one that fell for no good reason went nowhere, which is told."""
    if after.value >= before.value:
        return after.value - before.value
    if rolls_over(before.value, after.value, register.digits) and register.digits is not None:
        odd.append(Odd(Oddity.ROLLED_OVER, before.at, after.at))
        return after.value + Decimal(10) ** register.digits - before.value
    odd.append(Odd(Oddity.DECREASED, before.at, after.at))
    return _NOTHING


def _of_intervals(registers: Sequence[Register], readings: Sequence[Shown]) -> Series:
    """Amounts that follow each other: where two overlap only what is new counts, and where none is nothing is known."""
    stretches: list[Stretch] = []
    odd: list[Odd] = []
    total = _NOTHING
    reached = registers[0].starts_at if registers else None
    for each in readings:
        began = each.began_at or reached or each.at
        new = began if reached is None else max(began, reached)
        if reached is not None and began < reached:
            odd.append(Odd(Oddity.OVERLAP, began, min(reached, each.at)))
        if each.at <= new:
            continue
        if reached is not None and new > reached:
            stretches.append(Stretch(reached, new, total, total, is_known=False))
            odd.append(Odd(Oddity.MISSING, reached, new))
        amount = EXACT.multiply(each.value, _multiplier(registers, each.at))
        counted = EXACT.multiply(amount, _seconds(each.at - new))
        following = EXACT.add(total, EXACT.divide(counted, _seconds(each.at - began)))
        stretches.append(Stretch(new, each.at, total, following))
        total, reached = following, each.at
    return Series(tuple(stretches), tuple(odd))


def _multiplier(registers: Sequence[Register], moment: datetime) -> Decimal:
    """The ratio of the device that made an interval reading: the one that was there just before its end."""
    before = [each for each in registers if each.starts_at < moment]
    return before[-1].multiplier if before else _ALL


def _seconds(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)).scaleb(-6)


def _cut(amount: Decimal) -> Decimal:
    return amount.quantize(MICRO, rounding=ROUND_HALF_EVEN, context=EXACT)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    """A share with four places, never rounded up to all of it."""
    if not whole:
        return _NOTHING
    share = EXACT.divide(part, whole)
    cut = share.quantize(Decimal("0.0001"), context=EXACT)
    return cut if share >= _ALL or cut < _ALL else Decimal("0.9999")
