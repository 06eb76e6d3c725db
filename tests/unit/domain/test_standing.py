"""The life of a warning: what a look changes, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.domain.standing import (
    DEFAULT_DAYS,
    SOON,
    Change,
    Found,
    Happened,
    Kept,
    State,
    look,
)
from portal.domain.warnings import RaisedWarning, Weight, sight

TODAY = date(2026, 3, 2)
LEVELS = 3


def a_warning(seen: str = "a", weight: Weight = Weight.CHECK, code: str = "line.slip.ten") -> Found:
    return Found(2025, RaisedWarning(code, "line/1", weight, seen=seen))


def looked(kept: list[Kept], found: list[Found], today: date = TODAY) -> list[Change]:
    return look(kept, found, today=today, days=DEFAULT_DAYS, levels=LEVELS)


def as_kept(change: Change, *, settled: bool = False) -> Kept:
    """The change as it would be read again."""
    before = change.kept
    address = change.found.warning.address if change.found else before.address if before else ""
    weight = change.found.warning.weight if change.found else Weight.CHECK
    return Kept(
        change.place,
        address,
        change.state,
        weight,
        change.level,
        change.turn,
        change.due_on,
        is_settled=settled,
        closed_on=None if change.state is State.OPEN else TODAY,
    )


def opened(seen: str = "a") -> Kept:
    (change,) = looked([], [a_warning(seen)])
    return as_kept(change)


def test_warning_opens_when_first_seen_with_time_by_its_weight() -> None:
    for weight, days in DEFAULT_DAYS.items():
        (change,) = looked([], [a_warning(weight=weight)])
        assert (change.happened, change.state) == (Happened.OPENED, State.OPEN)
        assert (change.level, change.turn) == (0, 1)
        assert change.due_on == TODAY + timedelta(days=days)


def test_second_look_changes_nothing() -> None:
    assert looked([opened()], [a_warning()]) == []


def test_warning_resolves_by_itself_when_it_is_seen_no_more() -> None:
    (change,) = looked([opened()], [])
    assert (change.happened, change.state) == (Happened.RESOLVED, State.RESOLVED)
    assert looked([as_kept(change)], []) == []


def test_warning_that_is_soon_back_goes_on_and_later_opens_anew() -> None:
    (gone,) = looked([replace(opened(), level=1)], [])
    (change,) = looked([as_kept(gone)], [a_warning()], TODAY + SOON)
    assert (change.happened, change.turn, change.level) == (Happened.REOPENED, 1, 1)
    assert change.due_on == TODAY + SOON + timedelta(days=DEFAULT_DAYS[Weight.CHECK])
    (change,) = looked([as_kept(gone)], [a_warning()], TODAY + SOON + timedelta(days=1))
    assert (change.happened, change.turn, change.level) == (Happened.REOPENED, 2, 0)


def test_something_else_that_is_soon_seen_is_nothing_that_went_on() -> None:
    (gone,) = looked([opened()], [])
    (change,) = looked([as_kept(gone)], [a_warning("b")])
    assert (change.happened, change.turn) == (Happened.REOPENED, 2)


@pytest.mark.parametrize("state", [State.EXPLAINED, State.RESOLVED])
def test_settled_warning_holds_while_its_figure_moves_and_not_when_it_grows_worse(
    state: State,
) -> None:
    def seen(size: str) -> Found:
        return a_warning(sight(size=Decimal(size)))

    (change,) = looked([], [seen("4")])
    settled = replace(as_kept(change), state=state, is_settled=True)
    assert looked([settled], [seen("4.4")]) == []
    assert looked([settled], [seen("6")]) == []
    (change,) = looked([settled], [seen("6.2")])
    assert (change.happened, change.turn) == (Happened.REOPENED, 2)


def test_explained_warning_stays_explained_while_the_same_is_seen() -> None:
    explained = replace(a_warning(), is_explained=True)
    (change,) = looked([opened()], [explained])
    assert (change.happened, change.state) == (Happened.EXPLAINED, State.EXPLAINED)
    assert looked([as_kept(change)], [explained]) == []


@pytest.mark.parametrize("state", [State.EXPLAINED, State.RESOLVED])
def test_settled_warning_opens_anew_when_something_else_is_seen(state: State) -> None:
    settled = replace(opened(), state=state, is_settled=True)
    assert looked([settled], [a_warning()]) == []
    (change,) = looked([settled], [a_warning("b")])
    assert (change.happened, change.state, change.turn) == (Happened.REOPENED, State.OPEN, 2)


def test_open_warning_goes_up_when_its_time_is_over_until_the_top() -> None:
    kept, today = opened(), TODAY
    for level in range(1, LEVELS + 1):
        assert looked([kept], [a_warning()], kept.due_on - timedelta(days=1)) == []
        today = kept.due_on
        (change,) = looked([kept], [a_warning()], today)
        assert (change.happened, change.level) == (Happened.ESCALATED, level)
        assert change.due_on == today + timedelta(days=DEFAULT_DAYS[Weight.CHECK])
        kept = as_kept(change)
    assert looked([kept], [a_warning()], kept.due_on) == []


def test_explained_warning_does_not_go_up() -> None:
    explained = replace(a_warning(), is_explained=True)
    (change,) = looked([opened()], [explained])
    assert looked([as_kept(change)], [explained], TODAY + timedelta(days=900)) == []


def test_warning_of_a_year_that_is_with_the_reviewer_does_not_go_up() -> None:
    kept, late = opened(), TODAY + timedelta(days=90)
    assert looked([kept], [replace(a_warning(), is_held=True)], late) == []
    assert [each.happened for each in looked([kept], [a_warning()], late)] == [Happened.ESCALATED]


def test_what_others_figures_went_into_begins_above_the_member() -> None:
    (change,) = looked([], [a_warning(code="year.peers.apart")])
    assert change.level == 1


def test_open_warning_takes_over_what_is_seen_now_and_keeps_its_time() -> None:
    (change,) = looked([opened()], [a_warning("b", Weight.SERIOUS)], TODAY + timedelta(days=1))
    assert change.happened is Happened.CHANGED
    assert change.due_on == opened().due_on


def test_open_warning_shows_the_figures_of_today() -> None:
    found = a_warning()
    said = replace(found, warning=replace(found.warning, values=(("ratio", "4.1"),)))
    assert [each.happened for each in looked([opened()], [said])] == [Happened.CHANGED]


def test_explained_warning_is_kept_under_what_its_reason_was_given_for() -> None:
    then, now = (a_warning(sight(size=Decimal(size))) for size in ("4", "4.4"))
    explained = replace(now, is_explained=True, explained_for=then.warning.address)
    (change,) = looked([], [explained])
    assert change.found is not None
    assert change.found.address == then.warning.address
