"""Members by their approved progress of a year: who is off the path and why, and who hasn't come so far."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from portal.domain.members import Status
from portal.domain.permissions import Permission
from portal.services.member_list import matches_member
from portal.services.pages import Page, page_of
from portal.services.units import in_branch
from portal.services.work import Work
from portal.store.alliance import OrgUnit
from portal.store.base import AnySelect
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberPlan, MemberProgress


class Standing(StrEnum):
    """Which members a list shows: by their approved progress or plan, or active ones that have none."""

    OFF_TRACK = "off_track"
    ON_TRACK = "on_track"
    REPORTED = "reported"
    PLANNED = "planned"
    NO_PROGRESS = "no_progress"
    NO_PLAN = "no_plan"


SORTS = tuple(f"{sign}{key}" for key in ("gap", "cut", "code", "name") for sign in ("", "-"))


@dataclass(frozen=True, slots=True)
class ProgressFilter:
    """What the address asks for; empty means no restriction."""

    year: int
    state: Standing = Standing.OFF_TRACK
    sector: str = ""
    search: str = ""
    unit: OrgUnit | None = None
    sort: str = "-gap"


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """One member; `place` is its place by cut among all whose progress of the year is approved, `is_tied` when shared."""

    member: Member
    progress: MemberProgress | None
    submission: UUID | None
    plan: MemberPlan | None
    place: int | None
    is_tied: bool

    @property
    def most(self) -> Decimal:
        """The largest of base, allowed and actual kg CO2e, at which a drawing of them ends."""
        row = self.progress
        return Decimal(0) if row is None else max(row.kg_base, row.kg_target, row.kg_actual)

    @property
    def proven_share(self) -> Decimal | None:
        """What is proven of the expected savings, as a ratio; None where nothing was expected."""
        row = self.progress
        return row.kg_verified / row.kg_expected if row is not None and row.kg_expected else None


def list_progress(work: Work, wanted: ProgressFilter, page: int = 1) -> Page[ProgressRow]:
    """One page of members with their standing in a year, in three statements."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    found = page_of(work.session, _ordered(_query(wanted), wanted.sort), page)
    places = _places(work, wanted.year, [member.id for member, *_ in found.rows])
    rows = [ProgressRow(*row, *places.get(row[0].id, (None, False))) for row in found.rows]
    return Page(rows, found.number, found.total, found.size)


def reported_count(work: Work, year: int) -> int:
    """How many members have approved progress of a year: those among whom places are counted."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    query = select(func.count()).where(MemberProgress.year == year)
    return work.session.scalars(query).one()


def _places(work: Work, year: int, members: list[int]) -> dict[int, tuple[int, bool]]:
    """(place, whether it is shared) in the whole alliance, whatever the list is narrowed to.

    Equal cuts have one place, and the next is left out.
    """
    by_cut = MemberProgress.cut_percent
    every = (
        select(
            MemberProgress.member_id,
            func.rank().over(order_by=by_cut.desc()).label("place"),
            func.count().over(partition_by=by_cut).label("alike"),
        )
        .where(MemberProgress.year == year)
        .subquery()
    )
    rows = work.session.execute(select(every).where(every.c.member_id.in_(members)))
    return {member: (place, alike > 1) for member, place, alike in rows}


def _query(wanted: ProgressFilter) -> AnySelect:
    query = (
        select(Member, MemberProgress, Submission.uid, MemberPlan)
        .outerjoin(
            MemberProgress,
            and_(MemberProgress.member_id == Member.id, MemberProgress.year == wanted.year),
        )
        .outerjoin(Submission, Submission.id == MemberProgress.submission_id)
        .outerjoin(MemberPlan, MemberPlan.member_id == Member.id)
        .where(_standing(wanted.state))
    )
    if wanted.unit is not None:
        query = query.where(in_branch(wanted.unit.id))
    if wanted.sector:
        query = query.where(Member.sector == wanted.sector)
    if wanted.search:
        query = query.where(matches_member(wanted.search))
    return query


def _standing(state: Standing) -> Any:
    is_active = Member.status == Status.ACTIVE.value
    match state:
        case Standing.OFF_TRACK:
            return MemberProgress.is_on_path.is_(False)
        case Standing.ON_TRACK:
            return MemberProgress.is_on_path.is_(True)
        case Standing.REPORTED:
            return MemberProgress.member_id.is_not(None)
        case Standing.PLANNED:
            return MemberPlan.member_id.is_not(None)
        case Standing.NO_PROGRESS:
            return is_active & MemberProgress.member_id.is_(None)
        case Standing.NO_PLAN:
            return is_active & MemberPlan.member_id.is_(None)


def _ordered(query: AnySelect, sort: str) -> AnySelect:
    column, falling = sort.removeprefix("-"), sort.startswith("-")
    orders: dict[str, Any] = {
        "gap": MemberProgress.kg_actual - MemberProgress.kg_target,
        "cut": MemberProgress.cut_percent,
        "name": Member.name_zh,
        "code": Member.code,
    }
    order = orders[column]
    # Databases differ in where they put what is missing; the code settles what is equal.
    return query.order_by(
        MemberProgress.member_id.is_(None), order.desc() if falling else order, Member.code
    )
