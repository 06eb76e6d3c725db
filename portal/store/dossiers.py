"""Dossiers: what a member hands in beside its inventories, and what is reported in them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document


class Dossier(Base):
    """A member's reduction plan, a progress report, or a restatement; `state` is what a conditional UPDATE guards.

    A member has one plan, whose `year` is the first of the three that its tasks are listed for. Progress is about a
    calendar year (`quarter` 0) or a quarter of it. A restatement is about all years since the base year and is dated by
    the year in which it is asked for. `detail` holds what was typed beside targets, actions and adjustments.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        UniqueConstraint("member_id", "kind", "year", "quarter"),
        CheckConstraint("kind in ('plan', 'progress', 'restatement')", name="kind_known"),
        CheckConstraint(
            "state in ('draft', 'submitted', 'returned', 'approved')", name="state_known"
        ),
        CheckConstraint("year between 2000 and 2100", name="year_plausible"),
        CheckConstraint(
            "quarter = 0 or (kind = 'progress' and quarter between 1 and 4)",
            name="quarter_of_progress",
        ),
        Index(
            "uq_dossier_plan",
            "member_id",
            unique=True,
            sqlite_where=text("kind = 'plan'"),
            postgresql_where=text("kind = 'plan'"),
        ),
        Index("ix_dossier_kind_year_state", "kind", "year", "state", "member_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(String(12))
    year: Mapped[int]
    quarter: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    note: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(Document)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ActionProgress(Base):
    """How an action stands in a progress report: its status, and what it saved in the period, in kg CO2e.

    `kg_expected` is what the plan had for the period; `kg_measured` is empty where nothing was measured. `reached` has the
    days on which milestones were reached, by `step_key`.
    """

    __tablename__ = "action_progress"
    __table_args__ = (
        UniqueConstraint("dossier_id", "action_id"),
        CheckConstraint(
            "status in ('idea', 'planned', 'in_progress', 'done', 'stopped')", name="status_known"
        ),
        CheckConstraint("status <> 'stopped' or note <> ''", name="stopped_with_a_reason"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    kg_expected: Mapped[Decimal]
    kg_measured: Mapped[Decimal | None]
    measured_how: Mapped[str] = mapped_column(String(1000), default="")
    note: Mapped[str] = mapped_column(String(1000), default="")
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    reached: Mapped[dict[str, str]] = mapped_column(Document, default=dict)
    raw: Mapped[dict[str, Any]] = mapped_column(Document)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ProgressEvidence(Base):
    """Which file proves what an action saved in a period."""

    __tablename__ = "progress_evidence"

    progress_id: Mapped[int] = mapped_column(
        ForeignKey("action_progress.id", ondelete="CASCADE"), primary_key=True
    )
    evidence_id: Mapped[int] = mapped_column(
        ForeignKey("evidence.id"), primary_key=True, index=True
    )


class Adjustment(Base):
    """What a restatement adds to a category in a year (below zero: takes from it), in kg CO2e."""

    __tablename__ = "adjustment"
    __table_args__ = (UniqueConstraint("dossier_id", "year", "category"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    year: Mapped[int]
    category: Mapped[str] = mapped_column(String(60))
    kg_change: Mapped[Decimal]
    reason: Mapped[str] = mapped_column(String(1000), default="")
    raw: Mapped[dict[str, Any]] = mapped_column(Document)
