"""The coordinator's queue: what waits, oldest first, filtered by what stands in the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from portal.domain.permissions import Permission
from portal.domain.review import change_percent
from portal.domain.submissions import State
from portal.services.member_list import matches_member
from portal.services.pages import Page, page_of, place_in
from portal.services.portfolio import OVERDUE_AFTER
from portal.services.units import in_branch
from portal.services.work import Work
from portal.store.alliance import OrgUnit
from portal.store.members import Member
from portal.store.submissions import Finding, Submission
from portal.store.summaries import MemberYear


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the address asks for; empty means no restriction."""

    state: str = State.SUBMITTED.value
    kind: str = ""
    search: str = ""
    sector: str = ""
    unit: OrgUnit | None = None
    year: int | None = None
    only_overdue: bool = False
    least_warnings: int = 0
    sort: str = "oldest"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One submission as the queue shows it; amounts in kg CO2e, its age in whole days."""

    submission: Submission
    member: Member
    kg_last_year: Decimal | None
    open_findings: int
    age_days: int

    @property
    def change_percent(self) -> Decimal | None:
        """Change of the total against last year's approved total, in percent."""
        if self.kg_last_year is None:
            return None
        return change_percent(self.submission.kg_total, self.kg_last_year)


def list_queue(work: Work, wanted: QueueFilter, page: int = 1) -> Page[QueueRow]:
    """One page of the queue."""
    work.demand(Permission.ALLIANCE_SUBMISSION_READ)
    found = page_of(work.session, _query(work, wanted), page)
    return Page(_rows(work, found.rows), found.number, found.total, found.size)


def longest_waiting(work: Work, count: int, unit: OrgUnit | None = None) -> list[QueueRow]:
    """The head of the queue, of a branch if one is given."""
    work.demand(Permission.ALLIANCE_SUBMISSION_READ)
    return _rows(work, work.session.execute(_query(work, QueueFilter(unit=unit)).limit(count)))


def _rows(work: Work, found: Iterable[Any]) -> list[QueueRow]:
    return [
        QueueRow(
            submission, member, last_year, findings, (work.moment - submission.submitted_at).days
        )
        for submission, member, last_year, findings in found
    ]


def neighbours(
    work: Work, wanted: QueueFilter, uid: UUID
) -> tuple[int, int, UUID | None, UUID | None]:
    """(place, total, previous, next) of a submission in the filtered queue, for “3 of 46”."""
    work.demand(Permission.ALLIANCE_SUBMISSION_READ)
    query = _query(work, wanted)
    place, before, after = place_in(work.session, query, Submission.uid, uid)
    counted = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    return place, work.session.scalars(counted).one(), before, after


def _query(work: Work, wanted: QueueFilter) -> Select[Submission, Member, Decimal, int]:
    last_year = aliased(MemberYear)
    findings = (
        select(func.count())
        .where(Finding.submission_id == Submission.id, Finding.state != "settled")
        .correlate(Submission)
        .scalar_subquery()
    )
    query = (
        select(
            Submission,
            Member,
            last_year.kg_total,
            findings,
        )
        .join(Member, Member.id == Submission.member_id)
        .outerjoin(
            last_year,
            (last_year.member_id == Submission.member_id) & (last_year.year == Submission.year - 1),
        )
    )
    return _ordered(_restricted(work, query, wanted), wanted.sort)


def _restricted(
    work: Work, query: Select[Submission, Member, Decimal, int], wanted: QueueFilter
) -> Select[Submission, Member, Decimal, int]:
    if wanted.state:
        query = query.where(Submission.state == wanted.state)
    if wanted.kind:
        query = query.where(Submission.kind == wanted.kind)
    if wanted.unit is not None:
        query = query.where(in_branch(wanted.unit.id))
    if wanted.sector:
        query = query.where(Member.sector == wanted.sector)
    if wanted.year is not None:
        query = query.where(Submission.year == wanted.year)
    if wanted.only_overdue:
        query = query.where(Submission.submitted_at < work.moment - OVERDUE_AFTER)
    if wanted.least_warnings:
        query = query.where(Submission.warning_count >= wanted.least_warnings)
    if wanted.search:
        query = query.where(matches_member(wanted.search))
    return query


def _ordered(
    query: Select[Submission, Member, Decimal, int], sort: str
) -> Select[Submission, Member, Decimal, int]:
    total = Submission.kg_scope1 + Submission.kg_scope2_location + Submission.kg_scope3
    orders = {
        "oldest": (Submission.submitted_at,),
        "newest": (Submission.submitted_at.desc(),),
        "largest": (total.desc(),),
        "warnings": (Submission.warning_count.desc(), Submission.submitted_at),
        "member": (Member.code, Submission.year),
    }
    return query.order_by(*orders.get(sort, orders["oldest"]), Submission.id)
