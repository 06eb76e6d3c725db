"""Periods are half-open, never empty, and twelve months are one year."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.periods import Period
from portal.calculation.problems import CalculationError

years = st.integers(2000, 2100)


def test_the_end_no_longer_belongs_to_the_period() -> None:
    january = Period.of_month(2024, 1)
    assert date(2024, 1, 31) in january
    assert date(2024, 2, 1) not in january
    assert (january.days, january.last_day) == (31, date(2024, 1, 31))


@pytest.mark.parametrize("end", [date(2024, 1, 1), date(2023, 12, 31)])
def test_an_empty_or_reversed_period_cannot_be_made(end: date) -> None:
    with pytest.raises(CalculationError) as caught:
        Period(date(2024, 1, 1), end)
    assert caught.value.problem.code == "line.period.empty"


def test_a_period_across_new_year_has_no_year() -> None:
    winter = Period(date(2023, 12, 1), date(2024, 2, 1))
    assert not winter.is_within_one_year
    with pytest.raises(CalculationError) as caught:
        _ = winter.year
    assert caught.value.problem.code == "line.period.across_years"
    assert winter.months == ((2023, 12), (2024, 1))


@given(years)
def test_twelve_months_are_exactly_one_year(year: int) -> None:
    months = [Period.of_month(year, month) for month in range(1, 13)]
    assert sum(month.share_of_year for month in months) == Fraction(1)
    assert Period.of_year(year).is_whole_year
    assert Period.of_year(year).months == tuple((year, month) for month in range(1, 13))
    assert all(not one.overlaps(two) for one, two in pairwise(months))
    assert all(month.is_within_one_year and month.year == year for month in months)


def test_a_period_is_written_with_both_days() -> None:
    assert str(Period.of_month(2024, 12)) == "2024-12-01/2025-01-01"
