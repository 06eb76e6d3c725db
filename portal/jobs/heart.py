"""Signs of life: giving them for the jobs in hand, and noticing when another worker's stop coming."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from portal.jobs.held import HeldJob
from portal.jobs.journal import Journal
from portal.jobs.queue import Outcome, Queue
from portal.store import jobs
from portal.store.base import Database

BEATS_PER_LEASE = 4


class Heart(threading.Thread):
    """Gives signs of life for every job in hand, over a connection of its own that no handler can use up."""

    def __init__(self, queue: Queue, journal: Journal) -> None:
        super().__init__(name="heart", daemon=True)
        url = queue.database.url.render_as_string(hide_password=False)
        self._database = Database(url, pool_size=1)
        self._queue = queue
        self._journal = journal
        self._interval = queue.lease_seconds / BEATS_PER_LEASE
        self._lock = threading.Lock()
        self._in_hand: dict[int, HeldJob] = {}
        self._is_stopped = threading.Event()

    def hold(self, held: HeldJob) -> None:
        """Begin to give signs of life for a job."""
        with self._lock:
            self._in_hand[held.job_id] = held

    def let_go(self, held: HeldJob) -> None:
        """Stop giving signs of life for a job."""
        with self._lock:
            self._in_hand.pop(held.job_id, None)

    def in_hand(self) -> list[HeldJob]:
        """The jobs that this worker holds now."""
        with self._lock:
            return list(self._in_hand.values())

    def run(self) -> None:
        """Beat until stopped; a database that doesn't answer is asked again sooner."""
        pause = self._interval
        while not self._is_stopped.wait(pause):
            try:
                self._beat()
                pause = self._interval
            except SQLAlchemyError as error:
                self._journal.tell("heart.failed", error=type(error).__name__)
                pause = self._interval / BEATS_PER_LEASE
        self._database.dispose()

    def stop(self) -> None:
        """End the thread and close its connection."""
        self._is_stopped.set()
        if self.is_alive():
            self.join()

    def _beat(self) -> None:
        held_now = [held for held in self.in_hand() if not held.is_lost]
        if not held_now:
            return
        with self._database.writing() as session:
            moment = self._queue.now()
            kept = {
                h.job_id: jobs.beat(session, h.job_id, h.token, moment=moment) for h in held_now
            }
            session.commit()
        for held in held_now:
            # A job that was let go meanwhile is settled, not lost.
            if not kept[held.job_id] and held in self.in_hand():
                held.is_lost = True


@dataclass(slots=True)
class Watch:
    """Remembers since when each running job stands still, on this host's steady clock."""

    queue: Queue
    journal: Journal
    steady: Callable[[], float] = time.monotonic
    _seen: dict[tuple[int, str, int], float] = field(default_factory=dict)

    def look(self) -> int:
        """Free the jobs that gave no sign of life for their whole lease; returns how many."""
        with self.queue.database.reading() as session:
            signs = jobs.life_signs(session)
        now = self.steady()
        seen = {(s.job_id, s.token, s.beats): s for s in signs}
        self._seen = {key: self._seen.get(key, now) for key in seen}
        silent = [s for key, s in seen.items() if now - self._seen[key] >= s.lease_seconds]
        return sum(self._free(sign) for sign in silent)

    def _free(self, sign: jobs.LifeSign) -> bool:
        outcome = self.queue.settle_silent(sign)
        if outcome is None:
            return False
        event = "job.dead" if outcome is Outcome.DEAD else "job.freed"
        self.journal.tell(event, job=sign.job_id, error="its worker fell silent")
        return True
