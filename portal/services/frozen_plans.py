"""What was approved of plan and progress, read back: the plan, its leading target against today's years, its actions as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.calculation.pathways import TargetTerms
from portal.domain.progress import period_end
from portal.domain.submissions import Kind, State
from portal.services.series import MemberSeries
from portal.services.target_views import terms_of
from portal.store.dossiers import Dossier
from portal.store.submissions import Submission
from portal.store.summaries import MemberPlan
from portal.store.targets import Target

# Made once: putting these together costs more than running them.
_PLAN = (
    select(Submission)
    .join(MemberPlan, MemberPlan.submission_id == Submission.id)
    .where(MemberPlan.member_id == bindparam("member"))
)
_REPORTS = (
    select(Submission, Dossier.year, Dossier.quarter)
    .join(Dossier, Dossier.id == Submission.dossier_id)
    .where(
        Submission.member_id == bindparam("member"),
        Submission.kind == Kind.PROGRESS.value,
        Submission.state == State.APPROVED.value,
    )
    .order_by(Submission.decided_at, Submission.id)
)


def approved_plan(session: Session, member_id: int) -> Submission | None:
    """The plan that was approved last; None while there is none."""
    return session.scalars(_PLAN, {"member": member_id}).one_or_none()


def approved_reports(session: Session, member_id: int) -> list[tuple[tuple[int, int], Submission]]:
    """The approved progress reports of a member, each with the end of its period; the latest period last."""
    found = session.execute(_REPORTS, {"member": member_id})
    listed = [(period_end(year, quarter), submission) for submission, year, quarter in found]
    return sorted(listed, key=lambda each: each[0])


class Leading(NamedTuple):
    """The leading target as it was frozen, and its terms; none while its base year is not approved or has no output."""

    target: Target
    terms: TargetTerms | None

    @property
    def held_against(self) -> tuple[TargetTerms, str] | None:
        """What a trajectory is held against: the terms, and the product of an intensity."""
        return None if self.terms is None else (self.terms, self.target.product)


def frozen_target(planned: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The leading target of a plan as it was frozen."""
    return next((target for target in planned["targets"] if target["is_main"]), None)


def leading_of(planned: Mapping[str, Any], series: MemberSeries) -> Leading | None:
    """The leading target of a plan as a value that is never added to a session; None where the plan has none."""
    frozen = frozen_target(planned)
    if frozen is None:
        return None
    target = Target(
        kind=frozen["kind"],
        part=frozen["part"],
        scopes=list(frozen["scopes"]),
        product=frozen["product"],
        base_year=frozen["base_year"],
        target_year=frozen["target_year"],
        percent=Decimal(frozen["percent"]),
        pathway=frozen["pathway"],
        net_zero_year=frozen["net_zero_year"],
        stated_base=None,
        stated_now=None,
    )
    return Leading(target, terms_of(target, series)[0])


def as_reported(
    planned: Mapping[str, Any], report: Mapping[str, Any] | None
) -> Sequence[Mapping[str, Any]]:
    """The actions of a plan, each with the status that a later progress report gives it."""
    states = {} if report is None else {a["key"]: a["status"] for a in report["actions"]}
    return [
        {**action, "status": states.get(action["key"], action["status"])}
        for action in planned["actions"]
    ]
