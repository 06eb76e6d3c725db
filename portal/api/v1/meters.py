"""Meters of a member: which there are, what their months come to, and readings, taken in many at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.api import cursors, schemas
from portal.api.answers import Answer
from portal.api.calls import Call, say_place
from portal.api.declarations import MIB, PAGED, YEAR, route
from portal.api.refusals import Blocked, Found
from portal.calculation.metering import MICRO
from portal.domain.meters import Door
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.intake.raw import RawLine
from portal.services import listings, members, meter_months, meters
from portal.services.meter_months import MeterMonth
from portal.services.meter_readings import record_readings
from portal.services.meters import MeterRow

READS = {
    "scopes": (Scope.READINGS_READ,),
    "permission": Permission.MEMBER_INVENTORY_READ,
    "is_own": True,
}


@route("GET", "/v1/meters", N_("List the meters"), query=PAGED, gives=schemas.METERS, **READS)
def listed(call: Call) -> Answer:
    """List the member's meters in the order in which they were added, each with the moment of its latest reading."""
    piece = listings.meters_after(call.work, members.own_member(call.work), call.after, call.limit)
    items = [_plain(row) for row in piece.rows]
    return Answer({"items": items, "next": cursors.write(piece.next)})


@route(
    "GET",
    "/v1/meters/<uuid:meter>/months",
    N_("Read what a meter counted, month by month"),
    query=(YEAR,),
    gives=schemas.METER_MONTHS,
    **READS,
)
def months(call: Call, meter: UUID) -> Answer:
    """Say what was used in each month of a year, this year's where none is named."""
    member = members.own_member(call.work)
    found = meters.find_meter(call.work, member, meter)
    year = meter_months.year_of(call.work, found, call.query.get("year", call.work.today.year))
    return Answer({"unit": found.unit, "items": [_month(call, each) for each in year.months]})


@route(
    "POST",
    "/v1/readings",
    N_("Send readings of meters: all of them are kept, or none when something needs attention"),
    scopes=(Scope.READINGS_WRITE,),
    permission=Permission.MEMBER_INVENTORY_EDIT,
    is_own=True,
    may_run_dry=True,
    takes=schemas.READINGS_INPUT,
    largest=4 * MIB,
    gives=schemas.READINGS_SAVED,
    status=201,
)
def taken(call: Call) -> Answer:
    """Keep readings; one that is kept already and says the same is counted as repeated."""
    rows = [
        RawLine.of_json(f"/readings/{place}", sent)
        for place, sent in enumerate(call.body["readings"])
    ]
    member = members.own_member(call.work)
    found = record_readings(call.work, member, rows, door=Door.API, locale=call.locale)
    if not found.is_kept:
        raise Blocked([Found(each, each.field) for each in found.problems])
    flags = [say_place(each, each.field) for each in found.flags]
    return Answer({"kept": found.kept, "repeated": found.repeated, "flags": flags}, 201)


def _plain(row: MeterRow) -> dict[str, Any]:
    meter = row.meter
    return {
        "uid": meter.uid,
        "code": meter.code,
        "serial": row.serial,
        "name": meter.name,
        "kind": meter.kind,
        "site": row.site.code,
        "category": meter.category,
        "unit": meter.unit,
        "counting": meter.counting,
        "zone": meter.zone,
        "starts_on": meter.starts_on,
        "ends_on": meter.ends_on,
        "last_at": row.last_at,
    }


def _month(call: Call, month: MeterMonth) -> dict[str, Any]:
    use, obstacle = month.use, month.obstacle
    return {
        "month": month.name,
        "first_day": month.first_day,
        "last_day": month.last_day,
        "amount": None if use is None else use.amount,
        "known": None if use is None else _share(use.completeness),
        "interpolated": None if use is None else _share(use.interpolated),
        "oddities": [] if use is None else [each.value for each in use.kinds],
        "obstacle": None if obstacle is None else say_place(obstacle, ""),
    }


def _share(value: Decimal) -> Decimal:
    return value.quantize(MICRO)
