"""The outbox: one row for each mail, written in the transaction that causes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, BigKey, Document, rows_changed

TO_BE_SENT = ("waiting", "failed")


class Message(Base):
    """A mail to one receiver in that person's language; `Message-ID` is made from `uid`, so a repeat is recognisable.

    `failed`: given up after the last attempt, may be tried again; `bounced`: refused for good by the receiver's server.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'sent', 'failed', 'bounced')", name="state_known"),
        CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent_when_sent"),
        Index("ix_message_to_email_kind", "to_email", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    to_email: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(10))
    values: Mapped[dict[str, Any]] = mapped_column(Document)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    @property
    def is_to_be_sent(self) -> bool:
        """Whether the letter has neither left nor been refused for good."""
        return self.state in TO_BE_SENT


def by_id(session: Session, message_id: int) -> Message | None:
    """The letter with this id."""
    return session.get(Message, message_id)


def mark_sent(
    session: Session, message_id: int, *, moment: datetime, values: Mapping[str, object]
) -> bool:
    """Note that the letter left, and keep only `values` of it; False when that was noted before."""
    return _mark(session, message_id, state="sent", sent_at=moment, error="", values=dict(values))


def mark_bounced(
    session: Session, message_id: int, *, error: str, values: Mapping[str, object]
) -> bool:
    """Note that the receiver's server refused the letter for good; False when it has left meanwhile."""
    return _mark(session, message_id, state="bounced", error=error, values=dict(values))


def mark_failed(session: Session, message_id: int, *, error: str) -> bool:
    """Note that the last attempt failed; the letter may be tried again. False when it has left meanwhile."""
    return _mark(session, message_id, state="failed", error=error)


def _mark(session: Session, message_id: int, **values: Any) -> bool:
    result = rows_changed(
        session,
        update(Message)
        .where(Message.id == message_id, Message.state.in_(TO_BE_SENT))
        .values(**values),
    )
    return result == 1


def latest_to(session: Session, kind: str, to_email: str) -> Message | None:
    """The newest letter of a kind to an address, to show whether it left."""
    query = select(Message).where(Message.kind == kind, Message.to_email == to_email)
    return session.scalars(query.order_by(Message.id.desc()).limit(1)).first()


def count_by_state(session: Session, states: Collection[str]) -> dict[str, int]:
    """How many letters are in each of these states, states without any left out."""
    query = select(Message.state, func.count()).where(Message.state.in_(states))
    return dict(session.execute(query.group_by(Message.state)).all())
