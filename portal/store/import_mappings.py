"""What members said their own tables mean, to be offered when a table with the same titles comes again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, BigKey, Document, upserting


class ImportMapping(Base):
    """The latest mapping of a member for tables of one shape (`intake.tables.mapping.shape_of_titles`)."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("member_id", "shape"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    shape: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]] = mapped_column(Document)
    used_at: Mapped[datetime]


def all_of(session: Session, member_id: int) -> list[tuple[str, dict[str, Any]]]:
    """All mappings of a member with their shapes."""
    query = select(ImportMapping.shape, ImportMapping.mapping).where(
        ImportMapping.member_id == member_id
    )
    return [(shape, mapping) for shape, mapping in session.execute(query)]


def keep(
    session: Session, member_id: int, shape: str, mapping: dict[str, Any], *, moment: datetime
) -> None:
    """Remember a mapping in the place of the one before."""
    values = {"member_id": member_id, "shape": shape, "mapping": mapping, "used_at": moment}
    statement = upserting(session)(ImportMapping).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["member_id", "shape"],
            set_={"mapping": statement.excluded.mapping, "used_at": statement.excluded.used_at},
        )
    )
