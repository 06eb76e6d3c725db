"""Targets of a member: what it promised to come to, by when, along which path."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document


class Target(Base):
    """A promise: a cut in percent of the base year (or, of shares, the share to reach) by a target year.

    Its base value is never kept here: it follows from the approved base year, and is frozen with the plan. A target that
    was adopted from the alliance names the version of the programme it came from.
    """

    __tablename__ = "target"
    __table_args__ = (
        CheckConstraint(
            "kind in ('absolute', 'physical_intensity', 'economic_intensity', 'renewable_share',"
            " 'supplier_engagement')",
            name="kind_known",
        ),
        CheckConstraint(
            "pathway in ('linear', 'compound', 'sbti_15', 'sbti_wb2c', 'flag')",
            name="pathway_known",
        ),
        CheckConstraint("part in ('all', 'flag', 'non_flag')", name="part_known"),
        CheckConstraint("base_year < target_year", name="target_after_base"),
        CheckConstraint("percent >= 0 and percent <= 100000000", name="percent_plausible"),
        # One emission target leads: on track or not is asked of it.
        Index(
            "uq_target_main",
            "member_id",
            unique=True,
            sqlite_where=text("is_main"),
            postgresql_where=text("is_main"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    part: Mapped[str] = mapped_column(String(10), default="all")
    scopes: Mapped[list[int]] = mapped_column(Document)
    base_year: Mapped[int]
    target_year: Mapped[int]
    percent: Mapped[Decimal]
    pathway: Mapped[str] = mapped_column(String(10))
    product: Mapped[str] = mapped_column(String(200), default="")
    stated_base: Mapped[Decimal | None]
    stated_now: Mapped[Decimal | None]
    net_zero_year: Mapped[int | None]
    is_main: Mapped[bool] = mapped_column(default=False)
    adopted_version: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    raw: Mapped[dict[str, Any]] = mapped_column(Document)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
