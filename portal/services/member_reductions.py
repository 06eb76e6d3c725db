"""A member's plan and progress as coordinators look at them: what is approved, what waits, which level it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from portal.domain import certificates
from portal.domain.permissions import Permission
from portal.domain.submissions import Kind
from portal.services.work import Work
from portal.store.certificates import Certificate
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.store.restatements import MemberRestated
from portal.store.submissions import Submission
from portal.store.summaries import MemberPlan, MemberProgress


@dataclass(frozen=True, slots=True)
class ProgressYear:
    """A year's progress report: how it stands, what was handed in last, what was approved, and its certificate."""

    year: int
    state: str
    latest: Submission | None
    approved: MemberProgress | None
    certificate: Certificate | None


@dataclass(frozen=True, slots=True)
class MemberReductions:
    """The plan with what was handed in last, the years of progress (latest first), and the years that are restated."""

    state: str
    latest: Submission | None
    plan: MemberPlan | None
    years: list[ProgressYear]
    restated: list[int]


def member_reductions(work: Work, member: Member) -> MemberReductions:
    """A member's plan and progress, in a fixed number of statements."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    session = work.session
    dossiers = session.scalars(
        select(Dossier)
        .where(Dossier.member_id == member.id, Dossier.quarter == 0)
        .order_by(Dossier.year.desc())
    ).all()
    latest = _latest(work, member)
    plan = next((each for each in dossiers if each.kind == Kind.PLAN.value), None)
    restated = select(MemberRestated.year).where(MemberRestated.member_id == member.id).distinct()
    return MemberReductions(
        "none" if plan is None else plan.state,
        None if plan is None else latest.get(plan.id),
        session.get(MemberPlan, member.id),
        _years(work, member, [d for d in dossiers if d.kind == Kind.PROGRESS.value], latest),
        sorted(session.scalars(restated)),
    )


def _years(
    work: Work,
    member: Member,
    reports: list[Dossier],
    latest: Mapping[int | None, Submission],
) -> list[ProgressYear]:
    approved = {
        row.year: row
        for row in work.session.scalars(
            select(MemberProgress).where(MemberProgress.member_id == member.id)
        )
    }
    issued = {
        row.year: row
        for row in work.session.scalars(
            select(Certificate)
            .where(
                Certificate.member_id == member.id,
                Certificate.kind == certificates.Kind.PROGRESS.value,
            )
            .order_by(Certificate.issued_at, Certificate.id)
        )
    }
    return [
        ProgressYear(
            each.year,
            each.state,
            latest.get(each.id),
            approved.get(each.year),
            issued.get(each.year),
        )
        for each in reports
    ]


def _latest(work: Work, member: Member) -> dict[int | None, Submission]:
    """What was handed in last of each dossier, by its id."""
    query = (
        select(Submission)
        .where(Submission.member_id == member.id, Submission.dossier_id.is_not(None))
        .order_by(Submission.number)
    )
    return {row.dossier_id: row for row in work.session.scalars(query)}
