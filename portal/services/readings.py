"""Who of the alliance opened which figures of a member: noting it, and telling the member."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import ROLE_NAMES, MemberId, Role
from portal.domain.permissions import Permission
from portal.services.pages import Page, page_of
from portal.services.places import day_of
from portal.services.work import Work
from portal.store import readings
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow
from portal.store.certificates import Certificate
from portal.store.evidence import Evidence
from portal.store.members import Member
from portal.store.readings import Opened, Reading
from portal.store.submissions import Submission


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A reading with the name of its reader and the thing that was opened, None where that has been removed."""

    reading: Reading
    reader: str
    roles: Sequence[str]
    thing: Submission | Certificate | Evidence | None


def note(session: Session, reader_id: int, kind: str, thing: UUID, moment: datetime) -> None:
    """Count that a person of the alliance opened a thing; a member's own people are not watched.

    A thing that is gone by now has nobody to tell.
    """
    query = (
        select(RoleRow.name)
        .join(Account.roles)
        .where(Account.id == reader_id, Account.member_id.is_(None))
    )
    held = set(session.scalars(query))
    about = _about(session, kind, thing)
    if not held or about is None:
        return
    roles = tuple(role.value for role in ROLE_NAMES if role.value in held)
    member_id, year = about
    opened = Opened(member_id, reader_id, roles, kind, thing, year)
    readings.count(session, opened, moment, day_of(moment))


def readings_of(work: Work, member: Member, page: int = 1) -> Page[ReadingRow]:
    """One page of who opened a member's figures, newest first."""
    work.demand(Permission.MEMBER_SUBMISSION_READ, MemberId(member.id))
    query = (
        select(Reading, Account.name)
        .join(Account, Account.id == Reading.account_id)
        .where(Reading.member_id == member.id)
        .order_by(
            Reading.last_at.desc(), Reading.account_id.desc(), Reading.kind, Reading.thing.desc()
        )
    )
    found = page_of(work.session, query, page)
    things = _things(work.session, [reading for reading, _ in found.rows])
    rows = [
        ReadingRow(reading, name, _names_of(reading.roles), things.get(reading.thing))
        for reading, name in found.rows
    ]
    return Page(rows, found.number, found.total, found.size)


def _names_of(kept: str) -> list[str]:
    return [ROLE_NAMES[Role(role)] for role in kept.split(",") if role]


def _about(session: Session, kind: str, thing: UUID) -> tuple[int, int | None] | None:
    """The member that a thing belongs to, and the year that it is about."""
    match kind:
        case "member":
            member_id = session.scalars(select(Member.id).where(Member.uid == thing)).one_or_none()
            return None if member_id is None else (member_id, None)
        case "evidence":
            query = select(Evidence.member_id).where(Evidence.uid == thing)
            owner = session.scalars(query).one_or_none()
            return None if owner is None else (owner, None)
        case "submission" | "bundle":
            table: type[Submission] | type[Certificate] = Submission
        case "certificate" | "report":
            table = Certificate
        case _:
            raise ValueError(f"nothing is known of readings of {kind}")
    row = session.execute(
        select(table.member_id, table.year).where(table.uid == thing)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _things(
    session: Session, found: Sequence[Reading]
) -> dict[UUID, Submission | Certificate | Evidence]:
    uids = {reading.thing for reading in found}
    known: dict[UUID, Submission | Certificate | Evidence] = {}
    tables: tuple[type[Submission | Certificate | Evidence], ...] = (
        Submission,
        Certificate,
        Evidence,
    )
    for table in tables:
        rows: Iterable[Any] = session.scalars(select(table).where(table.uid.in_(uids)))
        known |= {row.uid: row for row in rows}
    return known
