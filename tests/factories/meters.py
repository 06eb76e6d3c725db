"""Meters of a member and their readings, made by the portal's own services."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from portal.calculation.metering import Counting
from portal.domain.meters import Door, MeterFacts, MeterKind, RegisterFacts
from portal.intake.raw import RawLine
from portal.services import meter_readings, meters
from portal.services.meter_readings import Recorded
from portal.services.work import Work
from portal.store.members import Member, Site
from portal.store.meters import Meter


def a_meter(
    work: Work,
    member: Member,
    site: Site,
    code: str,
    *,
    starts_on: date,
    unit: str = "kWh",
    counting: Counting = Counting.CUMULATIVE,
    category: str = "electricity.grid",
    name: str = "",
    serial: str = "",
    digits: int | None = None,
    multiplier: str = "1",
    first: str | None = None,
    zone: str = "Asia/Shanghai",
) -> Meter:
    """A meter with its first register."""
    facts = MeterFacts(
        code, name or code, MeterKind.ELECTRICITY, category, unit, counting, zone, starts_on, None
    )  # fmt: skip
    begun = None if first is None else Decimal(first)
    register = RegisterFacts(serial, digits, Decimal(multiplier), begun)
    made, problems = meters.add_meter(work, member, site, facts, register)
    assert made is not None, problems
    return made


def some_readings(
    work: Work,
    member: Member,
    meter: Meter,
    values: dict[str, str],
    *,
    door: Door = Door.FORM,
    reason: str = "",
) -> Recorded:
    """Readings of a meter by the clock of its place."""
    why = {"reason": reason} if reason else {}
    return meter_readings.record_readings(
        work,
        member,
        [
            RawLine.of_json(
                f"/{place}",
                {"meter": meter.code, "ts": ts, "value": value, "unit": meter.unit} | why,
            )
            for place, (ts, value) in enumerate(values.items())
        ],
        door=door,
        is_local=True,
    )
