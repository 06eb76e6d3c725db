"""Numbers as they are written, cut once, and shown; and the grade of what they rest on."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.factors import Tier
from portal.calculation.quality import Grade, grade
from portal.calculation.quantities import text
from portal.calculation.rounding import as_gas_mass, as_result, percentages, shown, tonnes

amounts = st.decimals("0", "999999999999", places=9, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0E-12", "0"),
        ("-0.0", "0"),
        ("1500", "1500"),
        ("1E+3", "1000"),
        ("0.2500", "0.25"),
        ("-3.10", "-3.1"),
        ("1E-9", "0.000000001"),
        ("100", "100"),
    ],
)
def test_a_decimal_is_written_in_one_way(amount: str, written: str) -> None:
    assert text(Decimal(amount)) == written


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_what_is_written_reads_back_equal(amount: Decimal) -> None:
    assert Decimal(text(amount)) == amount


@pytest.mark.parametrize(
    ("kg", "kept"),
    [
        ("0.0000005", "0"),
        ("0.0000015", "0.000002"),
        ("0.0000025", "0.000002"),
        ("2.00000049999", "2"),
        # Noise of fifty digits must not push a half to either side.
        ("0.00000349999999999999999999999999999999999999", "0.000004"),
    ],
)
def test_a_result_keeps_milligrams_half_to_even(kg: str, kept: str) -> None:
    assert text(as_result(Decimal(kg))) == kept


def test_a_gas_keeps_nanograms() -> None:
    assert text(as_gas_mass(Decimal("0.0000000000015"))) == "0.000000000002"


def test_tonnes_are_rounded_once_from_the_exact_amount() -> None:
    assert tonnes(Decimal("1234.4999"), 0) == 1
    assert tonnes(Decimal(2500), 0) == 2
    assert text(tonnes(Decimal("1235"), 2)) == "1.24"
    assert text(shown(Decimal("0.125"), 2)) == "0.12"


@given(st.lists(amounts, min_size=1, max_size=8), st.integers(0, 3))
def test_percentages_add_up_to_a_hundred(parts: list[Decimal], places: int) -> None:
    shares = percentages(parts, places)
    assert sum(shares) == (100 if sum(parts) else 0)
    assert all(share >= 0 for share in shares)


def test_thirds_give_what_is_left_to_one_of_them() -> None:
    assert sorted(percentages([Decimal(1)] * 3)) == [33, 33, 34]


def test_shares_of_amounts_below_zero_are_refused() -> None:
    with pytest.raises(ValueError):
        percentages([Decimal(-1), Decimal(2)])


@pytest.mark.parametrize(
    ("tiers", "proxy", "doubtful", "evidence", "expected"),
    [
        ([Tier.MEASURED], False, False, True, Grade.MEASURED),
        ([Tier.NATIONAL], False, False, True, Grade.STANDARD_FACTOR),
        ([Tier.SECTOR_STANDARD, Tier.FOREIGN], False, False, True, Grade.PROXY),
        ([Tier.SECTOR_STANDARD], True, False, True, Grade.PROXY),
        ([Tier.NATIONAL], False, True, True, Grade.PROXY),
        ([Tier.NATIONAL], False, False, False, Grade.PROXY),
        ([Tier.SECONDARY], True, True, False, Grade.ESTIMATED),
    ],
)
def test_the_grade_follows_the_weakest_part(
    tiers: list[Tier], proxy: bool, doubtful: bool, evidence: bool, expected: Grade
) -> None:
    found = grade(tuple(tiers), is_proxy=proxy, is_doubtful=doubtful, has_evidence=evidence)
    assert found is expected
