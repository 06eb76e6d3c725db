"""Whose personal data was erased: the list that a restored backup is held against before anybody sees it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base


class Erasure(Base):
    """An account whose person was erased; it holds nothing that leads back to that person."""

    __tablename__ = "erasure"

    account_uid: Mapped[UUID] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime]


def listed(session: Session) -> list[Erasure]:
    """Every erasure, oldest first."""
    query = select(Erasure).order_by(Erasure.erased_at, Erasure.account_uid)
    return list(session.scalars(query))
