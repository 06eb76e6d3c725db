"""Reads a batch of meter readings, whichever door it came through: all that is wrong with any of them is found at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from portal.calculation.metering import MICRO, Counting
from portal.calculation.problems import Problem, Severity, problem
from portal.calculation.quantities import EXACT, text
from portal.calculation.units import convert, unit, units_of
from portal.intake.numbers import read_number
from portal.intake.raw import RawLine
from portal.intake.reading import Read, failed, shown
from portal.intake.texts import read_short_text
from portal.intake.timestamps import MomentRules, read_timestamp
from portal.intake.units import read_unit

COLUMNS = ("meter", "ts", "value", "unit", "start", "reason")
# Millionths of this many still fit the column; more is no meter's count.
LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class KnownMeter:
    """What a reading of one meter is read against; `digits` are those of the register in service at a moment."""

    key: int
    code: str
    unit: str
    counting: Counting
    zone: tzinfo
    earliest: datetime
    latest: datetime | None
    registers: tuple[tuple[datetime, int | None], ...]

    def digits_at(self, moment: datetime) -> int | None:
        """The digits of the register that was in service at a moment."""
        before = [digits for since, digits in self.registers if since <= moment]
        return before[-1] if before else None


@dataclass(frozen=True, slots=True)
class BatchRules:
    """What a batch is read against: the member's meters by every name of theirs, the moment, how people write numbers.

    `is_local` lets times without an offset be those of the meter's place, as people and their files write them.
    """

    meters: Mapping[str, KnownMeter]
    now: datetime
    locale: str = "en"
    is_local: bool = False


@dataclass(frozen=True, slots=True)
class ReadingValues:
    """One reading, in its meter's own unit; `reason` says why it takes the place of an earlier one."""

    meter: int
    at: datetime
    value: Decimal
    began_at: datetime | None
    reason: str


@dataclass(slots=True)
class BatchRead:
    """What a batch came to, each reading with its place in the batch; with problems none of it is to be kept."""

    values: list[ReadingValues] = field(default_factory=list)
    origins: list[RawLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    flags: list[Problem] = field(default_factory=list)
    repeated: int = 0


def read_readings(raws: Iterable[RawLine], rules: BatchRules) -> BatchRead:
    """Read a batch; a reading that comes twice in it counts once, and one that contradicts another is a problem."""
    found = BatchRead()
    seen: dict[tuple[int, datetime], ReadingValues] = {}
    for raw in raws:
        values, problems = read_reading(raw, rules)
        found.problems += [each for each in problems if each.severity is not Severity.WARNING]
        found.flags += [each for each in problems if each.severity is Severity.WARNING]
        if values is None:
            continue
        before = seen.setdefault((values.meter, values.at), values)
        if before is values:
            found.values.append(values)
            found.origins.append(raw)
        elif says_same(before, values):
            found.repeated += 1
        else:
            other = text(before.value)
            found.problems.append(problem("reading.twice", raw.address("value"), other=other))
    return found


def says_same(one: ReadingValues, other: ReadingValues) -> bool:
    """Whether two readings of one moment say the same."""
    return one.value == other.value and one.began_at == other.began_at


def read_reading(raw: RawLine, rules: BatchRules) -> tuple[ReadingValues | None, Sequence[Problem]]:
    """Read one reading with all that is wrong with it; None unless everything is right."""
    # A name that a stranger chose may hold what no database keeps, so it is nowhere repeated as it came.
    strange = [shown(name) for name in raw.fields if name not in COLUMNS]
    problems = [problem("reading.field.unknown", raw.address(name), given=name) for name in strange]
    meter = _meter(raw, rules)
    if meter.value is None:
        return None, [*problems, *meter.problems]
    known = meter.value
    moment = MomentRules(rules.now, known.zone if rules.is_local else None)
    at = _in_service(read_timestamp(raw.value("ts"), moment, field=raw.address("ts")), raw, known)
    began = _began(raw, known, moment, at.value)
    value = _value(raw, known, rules, at.value)
    reason = read_short_text(raw.value("reason"), field=raw.address("reason"), is_required=False)
    problems += [*at.problems, *began.problems, *value.problems, *reason.problems]
    is_settled = all(each.severity is Severity.WARNING for each in problems)
    if not is_settled or at.value is None or value.value is None:
        return None, problems
    return ReadingValues(
        known.key, at.value, value.value, began.value, reason.value or ""
    ), problems


def _meter(raw: RawLine, rules: BatchRules) -> Read[KnownMeter]:
    named = raw.value("meter")
    address = raw.address("meter")
    if named is None or named == "":
        return failed("reading.meter.missing", address)
    known = rules.meters.get(folded(named)) if isinstance(named, str) else None
    if known is None:
        return failed("reading.meter.unknown", address, given=shown(named))
    return Read(known)


@lru_cache(maxsize=1024)
def folded(name: str) -> str:
    """The spelling under which a meter's code or serial number is looked up."""
    return name.strip().casefold() if len(name) <= 200 else ""


def _in_service(read: Read[datetime], raw: RawLine, known: KnownMeter) -> Read[datetime]:
    if read.value is None:
        return read
    address = raw.address("ts")
    if read.value < known.earliest:
        return failed("reading.before_start", address, start=_day(known.earliest, known))
    if known.latest is not None and read.value > known.latest:
        return failed("reading.after_end", address, end=_day(known.latest, known))
    return read


def _day(moment: datetime, known: KnownMeter) -> str:
    return moment.astimezone(known.zone).strftime("%Y-%m-%d %H:%M")


def _began(
    raw: RawLine, known: KnownMeter, moment: MomentRules, at: datetime | None
) -> Read[datetime]:
    """The beginning of an interval; left out, it is the reading before."""
    if raw.value("start") in (None, ""):
        return Read()
    address = raw.address("start")
    if known.counting is not Counting.INTERVAL:
        return failed("reading.start.not_asked", address)
    read = read_timestamp(raw.value("start"), moment, field=address)
    if read.value is not None and at is not None and read.value >= at:
        return failed("reading.start.not_before", address)
    if read.value is not None and read.value < known.earliest:
        return failed("reading.before_start", address, start=_day(known.earliest, known))
    return read


def _value(
    raw: RawLine, known: KnownMeter, rules: BatchRules, at: datetime | None
) -> Read[Decimal]:
    """The number in the meter's own unit, converted without losing a digit or not at all."""
    address = raw.address("value")
    number = read_number(raw.value("value"), field=address, locale=rules.locale)
    typed_unit = raw.value("unit")
    if typed_unit is None and rules.is_local:
        typed_unit = known.unit  # a column that people's files need not have
    code = _unit_code(typed_unit, known.unit, raw.address("unit"))
    problems = (*number.problems, *code.problems)
    if number.value is None or code.value is None:
        return Read(None, problems)
    amount = (
        number.value if code.value == known.unit else convert(number.value, code.value, known.unit)
    )
    if amount >= LARGEST:
        return Read(None, (problem("reading.too_large", address, unit=known.unit),))
    if amount != amount.quantize(MICRO, context=EXACT):
        lost = problem("reading.unit.not_exact", raw.address("unit"), unit=known.unit)
        return Read(None, (lost,))
    digits = (
        known.digits_at(at) if at is not None and known.counting is Counting.CUMULATIVE else None
    )
    if digits is not None and amount >= Decimal(10) ** digits:
        beyond = problem("reading.beyond_register", address, given=text(amount), digits=digits)
        return Read(None, (beyond,))
    return Read(amount, problems)


def _unit_code(typed: object, wanted: str, address: str) -> Read[str]:
    if typed == wanted:
        return Read(wanted)
    fitting = _fitting(wanted)
    return read_unit(typed, field=address, allowed=fitting, offered=fitting[:8])


@lru_cache(maxsize=64)
def _fitting(code: str) -> tuple[str, ...]:
    """The units that measure the same, the meter's own first."""
    same = (each.code for each in units_of(unit(code).dimension))
    return tuple(dict.fromkeys((code, *same)))
