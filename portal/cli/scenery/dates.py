"""What the bench of warnings plants beside lines and meters: members unlike their peers, and days that have passed.

How far apart honest members of a sector lie is a guess: between 15 and 45 percent for each unit of product. What a day
brings is found by looking at the day, so those kinds only show that the rules speak when they should and are silent when not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from portal.domain.peers import Made, PeerGroup
from portal.domain.warnings import RaisedWarning
from portal.domain.warnings.dated import (
    Step,
    beside_peers,
    ending_certificate,
    late_report,
    missed_path,
    overdue_steps,
)

YEAR, TODAY = 2025, date(2026, 5, 4)


@dataclass(frozen=True, slots=True)
class Group:
    """Members of a sector, each with its emissions in kg CO2e and what it made."""

    members: Sequence[Made]

    def said_of(self, place: int) -> Iterable[RaisedWarning]:
        """What is said of one member beside the others."""
        return beside_peers(YEAR, self.members[place], PeerGroup(self.members))


def group(random: Random) -> Group | None:
    """Between six and fourteen members; None where they may not be compared at all."""
    spread = random.uniform(0.15, 0.45)
    members = []
    for _ in range(random.randrange(6, 15)):
        quantity = Decimal(f"{random.lognormvariate(9, 0.7):.4g}")
        kg = quantity * Decimal(f"{random.lognormvariate(0, spread):.4f}")
        members.append(Made(kg, quantity))
    of_all = PeerGroup(members)
    is_hidden = any(of_all.why_hidden_without(each) for each in members)
    return None if is_hidden else Group(members)


def unlike(random: Random, of: Group) -> tuple[Group, int]:
    """The group with one member whose figures have been in another unit from the first year on."""
    place = random.randrange(len(of.members))
    ratio = Decimal(random.choice(("10", "100", "1000", "0.1", "0.01", "0.001")))
    members = list(of.members)
    members[place] = Made(members[place].kg * ratio, members[place].quantity)
    return Group(members), place


@dataclass(frozen=True, slots=True)
class DatedKind:
    """A thing that a day or a finished year brings: `said` is what the rule says of one that has come or has not."""

    name: str
    size: str
    named_by: tuple[str, ...]
    said: Callable[[Random, bool], Iterable[RaisedWarning]]


def _late(random: Random, has_come: bool) -> Iterable[RaisedWarning]:
    days = random.randrange(1, 90) if has_come else -random.randrange(0, 90)
    return late_report(YEAR, TODAY - timedelta(days=days), TODAY)


def _off_track(random: Random, has_come: bool) -> Iterable[RaisedWarning]:
    part = random.uniform(1.001, 1.5) if has_come else random.uniform(0.6, 1)
    return missed_path(YEAR, Decimal(f"{part * 1000:.3f}"), Decimal(1000))


def _overdue(random: Random, has_come: bool) -> Iterable[RaisedWarning]:
    """Actions have steps ahead of them; with one that is late too, that one is told."""
    ahead = [TODAY + timedelta(days=random.randrange(0, 400)) for _ in range(3)]
    late = [TODAY - timedelta(days=random.randrange(1, 200))] if has_come else []
    return overdue_steps([Step("a", "", day) for day in (*late, *ahead)], TODAY)


def _ending(random: Random, has_come: bool) -> Iterable[RaisedWarning]:
    days = random.randrange(0, 61) if has_come else random.randrange(61, 700)
    return ending_certificate("ZCA-2025-00001", TODAY + timedelta(days=days), TODAY)


DATED_KINDS: Sequence[DatedKind] = (
    DatedKind("late report", "1 to 89 days after its day", ("report.late",), _late),
    DatedKind("off-track target", "0.1 to 50 % above the path", ("target.off_track",), _off_track),
    DatedKind("overdue action", "a step 1 to 199 days late", ("action.milestone.overdue",), _overdue),
    DatedKind("certificate running out", "in 60 days or less", ("certificate.ending",), _ending),
)  # fmt: skip
