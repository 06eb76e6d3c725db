"""Inventories: the states of a member's year, and what must be settled before it can be handed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.calculation.problems import Problem, problem
from portal.domain.words import N_


class State(StrEnum):
    """Where a member's year stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


EDITABLE = frozenset({State.DRAFT, State.RETURNED})

STATE_NAMES = {
    State.DRAFT: N_("Draft"),
    State.SUBMITTED: N_("Submitted"),
    State.RETURNED: N_("Returned"),
    State.APPROVED: N_("Approved"),
}


@dataclass(frozen=True, slots=True)
class UnfinishedLine:
    """A line that does not count yet: its position, and how many things are to be put right on it."""

    key: str
    position: int
    problem_count: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """What the completeness rules look at; `unsettled` and `contradicted` are category ids.

    A category is unsettled when the sector template requires it and it is neither reported nor marked as not
    applicable; it is contradicted when it is both.
    """

    is_set_up: bool
    has_signatory: bool
    site_count: int
    line_count: int
    unfinished: Sequence[UnfinishedLine]
    unsettled: Sequence[str]
    contradicted: Sequence[str]


def blocking_problems(year: Completeness) -> list[Problem]:
    """Everything that keeps the year from being handed in, in the order of the task list; empty when nothing does."""
    return list(_blocking(year))


def _blocking(year: Completeness) -> Iterator[Problem]:
    if not year.is_set_up:
        yield problem("inventory.set_up.missing", "set_up")
    if year.site_count == 0:
        yield problem("inventory.sites.missing", "sites")
    if not year.has_signatory:
        yield problem("inventory.signatory.missing", "signatory")
    if year.line_count == 0 and not year.unfinished:
        yield problem("inventory.lines.missing", "lines")
    for line in year.unfinished:
        yield problem(
            "inventory.line.unfinished",
            f"line/{line.key}",
            position=line.position,
            count=line.problem_count,
        )
    for category in year.unsettled:
        yield problem("inventory.category.unsettled", f"category/{category}", category=category)
    for category in year.contradicted:
        yield problem("inventory.category.contradicted", f"category/{category}", category=category)


MESSAGES: dict[str, str] = {
    "inventory.questions.open": N_(
        "Questions of the reviewer without an answer: %(count)s. Answer them first."
    ),
    "inventory.set_up.missing": N_(
        "The organisation's particulars are missing. Fill in the set-up first."
    ),
    "inventory.sites.missing": N_("There is no site yet. Add the sites that the data come from."),
    "inventory.signatory.missing": N_(
        "Nobody is named who signs. Name the signatory in the set-up."
    ),
    "inventory.lines.missing": N_("There is no activity data yet. Add at least one line."),
    "inventory.line.unfinished": N_(
        "Line %(position)s is not finished. Put right what is marked on it, or remove it."
    ),
    "inventory.category.unsettled": N_(
        "“%(category)s” is neither reported nor marked as not applicable. Add a line, or say why it does not apply."
    ),
    "inventory.category.contradicted": N_(
        "“%(category)s” is reported and marked as not applicable. Take the mark away, or remove its lines."
    ),
}
