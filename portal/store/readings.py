"""Who of the alliance has opened which figures of which member: one row for each person, thing and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, rows_changed, upserting

KINDS = ("member", "submission", "evidence", "certificate", "report", "bundle")


class Reading(Base):
    """How often a person opened a thing of a member on a day of the alliance's place, with the first and last moment.

    `thing` is the public id of what was opened; a report is named by its certificate, a bundle by its submission.
    `roles` are those that the person held when it opened the thing last.
    """

    __tablename__ = "reading"
    __table_args__ = (
        CheckConstraint(
            "kind in ('member', 'submission', 'evidence', 'certificate', 'report', 'bundle')",
            name="kind_known",
        ),
        CheckConstraint("count > 0 and first_at <= last_at", name="read_at_least_once"),
        Index("ix_reading_member_id_last_at", "member_id", "last_at"),
        Index("ix_reading_account_id", "account_id"),
        Index("ix_reading_on", "on"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    thing: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int | None]
    roles: Mapped[str] = mapped_column(String(80))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int]


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of one thing."""

    member_id: int
    account_id: int
    roles: Sequence[str]
    kind: str
    thing: UUID
    year: int | None


def count(session: Session, opened: Opened, moment: datetime, day: date) -> None:
    """Note one more opening on its day; a first one makes the row, in one statement that no second one can cross."""
    roles = ",".join(opened.roles)
    session.execute(
        upserting(session)(Reading)
        .values(
            member_id=opened.member_id,
            on=day,
            account_id=opened.account_id,
            kind=opened.kind,
            thing=opened.thing,
            year=opened.year,
            roles=roles,
            first_at=moment,
            last_at=moment,
            count=1,
        )
        .on_conflict_do_update(
            index_elements=["member_id", "on", "account_id", "kind", "thing"],
            set_={"last_at": moment, "roles": roles, "count": Reading.count + 1},
        )
    )


def purge(session: Session, before: date) -> int:
    """Delete the readings of earlier days; returns how many."""
    return rows_changed(session, delete(Reading).where(Reading.on < before))
