"""What the watch over warnings sees of meters: months without readings, and months far from those of earlier years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.services.warning_peers import peers_now
from portal.services.warning_sight import sight_of
from portal.services.work import Work
from portal.store.members import Member, Site
from tests.factories.meters import a_meter, some_readings
from tests.factories.suppliers import MOMENT, a_member, a_site, an_account, an_alliance, work_of

BEGUN = date(MOMENT.year - 3, 1, 1)
SUMMER = {6: 90, 7: 60, 8: 60, 9: 95}


@pytest.fixture
def member(session: Session) -> Member:
    alliance = an_alliance(session, years=(MOMENT.year - 1,))
    made = a_member(session, alliance, "M001", sector="packaging")
    a_site(session, made, "S1")
    return made


def counted(until: date, odd: dict[date, int]) -> dict[str, str]:
    """What a register shows on the first of each month: the same season each year, but for odd months."""
    shown, total, first = {}, Decimal(0), BEGUN
    while first <= until:
        shown[f"{first.isoformat()}T00:00:00"] = str(total)
        total += odd.get(first, 100 * SUMMER.get(first.month, 100) + first.month)
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return shown


def seen(session: Session, member: Member, until: date, odd: dict[date, int]) -> dict[str, str]:
    """The subjects of what is found about a meter that is read until a day, by code."""
    work: Work = work_of(session, an_account(session, Role.REPORTER, member))
    site = session.scalars(select(Site)).one()
    meter = a_meter(work, member, site, "E1", name="Hall 1", starts_on=BEGUN)
    recorded = some_readings(work, member, meter, counted(until, odd))
    assert recorded.is_kept, recorded.problems
    found = [each.warning for each in sight_of(work, member, peers_now(work)).found]
    about = [each for each in found if each.code.startswith("meter.")]
    assert all(dict(each.values)["meter"] == "Hall 1" for each in about)
    return {each.code: each.subject.removeprefix(f"meter/{meter.uid}@") for each in about}


def month(back: int) -> date:
    """The first day of a month so many before the present one."""
    index = MOMENT.year * 12 + MOMENT.month - 1 - back
    return date(index // 12, index % 12 + 1, 1)


def test_meter_that_is_read_and_counts_as_every_year_is_no_question(
    session: Session, member: Member
) -> None:
    assert seen(session, member, month(0), {}) == {}


def test_meter_that_nobody_read_for_months_is_asked_about_from_the_first_of_them(
    session: Session, member: Member
) -> None:
    assert seen(session, member, month(4), {}) == {"meter.gap": month(4).isoformat()}


def test_month_of_ten_times_the_others_is_asked_about(session: Session, member: Member) -> None:
    odd = {month(5): 100_500}

    assert seen(session, member, month(0), odd) == {"meter.slip": month(5).isoformat()}
