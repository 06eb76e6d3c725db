"""The life of a warning: it opens, is explained, is resolved, opens again when something else is seen, and goes up when it waits.

Whether a warning stands is found anew each night; what is kept of it is when it was first seen, what became of it, and
how far up it has gone. A figure that moves a little is the same warning still (`warnings.sameness`). Level 0 is the member; each further level is a unit of the lead company, from the member's own up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from portal.domain.warnings import INTERNAL, RaisedWarning, Weight, same_sight
from portal.domain.words import N_


class State(StrEnum):
    """Where a warning stands."""

    OPEN = "open"
    EXPLAINED = "explained"
    RESOLVED = "resolved"


class Happened(StrEnum):
    """What a look at a member's warnings changed about one of them."""

    OPENED = "opened"
    REOPENED = "reopened"
    EXPLAINED = "explained"
    RESOLVED = "resolved"
    CHANGED = "changed"
    ESCALATED = "escalated"


WEIGHT_NAMES = {
    Weight.SERIOUS: N_("Serious"),
    Weight.CHECK: N_("To be checked"),
    Weight.NOTE: N_("Note"),
}
# Days that a warning may wait at one level, unless the alliance's programme says otherwise.
DEFAULT_DAYS: Mapping[Weight, int] = {Weight.SERIOUS: 7, Weight.CHECK: 14, Weight.NOTE: 30}
MOST_DAYS = 365
MOST_OF_A_KIND = 100
# A warning that was gone and is back within this time is the one that people were told of: it goes on and isn't told again.
SOON = timedelta(days=30)

Place = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A warning that is seen now: of which year (0: of none), and whether a reason for the very thing was given.

    One that `is_held` doesn't go up: the year is with the reviewer, and its people can do nothing about it meanwhile.
    """

    year: int
    warning: RaisedWarning
    is_explained: bool = False
    is_held: bool = False
    # What was seen when the reason was given, where that was not quite the same.
    explained_for: str = ""

    @property
    def address(self) -> str:
        """What it is kept under: with a reason, what that was given for."""
        return self.explained_for or self.warning.address

    @property
    def place(self) -> Place:
        """What a kept warning is known by: year, code and subject."""
        return (self.year, self.warning.code, self.warning.subject)

    @property
    def first_level(self) -> int:
        """Where it begins: with the member, or with the alliance where it must not be told to the member."""
        return 1 if self.warning.code in INTERNAL else 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A warning as it was left: `address` is the very thing that was seen, `turn` how many times it has opened.

    `is_settled` says that a person resolved or explained it here, which holds for as long as the same is seen. `values` is
    what it said, `closed_on` the day on which it was resolved or explained.
    """

    place: Place
    address: str
    state: State
    weight: Weight
    level: int
    turn: int
    due_on: date
    is_settled: bool
    values: Mapping[str, str] = field(default_factory=dict)
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written about one warning; `kept` is None for a new one, `found` for one that is seen no more."""

    happened: Happened
    place: Place
    state: State
    level: int
    turn: int
    due_on: date
    found: Found | None = None
    kept: Kept | None = None


def look(
    kept: Sequence[Kept],
    found: Sequence[Found],
    *,
    today: date,
    days: Mapping[Weight, int],
    levels: int,
) -> list[Change]:
    """What a look at one member's warnings changes; `levels` is the highest there is. Looking again changes nothing.

    Of a year and a kind so many are open at once as anybody looks through: a table that was read wrongly has thousands.
    Those behind open once the first are settled; what is kept already is never put aside for others.
    """
    known = {each.place: each for each in kept}
    seen = {each.place: each for each in found}
    waiting = Counter(each.place[:2] for each in kept if each.state is State.OPEN)
    changes: list[Change] = []
    for place, each in seen.items():
        if place not in known:
            waiting[place[:2]] += 1
            if waiting[place[:2]] > MOST_OF_A_KIND:
                continue
        changes += _of_seen(known.get(place), each, today, days, levels)
    gone = [each for place, each in known.items() if place not in seen]
    return changes + [_gone(each) for each in gone if each.state is not State.RESOLVED]


def _of_seen(
    kept: Kept | None, found: Found, today: date, days: Mapping[Weight, int], levels: int
) -> list[Change]:
    weight = found.warning.weight
    until = today + timedelta(days=days[weight])
    state = State.EXPLAINED if found.is_explained else State.OPEN
    if kept is None:
        level = min(found.first_level, levels)
        return [Change(Happened.OPENED, found.place, state, level, 1, until, found)]
    if kept.state is not State.OPEN:
        return _of_settled(kept, found, state, until, min(kept.level, levels), today)
    if found.is_explained:
        return [_changed(Happened.EXPLAINED, kept, found, State.EXPLAINED, kept.due_on)]
    if kept.due_on <= today and kept.level < levels and not found.is_held:
        return [goes_up(kept, found, today, days)]
    if _says(kept) != (found.address, weight, found.warning.named_values):
        return [_changed(Happened.CHANGED, kept, found, State.OPEN, kept.due_on)]
    return []


def _says(kept: Kept) -> tuple[str, Weight, Mapping[str, str]]:
    return (kept.address, kept.weight, kept.values)


def _of_settled(
    kept: Kept, found: Found, state: State, until: date, level: int, today: date
) -> list[Change]:
    """A warning that was explained or resolved holds still for as long as the same is seen as then, not much worse.

    One that went by itself and is soon back goes on at its level in its turn: people have been told of it.
    """
    is_same = same_sight(kept.address, found.warning.address)
    is_still = kept.is_settled or (found.is_explained and kept.state is State.EXPLAINED)
    if is_same and is_still:
        return []
    if found.is_explained:
        return [_changed(Happened.EXPLAINED, kept, found, state, kept.due_on)]
    turn = kept.turn
    if not (is_same and kept.closed_on is not None and today - kept.closed_on <= SOON):
        level, turn = found.first_level, kept.turn + 1
    return [Change(Happened.REOPENED, kept.place, State.OPEN, level, turn, until, found, kept)]


def goes_up(kept: Kept, found: Found | None, today: date, days: Mapping[Weight, int]) -> Change:
    """The warning one level further up, with new time to wait there."""
    until = today + timedelta(days=days[kept.weight])
    return Change(
        Happened.ESCALATED,
        kept.place,
        State.OPEN,
        kept.level + 1,
        kept.turn,
        until,
        found,
        kept,
    )


def _changed(happened: Happened, kept: Kept, found: Found, state: State, due_on: date) -> Change:
    return Change(happened, kept.place, state, kept.level, kept.turn, due_on, found, kept)


def _gone(kept: Kept) -> Change:
    return Change(
        Happened.RESOLVED,
        kept.place,
        State.RESOLVED,
        kept.level,
        kept.turn,
        kept.due_on,
        None,
        kept,
    )
