"""What the watch over warnings sees of meters: months without readings, and months far from those of earlier years."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import SYSTEM, Role
from portal.services.warning_meters import look_at_meters
from portal.services.warning_peers import peers_now
from portal.services.warning_sight import Sight, sight_of
from portal.services.warning_watch import keep
from portal.services.work import Work
from portal.store.members import Member, Site
from portal.store.meters import Meter, MeterRegister
from portal.store.standing_warnings import StandingWarning
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
    meter = a_read_meter(work, member, counted(until, odd))
    found = [each.warning for each in sight_of(work, member, peers_now(work)).found]
    about = [each for each in found if each.code.startswith("meter.")]
    assert all(dict(each.values)["meter"] == "Hall 1" for each in about)
    return {each.code: each.subject.removeprefix(f"meter/{meter.uid}@") for each in about}


def a_read_meter(work: Work, member: Member, shown: dict[str, str], **known: str) -> Meter:
    site = work.session.scalars(select(Site)).one()
    meter = a_meter(work, member, site, "E1", name="Hall 1", starts_on=BEGUN, **known)
    recorded = some_readings(work, member, meter, shown)
    assert recorded.is_kept, recorded.problems
    return meter


class Nights:
    """The watch over one member's meter, night after night."""

    def __init__(self, session: Session, member: Member) -> None:
        self.session, self.member = session, member
        self.reporter = an_account(session, Role.REPORTER, member)

    def at(self, days: int) -> Work:
        return work_of(self.session, self.reporter, moment=MOMENT + timedelta(days=days))

    def read_on(self, days: int) -> tuple[int, set[str]]:
        """How many meters are read in a night, and what is found about them."""
        work = Work(self.session, SYSTEM, MOMENT + timedelta(days=days))
        seen = look_at_meters(work, self.member)
        keep(work, self.member.id, Sight(seen.found, seen.look))
        self.session.flush()
        return seen.read, {each.warning.code for each in seen.found}


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


def test_month_whose_readings_contradict_each_other_is_neither_judged_nor_missing(
    session: Session, member: Member
) -> None:
    work: Work = work_of(session, an_account(session, Role.REPORTER, member))
    shown = counted(month(0), {})
    # One count with a digit less: the register seems to have gone back, and then leaps. Which count is wrong nobody
    # can tell, so the month before is as doubtful.
    wrong = f"{month(5).isoformat()}T00:00:00"
    shown[wrong] = str(int(shown[wrong]) // 10)
    meter = a_read_meter(work, member, shown)
    found = [each.warning for each in look_at_meters(work, member).found]
    doubtful = [each for each in found if each.code == "meter.doubtful"]
    assert [each.subject for each in doubtful] == [f"meter/{meter.uid}@{month(7).isoformat()}"]
    assert not [each for each in found if each not in doubtful]


def test_meter_that_ended_within_the_month_lacks_nothing(session: Session, member: Member) -> None:
    work: Work = work_of(session, an_account(session, Role.REPORTER, member))
    shown = counted(month(1), {})
    meter = a_read_meter(work, member, shown)
    meter.ends_on = month(1) + timedelta(days=3)
    session.flush()
    assert look_at_meters(work, member).found == []


def test_meter_is_read_again_only_when_there_is_news(session: Session, member: Member) -> None:
    nights = Nights(session, member)
    odd = {month(5): 100_500}
    shown = counted(month(0), odd)
    meter = a_read_meter(nights.at(0), member, shown)
    assert nights.read_on(1) == (1, {"meter.slip"})
    assert nights.read_on(2) == (0, {"meter.slip"})
    row = session.scalars(select(StandingWarning).where(StandingWarning.code == "meter.slip")).one()
    assert (row.state, row.turn) == ("open", 1)
    # What comes of the present month says nothing about months that are over.
    later = f"{(MOMENT + timedelta(days=4)).date().isoformat()}T08:00:00"
    newest = str(int(max(shown.values(), key=int)) + 5)
    assert some_readings(nights.at(5), member, meter, {later: newest}).is_kept
    assert nights.read_on(6)[0] == 0
    # A correction of a month that is over does.
    wrong = f"{month(1).isoformat()}T00:00:00"
    fixed = {wrong: str(int(shown[wrong]) + 1)}
    assert some_readings(nights.at(7), member, meter, fixed, reason="Misread.").is_kept
    assert nights.read_on(8) == (1, {"meter.slip"})
    assert nights.read_on(10)[0] == 0


def test_meter_is_read_again_when_its_register_or_the_month_is_another(
    session: Session, member: Member
) -> None:
    nights = Nights(session, member)
    a_read_meter(nights.at(0), member, counted(month(0), {}))
    assert nights.read_on(1)[0] == 1
    assert nights.read_on(5)[0] == 0
    register = session.scalars(select(MeterRegister)).one()
    register.multiplier = Decimal(2)
    session.flush()
    assert nights.read_on(6)[0] == 1
    assert nights.read_on(7)[0] == 0
    read, found = nights.read_on(50)
    assert (read, found) == (1, {"meter.gap"})
