"""Reads what is said about a meter and about the register at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from portal.calculation.metering import Counting
from portal.calculation.problems import Problem, problem
from portal.domain.meters import MeterFacts, MeterKind, RegisterFacts
from portal.intake.dates import PROGRAMME_START, DateRules
from portal.intake.identifiers import read_code
from portal.intake.numbers import NumberRules
from portal.intake.raw import as_text
from portal.intake.reading import shown
from portal.intake.timestamps import MomentRules, read_timestamp
from portal.intake.typed import Reading, Typed

METER_FIELDS = (
    "code", "name", "kind", "category", "unit", "counting", "zone", "starts_on", "ends_on",
)  # fmt: skip
REGISTER_FIELDS = ("serial", "digits", "multiplier", "first")
REPLACEMENT_FIELDS = ("at", "last", *REGISTER_FIELDS)
_DIGITS = NumberRules(
    is_required=False, integer_digits=2, decimals=0, minimum=Decimal(3), maximum=Decimal(12),
    unusual_from=None,
)  # fmt: skip
_MULTIPLIER = NumberRules(maximum=Decimal(10) ** 9, unusual_from=None)
_COUNT = NumberRules(is_required=False, unusual_from=None)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A register taken away and another put in its place: when, what the old one showed, and the new one."""

    at: datetime
    last: Decimal | None
    register: RegisterFacts


@dataclass(frozen=True, slots=True)
class Replaced:
    """A register that is no longer in service: what is said of it, when it was taken away, and what it showed then."""

    register: RegisterFacts
    at: datetime
    last: Decimal | None


def read_meter(
    typed: Typed, units: Mapping[str, Collection[str]], zones: Collection[str], today: date
) -> tuple[MeterFacts | None, tuple[Problem, ...]]:
    """Read a meter; `units` has for each category the units that it is reported in."""
    reading = Reading(typed, today)
    code = read_code(typed.values.get("code") or "", field="code")
    for found in code.problems:
        reading.refuse(found)
    name = reading.text("name")
    kind = reading.choice("kind", tuple(MeterKind))
    category = reading.choice("category", tuple(units))
    unit = as_text(typed.values.get("unit"))
    if not unit.strip():
        reading.refuse(problem("choice.missing", "unit"))
    elif category and unit not in units[category]:
        allowed = ", ".join(list(units[category])[:8])
        reading.refuse(
            problem("meter.unit.does_not_fit", "unit", given=shown(unit), allowed=allowed)
        )
    counting = reading.choice("counting", tuple(Counting))
    zone = as_text(typed.values.get("zone")).strip()
    if zone not in zones:
        reading.refuse(problem("meter.zone.unknown", "zone", given=shown(zone)))
    starts_on = reading.day("starts_on", DateRules(latest=today))
    ends_on = reading.day("ends_on", DateRules(PROGRAMME_START, None, is_required=False))
    if starts_on and ends_on and ends_on < starts_on:
        reading.refuse(problem("meter.ends_before_start", "ends_on"))
    if not reading.is_settled or starts_on is None:
        return None, tuple(reading.problems)
    facts = MeterFacts(
        code.value or "", name, MeterKind(kind), category, unit, Counting(counting), zone,
        starts_on, ends_on,
    )  # fmt: skip
    return facts, ()


def read_register(typed: Typed, today: date) -> tuple[RegisterFacts | None, tuple[Problem, ...]]:
    """Read a register; one without digits never rolls over."""
    reading = Reading(typed, today)
    serial = reading.text("serial", is_required=False, longest=60)
    digits = reading.whole("digits", _DIGITS)
    multiplier = reading.number("multiplier", _MULTIPLIER)
    if multiplier == 0:
        reading.refuse(problem("meter.multiplier.zero", "multiplier"))
    first = reading.number("first", _COUNT)
    if first is not None and digits is not None and first >= Decimal(10) ** digits:
        reading.refuse(_beyond("first", first, digits))
    if not reading.is_settled or multiplier is None:
        return None, tuple(reading.problems)
    return RegisterFacts(serial, digits, multiplier, first), ()


def read_replacement(
    typed: Typed, *, zone: tzinfo, now: datetime, today: date, old_digits: int | None
) -> tuple[Replacement | None, tuple[Problem, ...]]:
    """Read when a register was replaced, what the old one showed at its end, and what is said of the new one."""
    register, problems = read_register(typed, today)
    end, more = _read_end(typed, old_digits, zone=zone, now=now, today=today)
    if end is None or register is None:
        return None, (*more, *problems)
    return Replacement(*end, register), ()


def read_replaced(
    typed: Typed, *, zone: tzinfo, now: datetime, today: date
) -> tuple[Replaced | None, tuple[Problem, ...]]:
    """Read what is said of a register that was replaced, to put it right: the register itself and its end."""
    register, problems = read_register(typed, today)
    digits = None if register is None else register.digits
    end, more = _read_end(typed, digits, zone=zone, now=now, today=today)
    if end is None or register is None:
        return None, (*problems, *more)
    return Replaced(register, *end), ()


def _read_end(
    typed: Typed, digits: int | None, *, zone: tzinfo, now: datetime, today: date
) -> tuple[tuple[datetime, Decimal | None] | None, tuple[Problem, ...]]:
    """When a register of so many digits was taken away, and what it showed."""
    at = read_timestamp(typed.values.get("at") or "", MomentRules(now, zone), field="at")
    reading = Reading(typed, today)
    last = reading.number("last", _COUNT)
    if last is not None and digits is not None and last >= Decimal(10) ** digits:
        reading.refuse(_beyond("last", last, digits))
    problems = (*at.problems, *reading.problems)
    if at.value is None or not reading.is_settled:
        return None, problems
    return (at.value, last), problems


def _beyond(field: str, given: Decimal, digits: int) -> Problem:
    return problem("reading.beyond_register", field, given=given, digits=digits)
