"""Real worker processes: killed in the middle, told to stop, racing for the same jobs, losing their database."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from portal.jobs.held import HeldJob
from portal.jobs.queue import Kind, Queue
from portal.jobs.worker import Pace, run_worker
from portal.store import jobs
from portal.store.base import Database
from tests.workers import add_job, job, marks, settings_for, start, wait_until


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Collect the processes of a test, and end those that it leaves."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_job_of_a_killed_worker_is_done_by_the_next(
    database: Database,
    database_url: str,
    tmp_path: Path,
    processes: list[subprocess.Popen[bytes]],
) -> None:
    job_id = add_job(database, "slow", arguments={"tenths": 12})
    processes.append(start("work", database_url, tmp_path, lease_seconds=1, slots=1))
    wait_until(lambda: "start-1" in marks(tmp_path))
    os.killpg(processes[0].pid, signal.SIGKILL)

    processes.append(start("work", database_url, tmp_path, lease_seconds=1, slots=1))
    wait_until(lambda: job(database, job_id).state == "done")
    assert marks(tmp_path) == ["start-1", "start-2", "end-2"]
    row = job(database, job_id)
    assert (row.attempts, row.error) == (2, "")


def test_worker_told_to_stop_finishes_its_job(
    database: Database,
    database_url: str,
    tmp_path: Path,
    processes: list[subprocess.Popen[bytes]],
) -> None:
    job_id = add_job(database, "slow", arguments={"tenths": 10})
    later = add_job(database, "slow", arguments={"tenths": 10})
    processes.append(start("work", database_url, tmp_path, lease_seconds=5, slots=1))
    wait_until(lambda: "start-1" in marks(tmp_path))
    processes[0].terminate()
    assert processes[0].wait(60) == 0
    assert job(database, job_id).state == "done"
    assert job(database, later).state == "ready"
    assert marks(tmp_path) == ["start-1", "end-1"]


def test_worker_told_to_stop_gives_a_long_job_back_uncounted(
    database: Database,
    database_url: str,
    tmp_path: Path,
    processes: list[subprocess.Popen[bytes]],
) -> None:
    job_id = add_job(database, "slow", arguments={"tenths": 600})
    processes.append(
        start("work", database_url, tmp_path, lease_seconds=5, slots=1, grace_seconds=0.3)
    )
    wait_until(lambda: "start-1" in marks(tmp_path))
    processes[0].terminate()
    assert processes[0].wait(60) == 0
    row = job(database, job_id)
    assert (row.state, row.attempts, row.token) == ("ready", 0, None)
    assert "job.given_back" in (tmp_path / "work.log").read_text()


def test_two_workers_do_each_of_two_hundred_jobs_once(
    database: Database,
    database_url: str,
    tmp_path: Path,
    processes: list[subprocess.Popen[bytes]],
) -> None:
    processes.extend(
        start("work", database_url, tmp_path, lease_seconds=20, slots=2) for _ in range(2)
    )
    # On a busy machine one would be through before the other has started.
    wait_until(lambda: (tmp_path / "work.log").read_text().count("worker.started") == 2)
    added = [add_job(database, "count") for _ in range(200)]
    wait_until(lambda: _count_done(database) == 200, 60)
    assert sorted(marks(tmp_path)) == sorted(f"count-{job_id}" for job_id in added)
    with database.reading() as session:
        done = jobs.listing(session, states=["done"], limit=200)
    assert {row.attempts for row in done} == {1}
    assert len({row.worker for row in done}) == 2


def _count_done(database: Database) -> int:
    with database.reading() as session:
        return jobs.count_by_state(session).get("done", 0)


def test_worker_outlives_trouble_with_its_database(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, troubles = Queue.take, iter([1, 2])

    def take_in_trouble(queue: Queue) -> HeldJob | None:
        if next(troubles, None):
            raise OperationalError("SELECT", {}, ConnectionError("the server is restarting"))
        return take(queue)

    monkeypatch.setattr(Queue, "take", take_in_trouble)
    lines: list[str] = []
    seen = threading.Event()
    add_job(database, "look")
    with _running(database_url, tmp_path, lines, {"look": Kind(lambda held: seen.set())}):
        assert seen.wait(60)
    assert sum("slot.failed" in line for line in lines) == 2
    assert '"error": "OperationalError"' in lines[1]


def test_worker_tells_events_and_no_values(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    def fail(held: HeldJob) -> None:
        raise ValueError("somebody@example.com is no account")

    lines: list[str] = []
    add_job(database, "fail")
    with _running(database_url, tmp_path, lines, {"fail": Kind(fail)}):
        wait_until(lambda: any("job.put_off" in line for line in lines))
    told = "".join(lines)
    assert '"error": "ValueError"' in told
    assert "somebody" not in told
    assert [line for line in lines if "worker.st" in line] == [lines[0], lines[-1]]


@contextlib.contextmanager
def _running(url: str, folder: Path, lines: list[str], kinds: dict[str, Kind]) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(
        target=run_worker,
        args=[settings_for(url, folder)],
        kwargs={
            "stop_event": stop,
            "pace": Pace(slots=1, lease_seconds=5),
            "kinds": kinds,
            "schedules": (),
            "write": lines.append,
        },
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
