"""Reduction actions of a member, their milestones, and the evidence they point to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document


class Action(Base):
    """Something a member does to emit less; `kg_saving` is what a full year of it is expected to save, in kg CO2e.

    `estimate` keeps how the saving was worked out (with the factor edition of `basis_year`, whose inventory it was
    compared with), `raw` what was typed. Money is CNY a year, capex CNY once; water, energy and waste are what a year
    saves (below zero: costs) in m³, kWh and t.
    """

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint(
            "area in ('production', 'purchasing', 'storage', 'logistics', 'farm')",
            name="area_known",
        ),
        CheckConstraint("ledger in ('inventory', 'avoided')", name="ledger_known"),
        CheckConstraint("method in ('share', 'quantity', 'switch', 'stated')", name="method_known"),
        CheckConstraint(
            "status in ('idea', 'planned', 'in_progress', 'done', 'stopped')", name="status_known"
        ),
        CheckConstraint(
            "status <> 'stopped' or stopped_reason <> ''", name="stopped_with_a_reason"
        ),
        Index("ix_action_member_position", "member_id", "position", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    position: Mapped[int]
    lever: Mapped[str] = mapped_column(String(60), default="", index=True)
    name: Mapped[str] = mapped_column(String(200))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    area: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(60))
    ledger: Mapped[str] = mapped_column(String(10), default="inventory")
    method: Mapped[str] = mapped_column(String(10))
    kg_saving: Mapped[Decimal]
    estimate: Mapped[dict[str, Any]] = mapped_column(Document)
    basis_year: Mapped[int | None]
    start_on: Mapped[date]
    ramp_months: Mapped[int] = mapped_column(default=0)
    lifetime_years: Mapped[int]
    owner_name: Mapped[str] = mapped_column(String(200), default="")
    owner_post: Mapped[str] = mapped_column(String(200), default="")
    supervisor_name: Mapped[str] = mapped_column(String(200), default="")
    supervisor_post: Mapped[str] = mapped_column(String(200), default="")
    capex: Mapped[Decimal]
    opex: Mapped[Decimal]
    money_saved: Mapped[Decimal]
    water_m3: Mapped[Decimal]
    energy_kwh: Mapped[Decimal]
    waste_t: Mapped[Decimal]
    status: Mapped[str] = mapped_column(String(12), default="planned")
    stopped_reason: Mapped[str] = mapped_column(String(1000), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    explanation: Mapped[str] = mapped_column(String(1000), default="")
    may_be_copied: Mapped[bool] = mapped_column(default=False)
    copied_from: Mapped[UUID | None]
    copied_from_name: Mapped[str] = mapped_column(String(200), default="")
    raw: Mapped[dict[str, Any]] = mapped_column(Document)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Milestone(Base):
    """A step of an action, due on a day, done on another or not yet."""

    __tablename__ = "milestone"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date]
    done_on: Mapped[date | None]


class ActionEvidence(Base):
    """Which file supports which action; one file may support many."""

    __tablename__ = "action_evidence"

    action_id: Mapped[int] = mapped_column(
        ForeignKey("action.id", ondelete="CASCADE"), primary_key=True
    )
    evidence_id: Mapped[int] = mapped_column(
        ForeignKey("evidence.id"), primary_key=True, index=True
    )
