"""Periodic jobs: each due moment once, whoever looks at whichever clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.jobs.registry import KINDS
from portal.jobs.schedule import Schedule, Scheduler, daily, every, schedules_of
from portal.store import jobs
from portal.store.base import Database
from tests.workers import DUE_MOMENTS, START, marks, start

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


class Clock:
    """A clock that a test sets."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def _finish_all(database: Database) -> list[str]:
    with database.writing() as session:
        rows = jobs.listing(session, states=["ready"])
        for row in rows:
            row.state = "done"
        session.commit()
    return [row.arguments["due_at"] for row in rows]


def test_four_processes_queue_each_due_moment_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    processes = [start("schedule", database_url, tmp_path, processes=4) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    queued = [mark for mark in marks(tmp_path) if mark.startswith("queued-")]
    assert len(queued) == len(set(queued)) == DUE_MOMENTS
    with database.reading() as session:
        due = [row.arguments["due_at"] for row in jobs.listing(session)]
    # A due moment that came while the run before it still waited has no job of its own.
    assert 1 < len(due) == len(set(due)) <= DUE_MOMENTS


@pytest.mark.parametrize("hours", [-2, 2])
def test_clock_that_is_set_queues_neither_twice_nor_never(database: Database, hours: int) -> None:
    clock = Clock(datetime(2026, 3, 5, 2, 29, tzinfo=SHANGHAI).astimezone(UTC))
    schedule = Schedule("sweep_jobs", daily(time(2, 30), SHANGHAI))
    scheduler = Scheduler(database, [schedule], clock)
    scheduler.look()
    due = [_finish_all(database)[0]]
    for step in (
        timedelta(minutes=2),
        timedelta(hours=hours),
        timedelta(hours=-hours),
        timedelta(hours=23),
        timedelta(hours=hours),
        timedelta(hours=24 - hours),
    ):
        clock.moment += step
        scheduler.look()
        Scheduler(database, [schedule], clock).look()  # a process that has just started
        due.extend(_finish_all(database))
    assert due == sorted(set(due))
    assert due == [f"2026-03-0{day}T18:30:00+00:00" for day in (3, 4, 5, 6)][: len(due)]
    assert len(due) >= 3


def test_standstill_is_made_up_for_by_one_run(database: Database) -> None:
    clock = Clock(START)
    scheduler = Scheduler(database, [Schedule("sweep_jobs", daily(time(2, 30), SHANGHAI))], clock)
    assert scheduler.look() == 1
    _finish_all(database)
    clock.moment += timedelta(days=9)
    assert scheduler.look() == 1
    assert scheduler.look() == 0


def test_run_that_still_waits_does_the_next_ones_work_too(database: Database) -> None:
    clock = Clock(START)
    scheduler = Scheduler(database, [Schedule("sweep_jobs", every(timedelta(hours=1)))], clock)
    scheduler.look()
    clock.moment += timedelta(hours=1)
    scheduler.look()
    assert len(_finish_all(database)) == 1
    clock.moment += timedelta(hours=1)
    scheduler.look()
    assert len(_finish_all(database)) == 1


@pytest.mark.parametrize(
    ("moment", "zone", "due"),
    [
        ("2026-03-05T02:29:59+08:00", SHANGHAI, "2026-03-04T02:30:00+08:00"),
        ("2026-03-05T02:30:00+08:00", SHANGHAI, "2026-03-05T02:30:00+08:00"),
        ("2024-03-01T00:00:00+08:00", SHANGHAI, "2024-02-29T02:30:00+08:00"),
        ("2027-01-01T01:00:00+08:00", SHANGHAI, "2026-12-31T02:30:00+08:00"),
        ("2026-10-25T02:45:00+01:00", BERLIN, "2026-10-25T02:30:00+02:00"),
        ("2026-03-29T12:00:00+02:00", BERLIN, "2026-03-29T03:30:00+02:00"),
    ],
)
def test_daily_due_moment(moment: str, zone: ZoneInfo, due: str) -> None:
    latest_due = daily(time(2, 30), zone)
    assert latest_due(datetime.fromisoformat(moment)) == datetime.fromisoformat(due)


def test_due_moments_of_a_period_are_the_same_for_all_processes() -> None:
    latest_due = every(timedelta(minutes=20))
    assert latest_due(datetime(2026, 3, 5, 6, 59, 59, tzinfo=UTC)).minute == 40
    assert latest_due(datetime(2026, 3, 5, 7, tzinfo=UTC)).minute == 0


def test_every_schedule_has_a_handler() -> None:
    kinds = [schedule.kind for schedule in schedules_of(SHANGHAI)]
    assert len(kinds) == len(set(kinds)) > 0
    assert set(kinds) <= KINDS.keys()
