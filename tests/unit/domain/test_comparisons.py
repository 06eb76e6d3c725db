"""No comparison from which the figures of one member can be worked out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.comparisons import Hidden, average, place_percent, why_hidden

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=3)


def kg(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


@pytest.mark.parametrize(
    ("amounts", "why"),
    [
        ([], Hidden.TOO_FEW),
        (kg("1", "1", "1", "1"), Hidden.TOO_FEW),
        (kg("1", "1", "1", "1", "1"), None),
        (kg("0", "0", "0", "0", "0"), None),
        # exactly half, and a gram more
        (kg("4", "1", "1", "1", "1"), None),
        (kg("4.001", "1", "1", "1", "1"), Hidden.ONE_DOMINATES),
        # exactly four fifths, and a gram more
        (kg("4", "4", "1", "0.5", "0.5"), None),
        (kg("4.001", "4", "1", "0.5", "0.5"), Hidden.TWO_DOMINATE),
        (kg("100", "0", "0", "0", "0"), Hidden.ONE_DOMINATES),
        # a large removal is as telling as a large emission
        (kg("-10", "1", "1", "1", "1"), Hidden.ONE_DOMINATES),
        (kg("1", "1", "1", "1", "10"), Hidden.ONE_DOMINATES),
    ],
)
def test_group_is_compared_only_when_none_of_it_stands_out(
    amounts: list[Decimal], why: Hidden | None
) -> None:
    assert why_hidden(amounts) is why


def test_average_is_of_all_or_not_at_all() -> None:
    assert average(kg("1", "2", "3", "4", "5")) == 3
    assert average(kg("1", "2", "3", "4")) is None
    assert average(kg("1", "2", "3", "4", "500")) is None


@given(st.lists(AMOUNTS, max_size=12))
def test_no_member_of_a_shown_group_is_more_than_half_of_it(amounts: list[Decimal]) -> None:
    if why_hidden(amounts) is None:
        assert len(amounts) >= 5
        total = sum(abs(amount) for amount in amounts)
        assert all(2 * abs(amount) <= total for amount in amounts)


@given(st.lists(AMOUNTS, min_size=5, max_size=12))
def test_order_does_not_matter(amounts: list[Decimal]) -> None:
    assert why_hidden(amounts) is why_hidden(sorted(amounts))


@pytest.mark.parametrize(
    ("better", "count", "percent"),
    [
        (0, 5, "20"),
        (4, 5, "100"),
        (0, 154, "0.6493506493506493506493506493506493506493506493506494"),
        (0, 4, None),
        (0, 1, None),
    ],
)
def test_place_is_told_among_five_or_more(better: int, count: int, percent: str | None) -> None:
    found = place_percent(better, count)

    assert (found is None) == (percent is None)
    if found is not None and percent is not None:
        assert abs(found - Decimal(percent)) < Decimal("1e-40")


@pytest.mark.parametrize(("better", "count"), [(5, 5), (-1, 5), (0, 0)])
def test_place_that_cannot_be_is_an_error(better: int, count: int) -> None:
    with pytest.raises(ValueError, match="no place"):
        place_percent(better, count)
