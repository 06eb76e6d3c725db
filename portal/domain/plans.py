"""What must be settled before a plan, a progress report or a restatement can be handed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.calculation.problems import Problem, problem
from portal.domain.words import N_


@dataclass(frozen=True, slots=True)
class PlanState:
    """What the rules of a plan look at; `baseless` are the keys of targets whose base year is not approved."""

    is_set_up: bool
    has_signatory: bool
    has_leading_target: bool
    baseless: Sequence[str]
    action_count: int
    open_questions: int


@dataclass(frozen=True, slots=True)
class ProgressState:
    """What the rules of a progress report look at; `unconfirmed` counts actions whose state nobody confirmed."""

    has_signatory: bool
    has_plan: bool
    is_year_approved: bool
    year: int
    unconfirmed: int
    open_questions: int


@dataclass(frozen=True, slots=True)
class RestatementState:
    """What the rules of a restatement look at."""

    has_signatory: bool
    has_trigger: bool
    has_reason: bool
    adjustment_count: int
    open_questions: int


def plan_problems(plan: PlanState) -> list[Problem]:
    """Everything that keeps a plan from being handed in."""
    return list(_plan(plan))


def _plan(plan: PlanState) -> Iterator[Problem]:
    if not plan.is_set_up:
        yield problem("inventory.set_up.missing", "set_up")
    if not plan.has_signatory:
        yield problem("inventory.signatory.missing", "signatory")
    if not plan.has_leading_target:
        yield problem("plan.target.missing", "targets")
    for key in plan.baseless:
        yield problem("plan.target.baseless", f"target/{key}")
    if not plan.action_count:
        yield problem("plan.actions.missing", "actions")
    yield from _questions(plan.open_questions)


def progress_problems(report: ProgressState) -> list[Problem]:
    """Everything that keeps a progress report from being handed in."""
    return list(_progress(report))


def _progress(report: ProgressState) -> Iterator[Problem]:
    if not report.has_signatory:
        yield problem("inventory.signatory.missing", "signatory")
    if not report.has_plan:
        yield problem("progress.plan.missing", "plan")
    if not report.is_year_approved:
        yield problem("progress.year.not_approved", "inventory", year=report.year)
    if report.unconfirmed:
        yield problem("progress.actions.unconfirmed", "actions", count=report.unconfirmed)
    yield from _questions(report.open_questions)


def restatement_problems(restatement: RestatementState) -> list[Problem]:
    """Everything that keeps a restatement from being handed in."""
    return list(_restatement(restatement))


def _restatement(restatement: RestatementState) -> Iterator[Problem]:
    if not restatement.has_signatory:
        yield problem("inventory.signatory.missing", "signatory")
    if not restatement.has_trigger:
        yield problem("restatement.trigger.missing", "detail")
    if not restatement.has_reason:
        yield problem("restatement.reason.missing", "detail")
    if not restatement.adjustment_count:
        yield problem("restatement.adjustments.missing", "adjustments")
    yield from _questions(restatement.open_questions)


def _questions(count: int) -> Iterator[Problem]:
    if count:
        yield problem("inventory.questions.open", "questions", count=count)


MESSAGES = {
    "plan.target.missing": N_(
        "There is no target about emissions yet. Adopt the alliance’s target, or set your own."
    ),
    "plan.target.baseless": N_(
        "A target has no base, because its base year is not approved or its product is missing. Open the target to see why."
    ),
    "plan.actions.missing": N_("There is no action yet. Choose one from the library."),
    "progress.plan.missing": N_(
        "There is no approved reduction plan to report on. Hand it in first."
    ),
    "progress.year.not_approved": N_(
        "The activity data of %(year)s are not approved yet. Progress is reported against approved data."
    ),
    "progress.actions.unconfirmed": N_(
        "Actions whose state nobody has confirmed: %(count)s. Confirm or correct each."
    ),
    "restatement.trigger.missing": N_("Choose why the years are recalculated."),
    "restatement.reason.missing": N_("Say in a few sentences what happened."),
    "restatement.adjustments.missing": N_("Enter at least one change of a year and category."),
}
