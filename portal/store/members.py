"""Members of the alliance (suppliers) and their sites."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, BigKey


class Member(Base):
    """A supplier in the alliance."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("status in ('invited', 'active', 'left')", name="status_known"),
        CheckConstraint("name_zh <> '' or name_en <> ''", name="has_a_name"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    credit_code: Mapped[str | None] = mapped_column(String(18), index=True)
    sector: Mapped[str] = mapped_column(String(40), index=True)
    joined_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), index=True)
    base_year: Mapped[int | None]
    boundary: Mapped[str | None] = mapped_column(String(30))
    signatory_name: Mapped[str | None] = mapped_column(String(200))
    signatory_post: Mapped[str | None] = mapped_column(String(200))
    set_up_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Site(Base):
    """A facility of a member: plant, farm, warehouse, fleet, office."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("member_id", "code"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    province: Mapped[str | None] = mapped_column(String(6))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


def site_codes(session: Session, member_id: int) -> dict[int, str]:
    """The codes of a member's sites by id."""
    query = select(Site.id, Site.code).where(Site.member_id == member_id)
    return dict(session.execute(query).all())
