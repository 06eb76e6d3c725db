"""The job that a handler has in hand: its arguments, and transactions that commit only while the lease holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.config.settings import Settings
from portal.documents.renderer import Renderer
from portal.documents.signing import Signatory
from portal.domain.actors import SYSTEM
from portal.services import work
from portal.services.work import Work
from portal.store import jobs
from portal.store.base import Database

# Each shown step is a write that other writers wait for.
SECONDS_BETWEEN_STEPS = 0.5


class LeaseLost(Exception):
    """This worker was taken for dead; another one has the job or will have it, and nothing more may be written."""


class Hopeless(Exception):
    """Trying again can't help; the job is parked at once, with this text for the people who look after the portal."""


@dataclass(slots=True)
class HeldJob:
    """One job under one token. A handler reads and writes through it, in short transactions of its own.

    Mails and documents are made between two transactions, never inside one that writes.
    """

    database: Database
    settings: Settings
    renderer: Renderer
    signatory: Signatory
    job_id: int
    kind: str
    arguments: Mapping[str, Any]
    attempt: int
    max_attempts: int
    token: str
    now: Callable[[], datetime]
    is_lost: bool = False
    is_finished: bool = False
    _last_step: float = field(default=float("-inf"))

    def reading(self) -> AbstractContextManager[Work]:
        """A transaction of the portal itself that can't write."""
        return work.reading(self.database, SYSTEM, self.now())

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """A transaction of the portal itself; raises LeaseLost instead of committing what another worker does again."""
        with work.writing(
            self.database, SYSTEM, self.now(), base_url=self.settings.base_url
        ) as writer:
            if not jobs.lock_held(writer.session, self.job_id, self.token):
                self.is_lost = True
                raise LeaseLost
            yield writer

    @contextmanager
    def finishing(self) -> Iterator[Work]:
        """The last transaction of a job: what it writes and `done` are committed together, so it happens once."""
        with self.writing() as writer:
            yield writer
            jobs.finish(writer.session, self.job_id, self.token, moment=self.now())
        self.is_finished = True

    def show(self, percent: int, message: str = "") -> None:
        """Show people how far the job is, `message` being a text marked by N_(); raises LeaseLost."""
        if self.is_lost:
            raise LeaseLost
        steady = time.monotonic()
        if steady - self._last_step < SECONDS_BETWEEN_STEPS:
            return
        self._last_step = steady
        with self.database.writing() as session:
            values = {"progress": percent, "message": message[: jobs.MESSAGE_LENGTH]}
            self.is_lost = not jobs.update_held(session, self.job_id, self.token, **values)
            session.commit()
        if self.is_lost:
            raise LeaseLost
