"""Counters of attempts, in the database so that a limit holds across workers and restarts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, case, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, rows_changed, upserting


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts under `key` within `window`, counted from the first one."""

    key: str
    most: int
    window: timedelta


class Attempts(Base):
    """How many attempts were counted under a key since its window began."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]


def reserve(
    session: Session, limits: Sequence[Limit], moment: datetime, attempts: int = 1
) -> Limit | None:
    """Count attempts under every key; the first limit that has no room for them, or None when all had room.

    The caller commits when the answer is None and rolls back otherwise, so that a refused attempt counts nowhere.
    Keys are taken in one order, so that two attempts never wait for each other's row.
    """
    for limit in sorted(limits, key=lambda limit: limit.key):
        if not _count(session, limit, moment, attempts):
            return limit
    return None


def _count(session: Session, limit: Limit, moment: datetime, attempts: int) -> bool:
    if attempts > limit.most:
        return False
    insert = upserting(session)
    over = Attempts.expires_at <= moment
    statement = (
        insert(Attempts)
        .values(key=limit.key, started_at=moment, expires_at=moment + limit.window, count=attempts)
        .on_conflict_do_update(
            index_elements=[Attempts.key],
            set_={
                "count": case((over, attempts), else_=Attempts.count + attempts),
                "started_at": case((over, moment), else_=Attempts.started_at),
                "expires_at": case((over, moment + limit.window), else_=Attempts.expires_at),
            },
            where=or_(over, Attempts.count + attempts <= limit.most),
        )
        .returning(Attempts.count)
    )
    return session.scalars(statement).first() is not None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many were counted in a window, this one included, and when the next window opens."""

    count: int
    most: int
    opens_at: datetime

    @property
    def is_within(self) -> bool:
        """Whether the one that was counted last had room."""
        return self.count <= self.most

    @property
    def left(self) -> int:
        """How many have room yet."""
        return max(0, self.most - self.count)


def count(session: Session, limits: Sequence[Limit], moment: datetime) -> Counted:
    """Count one more under every key and say of which limit least is left; the caller rolls back what had no room.

    Keys are taken in one order, as by `reserve`.
    """
    counted = [
        _counted(session, limit, moment) for limit in sorted(limits, key=lambda limit: limit.key)
    ]
    return min(counted, key=lambda each: (each.left, each.is_within, -each.opens_at.timestamp()))


def _counted(session: Session, limit: Limit, moment: datetime) -> Counted:
    if _count(session, limit, moment, 1):
        query = select(Attempts.count, Attempts.expires_at).where(Attempts.key == limit.key)
        counted, until = session.execute(query).one()
        return Counted(counted, limit.most, until)
    until = opens_at(session, limit.key) or moment + limit.window
    return Counted(limit.most + 1, limit.most, until)


def give_back(session: Session, keys: Sequence[str]) -> None:
    """Take one attempt back under every key, in the one order in which attempts take them: it was no failure."""
    for key in sorted(keys):
        session.execute(
            update(Attempts)
            .where(Attempts.key == key, Attempts.count > 0)
            .values(count=Attempts.count - 1)
            .execution_options(synchronize_session=False)
        )


def forget(session: Session, keys: Sequence[str]) -> None:
    """Start counting anew under these keys."""
    session.execute(
        delete(Attempts).where(Attempts.key.in_(keys)).execution_options(synchronize_session=False)
    )


def opens_at(session: Session, key: str) -> datetime | None:
    """When the window of a key is over."""
    return session.scalars(select(Attempts.expires_at).where(Attempts.key == key)).one_or_none()


def seconds_until_open(session: Session, key: str, moment: datetime) -> int:
    """How many seconds it is until the window of a key is over; 1 for one that nothing is counted under."""
    until = opens_at(session, key)
    return 1 if until is None else int((until - moment).total_seconds()) + 1


def purge(session: Session, moment: datetime) -> int:
    """Delete counters whose window is over; returns how many."""
    return rows_changed(session, delete(Attempts).where(Attempts.expires_at <= moment))
