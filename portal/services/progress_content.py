"""A progress report as one plain document: the year against its path, why it changed, and what each action brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.submissions import Kind
from portal.services import programmes
from portal.services.freezing import files_of, member_facts, site_facts
from portal.services.progress_figures import Approved, Reported, Standing, worked_out
from portal.services.series import series_of
from portal.services.submissions import content_of
from portal.services.work import Work
from portal.store.actions import Action
from portal.store.alliance import Alliance
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberProgress, MemberYear

if TYPE_CHECKING:
    from portal.services.progress import ProgressRow

SCHEMA = 1


def content_of_progress(
    work: Work, report: Dossier, rows: Sequence[ProgressRow], plan: Submission | None
) -> dict[str, Any]:
    """Everything of a report as it stands now, with exact numbers and no person's name."""
    session = work.session
    member = session.get_one(Member, report.member_id)
    alliance = session.get_one(Alliance, member.alliance_id)
    in_force = programmes.in_force(session, alliance.id)
    standing = Standing(
        series_of(session, member.id),
        None if plan is None else content_of(session, plan),
        _years(session, member.id, report.year),
        {} if report.quarter else _last_report(session, member.id, report.year - 1),
    )
    return {
        "schema": SCHEMA,
        "kind": Kind.PROGRESS.value,
        "alliance": alliance.code,
        "year": report.year,
        "quarter": report.quarter,
        "member": member_facts(member),
        "sites": site_facts(session, member.id),
        "programme": {
            "number": in_force.number,
            "discount_rate": in_force.programme.discount_rate,
            "content": dict(in_force.content),
        },
        "plan": _plan_mark(plan),
        **worked_out(report.year, report.quarter, [_reported(each) for each in rows], standing),
        "detail": dict(report.detail),
        "evidence": files_of(each.files for each in rows),
        "note": report.note,
    }


def _reported(each: ProgressRow) -> Reported:
    row = each.row
    return Reported(
        key=str(each.action.uid),
        status=row.status,
        kg_expected=row.kg_expected,
        kg_measured=row.kg_measured,
        measured_how=row.measured_how,
        note=row.note,
        evidence=sorted(file.sha256 for file in each.files),
        reached=each.done,
        bare=_bare(each.action),
    )


def _years(session: Session, member_id: int, year: int) -> dict[int, Approved]:
    """The approved inventories of the year and the one before."""
    query = (
        select(MemberYear.year, Submission)
        .join(Submission, Submission.id == MemberYear.submission_id)
        .where(MemberYear.member_id == member_id, MemberYear.year.in_([year, year - 1]))
    )
    return {
        found: Approved(each.number, each.digest, content_of(session, each))
        for found, each in session.execute(query)
    }


def _last_report(session: Session, member_id: int, year: int) -> dict[str, Mapping[str, Any]]:
    """The actions of the approved report of the year before, by key."""
    query = (
        select(Submission)
        .join(MemberProgress, MemberProgress.submission_id == Submission.id)
        .where(MemberProgress.member_id == member_id, MemberProgress.year == year)
    )
    submission = session.scalars(query).one_or_none()
    actions = () if submission is None else content_of(session, submission)["actions"]
    return {action["key"]: action for action in actions}


def _plan_mark(plan: Submission | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {"number": plan.number, "year": plan.year, "digest": plan.digest}


def _bare(action: Action) -> dict[str, Any]:
    """An action that the approved plan no longer has, by its name alone."""
    return {
        "key": str(action.uid),
        "position": action.position,
        "name": action.name,
        "lever": action.lever,
        "site": "",
        "area": action.area,
        "category": action.category,
        "ledger": action.ledger,
        "kg_saving": action.kg_saving,
        "start": action.start_on,
        "ramp_months": action.ramp_months,
        "lifetime_years": action.lifetime_years,
        "status": action.status,
        "milestones": [],
        "cost_per_t": None,
    }
