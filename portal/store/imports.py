"""Files that somebody brought to fill a year with: the portal's own workbook, or a table of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from portal.store.base import Base, BigKey, Document

# A file in one of these states is still needed; in the others its bytes are swept.
WAITING = ("reading", "ready", "applying")


class ImportFile(Base):
    """An uploaded file on its way into a year; the bytes lie in the blob folder under `sha256` until it is settled.

    `reading`: a job looks into it. `ready`: what it changes is shown. `applying`: a job applies it. `applied`, `refused`
    and `abandoned` are ends. `preview` holds what it would change, `choices` what was chosen where both sides changed
    the same, `mapping` what the columns of a free table mean, `problems` why it was refused, `counts` how many rows of
    which fate there are; all of it but the counts goes once the file is settled.
    """

    __tablename__ = "import_file"
    __table_args__ = (
        CheckConstraint("kind in ('workbook', 'free')", name="kind_known"),
        CheckConstraint(
            "state in ('reading', 'ready', 'applying', 'applied', 'refused', 'abandoned')",
            name="state_known",
        ),
        CheckConstraint("size >= 0", name="size_not_negative"),
        CheckConstraint(
            "(settled_at is null) = (state in ('reading', 'ready', 'applying'))",
            name="settled_when_ended",
        ),
        Index("ix_import_file_inventory_state", "inventory_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    inventory_id: Mapped[int] = mapped_column(ForeignKey("inventory.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    counts: Mapped[dict[str, Any]] = mapped_column(Document)
    mapping: Mapped[dict[str, Any] | None] = mapped_column(Document)
    preview: Mapped[dict[str, Any] | None] = mapped_column(Document)
    choices: Mapped[dict[str, Any] | None] = mapped_column(Document)
    problems: Mapped[list[Any] | None] = mapped_column(Document)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    uploaded_at: Mapped[datetime]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]


# For lists of files: what a file would change may be several megabytes, and a list shows nothing of it.
WITHOUT_CONTENTS = tuple(
    defer(column) for column in (ImportFile.mapping, ImportFile.preview, ImportFile.choices)
)


def needed_blobs(session: Session) -> set[str]:
    """The contents that files on their way still need."""
    query = select(ImportFile.sha256).where(ImportFile.state.in_(WAITING))
    return set(session.scalars(query))
