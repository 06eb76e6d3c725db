"""Worker processes for tests, to be killed; run as `python -m tests.workers ROLE URL FOLDER …`.

Their jobs leave marks: lines that are appended to a file, whole or not at all.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal.config.servers import MailServer
from portal.config.settings import Settings
from portal.jobs.held import HeldJob
from portal.jobs.queue import Kind
from portal.jobs.schedule import Schedule, Scheduler, every
from portal.jobs.worker import Pace, run_worker
from portal.store import jobs
from portal.store.base import Database
from tests.keys import shared_keys

ROOT = Path(__file__).parents[1]
START = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
DUE_MOMENTS = 25


def settings_for(url: str, folder: Path, **changes: object) -> Settings:
    """Settings of a portal that keeps its mails in a folder."""
    settings = Settings(
        secret_key="s" * 40,
        password_salt="p" * 40,
        totp_secret="t" * 40,
        database_url=url,
        base_url="https://portal.example.com",
        storage=folder / "storage",
        mail=MailServer(folder=folder / "mail"),
        mail_from="no-reply@portal.example.com",
        folder=folder,
        keys=shared_keys(),
        log=folder / "log",
    )
    return dataclasses.replace(settings, **changes)


def add_job(database: Database, kind: str, **values: object) -> int:
    """Put a job into the queue as a service does, in a transaction of its own."""
    moment = values.pop("moment", None) or datetime.now(UTC)
    arguments = values.pop("arguments", {})
    with database.writing() as session:
        job = jobs.add(session, kind, arguments, moment=moment, **values)
        session.commit()
    return job.id


def job(database: Database, job_id: int) -> jobs.Job:
    """Read a job's row as it stands now."""
    with database.reading() as session:
        return session.get_one(jobs.Job, job_id)


def marks(folder: Path) -> list[str]:
    """Read what the jobs have left behind."""
    path = folder / "marks"
    return path.read_text().split() if path.exists() else []


def wait_until(is_true: Callable[[], bool], seconds: float = 180) -> None:
    """Wait for something that other processes do; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it didn't happen in time"
        time.sleep(0.05)


def start(role: str, url: str, folder: Path, **pace: float) -> subprocess.Popen[bytes]:
    """Start a worker process in a group of its own."""
    numbers = [f"{name}={value}" for name, value in pace.items()]
    command = [sys.executable, "-m", "tests.workers", role, url, str(folder), *numbers]
    with (folder / f"{role}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)


def _mark(folder: Path, text: str) -> None:
    with (folder / "marks").open("a") as file:
        file.write(f"{text}\n")


def kinds_for(folder: Path) -> dict[str, Kind]:
    """The kinds of jobs that tests put into the queue."""

    def count(held: HeldJob) -> None:
        _mark(folder, f"count-{held.job_id}")

    def slow(held: HeldJob) -> None:
        _mark(folder, f"start-{held.attempt}")
        for step in range(int(held.arguments["tenths"])):
            time.sleep(0.1)
            held.show(step)
        with held.finishing():
            _mark(folder, f"end-{held.attempt}")

    return {"count": Kind(count), "slow": Kind(slow)}


def _work(url: str, folder: Path, pace: dict[str, float]) -> int:
    whole = {name: int(pace[name]) for name in ("slots", "lease_seconds") if name in pace}
    chosen = Pace(**whole, grace_seconds=pace.get("grace_seconds", 5.0))
    return run_worker(settings_for(url, folder), pace=chosen, kinds=kinds_for(folder), schedules=())


def _schedule(url: str, folder: Path, pace: dict[str, float]) -> int:
    """Look at the clock over and over, while it runs through the due moments."""
    database = Database(url)
    clock = iter(START + timedelta(minutes=step) for step in range(DUE_MOMENTS))
    moment = START

    scheduler = Scheduler(
        database, [Schedule("count", every(timedelta(minutes=1)))], lambda: moment
    )
    _mark(folder, f"ready-{os.getpid()}")
    wait_until(lambda: len(marks(folder)) >= pace["processes"])
    for moment in clock:
        queued = scheduler.look()
        if queued:
            _mark(folder, f"queued-{moment.isoformat()}")
            with (
                database.writing() as session
            ):  # let the next one in, as the worker would by doing it
                for row in jobs.listing(session, states=["ready"]):
                    row.state = "done"
                session.commit()
    database.dispose()
    return 0


if __name__ == "__main__":
    role, url, folder, *numbers = sys.argv[1:]
    pace = {name: float(value) for name, value in (number.split("=") for number in numbers)}
    sys.exit({"work": _work, "schedule": _schedule}[role](url, Path(folder), pace))
