"""Restated years beside the reported ones, and trials of what another factor edition would change."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey


class MemberRestated(Base):
    """Restated kg CO2e of one member, year and category; where a year has none, what was reported holds.

    The reported rows (`member_summary`) are never touched. Each decision lays a layer of all categories of a year: the
    highest one is in force, those beneath it are what it was decided on. A row names the approved submission, or the
    trial of a factor edition, that its layer rests on.
    """

    __tablename__ = "member_restated"
    __table_args__ = (
        CheckConstraint(
            "(submission_id is null) <> (trial_id is null)", name="rests_on_one_decision"
        ),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(60), primary_key=True)
    scope: Mapped[int]
    kg_co2e: Mapped[Decimal]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    trial_id: Mapped[int | None] = mapped_column(ForeignKey("edition_trial.id"))


class EditionTrial(Base):
    """A dry run of all approved years under another factor edition and GWP set; nothing changes by it."""

    __tablename__ = "edition_trial"
    __table_args__ = (
        CheckConstraint("state in ('running', 'ready', 'decided')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    edition: Mapped[str] = mapped_column(String(20))
    gwp_set: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="running")
    threshold_percent: Mapped[Decimal]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]


class TrialRow(Base):
    """What one member's approved year and category came to and would come to, in kg CO2e."""

    __tablename__ = "trial_row"

    trial_id: Mapped[int] = mapped_column(ForeignKey("edition_trial.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(60), primary_key=True)
    scope: Mapped[int]
    kg_before: Mapped[Decimal]
    kg_after: Mapped[Decimal]


class TrialDecision(Base):
    """What the policy proposes for a member and what the coordinator decided, with the size of the change in percent."""

    __tablename__ = "trial_decision"
    __table_args__ = (
        CheckConstraint("proposal in ('restate', 'keep')", name="proposal_known"),
        CheckConstraint(
            "decision is null or decision in ('restate', 'keep')", name="decision_known"
        ),
        CheckConstraint("(decision is null) = (decided_at is null)", name="decided_when_decided"),
    )

    trial_id: Mapped[int] = mapped_column(ForeignKey("edition_trial.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    base_year: Mapped[int]
    change_percent: Mapped[Decimal]
    kg_change: Mapped[Decimal]
    proposal: Mapped[str] = mapped_column(String(10))
    decision: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
