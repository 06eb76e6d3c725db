"""The outbox: one row for each mail, written in the transaction that causes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document


class Message(Base):
    """A mail to one receiver in that person's language; `Message-ID` is made from `uid`, so a repeat is recognisable."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'sent', 'failed', 'bounced')", name="state_known"),
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
