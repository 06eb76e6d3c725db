"""Submissions: frozen content with a digest, and the events their state is folded from."""

from __future__ import annotations

import zlib
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Bytes, Document


class Submission(Base):
    """One version of what a member handed in, of an inventory or a dossier; the database refuses to change it (trigger).

    Its amounts are those of the inventory that it is or that it stands on; of a plan or a progress report `line_count`
    counts actions. `state` restates the fold of the events, so that a conditional UPDATE can settle a race; a test holds both together.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("inventory_id", "number"),
        UniqueConstraint("dossier_id", "number"),
        CheckConstraint(
            "kind in ('baseline', 'plan', 'progress', 'restatement')", name="kind_known"
        ),
        CheckConstraint(
            "(kind = 'baseline') = (inventory_id is not null)"
            " and (inventory_id is null) <> (dossier_id is null)",
            name="about_one_thing",
        ),
        CheckConstraint(
            "state in ('submitted', 'returned', 'approved', 'withdrawn', 'outdated')",
            name="state_known",
        ),
        CheckConstraint(
            "decided_by is null or submitted_by is null or decided_by <> submitted_by",
            name="decider_is_not_the_submitter",
        ),
        CheckConstraint(
            "(state in ('returned', 'approved', 'outdated')) = (decided_at is not null)",
            name="decided_when_decided",
        ),
        Index("ix_submission_state_submitted_at", "state", "submitted_at", "id"),
        Index("ix_submission_member_year", "member_id", "year", "number"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    inventory_id: Mapped[int | None] = mapped_column(ForeignKey("inventory.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    number: Mapped[int]
    content: Mapped[bytes] = mapped_column(Bytes, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    kg_scope1: Mapped[Decimal]
    kg_scope2_location: Mapped[Decimal]
    kg_scope2_market: Mapped[Decimal]
    kg_scope3: Mapped[Decimal]
    kg_biogenic: Mapped[Decimal]
    line_count: Mapped[int]
    evidenced_count: Mapped[int]
    warning_count: Mapped[int]
    quality: Mapped[Decimal]
    edition: Mapped[str] = mapped_column(String(20))
    gwp_set: Mapped[str] = mapped_column(String(10))
    signed_name: Mapped[str] = mapped_column(String(200))
    signed_post: Mapped[str] = mapped_column(String(200))
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    submitted_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]

    @property
    def kg_total(self) -> Decimal:
        """Scopes 1, 2 (location-based) and 3 together, in kg CO2e."""
        return self.kg_scope1 + self.kg_scope2_location + self.kg_scope3

    def canonical_content(self) -> bytes:
        """The frozen canonical JSON that `digest` was made from."""
        return zlib.decompress(self.content)


class SubmissionEvent(Base):
    """Something that happened to a submission; append-only (trigger)."""

    __tablename__ = "submission_event"
    __table_args__ = (UniqueConstraint("submission_id", "position"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(Document)


class Finding(Base):
    """A reviewer's remark on a line or action, a field or the whole; internal, or visible to the supplier, who answers it."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("visibility in ('internal', 'supplier')", name="visibility_known"),
        CheckConstraint("state in ('open', 'answered', 'settled')", name="state_known"),
        CheckConstraint("state <> 'answered' or answer <> ''", name="answered_has_an_answer"),
        CheckConstraint("(inventory_id is null) <> (dossier_id is null)", name="about_one_thing"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    inventory_id: Mapped[int | None] = mapped_column(ForeignKey("inventory.id"), index=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    line_key: Mapped[UUID | None]
    field: Mapped[str] = mapped_column(String(40), default="")
    visibility: Mapped[str] = mapped_column(String(10))
    message: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
