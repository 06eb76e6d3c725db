"""Two people, or two clicks of one, at the same meter at the same moment: both get an answer, on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.calculation.metering import Counting
from portal.domain.actors import Role
from portal.domain.meters import MeterFacts, MeterKind, RegisterFacts
from portal.services import inventories, meter_months, metered_lines, meters
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.members import Member, Site
from portal.store.meters import Meter, MeteredLine
from tests.factories.meters import a_meter, some_readings
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of

T = TypeVar("T")
YEAR = 2025
START = date(YEAR, 1, 1)
WAIT_SECONDS = 120


@pytest.fixture
def supplier(database: Database) -> Database:
    """A database with a member whose meter has a whole January."""
    with database.writing() as session:
        alliance = an_alliance(session, years=(YEAR,))
        member = a_member(session, alliance, "M0001", sector="packaging")
        work = work_of(session, an_account(session, Role.REPORTER, member))
        inventories.open_inventory(work, member, YEAR)
        meter = a_meter(work, member, a_site(session, member, "S1"), "E1", starts_on=START)
        counts = {"2025-01-01 00:00": "1000", "2025-02-01 00:00": "1100"}
        some_readings(work, member, meter, counts)
        work.commit()
    return database


def both(
    database: Database, act: Callable[[Work], T], other: Callable[[Work], T] | None = None
) -> tuple[T, T]:
    """Let two act at once: the second begins while the first has written and not yet committed."""
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as session:
            work = _reporter(session)
            first = act(work)
            second = pool.submit(_alone, database, other or act)
            _wait_until_held(database, second)
            work.commit()
        return first, second.result(WAIT_SECONDS)


def _alone(database: Database, act: Callable[[Work], T]) -> T:
    with database.writing() as session:
        work = _reporter(session)
        answer = act(work)
        work.commit()
        return answer


def _reporter(session: Session) -> Work:
    return work_of(session, session.scalars(select(Account)).one())


def _wait_until_held(database: Database, second: Future[T]) -> None:
    """Wait until the second one waits for the first; on SQLite it does so from its beginning on."""
    if database.is_sqlite:
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    ends_at = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < ends_at and not second.done():
        with database.reading() as session:
            if session.scalar(waiting):
                return
        time.sleep(0.02)
    raise AssertionError("the second one did not wait")


def test_second_click_takes_over_what_the_first_has_made(supplier: Database) -> None:
    def take(work: Work) -> int:
        member = work.session.scalars(select(Member)).one()
        meter = work.session.scalars(select(Meter)).one()
        year = meter_months.year_of(work, meter, YEAR)
        return metered_lines.take_over(work, member, year, [START]).lines

    assert both(supplier, take) == (1, 1)
    with supplier.reading() as session:
        assert session.scalars(select(func.count()).select_from(MeteredLine)).one() == 1


def test_code_given_twice_at_once_is_a_problem_of_the_second(supplier: Database) -> None:
    facts = MeterFacts(
        "E2", "E2", MeterKind.ELECTRICITY, "electricity.grid", "kWh", Counting.CUMULATIVE,
        "Asia/Shanghai", START, None,
    )  # fmt: skip

    def add(work: Work) -> list[str]:
        member = work.session.scalars(select(Member)).one()
        site = work.session.scalars(select(Site)).one()
        register = RegisterFacts("", None, Decimal(1), None)
        _, problems = meters.add_meter(work, member, site, facts, register)
        return [each.code for each in problems]

    assert both(supplier, add) == ([], ["meter.code.taken"])


def test_reading_is_read_against_the_meter_that_somebody_is_changing(supplier: Database) -> None:
    def end(work: Work) -> list[str]:
        member = work.session.scalars(select(Member)).one()
        meter = work.session.scalars(select(Meter)).one()
        facts = replace(meters.facts_of(meter), ends_on=date(YEAR, 2, 28))
        register = RegisterFacts("", None, Decimal(1), None)
        return [each.code for each in meters.change_meter(work, member, meter, facts, register)]

    def read(work: Work) -> list[str]:
        member = work.session.scalars(select(Member)).one()
        meter = work.session.scalars(select(Meter)).one()
        found = some_readings(work, member, meter, {"2025-03-15 00:00": "1200"})
        return [each.code for each in found.problems]

    assert both(supplier, end, read) == ([], ["reading.after_end"])
