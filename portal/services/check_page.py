"""What a supplier looks over before signing: categories, totals, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem, problem
from portal.domain.actors import MemberId
from portal.domain.inventories import Completeness, blocking_problems
from portal.domain.permissions import Permission
from portal.services import freezing, inventories, readiness, warnings
from portal.services.inventories import ScopeTotals
from portal.services.warning_evidence import Known
from portal.services.work import Work
from portal.store.inventories import Inventory, NotApplicable, Output
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member
from portal.store.submissions import Finding


@dataclass(frozen=True, slots=True)
class CategoryAnswers:
    """What one category comes to: lines, how many are proven, kg CO2e (location-based)."""

    category: str
    scope: int
    line_count: int
    evidenced_count: int
    kg_co2e: Decimal


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything once more, before it is signed; `mark` changes with anything that a signature is for."""

    categories: Sequence[CategoryAnswers]
    totals: ScopeTotals
    outputs: Sequence[Output]
    not_applicable: Sequence[NotApplicable]
    blocking: Sequence[Problem]
    warning_count: int
    unexplained_count: int
    mark: str


def check_page(work: Work, inventory: Inventory) -> CheckPage:
    """Gather what the signatory is about to sign, in a fixed number of statements."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    session = work.session
    member = session.get_one(Member, inventory.member_id)
    counted = _counted(session, inventory.id)
    marked = inventories.not_applicable(session, inventory.id)
    outputs = session.scalars(
        select(Output).where(Output.inventory_id == inventory.id).order_by(Output.id)
    ).all()
    known = Known(frozenset(row.category for row in marked), len(outputs))
    noticed = warnings.noticed(work, inventory, known)
    return CheckPage(
        sorted((row.answers for row in counted if row.is_complete), key=_by_scope_and_size),
        _totals(counted),
        outputs,
        marked,
        _blocking(work, member, inventory, counted, known.not_applicable),
        len(noticed),
        sum(1 for each in noticed if not each.reason),
        freezing.mark_of(session, inventory, member),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """The lines of one category, finished or not, with the other sums in kg that the totals ask for."""

    is_complete: bool
    answers: CategoryAnswers
    kg_co2e_market: Decimal
    kg_co2_biogenic: Decimal


def _counted(session: Session, inventory_id: int) -> list[_Counted]:
    proven = select(LineEvidence.line_id).where(LineEvidence.line_id == ActivityLine.id).exists()
    query = (
        select(
            ActivityLine.is_complete,
            ActivityLine.category,
            func.min(ActivityLine.scope),
            func.count(),
            func.count().filter(proven),
            func.sum(ActivityLine.kg_co2e),
            func.sum(ActivityLine.kg_co2e_market),
            func.sum(ActivityLine.kg_co2_biogenic),
        )
        .where(ActivityLine.inventory_id == inventory_id)
        .group_by(ActivityLine.is_complete, ActivityLine.category)
    )
    rows: Iterable[Any] = session.execute(query)
    return [
        # Of unfinished lines some of these are None; nobody asks for them.
        _Counted(is_complete, CategoryAnswers(*answers), market, biogenic)
        for is_complete, *answers, market, biogenic in rows
    ]


def _by_scope_and_size(row: CategoryAnswers) -> tuple[int, Decimal]:
    return row.scope, -row.kg_co2e


def _totals(counted: Sequence[_Counted]) -> ScopeTotals:
    finished = [row for row in counted if row.is_complete]

    def kg_of(scope: int) -> Decimal:
        return sum((r.answers.kg_co2e for r in finished if r.answers.scope == scope), Decimal(0))

    return ScopeTotals(
        kg_of(1),
        kg_of(2),
        sum((row.kg_co2e_market for row in finished if row.answers.scope == 2), Decimal(0)),
        kg_of(3),
        sum((row.kg_co2_biogenic for row in finished), Decimal(0)),
    )


def _blocking(
    work: Work,
    member: Member,
    inventory: Inventory,
    counted: Sequence[_Counted],
    not_applicable: frozenset[str],
) -> list[Problem]:
    reported = {row.answers.category for row in counted}
    facts = Completeness(
        is_set_up=member.set_up_at is not None,
        has_signatory=bool(member.signatory_name),
        site_count=readiness.site_count(work, member),
        line_count=sum(row.answers.line_count for row in counted if row.is_complete),
        unfinished=readiness.unfinished(work, inventory),
        unsettled=(),
        contradicted=sorted(not_applicable & reported),
    )
    return [*blocking_problems(facts), *_open_questions(work, inventory)]


def _open_questions(work: Work, inventory: Inventory) -> list[Problem]:
    if inventory.state != "returned":
        return []
    count = work.session.scalars(
        select(func.count()).where(
            Finding.inventory_id == inventory.id,
            Finding.visibility == "supplier",
            Finding.state == "open",
        )
    ).one()
    if not count:
        return []
    return [problem("inventory.questions.open", "questions", count=count)]
