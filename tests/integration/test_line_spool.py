"""Lines that were spelled for the driver beforehand stand in the database exactly as the session's own insert would put them."""

from __future__ import annotations

import random
import tempfile
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.services import inventories
from portal.services.line_reading import Desk, desk_of, judge
from portal.store.inventories import Inventory
from portal.store.line_spool import TABLE, LineSpool
from portal.store.lines import ActivityLine
from tests.factories.suppliers import MOMENT, a_member, a_site, an_account, an_alliance, work_of

KINDS = (
    {"category": "electricity.grid", "unit": "kWh"},
    {"category": "electricity.grid", "unit": "MWh", "parameters.green_certificates": "2"},
    {"category": "stationary.natural_gas", "unit": "m³"},
    {"category": "mobile.diesel", "unit": "L", "note": '第 17 号账单 \u2028 ⛽ "quoted" \\ back'},
    {"category": "purchased.materials", "unit": "t", "parameters.material": "ldpe"},
    {"category": "refrigerants.top_up", "unit": "kg", "parameters.gas": "r-404a"},
    {"category": "heat.steam", "unit": "GJ", "period": "2024-12-20/2025-01-19"},
    {"category": "nothing", "unit": "kWh"},
)
BESIDE = ("id", "key", "position", "inventory_id")


def _judged(desk: Desk, count: int) -> list[dict[str, Any]]:
    chance = random.Random(20261128)
    lines = []
    for number in range(count):
        raw: dict[str, Any] = {
            "quantity": str(Decimal(chance.randrange(10**15)) / 10**6),
            "period": f"2025-{chance.randint(1, 12):02d}",
            "site": "S1",
            **KINDS[number % len(KINDS)],
            "confirmed": {},
        }
        judged = judge(desk, raw, key=str(number), has_evidence=False)
        lines.append({**judged.columns, "key": uuid4()})
    return lines


def _stored(session: Session) -> dict[UUID, dict[str, Any]]:
    session.expire_all()
    names = [each.name for each in TABLE.columns if each.name not in BESIDE]
    found = session.execute(select(ActivityLine.key, *(TABLE.c[name] for name in names))).all()
    return {key: dict(zip(names, values, strict=True)) for key, *values in found}


@pytest.fixture
def year(session: Session) -> tuple[Inventory, Desk]:
    alliance = an_alliance(session, years=(2025,))
    member = a_member(session, alliance, "M001", sector="packaging")
    a_site(session, member, "S1")
    work = work_of(session, an_account(session, Role.REPORTER, member))
    inventory = inventories.open_inventory(work, member, 2025)
    session.flush()
    return inventory, desk_of(work, inventory, locale="en")


def test_spooled_lines_equal_those_of_a_plain_insert(session: Session, year):
    inventory, desk = year
    lines = _judged(desk, 2400)
    assert {each["is_complete"] for each in lines} == {True, False}
    with tempfile.TemporaryFile() as room:
        spool = LineSpool(room, session.get_bind().dialect)
        for line in lines:
            spool.add(line)
        spool.write(session, inventory_id=inventory.id, first=1, moment=MOMENT, by=None)
    spooled = _stored(session)
    session.execute(ActivityLine.__table__.delete())
    beside = {"inventory_id": inventory.id, "version": 1, "changed_at": MOMENT, "changed_by": None}
    plain = [{**line, **beside, "position": place} for place, line in enumerate(lines, start=1)]
    session.connection().execute(insert(TABLE), plain)
    assert spooled == _stored(session)
    assert len(spooled) == 2400


def test_spooled_lines_keep_their_order_behind_those_that_are_there(session: Session, year):
    inventory, desk = year
    lines = _judged(desk, 1500)
    with tempfile.TemporaryFile() as room:
        spool = LineSpool(room, session.get_bind().dialect)
        for line in lines:
            spool.add(line)
        assert spool.count == 1500
        spool.write(session, inventory_id=inventory.id, first=8, moment=MOMENT, by=None)
    query = select(ActivityLine.key, ActivityLine.position).order_by(ActivityLine.position)
    assert [tuple(row) for row in session.execute(query)] == [
        (line["key"], place) for place, line in enumerate(lines, start=8)
    ]
