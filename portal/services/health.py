"""How the portal is: what a probe asks before it sends people here, and what a monitor draws and warns of."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.services import checkpoints
from portal.services.certificates import PUBLISH_LOG
from portal.store import jobs, ledger, messages, migration, schedules
from portal.store.base import Database

LEAST_FREE_BYTES = 1_000_000_000
# The log is published every five minutes, so a worker that lives is heard of as often; two leases of one minute more.
LONGEST_SILENCE = timedelta(minutes=7)
LONGEST_WAIT_OF_A_JOB = timedelta(minutes=10)
LONGEST_UNSIGNED = timedelta(minutes=15)
JOBS_COUNTED = ("ready", "running", "dead")
MESSAGES_COUNTED = ("waiting", "failed")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is as it should be, and the figure behind that where there is one."""

    name: str
    is_sound: bool
    unit: str = ""
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database says about the work in the background, as ages at one moment (None: there is none)."""

    revision: str | None
    silence: timedelta | None
    oldest_due_job: timedelta | None
    checkpoint: timedelta | None
    unsigned_entries: int
    oldest_unsigned: timedelta | None


def standing(session: Session, moment: datetime) -> Standing:
    """Ask the database, in a handful of queries whose cost doesn't grow with what is kept."""
    sign = max(
        filter(None, (schedules.latest(session, PUBLISH_LOG), jobs.latest_beat(session))),
        default=None,
    )
    signed = checkpoints.latest(session)
    size = ledger.head_size(session)
    signed_size = 0 if signed is None else signed.size
    unsigned_at = ledger.recorded_at(session, signed_size)
    return Standing(
        migration.revision_in(session),
        _age(sign, moment),
        _age(jobs.oldest_due(session, moment), moment),
        _age(None if signed is None else signed.signed_at, moment),
        max(0, size - signed_size),
        _age(unsigned_at, moment),
    )


def checks_of(found: Standing, wanted_revision: str) -> Iterator[Check]:
    """Judge what the database said."""
    yield Check("revision", found.revision == wanted_revision)
    if found.silence is None:  # no worker has ever been heard of
        yield Check("worker", False, "seconds", None)
    else:
        yield _young("worker", found.silence, LONGEST_SILENCE)
    yield _young("jobs", found.oldest_due_job or timedelta(0), LONGEST_WAIT_OF_A_JOB)
    yield _young("log", found.oldest_unsigned or timedelta(0), LONGEST_UNSIGNED)


def readiness(
    database: Database, storage: Path, wanted_revision: str, moment: datetime
) -> list[Check]:
    """Look at everything that people and their papers need. Raises SQLAlchemyError when the database doesn't answer."""
    with database.reading() as session:
        found = standing(session, moment)
    return [
        Check("database", True),
        *checks_of(found, wanted_revision),
        *storage_checks(storage),
    ]


def storage_checks(storage: Path) -> Iterator[Check]:
    """Whether evidence can be written, and whether there is room for it."""
    yield Check("storage", _is_writable(storage))
    free = free_bytes(storage)
    yield Check("disk", free >= LEAST_FREE_BYTES, "free_bytes", free)


def free_bytes(folder: Path) -> int:
    """The room that is left where a folder lies, or will lie once it is made."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free


@dataclass(frozen=True, slots=True)
class Queue:
    """How many jobs and letters are in each state that somebody may have to look at."""

    jobs: Mapping[str, int]
    messages: Mapping[str, int]


def queue(session: Session) -> Queue:
    """Count what waits and what was given up; what is done is not looked at."""
    of_jobs = jobs.count_by_state(session, JOBS_COUNTED)
    of_messages = messages.count_by_state(session, MESSAGES_COUNTED)
    return Queue(
        {state: of_jobs.get(state, 0) for state in JOBS_COUNTED},
        {state: of_messages.get(state, 0) for state in MESSAGES_COUNTED},
    )


def clock_difference(database: Database, session: Session, moment: datetime) -> timedelta | None:
    """How far the database's clock is from ours; None where it is the same clock."""
    if database.is_sqlite:
        return None
    theirs: datetime = session.scalars(select(func.clock_timestamp())).one()
    return theirs - moment


def _young(name: str, age: timedelta, most: timedelta) -> Check:
    return Check(name, age <= most, "seconds", int(age.total_seconds()))


def _age(at: datetime | None, moment: datetime) -> timedelta | None:
    return None if at is None else max(moment - at, timedelta(0))


def _is_writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"portal")
    except OSError:
        return False
    return True
