"""Passkeys: public keys that people log in with, as a second factor or instead of password and second factor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, BigKey, Bytes, Document


class Passkey(Base):
    """One key of one account; the private half never leaves the owner's device or key ring.

    `sign_count` is the last one that was seen: a key that counts and comes back with no higher number was copied.
    `is_synced` tells that its maker keeps it on several devices.
    """

    __tablename__ = "passkey"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        CheckConstraint("sign_count >= 0", name="counts_from_zero"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[bytes] = mapped_column(Bytes, unique=True)
    public_key: Mapped[bytes] = mapped_column(Bytes)
    sign_count: Mapped[int] = mapped_column(BigKey)
    transports: Mapped[list[str]] = mapped_column(Document)
    is_synced: Mapped[bool]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def of_account(session: Session, account_id: int) -> Sequence[Passkey]:
    """The keys of an account, oldest first."""
    query = select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    return session.scalars(query).all()


def count_of(session: Session, account_id: int) -> int:
    """How many keys an account has."""
    query = select(func.count()).where(Passkey.account_id == account_id)
    return session.scalars(query).one()


def by_credential(session: Session, credential_id: bytes) -> Passkey | None:
    """The key that calls itself so."""
    query = select(Passkey).where(Passkey.credential_id == credential_id)
    return session.scalars(query).one_or_none()
