"""Warnings that a day brings: a report that is late, a target missed, a step overdue, a certificate that runs out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.domain.comparisons import why_hidden
from portal.domain.plausibility import figures, median
from portal.domain.warnings.seen import RaisedWarning, Weight, fingerprint

# Days after its day from which a report that is missing is serious.
LONG_LATE = timedelta(days=14)
# Days before its end from which a certificate is spoken of, and from which that is pressing.
ENDS_SOON, ENDS_NOW = timedelta(days=60), timedelta(days=14)
# So many times below or above the middle of the others, emissions for each unit of product are odd.
FAR_FROM_PEERS = Decimal(3)


def late_report(year: int, due_on: date, today: date) -> Iterator[RaisedWarning]:
    """A year that is not handed in though its day has passed."""
    if today <= due_on:
        return
    weight = Weight.SERIOUS if today - due_on > LONG_LATE else Weight.CHECK
    values = (("year", str(year)), ("due", due_on.isoformat()))
    yield RaisedWarning(
        "report.late", f"report/{year}", weight, values, (), fingerprint(f"{due_on}")
    )


def missed_path(year: int, actual: Decimal, allowed: Decimal) -> Iterator[RaisedWarning]:
    """A year above what the leading target allows, in kg CO2e."""
    if actual <= allowed or not allowed:
        return
    percent = figures((actual / allowed - 1) * 100)
    values = (("year", str(year)), ("percent", percent))
    yield RaisedWarning(
        "target.off_track", f"path/{year}", Weight.CHECK, values, (), fingerprint(percent)
    )


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
        seen = fingerprint(f"{len(late)}/{first}")
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
        fingerprint(f"{last_day}"),
    )


def beside_peers(
    year: int, own: Decimal, peers: Sequence[Decimal], amounts: Sequence[Decimal]
) -> Iterator[RaisedWarning]:
    """Emissions for each unit of product far from those of members who make the same; for the alliance's people only.

    `peers` are the intensities of the others, `amounts` their kg CO2e: where comparisons are hidden, nothing is said.
    """
    if why_hidden(amounts) is not None:
        return
    middle = median(peers)
    if not middle or not own:
        return
    ratio = own / middle
    if FAR_FROM_PEERS > ratio > 1 / FAR_FROM_PEERS:
        return
    values = (("year", str(year)), ("ratio", figures(ratio)), ("count", str(len(peers))))
    yield RaisedWarning(
        "year.peers.apart", f"peers/{year}", Weight.CHECK, values, (), fingerprint(figures(ratio))
    )
