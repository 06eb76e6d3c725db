"""Is a year ready to be handed in? The task list of the supplier's first page and the check before submitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, func, select

from portal.calculation.problems import Problem
from portal.domain.inventories import (
    EDITABLE,
    Completeness,
    State,
    UnfinishedLine,
    blocking_problems,
)
from portal.services import inventories
from portal.services.inventories import Overview
from portal.services.work import Work
from portal.store.inventories import Inventory, NotApplicable
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from portal.store.submissions import Finding

# More unfinished lines than a person reads at once; the others come up when these are put right.
UNFINISHED_SHOWN = 50


class Task(StrEnum):
    """What a supplier does for a year, in this order."""

    ORGANISATION = "organisation"
    SITES = "sites"
    QUESTIONS = "questions"
    LINES = "lines"
    OUTPUTS = "outputs"
    CHECK = "check"


class TaskState(StrEnum):
    """How far a task is."""

    CANNOT_START = "cannot_start"
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    NEEDS_ATTENTION = "needs_attention"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task with its state and a number that says more (lines, sites, open questions)."""

    task: Task
    state: TaskState
    count: int = 0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Where a member stands with a year."""

    tasks: Sequence[TaskLine]
    problems: Sequence[Problem]
    overview: Overview | None

    @property
    def done_count(self) -> int:
        """How many tasks are completed."""
        return sum(1 for line in self.tasks if line.state is TaskState.COMPLETED)


def readiness(work: Work, member: Member, inventory: Inventory | None) -> Readiness:
    """The task list of a year; `inventory` is None while the year has not been begun."""
    sites = site_count(work, member)
    overview = inventories.overview(work, inventory) if inventory is not None else None
    lines = overview.line_count if overview is not None else 0
    problems = blocking_problems(_completeness(work, member, inventory, sites, lines))
    questions = _questions(work, inventory)
    tasks = [_organisation(member), _sites(sites)]
    if questions is not None:
        tasks.append(questions)
    tasks += [
        _lines(member, sites, overview),
        _outputs(overview),
        _check(inventory, problems, questions),
    ]
    return Readiness(tasks, problems, overview)


def _completeness(
    work: Work, member: Member, inventory: Inventory | None, site_count: int, line_count: int
) -> Completeness:
    """What the completeness rules look at.

    No category is ever unsettled here: what a supplier usually has and doesn't report is a warning, which never blocks.
    """
    return Completeness(
        is_set_up=member.set_up_at is not None,
        has_signatory=bool(member.signatory_name),
        site_count=site_count,
        line_count=line_count,
        unfinished=unfinished(work, inventory) if inventory is not None else (),
        unsettled=(),
        contradicted=_contradicted(work, inventory) if inventory is not None else (),
    )


def _organisation(member: Member) -> TaskLine:
    if member.set_up_at is not None:
        return TaskLine(Task.ORGANISATION, TaskState.COMPLETED)
    begun = member.boundary or member.base_year or member.signatory_name
    return TaskLine(Task.ORGANISATION, TaskState.IN_PROGRESS if begun else TaskState.NOT_STARTED)


def _sites(count: int) -> TaskLine:
    return TaskLine(Task.SITES, TaskState.COMPLETED if count else TaskState.NOT_STARTED, count)


def _questions(work: Work, inventory: Inventory | None) -> TaskLine | None:
    if inventory is None or inventory.state != State.RETURNED:
        return None
    query = select(Finding.state).where(
        Finding.inventory_id == inventory.id,
        Finding.visibility == "supplier",
        Finding.state != "settled",
    )
    states = list(work.session.scalars(query))
    open_count = states.count("open")
    state = TaskState.NEEDS_ATTENTION if open_count else TaskState.COMPLETED
    return TaskLine(Task.QUESTIONS, state, open_count)


def _lines(member: Member, sites: int, overview: Overview | None) -> TaskLine:
    if not sites:
        return TaskLine(Task.LINES, TaskState.CANNOT_START)
    if overview is None or not (overview.line_count or overview.unfinished_count):
        return TaskLine(Task.LINES, TaskState.NOT_STARTED)
    count = overview.line_count
    if overview.unfinished_count:
        return TaskLine(Task.LINES, TaskState.IN_PROGRESS, count)
    return TaskLine(Task.LINES, TaskState.COMPLETED, count)


def _outputs(overview: Overview | None) -> TaskLine:
    if overview is None:
        return TaskLine(Task.OUTPUTS, TaskState.NOT_STARTED)
    count = overview.output_count
    return TaskLine(Task.OUTPUTS, TaskState.COMPLETED if count else TaskState.NOT_STARTED, count)


def _check(
    inventory: Inventory | None, problems: Sequence[Problem], questions: TaskLine | None
) -> TaskLine:
    if inventory is not None and inventory.state not in EDITABLE:
        return TaskLine(Task.CHECK, TaskState.COMPLETED)
    if problems or inventory is None:
        return TaskLine(Task.CHECK, TaskState.CANNOT_START, len(problems))
    if questions is not None and questions.count:
        return TaskLine(Task.CHECK, TaskState.CANNOT_START, questions.count)
    return TaskLine(Task.CHECK, TaskState.NOT_STARTED)


def unfinished(work: Work, inventory: Inventory) -> list[UnfinishedLine]:
    """The lines that don't count yet, the first of them if there are many."""
    query = (
        select(ActivityLine.key, ActivityLine.position, ActivityLine.problems)
        .where(ActivityLine.inventory_id == inventory.id, ActivityLine.is_complete.is_(False))
        .order_by(ActivityLine.position, ActivityLine.id)
        .limit(UNFINISHED_SHOWN)
    )
    return [
        UnfinishedLine(str(key), position, len(problems or ()))
        for key, position, problems in work.session.execute(query)
    ]


def _contradicted(work: Work, inventory: Inventory) -> list[str]:
    """The categories that are said not to apply and have lines nevertheless."""
    query = (
        select(NotApplicable.category)
        .join(
            ActivityLine,
            and_(
                ActivityLine.inventory_id == NotApplicable.inventory_id,
                ActivityLine.category == NotApplicable.category,
            ),
        )
        .where(NotApplicable.inventory_id == inventory.id)
        .distinct()
    )
    return sorted(work.session.scalars(query))


def site_count(work: Work, member: Member) -> int:
    """How many sites of a member are open."""
    query = select(func.count()).where(Site.member_id == member.id, Site.is_active)
    return int(work.session.scalars(query).one())
