"""The alliance's programme: default target, roadmap and level rules, one version after the other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.base import Base, BigKey, Document


class ProgrammeVersion(Base):
    """One version of the programme; the newest is in force, earlier ones explain earlier certificates (trigger)."""

    __tablename__ = "programme_version"
    __table_args__ = (UniqueConstraint("alliance_id", "number"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(Document)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
