"""Which periodic work was already put in the queue for which due moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, delete, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, upserting


class ScheduledRun(Base):
    """One due moment of one schedule: the key lets exactly one of many processes put the job in."""

    __tablename__ = "scheduled_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    queued_at: Mapped[datetime]


def is_taken(session: Session, name: str, due_at: datetime) -> bool:
    """Whether some process has put in the job for this due moment; a reading session is enough to ask."""
    query = select(exists().where(ScheduledRun.name == name, ScheduledRun.due_at == due_at))
    return bool(session.scalar(query))


def take(session: Session, name: str, due_at: datetime, *, moment: datetime) -> bool:
    """Take the due moment in this transaction; False when another process has it."""
    statement = (
        upserting(session)(ScheduledRun)
        .values(name=name, due_at=due_at, queued_at=moment)
        .on_conflict_do_nothing()
        .returning(ScheduledRun.name)
    )
    return session.scalars(statement).first() is not None


def note(session: Session, name: str, due_at: datetime, *, moment: datetime) -> None:
    """Keep that the work for a due moment was done at this moment, also where it was done before."""
    statement = upserting(session)(ScheduledRun).values(name=name, due_at=due_at, queued_at=moment)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name", "due_at"], set_={"queued_at": moment}
        )
    )


def noted_at(session: Session, name: str, due_at: datetime) -> datetime | None:
    """When the work for a due moment was done; None when it was not."""
    query = select(ScheduledRun.queued_at).where(
        ScheduledRun.name == name, ScheduledRun.due_at == due_at
    )
    return session.scalars(query).one_or_none()


def latest(session: Session, name: str) -> datetime | None:
    """When the latest due moment of a schedule was put into the queue."""
    newest = select(func.max(ScheduledRun.due_at)).where(ScheduledRun.name == name)
    query = select(ScheduledRun.queued_at).where(
        ScheduledRun.name == name, ScheduledRun.due_at == newest.scalar_subquery()
    )
    return session.scalars(query).one_or_none()


def purge(session: Session, before: datetime) -> None:
    """Forget the due moments before this one; no schedule looks back so far."""
    session.execute(delete(ScheduledRun).where(ScheduledRun.due_at < before))
