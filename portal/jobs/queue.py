"""Taking jobs and settling what became of them: done, tried again later, or parked as dead."""

from __future__ import annotations

import random
import re
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from portal.config.settings import Settings
from portal.documents.renderer import Renderer
from portal.documents.signing import Signatory
from portal.domain.actors import SYSTEM
from portal.jobs.held import HeldJob, Hopeless, LeaseLost
from portal.services import work
from portal.services.work import Work
from portal.store import jobs
from portal.store.base import Database

LONGEST_PAUSE = timedelta(hours=2)
SETTLING_PAUSES = (0.2, 1.0, 4.0)
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")  # mail servers repeat it in their refusals


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of one kind are done.

    `first_pause` is the wait after the first failure, four times as long after each further one; `when_dead` writes
    what the outside should know in the transaction that parks the job.
    """

    handler: Callable[[HeldJob], None]
    first_pause: timedelta = timedelta(seconds=10)
    when_dead: Callable[[Work, Mapping[str, object], str], None] | None = None


class Outcome(StrEnum):
    """What became of one attempt."""

    DONE = "done"
    PUT_OFF = "put_off"
    DEAD = "dead"
    LOST = "lost"


def pause_after(attempt: int, first_pause: timedelta, chance: float) -> timedelta:
    """How long to wait after the failure of an attempt; `chance` in [0, 1) spreads it by a quarter either way."""
    pause: timedelta = min(first_pause * 4 ** min(attempt - 1, 10), LONGEST_PAUSE)
    return pause * (0.75 + chance / 2)


@dataclass(frozen=True, slots=True)
class Queue:
    """The job table as one worker sees it."""

    database: Database
    settings: Settings
    renderer: Renderer
    signatory: Signatory
    kinds: Mapping[str, Kind]
    now: Callable[[], datetime]
    lease_seconds: int
    worker: str
    chance: Callable[[], float] = random.random

    def take(self) -> HeldJob | None:
        """Take the next due job; None when there is none. Looking alone locks nothing."""
        with self.database.reading() as session:
            if not jobs.is_any_due(session, self.now()):
                return None
        token = uuid4().hex
        with self.database.writing() as session:
            job = jobs.claim(
                session,
                moment=self.now(),
                lease_seconds=self.lease_seconds,
                worker=self.worker[:64],
                token=token,
            )
            session.commit()
        if job is None:
            return None
        return HeldJob(
            self.database,
            self.settings,
            self.renderer,
            self.signatory,
            job.id,
            job.kind,
            job.arguments,
            job.attempts,
            job.max_attempts,
            token,
            self.now,
        )

    def run(self, held: HeldJob) -> tuple[Outcome, str]:
        """Do a taken job and settle it; returns the outcome and the first line of what went wrong."""
        kind = self.kinds.get(held.kind)
        if kind is None:
            error = f"this release knows no job of the kind {held.kind!r}"
            return self._settle(held, kind, error, is_hopeless=True)
        try:
            kind.handler(held)
        except LeaseLost:
            return Outcome.LOST, ""
        except Hopeless as hopeless:
            return self._settle(held, kind, str(hopeless), is_hopeless=True)
        except Exception as error:  # noqa: BLE001 -- whatever it was, it is kept with the job and the job is tried again
            return self._settle(held, kind, _described(error))
        if held.is_finished:
            return Outcome.DONE, ""
        return self._settle(held, kind, "")

    def give_back(self, held: HeldJob) -> bool:
        """Return a job that this worker can't finish before it stops, without counting the attempt."""
        with self.database.writing() as session:
            given = jobs.give_back(session, held.job_id, held.token)
            session.commit()
        return given

    def settle_silent(self, sign: jobs.LifeSign) -> Outcome | None:
        """Free the job of a worker that fell silent; None when it spoke meanwhile."""
        with work.writing(self.database, SYSTEM, self.now()) as writer:
            job = jobs.lock_silent(writer.session, sign)
            if job is None:
                return None
            error = f"the worker {job.worker} stopped before the job was done"
            if job.attempts >= job.max_attempts:
                kind = self.kinds.get(job.kind)
                self._park(writer, sign.job_id, sign.token, kind, job.arguments, error)
                return Outcome.DEAD
            jobs.put_off(
                writer.session, sign.job_id, sign.token, run_at=job.created_at, error=error
            )
            return Outcome.PUT_OFF

    def _settle(
        self, held: HeldJob, kind: Kind | None, error: str, *, is_hopeless: bool = False
    ) -> tuple[Outcome, str]:
        for pause in SETTLING_PAUSES:
            # What was done is worth a few more tries to say so: otherwise it is all done again.
            with suppress(SQLAlchemyError):
                return self._write_outcome(held, kind, error, is_hopeless), _first_line(error)
            time.sleep(pause)
        return self._write_outcome(held, kind, error, is_hopeless), _first_line(error)

    def _write_outcome(
        self, held: HeldJob, kind: Kind | None, error: str, is_hopeless: bool
    ) -> Outcome:
        job_id, token, moment = held.job_id, held.token, self.now()
        with work.writing(self.database, SYSTEM, moment) as writer:
            if not error:
                kept = jobs.finish(writer.session, job_id, token, moment=moment)
                return Outcome.DONE if kept else Outcome.LOST
            if is_hopeless or kind is None or held.attempt >= held.max_attempts:
                kept = self._park(writer, job_id, token, kind, held.arguments, error)
                return Outcome.DEAD if kept else Outcome.LOST
            run_at = moment + pause_after(held.attempt, kind.first_pause, self.chance())
            kept = jobs.put_off(writer.session, job_id, token, run_at=run_at, error=error)
            return Outcome.PUT_OFF if kept else Outcome.LOST

    def _park(
        self,
        writer: Work,
        job_id: int,
        token: str,
        kind: Kind | None,
        arguments: Mapping[str, object],
        error: str,
    ) -> bool:
        kept = jobs.park(writer.session, job_id, token, moment=writer.moment, error=error)
        if kept and kind is not None and kind.when_dead is not None:
            kind.when_dead(writer, arguments, _first_line(error))
        return kept


def _described(error: Exception) -> str:
    """What went wrong and where, without people's addresses and the values that a database's message quotes."""
    is_of_database = isinstance(error, SQLAlchemyError)
    said = type(error).__name__ if is_of_database else f"{type(error).__name__}: {error}"
    steps = "".join(traceback.format_tb(error.__traceback__, limit=-8))
    return f"{_ADDRESS.sub('…', said)}\n\n{steps}"


def _first_line(error: str) -> str:
    return error.split("\n", 1)[0][:300]
