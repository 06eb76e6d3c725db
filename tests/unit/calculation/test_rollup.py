"""Totals are exact sums of what the lines came to, by scope and category, with what stays outside apart."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.rollup import RollUp, roll_up
from tests.factories.activity_lines import assessed, line

quantities = st.lists(
    st.decimals("0.000001", "99999999", places=6, allow_nan=False, allow_infinity=False),
    min_size=1,
    max_size=12,
)


def test_totals_go_by_scope_with_both_figures_of_scope_2() -> None:
    totals = roll_up(
        [
            assessed(line("stationary.coke", "1", "t", period=2023)),
            assessed(line("electricity.grid", "1000", "kWh", period=2023)),
            assessed(line("water.supply", "10", "m³", period=2025)),
            assessed(line("stationary.biomass", "1", "t", period=2023)),
            assessed(line("refrigerants.top_up", "2", "kg", period=2023, gas="hcfc-22")),
        ]
    )
    assert totals.scope_2_location == Decimal("530.6")
    assert totals.scope_2_market == Decimal("609.6")
    assert totals.scope_3 == Decimal("1.913")
    assert totals.kg_co2_biogenic == Decimal("1747.2")
    assert totals.kg_co2e_outside == Decimal(3920)
    assert totals.total_market - totals.total_location == Decimal(79)
    assert [each.category for each in totals.categories] == [
        "electricity.grid",
        "refrigerants.top_up",
        "stationary.biomass",
        "stationary.coke",
        "water.supply",
    ]


@given(quantities)
def test_a_total_is_the_exact_sum_in_any_order(amounts: list[Decimal]) -> None:
    found = [assessed(line("soils.lime", str(each), "kg", period=2024)) for each in amounts]
    total = roll_up(found)
    assert total == roll_up(found[::-1])
    assert total.scope_1 == sum((each.kg_co2e for each in found), Decimal(0))
    assert total.categories[0].lines == len(amounts)


def test_the_grade_is_weighted_by_emissions() -> None:
    metered = assessed(line("refrigerants.top_up", "1", "kg", period=2024, gas="hfc-134a"))
    foreign = assessed(line("water.supply", "1", "m³", period=2025))
    assert (int(metered.quality), int(foreign.quality)) == (2, 4)
    quality = roll_up([metered, foreign]).quality
    assert quality is not None
    assert Decimal(2) < quality < Decimal("2.001")


def test_nothing_comes_to_nothing_without_a_grade() -> None:
    totals = RollUp().totals()
    assert (totals.total_location, totals.quality, totals.categories) == (0, None, ())
