"""Links to choose a new password: single use, short-lived, known here by their digest only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, BigKey, Bytes, rows_changed


class PasswordReset(Base):
    """One link that was sent to the owner of an account."""

    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    digest: Mapped[bytes] = mapped_column(Bytes, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


def account_behind(session: Session, digest: bytes, moment: datetime) -> int | None:
    """The account whose password a link may change, or None for a link that is used, too old or unknown."""
    query = select(PasswordReset.account_id).where(
        PasswordReset.digest == digest,
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > moment,
    )
    return session.scalars(query).one_or_none()


def use_up(session: Session, digest: bytes, moment: datetime) -> int | None:
    """Use a link up, and every other one of its account; of two attempts one gets the account, the other None."""
    used = session.scalars(
        update(PasswordReset)
        .where(
            PasswordReset.digest == digest,
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > moment,
        )
        .values(used_at=moment)
        .returning(PasswordReset.account_id)
    ).one_or_none()
    if used is not None:
        end_all_of(session, used, moment)
    return used


def end_all_of(session: Session, account_id: int, moment: datetime) -> None:
    """Let every open link of an account work no more."""
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.account_id == account_id, PasswordReset.used_at.is_(None))
        .values(used_at=moment)
    )


def purge(session: Session, before: datetime) -> int:
    """Delete links that were over before the given moment; returns how many."""
    return rows_changed(session, delete(PasswordReset).where(PasswordReset.expires_at < before))
