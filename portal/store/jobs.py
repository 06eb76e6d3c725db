"""The job table: background work written in the business transaction and taken after it.

A held job gives signs of life by counting `beats`; whether a lease ran out is told by a count that stands still on the
watcher's own steady clock, so neither a clock that is set nor one host's wrong clock frees a job that is being done.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    String,
    Text,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.store.base import Base, BigKey, Document, rows_changed, upserting

OPEN = ("ready", "running")
ERROR_LENGTH = 4000
MESSAGE_LENGTH = 200


class Job(Base):
    """One piece of background work: at least once, fenced by a token, parked as `dead` when it keeps failing."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[dict[str, Any]] = mapped_column(Document)
    state: Mapped[str] = mapped_column(String(10), default="ready")
    priority: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    lease_seconds: Mapped[int] = mapped_column(default=0)
    beats: Mapped[int] = mapped_column(default=0)
    beat_at: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(64))
    token: Mapped[str | None] = mapped_column(String(32))
    progress: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(String(MESSAGE_LENGTH), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    unique_key: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state in ('ready', 'running', 'done', 'dead')", name="state_known"),
        CheckConstraint("(state = 'running') = (token is not null)", name="held_when_running"),
        CheckConstraint("progress between 0 and 100", name="progress_in_percent"),
        Index(
            "ix_job_ready",
            priority.desc(),
            "run_at",
            "id",
            sqlite_where=state == "ready",
            postgresql_where=state == "ready",
        ),
        Index(
            "ix_job_running",
            "id",
            sqlite_where=state == "running",
            postgresql_where=state == "running",
        ),
        Index(
            "uq_job_unique_key",
            "unique_key",
            unique=True,
            sqlite_where=and_(unique_key.isnot(None), state.in_(OPEN)),
            postgresql_where=and_(unique_key.isnot(None), state.in_(OPEN)),
        ),
        Index("ix_job_state_kind", "state", "kind", "id"),
    )


@dataclass(frozen=True, slots=True)
class LifeSign:
    """What a running job shows of its holder: while `beats` grows under the same token, somebody is at work."""

    job_id: int
    token: str
    beats: int
    lease_seconds: int


def add(
    session: Session,
    kind: str,
    arguments: dict[str, Any],
    *,
    moment: datetime,
    run_at: datetime | None = None,
    unique_key: str | None = None,
    priority: int = 0,
    max_attempts: int = 5,
) -> Job | None:
    """Add a job to this transaction; None when the same unique key waits or runs already."""
    values = {
        "kind": kind,
        "arguments": arguments,
        "run_at": run_at or moment,
        "created_at": moment,
        "unique_key": unique_key,
        "priority": priority,
        "max_attempts": max_attempts,
    }
    insert = upserting(session)
    # Only RETURNING tells whether the row went in: the row count is -1 with psycopg.
    statement = insert(Job).values(values).on_conflict_do_nothing().returning(Job)
    return session.scalars(statement).one_or_none()


def _is_due(moment: datetime) -> ColumnElement[bool]:
    # What is to run at once doesn't look at the clock: it would wait for hours after the clock was set back.
    return and_(Job.state == "ready", or_(Job.run_at <= moment, Job.run_at == Job.created_at))


def created_at(session: Session, job_id: int) -> datetime:
    """When somebody asked for a job."""
    return session.scalars(select(Job.created_at).where(Job.id == job_id)).one()


def is_any_due(session: Session, moment: datetime) -> bool:
    """Whether a claim would find something; a reading session is enough to ask."""
    return bool(session.scalar(select(exists().where(_is_due(moment)))))


def claim(
    session: Session, *, moment: datetime, lease_seconds: int, worker: str, token: str
) -> Job | None:
    """Take the next due job under a token; another worker never gets the same one."""
    pick = (
        select(Job.id)
        .where(_is_due(moment))
        .order_by(Job.priority.desc(), Job.run_at, Job.id)
        .limit(1)
    )
    if session.get_bind().dialect.name == "postgresql":
        pick = pick.with_for_update(skip_locked=True)
    taken = session.scalars(
        update(Job)
        .where(Job.id == pick.scalar_subquery(), Job.state == "ready")
        .values(
            state="running",
            attempts=Job.attempts + 1,
            lease_seconds=lease_seconds,
            beats=0,
            beat_at=moment,
            worker=worker,
            token=token,
            progress=0,
            message="",
        )
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return taken.one_or_none()


def _held(job_id: int, token: str) -> ColumnElement[bool]:
    return and_(Job.id == job_id, Job.token == token, Job.state == "running")


def update_held(session: Session, job_id: int, token: str, /, **values: Any) -> bool:
    """Change a running job that is still held under `token`; False when the lease was lost."""
    result = rows_changed(session, update(Job).where(_held(job_id, token)).values(**values))
    return result == 1


def lock_held(session: Session, job_id: int, token: str) -> bool:
    """Keep the lease for the rest of this transaction; False when it was lost."""
    query = select(Job.id).where(_held(job_id, token)).with_for_update()
    return session.scalars(query).first() is not None


def beat(session: Session, job_id: int, token: str, *, moment: datetime) -> bool:
    """Give a sign of life for a held job; False when the lease was lost."""
    query = select(Job.id).where(_held(job_id, token))
    if session.scalars(query.with_for_update(skip_locked=True)).first() is None:
        # Lost, or locked by its own handler's transaction, which is a sign of life in itself.
        return session.scalars(query).first() is not None
    return update_held(session, job_id, token, beats=Job.beats + 1, beat_at=moment)


def finish(session: Session, job_id: int, token: str, *, moment: datetime) -> bool:
    """Mark a held job as done; False when the lease was lost."""
    return update_held(
        session, job_id, token, state="done", token=None, progress=100, error="", finished_at=moment
    )


def put_off(session: Session, job_id: int, token: str, *, run_at: datetime, error: str) -> bool:
    """Let a held job that failed try again at `run_at`; False when the lease was lost."""
    return update_held(
        session, job_id, token, state="ready", token=None, run_at=run_at, error=error[:ERROR_LENGTH]
    )


def park(session: Session, job_id: int, token: str, *, moment: datetime, error: str) -> bool:
    """Mark a held job as dead: nobody takes it until a person says so; False when the lease was lost."""
    return update_held(
        session,
        job_id,
        token,
        state="dead",
        token=None,
        finished_at=moment,
        error=error[:ERROR_LENGTH],
    )


def give_back(session: Session, job_id: int, token: str) -> bool:
    """Return a held job as if it had not been taken, for a worker that must stop; False when the lease was lost."""
    return update_held(session, job_id, token, state="ready", token=None, attempts=Job.attempts - 1)


def life_signs(session: Session) -> list[LifeSign]:
    """The signs of life of all running jobs."""
    query = select(Job.id, Job.token, Job.beats, Job.lease_seconds).where(Job.state == "running")
    return [LifeSign(*row) for row in session.execute(query)]  # type: ignore[arg-type]  # a running job has a token


def lock_silent(session: Session, sign: LifeSign) -> Job | None:
    """Hold the job of a worker that fell silent for this transaction; None when it gave a sign of life meanwhile."""
    query = select(Job).where(_held(sign.job_id, sign.token), Job.beats == sign.beats)
    return session.scalars(query.with_for_update(skip_locked=True)).one_or_none()


def revive(session: Session, job_id: int) -> Job | None:
    """Make a dead job ready at once with all its attempts; None when it isn't dead or its key is taken again."""
    other = aliased(Job)
    taken = exists().where(other.unique_key == Job.unique_key, other.state.in_(OPEN))
    revived = session.scalars(
        update(Job)
        .where(Job.id == job_id, Job.state == "dead", ~taken)
        .values(
            state="ready",
            attempts=0,
            run_at=Job.created_at,
            progress=0,
            message="",
            finished_at=None,
        )
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return revived.one_or_none()


def listing(
    session: Session,
    *,
    states: Collection[str] = (),
    kind: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> Sequence[Job]:
    """Jobs from the newest on, at most `limit`; the page after it starts `before_id` of the last one."""
    query = select(Job).order_by(Job.id.desc()).limit(limit)
    if states:
        query = query.where(Job.state.in_(states))
    if kind is not None:
        query = query.where(Job.kind == kind)
    if before_id is not None:
        query = query.where(Job.id < before_id)
    return session.scalars(query).all()


def count_by_state(session: Session, states: Collection[str] = ()) -> dict[str, int]:
    """How many jobs are in each state (or each of some), states without any left out."""
    query = select(Job.state, func.count()).group_by(Job.state)
    if states:
        query = query.where(Job.state.in_(states))
    return dict(session.execute(query).all())


def oldest_due(session: Session, moment: datetime) -> datetime | None:
    """Since when the job has been due that waits the longest; None when none waits."""
    query = select(func.min(Job.run_at)).where(Job.state == "ready", Job.run_at <= moment)
    return session.scalars(query).one()


def latest_beat(session: Session) -> datetime | None:
    """When a job that runs last gave a sign of life; None when none runs."""
    return session.scalars(select(func.max(Job.beat_at)).where(Job.state == "running")).one()


def waiting(session: Session) -> int:
    """How many jobs wait or run."""
    query = select(func.count()).select_from(Job).where(Job.state.in_(OPEN))
    return session.scalars(query).one()


def delete_done(session: Session, before: datetime, *, limit: int = 1000) -> int:
    """Delete the oldest jobs that were done before a moment; dead ones stay. Returns how many."""
    oldest = (
        select(Job.id)
        .where(Job.state == "done", Job.finished_at < before)
        .order_by(Job.id)
        .limit(limit)
    )
    deleted = rows_changed(
        session, delete(Job).where(Job.id.in_(oldest)).execution_options(synchronize_session=False)
    )
    return deleted


def open_job(session: Session, unique_key: str) -> Job | None:
    """The job that waits or runs under a unique key."""
    query = select(Job).where(Job.unique_key == unique_key, Job.state.in_(OPEN))
    return session.scalars(query).one_or_none()
