"""Milestones in progress reports: the days on which they were reached, read, and brought to the plan by an approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.problems import problem
from portal.domain.actions import step_key
from portal.intake.dates import DateRules
from portal.intake.typed import Reading
from portal.store.actions import Action, Milestone

_DAY = DateRules(earliest=date(2000, 1, 1), latest=date(2060, 12, 31), is_required=False)
REACHED = "reached-"


def read_steps(reading: Reading, steps: Sequence[Milestone]) -> dict[str, str]:
    """The days on which open steps were reached, by their key; a day that lies ahead is refused at its field."""
    found = {}
    for place, step in enumerate(steps):
        field = f"{REACHED}{place}"
        day = reading.day(field, _DAY)
        if day is None:
            continue
        if day > reading.today:
            reading.refuse(problem("milestone.done.ahead", field, name=step.name))
        found[step_key(step.name, step.due_on)] = day.isoformat()
    return found


def apply_steps(session: Session, content: Mapping[str, Any]) -> None:
    """Let the milestones that the report calls reached be done."""
    done = {
        (action["key"], step_key(step["name"], step["due"])): date.fromisoformat(step["done"])
        for action in content["actions"]
        for step in action["milestones"]
        if step["done"]
    }
    query = (
        select(Action.uid, Milestone)
        .join(Milestone, Milestone.action_id == Action.id)
        .where(
            Action.uid.in_({UUID(action["key"]) for action in content["actions"]}),
            Milestone.done_on.is_(None),
        )
    )
    for uid, step in session.execute(query):
        step.done_on = done.get((str(uid), step_key(step.name, step.due_on)))
