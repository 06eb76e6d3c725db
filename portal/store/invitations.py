"""Invitations: who was asked to come, as what, and what became of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, BigKey, Bytes, Document
from portal.store.messages import Message


class Invitation(Base):
    """One invitation, bound to an address and to a member (or to the alliance itself); `digest` is its link's."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(
            "accepted_at is null or revoked_at is null", name="accepted_or_revoked_not_both"
        ),
        CheckConstraint(
            "(accepted_at is null) = (account_id is null)", name="accepted_by_an_account"
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    digest: Mapped[bytes] = mapped_column(Bytes, unique=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    language: Mapped[str] = mapped_column(String(10))
    roles: Mapped[list[str]] = mapped_column(Document)
    inviter_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    def is_open(self, moment: datetime) -> bool:
        """It can still be accepted."""
        return self.accepted_at is None and self.revoked_at is None and moment < self.expires_at


def by_digest(session: Session, digest: bytes) -> Invitation | None:
    """The invitation whose newest link has this digest."""
    return session.scalars(select(Invitation).where(Invitation.digest == digest)).one_or_none()


def with_letters(session: Session, member_id: int | None) -> list[tuple[Invitation, str]]:
    """The invitations of a member (None: of the alliance's own people) with the state of their letters, newest first."""
    query = (
        select(Invitation, Message.state)
        .join(Message, Message.id == Invitation.message_id)
        .where(
            Invitation.member_id.is_(None)
            if member_id is None
            else Invitation.member_id == member_id
        )
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(200)
    )
    return [(invitation, state) for invitation, state in session.execute(query)]
