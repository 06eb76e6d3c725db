"""From what a meter showed to what was used: roll-overs, replacements, gaps and the borders of months, in exact decimals.

A counter's readings become a running total that never falls. What was used between two moments is the difference of that
total at both, rounded there to a millionth, so the months of a year come to exactly what the year comes to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
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
# An interval reading that doesn't say when it began tells of the time since the one before it. One that comes after more
# than three times the usual step follows others that were lost, and tells of its own step alone.
LOST_FROM = 3
FEWEST_STEPS = 3
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


def counts_of(
    registers: Sequence[Register], readings: Sequence[Shown]
) -> Iterator[tuple[Register, datetime | None, list[Shown]]]:
    """Each device in the order of time, when the next one took its place, and what it showed, each moment once.

    What was noted at a replacement goes before a reading of that very moment, which is most likely the old device's; it
    closes the old one where nothing was noted.
    """
    for place, register in enumerate(registers):
        following = registers[place + 1] if place + 1 < len(registers) else None
        ends_at = None if following is None else following.starts_at
        own = [
            each
            for each in readings
            if register.starts_at <= each.at and (ends_at is None or each.at < ends_at)
        ]
        has_reading = bool(own) and own[0].at == register.starts_at
        if register.first is not None and (place or not has_reading):
            own = [Shown(register.starts_at, register.first), *own[has_reading:]]
        if following is not None and ends_at is not None:
            last = register.last
            if last is None and following.first is not None:
                last = next((each.value for each in readings if each.at == ends_at), None)
            if last is not None:
                own.append(Shown(ends_at, last))
        yield register, ends_at, own


def _of_counts(registers: Sequence[Register], readings: Sequence[Shown]) -> Series:
    stretches: list[Stretch] = []
    odd: list[Odd] = []
    total = _NOTHING

    def leave_open(start: datetime, end: datetime) -> None:
        stretches.append(Stretch(start, end, total, total, is_known=False))
        odd.append(Odd(Oddity.UNREAD_END, start, end))

    for register, ends_at, counts in counts_of(registers, readings):
        if register is not registers[0] and counts and counts[0].at > register.starts_at:
            leave_open(register.starts_at, counts[0].at)
        for place, (before, after) in enumerate(pairwise(counts)):
            kind, counted = _counted(register, before, after)
            if kind is Oddity.DECREASED:
                # Either reading may be the wrong one, and then the stretch on its other side is as wrong.
                first, last = counts[max(place - 1, 0)], counts[min(place + 2, len(counts) - 1)]
                odd.append(Odd(kind, first.at, last.at))
            elif kind is not None:
                odd.append(Odd(kind, before.at, after.at))
            following = EXACT.add(total, EXACT.multiply(counted, register.multiplier))
            stretches.append(Stretch(before.at, after.at, total, following))
            total = following
        if ends_at is not None:
            odd.append(Odd(Oddity.REPLACED, ends_at, ends_at + timedelta(seconds=1)))
            if counts and counts[-1].at < ends_at:
                leave_open(counts[-1].at, ends_at)
    return Series(tuple(stretches), tuple(odd))


def _counted(register: Register, before: Shown, after: Shown) -> tuple[Oddity | None, Decimal]:
    """How far a register went between two readings; one that fell for no good reason went nowhere.

    One that rose by nearly all of its range within some weeks went back through zero, or was misread.
    """
    if after.value >= before.value:
        is_soon = after.at - before.at <= LONG_GAP
        is_back = is_soon and rolls_over(after.value, before.value, register.digits)
        return Oddity.DECREASED if is_back else None, after.value - before.value
    if rolls_over(before.value, after.value, register.digits) and register.digits is not None:
        return Oddity.ROLLED_OVER, after.value + Decimal(10) ** register.digits - before.value
    return Oddity.DECREASED, _NOTHING


def _of_intervals(registers: Sequence[Register], readings: Sequence[Shown]) -> Series:
    """Amounts that follow each other: where two overlap only what is new counts, and where none is nothing is known."""
    stretches: list[Stretch] = []
    odd: list[Odd] = []
    total = _NOTHING
    reached = registers[0].starts_at if registers else None
    step = _usual_step(readings)
    for each in readings:
        began = each.began_at or _beginning(each.at, reached, step)
        new = began if reached is None else max(began, reached)
        if reached is not None and began < reached:
            odd.append(Odd(Oddity.OVERLAP, began, min(reached, each.at)))
        if each.at <= new:
            continue
        if reached is not None and new > reached:
            stretches.append(Stretch(reached, new, total, total, is_known=False))
            odd.append(Odd(Oddity.MISSING, reached, new))
        if _changes_ratio(registers, new, each.at):
            odd.append(Odd(Oddity.UNREAD_END, new, each.at))
        amount = EXACT.multiply(each.value, _multiplier(registers, each.at))
        counted = EXACT.multiply(amount, _seconds(each.at - new))
        following = EXACT.add(total, EXACT.divide(counted, _seconds(each.at - began)))
        stretches.append(Stretch(new, each.at, total, following))
        total, reached = following, each.at
    odd.extend(
        Odd(Oddity.REPLACED, each.starts_at, each.starts_at + timedelta(seconds=1))
        for each in registers[1:]
    )
    return Series(tuple(stretches), tuple(odd))


def _usual_step(readings: Sequence[Shown]) -> timedelta | None:
    """The middle of the steps of readings that don't say when they began; None for too few to tell."""
    steps = sorted(
        after.at - before.at for before, after in pairwise(readings) if after.began_at is None
    )
    return steps[len(steps) // 2] if len(steps) >= FEWEST_STEPS else None


def _beginning(at: datetime, reached: datetime | None, step: timedelta | None) -> datetime:
    """When a reading began that doesn't say it: where the one before it ended, unless some between them were lost."""
    if reached is None:
        return at
    return at - step if step is not None and at - reached > LOST_FROM * step else reached


def _changes_ratio(registers: Sequence[Register], start: datetime, end: datetime) -> bool:
    """Whether a device of another ratio took over in between, so that nobody knows whose count it is."""
    return any(
        start < after.starts_at < end and after.multiplier != before.multiplier
        for before, after in pairwise(registers)
    )


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
