"""A change from one year to the next is divided without a rest, and actions are held against the fall of intensity."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.decomposition import YearParts, explain, reconcile
from portal.calculation.rounding import RESULT

amounts = st.decimals(0, Decimal("1E+12"), places=6)
outputs = st.decimals(Decimal("0.001"), Decimal("1E+9"), places=3)


def parts(output: st.SearchStrategy[Decimal | None]) -> st.SearchStrategy[YearParts]:
    """A year with any amounts."""
    return st.builds(YearParts, amounts, amounts, amounts, output)


def kg(comparable: int, output: int | None = None, apart: int = 0) -> YearParts:
    """A year whose factors are those of the year before."""
    made = None if output is None else Decimal(output)
    return YearParts(Decimal(comparable), Decimal(comparable), Decimal(apart), made)


@given(parts(st.none() | outputs), parts(st.none() | outputs))
def test_the_parts_add_up_to_the_change(before: YearParts, after: YearParts) -> None:
    found = explain(before, after)
    known = [found.structure, found.factor, found.activity, found.intensity, found.undivided]
    assert sum((part for part in known if part is not None), Decimal(0)) == found.delta
    assert found.delta == after.total - before.total


@given(parts(outputs), parts(outputs))
def test_going_back_undoes_activity_and_structure(before: YearParts, after: YearParts) -> None:
    # The earlier year has its own factors, and the way back starts where the way there ended.
    first = YearParts(before.comparable, before.comparable, before.apart, before.output)
    last = YearParts(after.comparable, after.comparable, after.apart, after.output)
    there, back = explain(first, last), explain(last, first)
    assert there.activity is not None
    assert back.activity is not None
    assert there.structure == -back.structure
    assert abs(there.activity + back.activity) <= RESULT


@given(amounts, outputs, st.integers(1, 9))
def test_more_of_the_same_is_activity_alone(comparable: Decimal, made: Decimal, by: int) -> None:
    before = YearParts(comparable, comparable, output=made)
    after = YearParts(comparable * by, comparable * by, output=made * by)
    found = explain(before, after)
    assert found.activity == found.delta
    assert found.intensity == 0


@given(amounts, amounts, outputs)
def test_less_for_the_same_output_is_intensity_alone(
    first: Decimal, second: Decimal, made: Decimal
) -> None:
    found = explain(YearParts(first, first, output=made), YearParts(second, second, output=made))
    assert found.activity == 0
    assert found.intensity == found.delta


def test_new_factors_are_no_merit_of_the_member() -> None:
    found = explain(
        kg(1000, 10),
        YearParts(comparable=Decimal(900), at_old_factors=Decimal(1000), output=Decimal(10)),
    )
    assert (found.factor, found.activity, found.intensity) == (-100, 0, 0)


def test_sites_that_came_and_went_are_structure() -> None:
    found = explain(kg(1000, 10, apart=300), kg(1000, 10, apart=50))
    assert (found.delta, found.structure) == (-250, -250)


@pytest.mark.parametrize(
    ("before", "after"), [(None, 10), (10, None), (0, 10), (10, 0), (-1, 10), (10, -1)]
)
def test_without_an_output_in_both_years_nothing_is_divided(
    before: int | None, after: int | None
) -> None:
    found = explain(kg(1000, before), kg(800, after))
    assert (found.activity, found.intensity, found.undivided) == (None, None, -200)


@given(st.decimals(-(10**9), 10**9, places=6), amounts)
def test_what_actions_save_and_the_remainder_are_the_fall(
    intensity: Decimal, verified: Decimal
) -> None:
    found = reconcile(intensity, verified)
    assert found.verified + found.remainder == found.fall == -intensity
