"""What counts as the same thing seen again, and what as worse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.domain.warnings import same_sight, sight, what_stays

JUMP = Decimal(4)


def at(seen: str, subject: str = "line/1") -> str:
    return f"{subject}#{seen}" if seen else subject


@pytest.mark.parametrize("now", ["3.1", "4", "4.03", "5.9", "6"])
def test_figure_that_moves_is_the_same_until_it_is_half_as_far_off_again(now: str) -> None:
    assert same_sight(at(sight(size=JUMP)), at(sight(size=Decimal(now))))


@pytest.mark.parametrize("now", ["6.1", "40", "4000000000"])
def test_figure_that_grew_worse_is_another_thing(now: str) -> None:
    assert not same_sight(at(sight(size=JUMP)), at(sight(size=Decimal(now))))


def test_other_subject_side_or_words_are_another_thing() -> None:
    assert not same_sight(at(sight("above")), at(sight("below")))
    assert not same_sight(at("", "line/1"), at("", "line/2"))
    assert not same_sight(at(sight(size=JUMP)), at(""))
    assert same_sight(at(sight("above", size=JUMP)), at(sight("above", size=JUMP + 1)))


def test_month_that_is_missing_too_is_another_thing_and_one_that_came_is_not() -> None:
    then = at(sight(months=(3, 4)))
    assert same_sight(then, at(sight(months=(4,))))
    assert not same_sight(then, at(sight(months=(4, 5))))


def test_step_that_comes_due_is_another_thing_and_one_that_is_done_is_not() -> None:
    then = at(sight(until=date(2026, 3, 1)))
    assert same_sight(then, at(sight(until=date(2026, 2, 1))))
    assert not same_sight(then, at(sight(until=date(2026, 3, 2))))


def test_estimated_month_may_move_by_three() -> None:
    assert same_sight(at(sight(near=24300)), at(sight(near=24303)))
    assert not same_sight(at(sight(near=24300)), at(sight(near=24304)))


def test_what_stays_leaves_out_what_may_move() -> None:
    ours = {what_stays(at(sight("above", size=Decimal(each)))) for each in (2, 3, 900)}
    assert len(ours) == 1
    assert what_stays(at(sight("below", size=JUMP))) not in ours
    assert what_stays(at("")) == "line/1"


def test_every_sight_of_a_year_fits_its_column() -> None:
    """Subjects of lines and sources take up to 104 of the 120 characters that a reason is kept under."""
    longest = sight("x", size=Decimal("9" * 20))
    assert len(f"#{longest}") <= 16
    assert len(sight("x", months=range(1, 13))) <= 15
