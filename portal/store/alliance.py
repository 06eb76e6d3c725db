"""The alliance, its reporting years and the lead company's tree of units."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document


class Alliance(Base):
    """A programme of one chain leader; a portal serves one."""

    __tablename__ = "alliance"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    leader_zh: Mapped[str] = mapped_column(String(200))
    leader_en: Mapped[str] = mapped_column(String(200))
    net_zero_year: Mapped[int]
    certificate_months: Mapped[int]
    contact_email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]


class ReportingYear(Base):
    """What the alliance fixed for one calendar year: factor edition, GWP set, grid choice, due date."""

    __tablename__ = "reporting_year"
    __table_args__ = (UniqueConstraint("alliance_id", "year"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    year: Mapped[int]
    edition: Mapped[str] = mapped_column(String(20))
    gwp_set: Mapped[str] = mapped_column(String(10))
    options: Mapped[dict[str, str]] = mapped_column(Document)
    due_on: Mapped[date]


class OrgUnit(Base):
    """A node of the lead company's tree (group, division, base, …), any depth."""

    __tablename__ = "org_unit"
    __table_args__ = (
        # One root: its branch is the alliance.
        Index(
            "uq_org_unit_root",
            "alliance_id",
            unique=True,
            sqlite_where=text("parent_id IS NULL"),
            postgresql_where=text("parent_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(20))


class OrgClosure(Base):
    """Every ancestor of every unit, itself included, so that a branch is one indexed join."""

    __tablename__ = "org_closure"
    __table_args__ = (CheckConstraint("depth >= 0", name="depth_not_negative"),)

    ancestor_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), primary_key=True)
    descendant_id: Mapped[int] = mapped_column(
        ForeignKey("org_unit.id"), primary_key=True, index=True
    )
    depth: Mapped[int]
