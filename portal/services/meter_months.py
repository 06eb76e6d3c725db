"""What a meter used month by month, worked out from its readings and registers, with everything that is odd."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.metering import (
    ENOUGH,
    Counting,
    Oddity,
    Register,
    Series,
    Shown,
    Use,
    counts_of,
    known_span,
    local_midnight,
    series,
    used,
)
from portal.calculation.periods import month_after
from portal.calculation.problems import Problem, problem
from portal.domain.actors import MemberId
from portal.domain.canonical import canonical_json, digest
from portal.domain.permissions import Permission
from portal.domain.words import N_
from portal.services.meters import registers_of
from portal.services.work import Work
from portal.store.meters import Meter, MeterReading, MeterRegister

_DOUBTS = {
    Oddity.OVERLAP: "meter.month.overlap",
    Oddity.DECREASED: "meter.month.decreased",
    Oddity.UNREAD_END: "meter.month.unread_end",
}


@dataclass(frozen=True, slots=True)
class MeterMonth:
    """A month of a meter: what was used, the days of service it stands for, and what keeps it from being taken over.

    Without `use` nothing is known of the month.
    """

    month: date
    first_day: date
    last_day: date
    use: Use | None
    obstacle: Problem | None

    @property
    def name(self) -> str:
        """The month as 2026-03."""
        return f"{self.month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class MeterYear:
    """The months of one or more years in which a meter was in service, and what they were worked out from."""

    meter: Meter
    registers: Sequence[MeterRegister]
    readings: Sequence[Shown]
    months: Sequence[MeterMonth]

    def month(self, first: date) -> MeterMonth | None:
        """The month that begins on a day; None for one in which the meter was not in service."""
        return next((each for each in self.months if each.month == first), None)


def year_of(work: Work, meter: Meter, year: int) -> MeterYear:
    """The months of a year in which the meter was in service, up to the present one."""
    return months_of(work, meter, year, year)


def months_of(work: Work, meter: Meter, first_year: int, last_year: int) -> MeterYear:
    """The months of several years in which the meter was in service, up to the present one."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(meter.member_id))
    zone = ZoneInfo(meter.zone)
    today = work.moment.astimezone(zone).date()
    served = [
        month
        for month in _firsts(first_year, last_year)
        if month <= today
        and month_after(month) > meter.starts_on
        and (meter.ends_on is None or month <= meter.ends_on)
    ]
    registers = registers_of(work.session, meter)
    if not served:
        return MeterYear(meter, registers, (), ())
    start, end = local_midnight(served[0], zone), local_midnight(month_after(served[-1]), zone)
    readings = readings_around(work.session, meter, start, end)
    found = series(Counting(meter.counting), [_register(each) for each in registers], readings)
    months = [_month(meter, found, month) for month in served]
    return MeterYear(meter, registers, readings, months)


def _firsts(first_year: int, last_year: int) -> Iterator[date]:
    for year in range(first_year, last_year + 1):
        yield from (date(year, number, 1) for number in range(1, 13))


def years_of(work: Work, meter: Meter) -> list[int]:
    """The years in which the meter was in service, latest first."""
    last = work.today if meter.ends_on is None else min(meter.ends_on, work.today)
    return list(range(max(last.year, meter.starts_on.year), meter.starts_on.year - 1, -1))


def readings_around(session: Session, meter: Meter, start: datetime, end: datetime) -> list[Shown]:
    """The readings in force from the last two before `start` to the first two after `end`, in their order.

    Whether the one next to a border is believable, the one beyond it says.
    """
    own = (MeterReading.member_id == meter.member_id) & (MeterReading.meter_id == meter.id)
    moment = MeterReading.moment
    near = select(moment).where(own).distinct().limit(2)
    before = session.scalars(near.where(moment <= start).order_by(moment.desc())).all()
    after = session.scalars(near.where(moment >= end).order_by(moment)).all()
    query = select(moment, MeterReading.value, MeterReading.began_at).where(
        own,
        moment >= (before[-1] if before else start),
        moment <= (after[-1] if after else end),
    )
    rows = session.execute(query.order_by(moment, MeterReading.number))
    # Of several that tell of one moment the last was said last, and takes the place of the others.
    return list({at: Shown(at, value, began) for at, value, began in rows}.values())


def _register(row: MeterRegister) -> Register:
    return Register(row.starts_at, row.multiplier, row.digits, row.first, row.last)


def _month(meter: Meter, found: Series, month: date) -> MeterMonth:
    zone = ZoneInfo(meter.zone)
    first_day = max(month, meter.starts_on)
    end_day = month_after(month)
    if meter.ends_on is not None:
        end_day = min(end_day, meter.ends_on + timedelta(days=1))
    use = used(found, local_midnight(first_day, zone), local_midnight(end_day, zone))
    known = use if use.completeness or use.odd else None
    last_day = end_day - timedelta(days=1)
    return MeterMonth(month, first_day, last_day, known, _obstacle(meter, found, use))


def _obstacle(meter: Meter, found: Series, use: Use) -> Problem | None:
    """What has to be done before the month can become a line; None when nothing has."""
    span = known_span(found)
    if span is None or not (span[0] < use.end and use.start < span[1]):
        return problem("meter.month.unknown", "month")
    if use.is_doubtful:
        return problem(_DOUBTS[use.kinds[-1]], "month")
    zone = ZoneInfo(meter.zone)
    if span[0] > use.start or span[1] < use.end:
        first, last = (each.astimezone(zone).strftime("%Y-%m-%d %H:%M") for each in span)
        return problem("meter.month.not_whole", "month", first=first, last=last)
    if use.completeness < ENOUGH:
        share = f"{use.completeness * 100:f} %"
        return problem("meter.month.missing", "month", share=share)
    return None


def working_of(year: MeterYear, month: MeterMonth, use: Use) -> dict[str, Any]:
    """How a month's amount came about, as plain values: meter, registers, the readings it rests on, and what is odd."""
    meter = year.meter
    relied = relied_on(year.readings, use.start, use.end)
    inside = [each for each in relied if use.start <= each.at <= use.end]
    served = _served(year, use)
    plain: dict[str, Any] = {
        "meter": meter.code,
        "unit": meter.unit,
        "counting": meter.counting,
        "zone": meter.zone,
        "month": month.name,
        "start": use.start,
        "end": use.end,
        "amount": use.amount,
        "completeness": use.completeness,
        "interpolated": use.interpolated,
        "registers": served,
        "readings": len(inside),
        "first": next((each["from"] for each in served if each["from"]), None),
        "last": next((each["to"] for each in reversed(served) if each["to"]), None),
        "digest": digest([_shown(each) for each in relied]),
        "odd": sorted({each.value for each in use.kinds}),
    }
    found: dict[str, Any] = _texts(plain)
    return found


def relied_on(readings: Sequence[Shown], start: datetime, end: datetime) -> list[Shown]:
    """The readings that a time rests on: those within, and its neighbours on both sides where the border has none."""
    first = max(bisect_right(readings, start, key=lambda each: each.at) - 1, 0)
    return list(readings[first : bisect_left(readings, end, key=lambda each: each.at) + 1])


def _served(year: MeterYear, use: Use) -> list[dict[str, Any]]:
    """The registers of a month, each with the two counts that its part rests on: readings, or what was noted at an exchange."""
    plain = [_register(each) for each in year.registers]
    is_counted = Counting(year.meter.counting) is Counting.CUMULATIVE
    served = []
    for row, (register, ends_at, counts) in zip(
        year.registers, counts_of(plain, year.readings), strict=True
    ):
        if register.starts_at >= use.end or (ends_at is not None and ends_at <= use.start):
            continue
        relied = relied_on(
            counts if is_counted else _own(year, register, ends_at), use.start, use.end
        )
        names = ("serial", "starts_at", "multiplier", "digits", "first", "last")
        said = {name: getattr(row, name) for name in names}
        ends = {"from": relied[0], "to": relied[-1]} if relied else {"from": None, "to": None}
        served.append(said | {name: _shown(each) for name, each in ends.items()})
    return served


def _own(year: MeterYear, register: Register, ends_at: datetime | None) -> list[Shown]:
    """The interval readings of a register: those that ended while it was there."""
    return [
        each
        for each in year.readings
        if register.starts_at < each.at and (ends_at is None or each.at <= ends_at)
    ]


def _shown(each: Shown | None) -> dict[str, Any] | None:
    if each is None:
        return None
    return {"at": each.at, "value": each.value, "began_at": each.began_at}


def _texts(plain: Any) -> Any:
    """Moments and numbers as the text that canonical JSON would give them, so that it reads back the same."""
    return json.loads(canonical_json(plain))


MESSAGES = {
    "meter.month.unknown": N_("Nothing is known of this month. Enter the meter’s readings first."),
    "meter.month.not_whole": N_(
        "The month is not complete yet: nothing is known before %(first)s or after %(last)s. Enter a reading there."
    ),
    "meter.month.missing": N_(
        "Of this month only %(share)s of the time is known. Enter or send the readings that are missing."
    ),
    "meter.month.overlap": N_("Two readings tell of the same time. Correct one of them."),
    "meter.month.decreased": N_(
        "The register went back. Correct the reading that is wrong, or say that the register was replaced."
    ),
    "meter.month.unread_end": N_(
        "What the old or the new register showed at the replacement is not known. Enter a reading of that very moment."
    ),
}
