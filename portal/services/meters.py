"""Meters of a member's sites: adding, changing, ending one, and replacing the register at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.calculation.metering import Counting, local_midnight
from portal.calculation.problems import Problem, problem
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.meters import MOST_METERS, MOST_REGISTERS, MeterFacts, MeterKind, RegisterFacts
from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.domain.words import N_
from portal.intake.meter_readings import KnownMeter, folded
from portal.intake.meters import Replaced, Replacement
from portal.services.work import Work
from portal.store.members import Member, Site
from portal.store.meters import Meter, MeterReading, MeterRegister


@dataclass(frozen=True, slots=True)
class MeterRow:
    """A meter in a list: its site, the register in service, and its latest reading."""

    meter: Meter
    site: Site
    serial: str
    last_at: datetime | None


def meters_of(work: Work, member: Member, listed: Sequence[Meter] | None = None) -> list[MeterRow]:
    """The member's meters, or those of them that are listed, by site and code, each with its latest reading."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    last_at = (
        select(func.max(MeterReading.moment))
        .where(MeterReading.member_id == Meter.member_id, MeterReading.meter_id == Meter.id)
        .scalar_subquery()
    )
    query = (
        select(Meter, Site, last_at)
        .join(Site, Site.id == Meter.site_id)
        .where(Meter.member_id == member.id)
        .order_by(Site.code, Meter.code)
    )
    if listed is not None:
        query = query.where(Meter.id.in_([meter.id for meter in listed]))
    serials = _serials(work.session, member.id)
    return [
        MeterRow(meter, site, serials.get(meter.id, ""), moment)
        for meter, site, moment in work.session.execute(query)
    ]


def _serials(session: Session, member_id: int) -> dict[int, str]:
    query = (
        select(MeterRegister.meter_id, MeterRegister.serial)
        .where(MeterRegister.member_id == member_id)
        .order_by(MeterRegister.starts_at)
    )
    return {row.meter_id: row.serial for row in session.execute(query)}


def find_meter(work: Work, member: Member, uid: UUID) -> Meter:
    """One of the member's own meters; any other is answered like an unknown one."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    meter = work.session.scalars(
        select(Meter).where(Meter.uid == uid, Meter.member_id == member.id)
    ).one_or_none()
    if meter is None:
        raise NotFound()
    return meter


def site_of(work: Work, meter: Meter) -> Site:
    """The site at which a meter counts."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(meter.member_id))
    return work.session.get_one(Site, meter.site_id)


def registers_of(session: Session, meter: Meter) -> Sequence[MeterRegister]:
    """The registers that counted at a meter, in their order."""
    query = select(MeterRegister).where(
        MeterRegister.member_id == meter.member_id, MeterRegister.meter_id == meter.id
    )
    return list(session.scalars(query.order_by(MeterRegister.starts_at)))


def add_meter(
    work: Work, member: Member, site: Site, facts: MeterFacts, register: RegisterFacts
) -> tuple[Meter | None, tuple[Problem, ...]]:
    """Add a meter with the register that is there on its first day; None with what is wrong about its names."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    _hold(work.session, member)
    count = select(func.count()).select_from(Meter).where(Meter.member_id == member.id)
    if work.session.scalars(count).one() >= MOST_METERS:
        return None, (problem("meter.many", "code", most=MOST_METERS),)
    if taken := _taken(work.session, member, (facts.code, register.serial), own=None):
        return None, taken
    meter = Meter(
        uid=work.new_uid(),
        member_id=member.id,
        site_id=site.id,
        created_at=work.moment,
        **_columns(facts),
    )
    work.session.add(meter)
    work.session.flush()
    _add_register(work, meter, register, local_midnight(facts.starts_on, ZoneInfo(facts.zone)))
    _record(work, "meter.added", member, meter, after=_said(work.session, meter))
    return meter, ()


def change_meter(
    work: Work, member: Member, meter: Meter, facts: MeterFacts, register: RegisterFacts
) -> tuple[Problem, ...]:
    """Change what is said of a meter and of the register in service; what readings rest on stays as it is."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    _hold(work.session, member)
    _hold_readings(work.session, meter)
    registers = registers_of(work.session, meter)
    problems = _taken(work.session, member, (facts.code, register.serial), own=meter.id)
    problems += _against_readings(work.session, meter, facts)
    problems += _against_registers(facts, registers[1:])
    if problems:
        return problems
    before = _said(work.session, meter)
    for name, value in _columns(facts).items():
        setattr(meter, name, value)
    registers[0].starts_at = local_midnight(facts.starts_on, ZoneInfo(facts.zone))
    for name, value in asdict(register).items():
        setattr(registers[-1], name, value)
    work.session.flush()
    _record(work, "meter.changed", member, meter, before, _said(work.session, meter))
    return ()


def replace_register(
    work: Work, member: Member, meter: Meter, replacement: Replacement
) -> tuple[Problem, ...]:
    """Put another register in the place of the one in service; the meter keeps one series."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    _hold(work.session, member)
    _hold_readings(work.session, meter)
    registers = registers_of(work.session, meter)
    old = registers[-1]
    problems = _taken(work.session, member, (replacement.register.serial,), own=meter.id)
    if replacement.at <= old.starts_at:
        since = _said_moment(old.starts_at, meter)
        problems += (problem("meter.replaced.not_after", "at", since=since),)
    if len(registers) >= MOST_REGISTERS:
        problems += (problem("meter.registers.many", "at", most=MOST_REGISTERS),)
    if problems:
        return problems
    before = _said(work.session, meter)
    old.last = replacement.last
    _add_register(work, meter, replacement.register, replacement.at)
    _record(work, "meter.register_replaced", member, meter, before, _said(work.session, meter))
    return ()


def correct_register(
    work: Work, member: Member, meter: Meter, place: int, replaced: Replaced
) -> tuple[Problem, ...]:
    """Put right what was said of a register that is no longer in service, see `replaced_register`.

    The one in service is changed by `change_meter`. Lines that rest on it stay, and their months say that they differ.
    """
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    _hold(work.session, member)
    _hold_readings(work.session, meter)
    old, following = replaced_register(work, meter, place)
    later = registers_of(work.session, meter)[place + 1 :]
    problems = _taken(work.session, member, (replaced.register.serial,), own=meter.id)
    if replaced.at <= old.starts_at:
        since = _said_moment(old.starts_at, meter)
        problems += (problem("meter.replaced.not_after", "at", since=since),)
    if later and replaced.at >= later[0].starts_at:
        until = _said_moment(later[0].starts_at, meter)
        problems += (problem("meter.replaced.not_before", "at", until=until),)
    if problems:
        return problems
    before = _said(work.session, meter)
    for name, value in asdict(replaced.register).items():
        setattr(old, name, value)
    old.last, following.starts_at = replaced.last, replaced.at
    work.session.flush()
    _record(work, "meter.register_corrected", member, meter, before, _said(work.session, meter))
    return ()


def replaced_register(work: Work, meter: Meter, place: int) -> tuple[MeterRegister, MeterRegister]:
    """A register that is no longer in service, counted from the oldest as 1, and the one that took its place.

    NotFound for the one in service and for none.
    """
    registers = registers_of(work.session, meter)
    if not 1 <= place < len(registers):
        raise NotFound()
    return registers[place - 1], registers[place]


def _said_moment(moment: datetime, meter: Meter) -> str:
    return moment.astimezone(ZoneInfo(meter.zone)).strftime("%Y-%m-%d %H:%M")


def known_meters(session: Session, member_id: int) -> dict[str, KnownMeter]:
    """What readings are read against, by each spelling that names one meter of the member: its code and its serial numbers."""
    # What this transaction has looked at before may have been changed by another one since.
    fresh = {"populate_existing": True}
    query = select(Meter).where(Meter.member_id == member_id)
    meters = list(session.scalars(query, execution_options=fresh))
    registers: dict[int, list[MeterRegister]] = {}
    counting = select(MeterRegister).where(MeterRegister.member_id == member_id)
    counting = counting.order_by(MeterRegister.starts_at)
    for register in session.scalars(counting, execution_options=fresh):
        registers.setdefault(register.meter_id, []).append(register)
    found: dict[str, KnownMeter] = {}
    for meter in meters:
        own = registers[meter.id]
        known = known_meter(meter, own)
        found |= {folded(each.serial): known for each in own if each.serial}
    # A code goes before a serial number that is spelled alike.
    return found | {folded(meter.code): known_meter(meter, registers[meter.id]) for meter in meters}


def known_meter(meter: Meter, registers: Sequence[MeterRegister]) -> KnownMeter:
    """What readings of one meter are read against."""
    zone = ZoneInfo(meter.zone)
    ends_on = meter.ends_on
    return KnownMeter(
        meter.id,
        meter.code,
        meter.unit,
        Counting(meter.counting),
        zone,
        local_midnight(meter.starts_on, zone),
        None if ends_on is None else local_midnight(ends_on + timedelta(days=1), zone),
        tuple((each.starts_at, each.digits) for each in registers),
    )


def facts_of(meter: Meter) -> MeterFacts:
    """What is said of a meter, as a value."""
    plain = {name: getattr(meter, name) for name in MeterFacts.__dataclass_fields__}
    kinds = {"kind": MeterKind(meter.kind), "counting": Counting(meter.counting)}
    return MeterFacts(**(plain | kinds))


def _add_register(work: Work, meter: Meter, register: RegisterFacts, starts_at: datetime) -> None:
    work.session.add(
        MeterRegister(
            member_id=meter.member_id, meter_id=meter.id, starts_at=starts_at, **asdict(register)
        )
    )
    work.session.flush()


def _columns(facts: MeterFacts) -> dict[str, object]:
    return asdict(facts) | {"kind": facts.kind.value, "counting": facts.counting.value}


def _hold(session: Session, member: Member) -> None:
    """Let whoever else changes a meter of the member wait, so that a name is looked up after theirs is given."""
    held = select(Member.id).where(Member.id == member.id)
    session.execute(held.with_for_update(key_share=True))  # readings may come meanwhile


def _hold_readings(session: Session, meter: Meter) -> None:
    """Let readings of the meter wait, so that they are read against what it will be."""
    session.execute(select(Meter.id).where(Meter.id == meter.id).with_for_update())


def _taken(
    session: Session, member: Member, names: Sequence[str], *, own: int | None
) -> tuple[Problem, ...]:
    """A name must lead to one meter only, or a reading could be of either."""
    known = known_meters(session, member.id)
    fields = ("code", "serial") if len(names) > 1 else ("serial",)
    return tuple(
        problem("meter.code.taken", field, given=name)
        for field, name in zip(fields, names, strict=True)
        if name and (found := known.get(folded(name))) is not None and found.key != own
    )


def _against_readings(session: Session, meter: Meter, facts: MeterFacts) -> tuple[Problem, ...]:
    """What can't be changed any more once readings rest on it."""
    problems = _outside(session, meter, facts.starts_on, facts.ends_on, ZoneInfo(facts.zone))
    is_other = (facts.unit, facts.counting.value) != (meter.unit, meter.counting)
    if is_other and _span(session, meter) is not None:
        problems += (problem("meter.has_readings", "unit"),)
    return problems


def _against_registers(
    facts: MeterFacts, following: Sequence[MeterRegister]
) -> tuple[Problem, ...]:
    """The first register is there from the first day on, so the day lies before the one that took its place."""
    zone = ZoneInfo(facts.zone)
    if not following or local_midnight(facts.starts_on, zone) < following[0].starts_at:
        return ()
    replaced = following[0].starts_at.astimezone(zone).date()
    return (problem("meter.starts_after_replacement", "starts_on", replaced=replaced),)


def _outside(
    session: Session, meter: Meter, starts_on: date, ends_on: date | None, zone: ZoneInfo
) -> tuple[Problem, ...]:
    """Readings must lie within the days of service."""
    span = _span(session, meter)
    if span is None:
        return ()
    first, last = span
    is_early = first < local_midnight(starts_on, zone)
    is_late = ends_on is not None and last > local_midnight(ends_on + timedelta(days=1), zone)
    if not (is_early or is_late):
        return ()
    field = "starts_on" if is_early else "ends_on"
    first_day, last_day = first.astimezone(zone).date(), last.astimezone(zone).date()
    return (problem("meter.has_readings_outside", field, first=first_day, last=last_day),)


def _span(session: Session, meter: Meter) -> tuple[datetime, datetime] | None:
    query = select(func.min(MeterReading.moment), func.max(MeterReading.moment)).where(
        MeterReading.member_id == meter.member_id, MeterReading.meter_id == meter.id
    )
    first, last = session.execute(query).one()
    return None if first is None else (first, last)  # type: ignore[redundant-expr]  # the least of no rows is None


def _said(session: Session, meter: Meter) -> str:
    """A digest of all that is said of a meter."""
    names = ("starts_at", "serial", "multiplier", "digits", "first", "last")
    registers = [
        {name: getattr(each, name) for name in names} for each in registers_of(session, meter)
    ]
    return digest({"meter": asdict(facts_of(meter)), "registers": registers})


def _record(
    work: Work, kind: str, member: Member, meter: Meter, before: str = "", after: str = ""
) -> None:
    work.record(kind, f"meter/{meter.uid}", on_behalf_of=member.code, before=before, after=after)


MESSAGES = {
    "meter.code.taken": N_(
        "Another meter of yours has the code or serial number “%(given)s”. Give this one another."
    ),
    "meter.many": N_(
        "You have %(most)s meters, which is the most that the portal keeps. Enter what small meters count as one line."
    ),
    "meter.has_readings_outside": N_(
        "There are readings outside these days, the first on %(first)s, the last on %(last)s. Let the days include them."
    ),
    "meter.has_readings": N_(
        "This meter has readings, so its unit and the way it counts stay as they are. End it, and add another."
    ),
    "meter.starts_after_replacement": N_(
        "The first register was replaced on %(replaced)s. Let the first day be before that."
    ),
    "meter.registers.many": N_(
        "This meter had %(most)s registers, which is the most that the portal keeps. End it, and add another."
    ),
    "meter.replaced.not_after": N_(
        "The replacement must come after the register before it began, on %(since)s."
    ),
    "meter.replaced.not_before": N_("The replacement must come before the next one, on %(until)s."),
}
