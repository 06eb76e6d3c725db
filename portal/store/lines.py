"""Activity lines of an inventory, finished and unfinished, and the evidence they point to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document

_FINISHED = (
    "not is_complete or (category is not null and quantity is not null and unit is not null"
    " and site_id is not null and start_on is not null and end_on is not null"
    " and scope is not null and kg_co2e is not null)"
)


class ActivityLine(Base):
    """One row of the year's table: what was typed (`raw`), and what it means once nothing is missing.

    A row is complete or it is not; only complete rows have a meaning, which a constraint guards, and only they count.
    `assessment` is the pinned result without its trace, which follows from the pinned factor edition.
    `kg_co2e` is location-based, `kg_co2e_market` market-based: they differ for purchased electricity only.
    """

    __tablename__ = "activity_line"
    __table_args__ = (
        CheckConstraint(_FINISHED, name="complete_line_has_its_values"),
        CheckConstraint("quantity is null or quantity >= 0", name="quantity_not_negative"),
        CheckConstraint(
            "start_on is null or end_on is null or start_on < end_on", name="period_not_empty"
        ),
        Index("ix_activity_line_inventory_position", "inventory_id", "position", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[UUID] = mapped_column(Uuid, unique=True)
    inventory_id: Mapped[int] = mapped_column(ForeignKey("inventory.id"))
    position: Mapped[int]
    raw: Mapped[dict[str, Any]] = mapped_column(Document)
    problems: Mapped[list[Any] | None] = mapped_column(Document)
    is_complete: Mapped[bool]
    category: Mapped[str | None] = mapped_column(String(60))
    quantity: Mapped[Decimal | None]
    unit: Mapped[str | None] = mapped_column(String(20))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]
    parameters: Mapped[dict[str, Any] | None] = mapped_column(Document)
    note: Mapped[str] = mapped_column(Text, default="")
    scope: Mapped[int | None]
    kg_co2e: Mapped[Decimal | None]
    kg_co2e_market: Mapped[Decimal | None]
    kg_co2_biogenic: Mapped[Decimal | None]
    quality: Mapped[int | None]
    factor: Mapped[str | None] = mapped_column(String(200))
    assessment: Mapped[dict[str, Any] | None] = mapped_column(Document)
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class LineEvidence(Base):
    """Which file supports which line; one file may support many."""

    __tablename__ = "line_evidence"

    line_id: Mapped[int] = mapped_column(
        ForeignKey("activity_line.id", ondelete="CASCADE"), primary_key=True
    )
    evidence_id: Mapped[int] = mapped_column(
        ForeignKey("evidence.id"), primary_key=True, index=True
    )
