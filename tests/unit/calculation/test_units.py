"""Units convert exactly within a dimension, and refuse to mix between two."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.calculation.problems import CalculationError
from portal.calculation.quantities import EXACT, text
from portal.calculation.units import UNITS, Dimension, convert, ratio, unit, units_of

codes = st.sampled_from(sorted(UNITS))
amounts = st.decimals("0", "999999999999", places=6, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("amount", "given_unit", "wanted", "expected"),
    [
        ("1", "MWh", "kWh", "1000"),
        ("3", "万kWh", "MWh", "30"),
        ("1", "kWh", "MJ", "3.6"),
        ("3", "tce", "kWh", "24423"),
        ("1", "tce", "GJ", "29.3076"),
        ("7", "斤", "kg", "3.5"),
        ("15", "亩", "ha", "1"),
        ("2.5", "10⁴Nm³", "Nm³", "25000"),
        ("4", "10³Nm³", "10⁴Nm³", "0.4"),
        ("1", "bbl", "gal_us", "42"),
        ("1", "gal_uk", "L", "4.54609"),
        ("1", "ton_us", "lb", "2000"),
        ("1", "ton_uk", "lb", "2240"),
        ("2", "万t·km", "t·km", "20000"),
        ("1500", "kg·km", "t·km", "1.5"),
        ("3", "mile", "km", "4.828032"),
        ("5", "µg", "mg", "0.005"),
        ("29315", "Sm³", "Nm³", "27315"),
    ],
)
def test_a_known_amount_converts_exactly(
    amount: str, given_unit: str, wanted: str, expected: str
) -> None:
    assert text(convert(Decimal(amount), given_unit, wanted)) == expected


@given(amounts, codes, codes)
def test_converting_there_and_back_changes_nothing(amount: Decimal, one: str, two: str) -> None:
    assume(UNITS[one].dimension is UNITS[two].dimension)
    back = convert(convert(amount, one, two), two, one)
    assert abs(back - amount) <= abs(amount) * Decimal("1E-45")


@given(amounts, codes, codes, codes)
def test_a_detour_makes_no_difference(amount: Decimal, one: str, two: str, three: str) -> None:
    assume(len({UNITS[each].dimension for each in (one, two, three)}) == 1)
    assert ratio(one, two) * ratio(two, three) == ratio(one, three)
    direct, detour = convert(amount, one, three), convert(convert(amount, one, two), two, three)
    assert abs(direct - detour) <= abs(direct) * Decimal("1E-45")


@given(amounts, amounts, codes, codes)
def test_parts_convert_to_what_their_sum_does(
    first: Decimal, second: Decimal, one: str, two: str
) -> None:
    assume(UNITS[one].dimension is UNITS[two].dimension)
    assume(set(str(ratio(one, two).denominator)) <= set("0125"))
    parts = EXACT.add(convert(first, one, two), convert(second, one, two))
    assert abs(parts - convert(first + second, one, two)) <= Decimal("1E-30")


@given(codes, codes)
def test_units_of_two_dimensions_are_refused(one: str, two: str) -> None:
    assume(UNITS[one].dimension is not UNITS[two].dimension)
    with pytest.raises(CalculationError) as caught:
        convert(Decimal(1), one, two)
    found = caught.value.problem
    assert (found.code, found.field) == ("line.unit.dimension_mismatch", "unit")
    assert two in found.named_values["allowed"].split(", ")


def test_gas_at_normal_conditions_is_not_plain_volume() -> None:
    with pytest.raises(CalculationError):
        convert(Decimal(1), "m³", "Nm³")


def test_an_unknown_unit_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CalculationError) as caught:
        unit("kW")
    assert caught.value.problem.named_values["given"] == "kW"
    assert "kWh" in caught.value.problem.named_values["allowed"]


def test_every_dimension_has_units_with_both_names_and_a_base() -> None:
    for dimension in Dimension:
        listed = units_of(dimension)
        assert any(each.ratio == 1 for each in listed)
        assert all(each.ratio > 0 and each.name_en and each.name_zh for each in listed)
    assert isinstance(UNITS["亩"].ratio, Fraction)
