"""Warnings that a day brings: a report that is late, a target missed, a step overdue, a certificate that runs out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.domain.peers import Made, PeerGroup
from portal.domain.plausibility import figures
from portal.domain.seasons import fold
from portal.domain.warnings.sameness import side_of, sight
from portal.domain.warnings.seen import RaisedWarning, Weight

# Days after its day from which a report that is missing is serious.
LONG_LATE = timedelta(days=14)
# Days before its end from which a certificate is spoken of, and from which that is pressing.
ENDS_SOON, ENDS_NOW = timedelta(days=60), timedelta(days=14)
# So many times below or above the middle of the others, emissions for each unit of product are odd.
FAR_FROM_PEERS = Decimal(3)
# Closer to the path than this, in percent, how far off hardly matters.
LEAST_PERCENT = Decimal(5)


def late_report(year: int, due_on: date, today: date) -> Iterator[RaisedWarning]:
    """A year that is not handed in though its day has passed."""
    if today <= due_on:
        return
    weight = Weight.SERIOUS if today - due_on > LONG_LATE else Weight.CHECK
    values = (("year", str(year)), ("due", due_on.isoformat()))
    yield RaisedWarning("report.late", f"report/{year}", weight, values, (), sight(f"{due_on}"))


def missed_path(year: int, actual: Decimal, allowed: Decimal) -> Iterator[RaisedWarning]:
    """A year above what the leading target allows, in kg CO2e."""
    if actual <= allowed:
        return
    if allowed <= 0:
        values = (("year", str(year)), ("tonnes", figures(actual / 1000)))
        seen = sight(size=max(actual, LEAST_PERCENT))
        yield RaisedWarning("target.none_allowed", f"path/{year}", Weight.CHECK, values, (), seen)
        return
    percent = (actual / allowed - 1) * 100
    values = (("year", str(year)), ("percent", figures(percent)))
    seen = sight(size=max(percent, LEAST_PERCENT))
    yield RaisedWarning("target.off_track", f"path/{year}", Weight.CHECK, values, (), seen)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an action that is due: the action's key and name, and the day it was due on."""

    action: str
    name: str
    due_on: date


def overdue_steps(steps: Sequence[Step], today: date) -> Iterator[RaisedWarning]:
    """Actions with steps whose day has passed, one warning an action."""
    by_action: dict[str, list[Step]] = {}
    for step in steps:
        if step.due_on < today:
            by_action.setdefault(step.action, []).append(step)
    for key, late in by_action.items():
        first = min(each.due_on for each in late)
        values = (("name", late[0].name), ("count", str(len(late))), ("due", first.isoformat()))
        # Another step that comes due is another thing; one that gets done leaves the others as they were.
        seen = sight(until=max(each.due_on for each in late))
        yield RaisedWarning(
            "action.milestone.overdue", f"action/{key}", Weight.CHECK, values, (), seen
        )


def ending_certificate(number: str, last_day: date, today: date) -> Iterator[RaisedWarning]:
    """A certificate that ends soon."""
    left = last_day - today
    if not timedelta(0) <= left <= ENDS_SOON:
        return
    weight = Weight.CHECK if left <= ENDS_NOW else Weight.NOTE
    values = (("number", number), ("until", last_day.isoformat()))
    yield RaisedWarning(
        "certificate.ending",
        f"certificate/{number}",
        weight,
        values,
        (),
        sight(f"{last_day}"),
    )


def beside_peers(year: int, own: Made, group: PeerGroup) -> Iterator[RaisedWarning]:
    """Emissions for each unit of product far from those of members who make the same; for the alliance's people only.

    `own` is one of the group. Where the others may not be compared, nothing is said.
    """
    if group.why_hidden_without(own) is not None:
        return
    middle = group.middle_without(own)
    if not middle or not own.kg:
        return
    ratio = own.intensity / middle
    if FAR_FROM_PEERS > ratio > 1 / FAR_FROM_PEERS:
        return
    values = (("year", str(year)), ("ratio", figures(ratio)), ("count", str(group.count - 1)))
    seen = sight(side_of(ratio), size=fold(ratio))
    yield RaisedWarning("year.peers.apart", f"peers/{year}", Weight.CHECK, values, (), seen)
