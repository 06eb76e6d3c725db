"""Long lists read piece by piece behind a key, as programs read them: stable whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.domain.actors import MemberId
from portal.domain.permissions import Permission
from portal.services.actions import ActionDetail, details_of
from portal.services.member_list import NOT_BEGUN
from portal.services.meters import MeterRow, meters_of
from portal.services.work import Work
from portal.store.actions import Action
from portal.store.base import AnySelect
from portal.store.certificates import Certificate
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory, Output
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site
from portal.store.meters import Meter
from portal.store.submissions import Submission
from portal.store.summaries import MemberProgress, MemberYear

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """Some rows of a list, and the key behind which the next ones begin; None behind the last."""

    rows: Sequence[T]
    next: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A member and where it stands in a year; `kg_total` is what was approved."""

    member: Member
    state: str
    kg_total: Decimal | None
    quality: Decimal | None


def lines_after(work: Work, inventory: Inventory, after: int, limit: int) -> Piece[ActivityLine]:
    """Lines of an inventory in the order in which they were added."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    query = select(ActivityLine).where(ActivityLine.inventory_id == inventory.id)
    return _piece(work.session, query, ActivityLine.id, after, limit)


def evidence_after(work: Work, member_id: MemberId, after: int, limit: int) -> Piece[Evidence]:
    """A member's files in the order in which they were uploaded."""
    work.demand(Permission.MEMBER_EVIDENCE_READ, member_id)
    query = select(Evidence).where(Evidence.member_id == member_id)
    return _piece(work.session, query, Evidence.id, after, limit)


def evidence_of_line_after(
    work: Work, line: ActivityLine, member_id: MemberId, after: int, limit: int
) -> Piece[Evidence]:
    """The files that support a line in the order in which they were uploaded."""
    work.demand(Permission.MEMBER_EVIDENCE_READ, member_id)
    query = (
        select(Evidence)
        .join(LineEvidence, LineEvidence.evidence_id == Evidence.id)
        .where(LineEvidence.line_id == line.id)
    )
    return _piece(work.session, query, Evidence.id, after, limit)


def outputs_after(work: Work, inventory: Inventory, after: int, limit: int) -> Piece[Output]:
    """Outputs of an inventory in the order in which they were added."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    query = select(Output).where(Output.inventory_id == inventory.id)
    return _piece(work.session, query, Output.id, after, limit)


def sites_after(work: Work, member: Member, after: int, limit: int) -> Piece[Site]:
    """A member's sites, closed ones too, in the order in which they were added."""
    work.demand(Permission.MEMBER_PROFILE_READ, MemberId(member.id))
    query = select(Site).where(Site.member_id == member.id)
    return _piece(work.session, query, Site.id, after, limit)


def meters_after(work: Work, member: Member, after: int, limit: int) -> Piece[MeterRow]:
    """A member's meters, each with its latest reading, in the order in which they were added."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    query = select(Meter).where(Meter.member_id == member.id)
    piece = _piece(work.session, query, Meter.id, after, limit)
    rows = meters_of(work, member, piece.rows)
    return Piece(sorted(rows, key=lambda row: row.meter.id), piece.next)


def actions_after(work: Work, member: Member, after: int, limit: int) -> Piece[ActionDetail]:
    """A member's reduction actions in the order in which they were added."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(member.id))
    query = select(Action).where(Action.member_id == member.id)
    piece = _piece(work.session, query, Action.id, after, limit)
    return Piece(details_of(work.session, member.id, piece.rows), piece.next)


def submissions_after(
    work: Work, after: int, limit: int, *, year: int | None = None
) -> Piece[Submission]:
    """What was handed in, in that order: by the actor's own member, or by everybody for people of the alliance."""
    member_id = work.actor.member_id
    query = select(Submission)
    if member_id is None:
        work.demand(Permission.ALLIANCE_SUBMISSION_READ)
    else:
        work.demand(Permission.MEMBER_SUBMISSION_READ, member_id)
        query = query.where(Submission.member_id == member_id)
    if year is not None:
        query = query.where(Submission.year == year)
    return _piece(work.session, query, Submission.id, after, limit)


def certificates_after(
    work: Work, after: int, limit: int, *, year: int | None = None
) -> Piece[Certificate]:
    """Certificates in the order of their issue: the actor's own member's, or everybody's."""
    member_id = work.actor.member_id
    query = select(Certificate)
    if member_id is None:
        work.demand(Permission.ALLIANCE_CERTIFICATE_READ)
    else:
        work.demand(Permission.MEMBER_CERTIFICATE_READ, member_id)
        query = query.where(Certificate.member_id == member_id)
    if year is not None:
        query = query.where(Certificate.year == year)
    return _piece(work.session, query, Certificate.id, after, limit)


def members_after(work: Work, year: int, after: int, limit: int) -> Piece[Standing]:
    """Members in the order in which they joined the portal, with where they stand in a year."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    query = (
        select(Member, Inventory.state, MemberYear.kg_total, MemberYear.quality)
        .outerjoin(Inventory, and_(Inventory.member_id == Member.id, Inventory.year == year))
        .outerjoin(MemberYear, and_(MemberYear.member_id == Member.id, MemberYear.year == year))
        .where(Member.id > after)
        .order_by(Member.id)
        .limit(limit + 1)
    )
    found = work.session.execute(query).all()
    rows = [
        Standing(member, state or NOT_BEGUN, total, quality)
        for member, state, total, quality in found[:limit]
    ]
    return Piece(rows, rows[-1].member.id if len(found) > limit else None)


def progress_after(
    work: Work, year: int, after: int, limit: int
) -> Piece[tuple[Member, MemberProgress, UUID]]:
    """Members with their approved progress of a year; those without are left out."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    query = (
        select(Member, MemberProgress, Submission.uid)
        .join(
            MemberProgress,
            and_(MemberProgress.member_id == Member.id, MemberProgress.year == year),
        )
        .join(Submission, Submission.id == MemberProgress.submission_id)
        .where(Member.id > after)
        .order_by(Member.id)
        .limit(limit + 1)
    )
    found = [(member, row, uid) for member, row, uid in work.session.execute(query)]
    return Piece(found[:limit], found[limit - 1][0].id if len(found) > limit else None)


def _piece(session: Session, query: AnySelect, key: Any, after: int, limit: int) -> Piece[Any]:
    found = session.scalars(query.where(key > after).order_by(key).limit(limit + 1)).all()
    rows = found[:limit]
    return Piece(rows, rows[-1].id if len(found) > limit else None)
