"""Summary rows that dashboards read, recomputed in the transaction that approves."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, type_coerce
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from portal.store.base import Base, MicroDecimal


class MemberSummary(Base):
    """Approved kg CO2e of one member, year and category (the leaf of every roll-up)."""

    __tablename__ = "member_summary"
    __table_args__ = (Index("ix_member_summary_year_category", "year", "category", "member_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(60), primary_key=True)
    scope: Mapped[int]
    kg_co2e: Mapped[Decimal]
    kg_co2e_market: Mapped[Decimal]
    kg_co2_biogenic: Mapped[Decimal]
    line_count: Mapped[int]


class MemberYear(Base):
    """Approved totals of one member and year."""

    __tablename__ = "member_year"
    __table_args__ = (Index("ix_member_year_year", "year", "member_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    kg_scope1: Mapped[Decimal]
    kg_scope2_location: Mapped[Decimal]
    kg_scope2_market: Mapped[Decimal]
    kg_scope3: Mapped[Decimal]
    kg_biogenic: Mapped[Decimal]
    quality: Mapped[Decimal]
    approved_at: Mapped[datetime]

    @hybrid_property
    def kg_total(self) -> Decimal:
        """Scopes 1, 2 (location-based) and 3 together, in kg CO2e."""
        return self.kg_scope1 + self.kg_scope2_location + self.kg_scope3

    @kg_total.inplace.expression
    @classmethod
    def _kg_total(cls) -> ColumnElement[Decimal]:
        # The sum of two columns would come as the plain integer of millionths that the database keeps.
        return type_coerce(cls.kg_scope1 + cls.kg_scope2_location + cls.kg_scope3, MicroDecimal)


class UnitSummary(Base):
    """Approved kg CO2e of a unit's branch by year and category, so that a dashboard costs the same for any number of members.

    The root's rows are the alliance's.
    """

    __tablename__ = "unit_summary"

    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(60), primary_key=True)
    scope: Mapped[int]
    kg_co2e: Mapped[Decimal]
    kg_co2e_market: Mapped[Decimal]
    kg_co2_biogenic: Mapped[Decimal]
    member_count: Mapped[int]


class LikeForLike(Base):
    """What a branch's members with an approved year and an approved year before it came to in both.

    Somebody who joins doesn't show as growth.
    """

    __tablename__ = "like_for_like"

    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    member_count: Mapped[int]
    kg_co2e: Mapped[Decimal]
    kg_co2e_before: Mapped[Decimal]
