"""The worker: slots that do jobs, one heart for all of them, and a main thread that watches and schedules.

`portal worker` and `portal serve` start it; any number may run on any number of hosts beside one database.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from portal import counters
from portal.config.settings import Settings
from portal.documents.renderer import RendererPool
from portal.jobs import clock, registry
from portal.jobs.heart import BEATS_PER_LEASE, Heart, Watch
from portal.jobs.held import HeldJob
from portal.jobs.journal import Journal
from portal.jobs.queue import Kind, Queue
from portal.jobs.schedule import Schedule, Scheduler, schedules_of
from portal.jobs.signing import ConfiguredSigner
from portal.store.base import Database

BUSY_POLL, IDLE_POLL, LONGEST_POLL = 0.2, 1.0, 10.0
TICK = 0.5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker works: jobs at once, seconds a lease lasts, seconds to finish in when told to stop."""

    slots: int = field(default_factory=lambda: min(max(os.cpu_count() or 1, 2), 4))
    lease_seconds: int = 60
    grace_seconds: float = 25.0


USUAL_PACE = Pace()


def run_worker(
    settings: Settings,
    *,
    stop_event: threading.Event | None = None,
    pace: Pace = USUAL_PACE,
    kinds: Mapping[str, Kind] = registry.KINDS,
    schedules: Sequence[Schedule] | None = None,
    now: Callable[[], datetime] = clock.now,
    write: Callable[[str], object] | None = None,
) -> int:
    """Do jobs until `stop_event` is set (or SIGTERM or SIGINT comes); returns 0 when it has stopped.

    When the process that started this one ends without a word, the worker stops as well.
    """
    database = Database(settings.database_url, pool_size=pace.slots + 2)
    worker = f"{socket.gethostname()[:40]}:{os.getpid()}"
    renderer = RendererPool(pace.slots)
    signer = ConfiguredSigner(settings)
    queue = Queue(database, settings, renderer, signer, kinds, now, pace.lease_seconds, worker)
    journal = Journal(worker, now, write)
    if schedules is None:
        schedules = schedules_of(settings.timezone)
    stop = stop_event or threading.Event()
    scheduler = Scheduler(database, schedules, now)
    with _noting_signals() as signals:
        is_idle = _Worker(queue, journal, scheduler, pace, stop, signals).run()
    if is_idle:
        # Closing waits for documents under way; those of jobs that were given back end with this process.
        renderer.close()
        database.dispose()
    return 0


def drain(
    settings: Settings,
    *,
    kinds: Mapping[str, Kind] = registry.KINDS,
    now: Callable[[], datetime] = clock.now,
    limit: int = 100_000,
) -> int:
    """Do in this thread every job that is due, then return how many attempts that were; for commands and tests."""
    database = Database(settings.database_url)
    renderer = RendererPool(1)
    worker = f"drain:{os.getpid()}"
    signer = ConfiguredSigner(settings)
    queue = Queue(
        database, settings, renderer, signer, kinds, now, USUAL_PACE.lease_seconds, worker
    )
    journal = Journal(queue.worker, now, lambda line: None)
    heart = Heart(queue, journal)
    heart.start()
    try:
        done = 0
        while done < limit and _do_one(queue, heart, journal):
            done += 1
        return done
    finally:
        heart.stop()
        renderer.close()
        database.dispose()


def _do_one(queue: Queue, heart: Heart, journal: Journal) -> bool:
    held = queue.take()
    if held is None:
        return False
    heart.hold(held)
    began = time.monotonic()
    try:
        outcome, error = queue.run(held)
    finally:
        heart.let_go(held)
    seconds = time.monotonic() - began
    # A kind that this release doesn't know comes from a row, and a label never does.
    kind = held.kind if held.kind in queue.kinds else "unknown"
    counters.JOBS.labels(kind, outcome).observe(seconds)
    _tell_outcome(journal, held, outcome, error, seconds)
    return True


def _tell_outcome(
    journal: Journal, held: HeldJob, outcome: str, error: str, seconds: float
) -> None:
    values: dict[str, str | int] = {"job": held.job_id, "kind": held.kind, "attempt": held.attempt}
    if error:
        # The whole text stands with the job; it may name people, and log lines travel further than rows.
        values["error"] = error.split(":", 1)[0]
    journal.tell(f"job.{outcome}", **values, ms=int(seconds * 1000))


@dataclass(slots=True)
class _Signals:
    came: bool = False

    def note(self, number: int, frame: object) -> None:
        # An event can't be set from here: the interrupted wait may hold its lock.
        self.came = True


@dataclass(slots=True)
class _Trouble:
    happened: bool = False


@dataclass(slots=True)
class _Worker:
    queue: Queue
    journal: Journal
    scheduler: Scheduler
    pace: Pace
    stop: threading.Event
    signals: _Signals
    heart: Heart = field(init=False)
    watch: Watch = field(init=False)

    def run(self) -> bool:
        """Work until told to stop; returns whether no slot is at work any more."""
        self.heart = Heart(self.queue, self.journal)
        self.watch = Watch(self.queue, self.journal)
        self.heart.start()
        self.journal.tell("worker.started", slots=self.pace.slots, lease=self.pace.lease_seconds)
        slots = [
            threading.Thread(target=self._fill_slot, name=f"slot-{n}", daemon=True)
            for n in range(self.pace.slots)
        ]
        for slot in slots:
            slot.start()
        self._look_around()
        return self._end(slots)

    def _look_around(self) -> None:
        parent = os.getppid()
        next_look = float("-inf")
        while not self.stop.is_set():
            if self.signals.came or os.getppid() != parent:
                self.stop.set()
            elif time.monotonic() >= next_look:
                with self._surviving("watch.failed"):
                    self.watch.look()
                    self.scheduler.look()
                next_look = time.monotonic() + self.pace.lease_seconds / BEATS_PER_LEASE
            self.stop.wait(TICK)

    def _fill_slot(self) -> None:
        pause = BUSY_POLL
        while not self.stop.is_set():
            has_worked = False
            with self._surviving("slot.failed") as trouble:
                has_worked = _do_one(self.queue, self.heart, self.journal)
            if has_worked:
                pause = BUSY_POLL
                continue
            # An idle worker asks less often; a database in trouble is left in peace for longer.
            pause = min(pause * 1.5, LONGEST_POLL if trouble.happened else IDLE_POLL)
            self.stop.wait(pause * (0.8 + 0.4 * random.random()))  # noqa: S311 -- spreads polls, guards nothing

    def _end(self, slots: list[threading.Thread]) -> bool:
        deadline = time.monotonic() + self.pace.grace_seconds
        for slot in slots:
            slot.join(max(0.0, deadline - time.monotonic()))
        left = self.heart.in_hand()
        for held in left:
            with self._surviving("worker.kept"):
                if self.queue.give_back(held):
                    self.journal.tell("job.given_back", job=held.job_id, kind=held.kind)
        self.heart.stop()
        self.journal.tell("worker.stopped", given_back=len(left))
        return not any(slot.is_alive() for slot in slots)

    @contextmanager
    def _surviving(self, event: str) -> Iterator[_Trouble]:
        """Tell of trouble instead of dying of it: a worker outlives a restart of its database."""
        trouble = _Trouble()
        try:
            yield trouble
        except SQLAlchemyError as error:
            trouble.happened = True
            self.journal.tell(event, error=type(error).__name__)
        except Exception as error:
            # A bug in the worker itself: said in full, and the other jobs still get done.
            trouble.happened = True
            self.journal.tell(event, error=type(error).__name__)
            logger.exception("the worker goes on after %s", event)


@contextmanager
def _noting_signals() -> Iterator[_Signals]:
    signals = _Signals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, signals.note) for number in numbers}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
