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
    """Approved totals of one member and year; power in kWh, None for years approved before it was counted."""

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
    kwh_power: Mapped[Decimal | None]
    kwh_renewable: Mapped[Decimal | None]
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


class MemberOutput(Base):
    """What a member produced in an approved year, by product."""

    __tablename__ = "member_output"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str] = mapped_column(String(200), primary_key=True)
    unit: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[Decimal]


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


class MemberPlan(Base):
    """The approved plan of a member: its leading target, and how its actions stand."""

    __tablename__ = "member_plan"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    year: Mapped[int]
    base_year: Mapped[int]
    target_year: Mapped[int]
    percent: Mapped[Decimal]
    kind: Mapped[str] = mapped_column(String(20))
    action_count: Mapped[int]
    underway_count: Mapped[int]
    kg_saving: Mapped[Decimal]
    approved_at: Mapped[datetime]


class MemberPath(Base):
    """What an approved plan comes to in a year: allowed by its target, and its forecast from below and above.

    All in kg CO2e of the whole inventory: what the target doesn't cover stays as it was last reported.
    """

    __tablename__ = "member_path"
    __table_args__ = (Index("ix_member_path_year", "year", "member_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    kg_target: Mapped[Decimal]
    kg_low: Mapped[Decimal]
    kg_high: Mapped[Decimal]


class MemberLever(Base):
    """The approved actions of a member by lever: kg CO2e and CNY a year, capex CNY."""

    __tablename__ = "member_lever"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    lever: Mapped[str] = mapped_column(String(60), primary_key=True)
    kg_saving: Mapped[Decimal]
    annual_cost: Mapped[Decimal]
    capex: Mapped[Decimal]
    action_count: Mapped[int]


class MemberProgress(Base):
    """The approved progress of a member in a year: where it stands against its path, and why.

    kg CO2e of what the leading target covers; the effects are of the whole inventory against the year before, None
    where they can't be told apart. `reason` is the largest of what drove the year off its path, as a code.
    """

    __tablename__ = "member_progress"
    __table_args__ = (Index("ix_member_progress_year", "year", "member_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    kg_base: Mapped[Decimal]
    kg_actual: Mapped[Decimal]
    kg_target: Mapped[Decimal]
    cut_percent: Mapped[Decimal]
    is_on_path: Mapped[bool]
    quality: Mapped[Decimal]
    level: Mapped[str] = mapped_column(String(40))
    underway_count: Mapped[int]
    overdue_count: Mapped[int]
    kg_expected: Mapped[Decimal]
    kg_verified: Mapped[Decimal]
    kg_structure: Mapped[Decimal | None]
    kg_factor: Mapped[Decimal | None]
    kg_activity: Mapped[Decimal | None]
    kg_intensity: Mapped[Decimal | None]
    reason: Mapped[str] = mapped_column(String(20))
    approved_at: Mapped[datetime]


class UnitPath(Base):
    """The paths of a unit's branch in a year, summed; the root's rows are the alliance's."""

    __tablename__ = "unit_path"

    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    kg_target: Mapped[Decimal]
    kg_low: Mapped[Decimal]
    kg_high: Mapped[Decimal]
    member_count: Mapped[int]


class UnitLever(Base):
    """The approved actions of a unit's branch by lever, summed."""

    __tablename__ = "unit_lever"

    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    lever: Mapped[str] = mapped_column(String(60), primary_key=True)
    kg_saving: Mapped[Decimal]
    annual_cost: Mapped[Decimal]
    capex: Mapped[Decimal]
    action_count: Mapped[int]
    member_count: Mapped[int]


class UnitProgress(Base):
    """How the members of a unit's branch stand in a year, counted and summed."""

    __tablename__ = "unit_progress"

    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    member_count: Mapped[int]
    on_path_count: Mapped[int]
    systematic_count: Mapped[int]
    kg_verified: Mapped[Decimal]
    kg_expected: Mapped[Decimal]
