"""The reduction plan of a member: beginning it, looking it over, handing it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from portal.calculation.problems import Problem
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.inventories import State
from portal.domain.permissions import Permission
from portal.domain.plans import PlanState, plan_problems
from portal.domain.submissions import Kind
from portal.services import dossiers, submissions
from portal.services.freezing import Frozen
from portal.services.plan_content import content_of_plan
from portal.services.submissions import Declaration, Subject
from portal.services.work import Work
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.store.submissions import Finding, Submission
from portal.store.summaries import MemberYear


@dataclass(frozen=True, slots=True)
class DossierCheck:
    """A dossier once more before it is signed; `mark` changes with anything that the signature is for."""

    content: Mapping[str, Any]
    blocking: Sequence[Problem]
    mark: str

    @property
    def unexplained_count(self) -> int:
        """How many warnings have no reason yet."""
        return sum(1 for warning in self.content["warnings"] if not warning["reason"])


def own_plan(work: Work, member: Member) -> Dossier | None:
    """The member's plan, None while it has not been begun."""
    return dossiers.look_up(work, member, Kind.PLAN)


def begin_plan(work: Work, member: Member) -> Dossier:
    """Begin the member's plan."""
    return dossiers.begin(work, member, Kind.PLAN, work.today.year)


def check_plan(work: Work, plan: Dossier) -> DossierCheck:
    """Gather what the signatory is about to sign."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(plan.member_id))
    content = content_of_plan(work, plan)
    member = work.session.get_one(Member, plan.member_id)
    state = PlanState(
        is_set_up=member.set_up_at is not None,
        has_signatory=bool(member.signatory_name),
        has_leading_target=any(target["is_main"] for target in content["targets"]),
        baseless=[target["key"] for target in content["targets"] if target["base"] is None],
        action_count=len(content["actions"]),
        open_questions=open_questions(work, plan),
    )
    return DossierCheck(content, plan_problems(state), mark_of(content, member))


def submit_plan(work: Work, plan: Dossier, declaration: Declaration) -> Submission:
    """Freeze the plan as its next version; the caller has shown that nothing blocks it, and held it for that."""
    work.demand(Permission.MEMBER_SUBMISSION_SUBMIT, MemberId(plan.member_id))
    submissions.move(work, plan, ("draft", "returned"), "submitted")
    content = content_of_plan(work, plan)
    frozen = frozen_dossier(work, plan, content, content["actions"])
    return submissions.hand_in(work, plan, declaration, Kind.PLAN, frozen)


def frozen_dossier(
    work: Work, dossier: Dossier, content: dict[str, Any], parts: Sequence[Mapping[str, Any]]
) -> Frozen:
    """The content with the columns that a submission repeats: amounts are those of the approved year it stands on."""
    basis = _basis_year(work, dossier)
    none = Decimal(0)
    columns = {
        "kg_scope1": basis.kg_scope1 if basis else none,
        "kg_scope2_location": basis.kg_scope2_location if basis else none,
        "kg_scope2_market": basis.kg_scope2_market if basis else none,
        "kg_scope3": basis.kg_scope3 if basis else none,
        "kg_biogenic": basis.kg_biogenic if basis else none,
        "quality": basis.quality if basis else none,
        "line_count": len(parts),
        "evidenced_count": sum(1 for part in parts if part.get("evidence")),
        "warning_count": len(content["warnings"]),
        "edition": content["basis"].get("edition", ""),
        "gwp_set": content["basis"].get("gwp_set", ""),
    }
    return Frozen(content, columns, work.session.get_one(Member, dossier.member_id).code)


def open_questions(work: Work, subject: Subject) -> int:
    """How many questions of the reviewer wait for an answer; none while nothing was returned."""
    if subject.state != State.RETURNED:
        return 0
    query = select(func.count()).where(
        submissions.is_about(Finding, subject),
        Finding.visibility == "supplier",
        Finding.state == "open",
    )
    return work.session.scalars(query).one()


def mark_of(content: Mapping[str, Any], member: Member) -> str:
    """A mark of what would be frozen now and under which name it would be signed."""
    return digest([content, member.signatory_name, member.signatory_post])


def _basis_year(work: Work, dossier: Dossier) -> MemberYear | None:
    query = select(MemberYear).where(MemberYear.member_id == dossier.member_id)
    if dossier.kind == Kind.PROGRESS and not dossier.quarter:
        query = query.where(MemberYear.year == dossier.year)
    return work.session.scalars(query.order_by(MemberYear.year.desc()).limit(1)).one_or_none()
