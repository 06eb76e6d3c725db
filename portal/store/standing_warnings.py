"""Warnings that stand or stood: since when, what became of them, how far up they went, and who was told of what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document


class StandingWarning(Base):
    """One warning of a member, known by year (0: of none), code and subject; `address` is the very thing that was seen.

    A reason for what is odd in an inventory is an Acknowledgement; `reason` is for what has none, and for what a
    coordinator resolved. `level` 0 is the member, above it `unit_id` says where the warning has gone to.
    """

    __tablename__ = "standing_warning"
    __table_args__ = (
        UniqueConstraint("member_id", "year", "code", "subject"),
        CheckConstraint("state in ('open', 'explained', 'resolved')", name="state_known"),
        CheckConstraint("weight between 1 and 3", name="weight_known"),
        CheckConstraint("(level = 0) = (unit_id is null)", name="level_has_its_unit"),
        CheckConstraint("settled_by is null or reason <> ''", name="settled_with_a_reason"),
        Index("ix_standing_warning_state", "state", "weight", "opened_at", "id"),
        Index("ix_standing_warning_unit_id", "unit_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    year: Mapped[int]
    code: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(140))
    weight: Mapped[int]
    values: Mapped[dict[str, Any]] = mapped_column(Document)
    state: Mapped[str] = mapped_column(String(10))
    level: Mapped[int]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    turn: Mapped[int]
    opened_at: Mapped[datetime]
    due_on: Mapped[date]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class WarningNotice(Base):
    """That a person is to be told of a warning at a level, and when that was done: the key keeps it to once."""

    __tablename__ = "warning_notice"
    __table_args__ = (Index("ix_warning_notice_account_id", "account_id", "told_at"),)

    warning_id: Mapped[int] = mapped_column(
        ForeignKey("standing_warning.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    told_at: Mapped[datetime | None]
