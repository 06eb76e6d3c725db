"""The job table: background work written in the business transaction and taken after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, and_, case, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, BigKey, Document


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
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(64))
    token: Mapped[str | None] = mapped_column(String(32))
    progress: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(String(200), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    unique_key: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state in ('ready', 'running', 'done', 'dead')", name="state_known"),
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
            "lease_until",
            sqlite_where=state == "running",
            postgresql_where=state == "running",
        ),
        Index(
            "uq_job_unique_key",
            "unique_key",
            unique=True,
            sqlite_where=and_(unique_key.isnot(None), state.in_(["ready", "running"])),
            postgresql_where=and_(unique_key.isnot(None), state.in_(["ready", "running"])),
        ),
    )


def add(
    session: Session,
    kind: str,
    arguments: dict[str, Any],
    *,
    moment: datetime,
    run_at: datetime | None = None,
    unique_key: str | None = None,
    priority: int = 0,
) -> Job | None:
    """Add a job to this transaction; None when the same unique key waits or runs already."""
    if unique_key is not None and _is_open(session, unique_key):
        return None
    job = Job(
        kind=kind,
        arguments=arguments,
        run_at=run_at or moment,
        created_at=moment,
        unique_key=unique_key,
        priority=priority,
    )
    session.add(job)
    session.flush()
    return job


def _is_open(session: Session, unique_key: str) -> bool:
    query = select(Job.id).where(
        Job.unique_key == unique_key, Job.state.in_(["ready", "running"])
    )
    return session.scalars(query.limit(1)).first() is not None


def claim(
    session: Session, *, moment: datetime, lease: timedelta, worker: str, token: str
) -> Job | None:
    """Take the next ready job with a lease; another worker never gets the same one."""
    pick = (
        select(Job.id)
        .where(Job.state == "ready", Job.run_at <= moment)
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
            lease_until=moment + lease,
            worker=worker,
            token=token,
        )
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return taken.one_or_none()


def reap(session: Session, *, moment: datetime) -> int:
    """Give back the jobs whose lease ran out: their worker died. Returns how many."""
    result = session.execute(
        update(Job)
        .where(Job.state == "running", Job.lease_until < moment)
        .values(
            state=case((Job.attempts >= Job.max_attempts, "dead"), else_="ready"),
            worker=None,
            token=None,
            lease_until=None,
            error="the worker stopped before the job was done",
        )
    )
    return int(result.rowcount)


def update_held(session: Session, job_id: int, token: str, **values: Any) -> bool:
    """Change a running job that is still held under `token`; False when the lease was lost."""
    result = session.execute(
        update(Job).where(Job.id == job_id, Job.token == token, Job.state == "running").values(**values)
    )
    return bool(result.rowcount == 1)


def waiting(session: Session) -> int:
    """How many jobs wait or run."""
    query = select(func.count()).select_from(Job).where(Job.state.in_(["ready", "running"]))
    return session.scalars(query).one()
