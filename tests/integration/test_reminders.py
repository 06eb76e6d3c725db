"""Reminders that the portal sends by itself: to whom, on which day, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.config.settings import Settings
from portal.domain.actors import SYSTEM, Role
from portal.jobs.worker import drain
from portal.services import reminders, work
from portal.services.reminders import EXPIRY_STAGES, REPORT_STAGES, stage_on
from portal.store import jobs
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.messages import Message
from tests.factories.suppliers import MOMENT, a_member, an_account, an_alliance
from tests.workers import settings_for

DUE_ON = date(2026, 3, 31)  # of the year 2025, as the factory's alliance has it


@dataclass
class Scene:
    """An alliance with members, and the portal's own jobs on any day."""

    database: Database
    settings: Settings

    def remind_on(self, day: date) -> list[Message]:
        """Run the job of a day; return the letters that it wrote."""
        moment = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=1)
        with self.database.writing() as session:
            before = session.query(Message).count()
            jobs.add(session, "remind_late", {}, moment=moment)
            session.commit()
        drain(self.settings, now=lambda: moment)
        with self.database.reading() as session:
            assert set(jobs.count_by_state(session)) == {"done"}
            return session.query(Message).order_by(Message.id).offset(before).all()

    def change(self, act: Callable[[Session, Member], None]) -> None:
        """Change the member in a transaction of its own."""
        with self.database.writing() as session:
            act(session, session.query(Member).one())
            session.commit()


@pytest.fixture
def scene(database: Database, database_url: str, tmp_path: Path) -> Scene:
    """Lay an alliance with one member, its reporter, its signatory and a viewer."""
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        member = a_member(session, alliance, "M001", sector="packaging")
        for role in (Role.REPORTER, Role.SIGNATORY, Role.VIEWER):
            an_account(session, role, member)
        session.commit()
    return Scene(database, settings_for(database_url, tmp_path))


def a_year_in(state: str) -> Callable[[Session, Member], None]:
    """An inventory of 2025 in a state."""

    def add(session: Session, member: Member) -> None:
        session.add(
            Inventory(
                uid=member.uid,
                member_id=member.id,
                year=2025,
                state=state,
                created_at=MOMENT,
                changed_at=MOMENT,
            )
        )

    return add


def test_late_member_is_reminded_once_a_stage_and_the_ledger_says_so(scene: Scene) -> None:
    written = {
        days: [letter.values["days_left"] for letter in scene.remind_on(DUE_ON - timedelta(days))]
        for days in (20, 14, 13, 3, 0, -1, -2, -14, -15, -40)
    }
    assert written == {
        20: [],
        14: [14, 14],
        13: [],
        3: [3, 3],
        0: [],
        -1: [-1, -1],
        -2: [],
        -14: [-14, -14],
        -15: [],
        -40: [],
    }
    with scene.database.reading() as session:
        entries = session.query(LedgerEntry).all()
        roles = {letter.to_email.split("-")[0] for letter in session.query(Message)}
    assert [(entry.kind, entry.actor) for entry in entries] == [("member.reminded", "portal")] * 4
    assert roles == {"reporter", "signatory"}


@pytest.mark.parametrize(
    ("state", "count"), [("draft", 2), ("returned", 2), ("submitted", 0), ("approved", 0)]
)
def test_only_a_year_that_is_not_handed_in_is_reminded_of(
    scene: Scene, state: str, count: int
) -> None:
    scene.change(a_year_in(state))
    assert len(scene.remind_on(DUE_ON)) == count


@pytest.mark.parametrize("status", ["invited", "left"])
def test_member_that_has_not_begun_or_has_left_is_left_alone(scene: Scene, status: str) -> None:
    def change(session: Session, member: Member) -> None:
        member.status = status

    scene.change(change)
    assert scene.remind_on(DUE_ON) == []


def test_job_that_runs_twice_reminds_once(scene: Scene) -> None:
    assert len(scene.remind_on(DUE_ON)) == 2
    assert scene.remind_on(DUE_ON) == []


def test_reminder_that_fails_in_the_middle_is_neither_lost_nor_doubled(scene: Scene) -> None:
    moment = datetime(2026, 3, 31, 1, tzinfo=UTC)
    with work.reading(scene.database, SYSTEM, moment) as reader:
        [found] = reminders.due_reminders(reader)
    with work.writing(scene.database, SYSTEM, moment) as writer:
        assert reminders.remind_late(writer, found) == 2
        writer.session.rollback()
        writer._pending.clear()
    assert len(scene.remind_on(DUE_ON)) == 2


@pytest.mark.parametrize(
    ("today", "began"),
    [
        (date(2026, 3, 16), None),
        (date(2026, 3, 17), date(2026, 3, 17)),
        (date(2026, 3, 23), date(2026, 3, 17)),
        (date(2026, 3, 24), None),
        (date(2026, 3, 28), date(2026, 3, 28)),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 4, 20), date(2026, 4, 14)),
        (date(2026, 4, 21), None),
    ],
)
def test_stage_begins_on_its_day_and_is_made_up_for_within_a_week(
    today: date, began: date | None
) -> None:
    assert stage_on(DUE_ON, today, REPORT_STAGES) == began


def test_stages_before_an_end_are_a_month_apart() -> None:
    until = date(2027, 3, 31)
    days = [stage_on(until, until - timedelta(days), EXPIRY_STAGES) for days in (61, 60, 30, 14, 0)]
    assert days == [None, date(2027, 1, 30), None, date(2027, 3, 17), None]
