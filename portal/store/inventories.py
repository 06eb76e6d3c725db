"""Inventories (one member × one calendar year) and what belongs to them beside the lines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document


class Inventory(Base):
    """A member's year: lines, outputs and what is not applicable; `state` is what a conditional UPDATE guards."""

    __tablename__ = "inventory"
    __table_args__ = (
        UniqueConstraint("member_id", "year"),
        CheckConstraint(
            "state in ('draft', 'submitted', 'returned', 'approved')", name="state_known"
        ),
        CheckConstraint("year between 2000 and 2100", name="year_plausible"),
        Index("ix_inventory_year_state", "year", "state", "member_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class NotApplicable(Base):
    """A category that a member says it does not have in a year, with the reason."""

    __tablename__ = "not_applicable"

    inventory_id: Mapped[int] = mapped_column(ForeignKey("inventory.id"), primary_key=True)
    category: Mapped[str] = mapped_column(String(60), primary_key=True)
    reason: Mapped[str] = mapped_column(String(1000))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Output(Base):
    """What was produced in the year: the denominator of an intensity."""

    __tablename__ = "output"
    __table_args__ = (CheckConstraint("quantity >= 0", name="quantity_not_negative"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    inventory_id: Mapped[int] = mapped_column(ForeignKey("inventory.id"), index=True)
    product: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[Decimal]
    unit: Mapped[str] = mapped_column(String(20))
    raw: Mapped[dict[str, Any]] = mapped_column(Document)


class Acknowledgement(Base):
    """Why a warning may stand, in the supplier's words; the reviewer sees it."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("inventory_id", "code", "subject"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    inventory_id: Mapped[int] = mapped_column(ForeignKey("inventory.id"), index=True)
    code: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(1000))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
