"""The life of a submission: what happened, and the state that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import assert_never

from portal.domain.words import N_


class Kind(StrEnum):
    """What is handed in."""

    BASELINE = "baseline"
    PLAN = "plan"
    PROGRESS = "progress"
    RESTATEMENT = "restatement"


class State(StrEnum):
    """Where a submission stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    OUTDATED = "outdated"


class Event(StrEnum):
    """What can happen to a submission."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    REPLACED = "replaced"


KIND_NAMES = {
    Kind.BASELINE: N_("Activity data"),
    Kind.PLAN: N_("Reduction plan"),
    Kind.PROGRESS: N_("Progress report"),
    Kind.RESTATEMENT: N_("Restatement"),
}
STATE_NAMES = {
    State.SUBMITTED: N_("Submitted"),
    State.RETURNED: N_("Returned"),
    State.APPROVED: N_("Approved"),
    State.WITHDRAWN: N_("Withdrawn"),
    State.OUTDATED: N_("Outdated"),
}

# From which state an event may follow; None is the state before the first event.
_MAY_FOLLOW: dict[Event, frozenset[State | None]] = {
    Event.SUBMITTED: frozenset({None}),
    Event.RETURNED: frozenset({State.SUBMITTED}),
    Event.APPROVED: frozenset({State.SUBMITTED}),
    Event.WITHDRAWN: frozenset({State.SUBMITTED}),
    Event.REOPENED: frozenset({State.APPROVED}),
    Event.REPLACED: frozenset({State.APPROVED}),
}


class ImpossibleHistory(ValueError):
    """The events can't have happened in this order."""


def follows(state: State | None, event: Event) -> State:
    """The state after `event`; raises ImpossibleHistory when it may not follow."""
    if state not in _MAY_FOLLOW[event]:
        raise ImpossibleHistory(f"{event} can't follow {state}")
    match event:
        case Event.SUBMITTED:
            return State.SUBMITTED
        case Event.RETURNED:
            return State.RETURNED
        case Event.APPROVED | Event.REOPENED:
            # A reopened year may be corrected; what was approved stands until the next version is.
            return State.APPROVED
        case Event.WITHDRAWN:
            return State.WITHDRAWN
        case Event.REPLACED:
            return State.OUTDATED
        case _:
            assert_never(event)


def fold(events: Iterable[Event]) -> State:
    """The state that a history comes to; an empty history has none and is refused."""
    state: State | None = None
    for event in events:
        state = follows(state, event)
    if state is None:
        raise ImpossibleHistory("a submission without events")
    return state
