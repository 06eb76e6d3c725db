"""Sessions of logged-in browsers, kept here so that a copied cookie is dead the moment the row has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.accounts import Account
from portal.store.base import Base, BigKey, Bytes, rows_changed


class WebSession(Base):
    """One browser's session: `digest` is the SHA-256 of the id in its cookie, which is kept nowhere else.

    Without an account it belongs to somebody half way through logging in (password right, code still to come).
    """

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_account_id_ended_at", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    digest: Mapped[bytes] = mapped_column(Bytes, unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    data: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(String(120))
    idle_minutes: Mapped[int]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]

    def is_alive(self, moment: datetime) -> bool:
        """Neither ended, nor past its last moment, nor idle for too long."""
        return _is_alive(self, moment)


@dataclass(frozen=True, slots=True)
class Found:
    """What a request needs to know of its session."""

    id: int
    uid: UUID
    account_id: int | None
    data: str
    idle_minutes: int
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    language: str | None

    def is_alive(self, moment: datetime) -> bool:
        """Neither ended, nor past its last moment, nor idle for too long."""
        return _is_alive(self, moment)


def _is_alive(found: WebSession | Found, moment: datetime) -> bool:
    idle_until = found.seen_at + timedelta(minutes=found.idle_minutes)
    return found.ended_at is None and moment < found.expires_at and moment < idle_until


# Asked by every request, so it is put together once and makes no mapped object.
# The account's language comes along: pages about what fails before the account is read are in it too.
_BY_DIGEST = (
    select(
        *(getattr(WebSession, each.name) for each in fields(Found) if each.name != "language"),
        Account.language,
    )
    .outerjoin(Account, Account.id == WebSession.account_id)
    .where(WebSession.digest == bindparam("digest"))
)


def find(session: Session, digest: bytes) -> Found | None:
    """The session whose cookie has this digest, dead or alive."""
    row = session.connection().execute(_BY_DIGEST, {"digest": digest}).one_or_none()
    return None if row is None else Found(*row)  # type: ignore[call-arg]  # the query is made of its fields


def is_alive(session: Session, session_id: int, moment: datetime) -> bool:
    """Whether a session is alive as the table stands now."""
    query = select(WebSession).where(WebSession.id == session_id)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return found is not None and found.is_alive(moment)


def keep(session: Session, session_id: int, data: str, moment: datetime) -> bool:
    """Write new data unless the session ended meanwhile; False when it did."""
    changed = rows_changed(
        session,
        update(WebSession)
        .where(WebSession.id == session_id, WebSession.ended_at.is_(None))
        .values(data=data, seen_at=moment),
    )
    return changed == 1


def touch(session: Session, session_id: int, moment: datetime) -> None:
    """Note that the session was used."""
    session.execute(
        update(WebSession)
        .where(WebSession.id == session_id, WebSession.ended_at.is_(None))
        .values(seen_at=moment)
    )


def end(session: Session, session_id: int, moment: datetime) -> None:
    """End one session and forget what it held."""
    session.execute(
        update(WebSession)
        .where(WebSession.id == session_id, WebSession.ended_at.is_(None))
        .values(ended_at=moment, data="")
    )


def end_one_of(session: Session, account_id: int, uid: UUID, moment: datetime) -> bool:
    """End one session of this account; False when it has no such living session."""
    ended = rows_changed(
        session,
        update(WebSession)
        .where(
            WebSession.uid == uid,
            WebSession.account_id == account_id,
            WebSession.ended_at.is_(None),
        )
        .values(ended_at=moment, data=""),
    )
    return ended == 1


def end_all_of(
    session: Session, account_id: int, moment: datetime, *, but: UUID | None = None
) -> int:
    """End every session of an account, except one if asked; returns how many."""
    query = update(WebSession).where(
        WebSession.account_id == account_id, WebSession.ended_at.is_(None)
    )
    if but is not None:
        query = query.where(WebSession.uid != but)
    return rows_changed(session, query.values(ended_at=moment, data=""))


def living_of(session: Session, account_id: int, moment: datetime) -> Sequence[WebSession]:
    """The account's sessions that still work, last used first."""
    query = (
        select(WebSession)
        .where(
            WebSession.account_id == account_id,
            WebSession.ended_at.is_(None),
            WebSession.expires_at > moment,
        )
        .order_by(WebSession.seen_at.desc())
    )
    return [found for found in session.scalars(query) if found.is_alive(moment)]


def has_any(session: Session, account_id: int) -> bool:
    """Has this account ever logged in (as far as sessions are kept)?"""
    query = select(WebSession.id).where(WebSession.account_id == account_id)
    return session.scalars(query.limit(1)).first() is not None


def has_used(session: Session, account_id: int, device: str) -> bool:
    """Has this account logged in from such a device before (as far as sessions are kept)?"""
    query = select(WebSession.id).where(
        WebSession.account_id == account_id, WebSession.device == device
    )
    return session.scalars(query.limit(1)).first() is not None


def purge(session: Session, before: datetime) -> int:
    """Delete sessions that were over before the given moment; returns how many."""
    return rows_changed(session, delete(WebSession).where(WebSession.expires_at < before))
