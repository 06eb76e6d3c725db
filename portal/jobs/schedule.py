"""Periodic jobs: each due moment is put into the queue once, however many processes look at the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.store import jobs, schedules
from portal.store.base import Database

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A kind of job that is due again and again; `latest_due` gives the last due moment at or before a moment."""

    kind: str
    latest_due: Callable[[datetime], datetime]
    priority: int = 0


def daily(at: time, zone: ZoneInfo) -> Callable[[datetime], datetime]:
    """Due each day at a time of the day in a zone; after a standstill only the latest day is made up for."""

    def latest_due(moment: datetime) -> datetime:
        today = moment.astimezone(zone).date()
        due = datetime.combine(today, at, zone).astimezone(UTC)
        if due > moment:
            due = datetime.combine(today - timedelta(days=1), at, zone).astimezone(UTC)
        return due

    return latest_due


def every(period: timedelta) -> Callable[[datetime], datetime]:
    """Due once in each period, counted from one fixed moment so that all processes agree."""

    def latest_due(moment: datetime) -> datetime:
        return EPOCH + (moment - EPOCH) // period * period

    return latest_due


def schedules_of(zone: ZoneInfo) -> tuple[Schedule, ...]:
    """The periodic jobs of the portal, at night and in the early morning of the people who use it."""
    return (
        # Before a batch of certificates: whoever checks one wants to find its log.
        Schedule("publish_log", every(timedelta(minutes=5)), priority=20),
        Schedule("mail_checkpoint", daily(time(7, 0), zone)),
        Schedule("sweep", daily(time(2, 30), zone)),
        # Before a batch of certificates too: it is the first that a coordinator looks at.
        Schedule("watch_warnings", daily(time(3, 30), zone), priority=8),
        Schedule("tell_warnings", daily(time(7, 30), zone)),
        Schedule("remind_late", daily(time(8, 0), zone)),
        Schedule("announce_ends", daily(time(8, 15), zone)),
    )


@dataclass(slots=True)
class Scheduler:
    """Puts what is due into the queue; asks the database only when a due moment is new to this process."""

    database: Database
    schedules: Sequence[Schedule]
    now: Callable[[], datetime]
    _known: dict[str, datetime] = field(default_factory=dict)

    def look(self) -> int:
        """Queue every due job that no process has queued yet; returns how many."""
        moment = self.now()
        return sum(self._queue(schedule, moment) for schedule in self.schedules)

    def _queue(self, schedule: Schedule, moment: datetime) -> bool:
        due_at = schedule.latest_due(moment)
        if self._known.get(schedule.kind) == due_at:
            return False
        with self.database.reading() as session:
            is_taken = schedules.is_taken(session, schedule.kind, due_at)
        is_ours = not is_taken and self._take(schedule, due_at, moment)
        self._known[schedule.kind] = due_at
        return is_ours

    def _take(self, schedule: Schedule, due_at: datetime, moment: datetime) -> bool:
        kind = schedule.kind
        with self.database.writing() as session:
            is_ours = schedules.take(session, kind, due_at, moment=moment)
            if is_ours:
                # Yesterday's may still be at work: then it does today's as well.
                arguments = {"due_at": due_at.isoformat()}
                jobs.add(
                    session,
                    kind,
                    arguments,
                    moment=moment,
                    unique_key=f"schedule:{kind}",
                    priority=schedule.priority,
                )
            session.commit()
        return is_ours
