"""What actions save together: never more than their sources, in order of their start, and only while they last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.effects import (
    CostBlock,
    Effect,
    combine,
    combined,
    cost_per_tonne,
    curve,
    forecast,
    ramp,
)
from portal.calculation.problems import CalculationError

YEARS = range(2015, 2075)
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
amounts = st.decimals(0, Decimal("1E+9"), places=6)
ramps = st.integers(0, 60)
lifetimes = st.none() | st.integers(1, 30)


def effect(key: str, kg: int | str, source: str = "heat", on: date = date(2025, 1, 1)) -> Effect:
    """An action that saves so many kilograms a year from the first day on."""
    return Effect(key, source, Decimal(kg), on)


@st.composite
def plans(draw: st.DrawFn) -> tuple[dict[str, Decimal], list[Effect]]:
    """Sources and up to eight actions on them, some on sources that nobody reported."""
    sources = draw(st.dictionaries(st.sampled_from("abcd"), amounts, min_size=1))
    found = draw(
        st.lists(
            st.builds(
                Effect, st.just(""), st.sampled_from("abcde"), amounts, days, ramps, lifetimes
            ),
            max_size=8,
        )
    )
    # Six keys for up to eight effects: an action may act on several sources.
    return sources, [replace(each, key=str(place % 6)) for place, each in enumerate(found)]


@given(st.lists(st.decimals(0, 1, places=4), max_size=8))
def test_cuts_of_one_source_come_to_no_more_than_their_sum_nor_than_all(
    rates: list[Decimal],
) -> None:
    together = combined(rates)
    assert max(rates, default=Decimal(0)) <= together <= min(sum(rates, Decimal(0)), Decimal(1))
    assert together == combined(reversed(rates))


@pytest.mark.parametrize("rate", ["-0.01", "1.01"])
def test_a_rate_that_is_no_share_is_refused(rate: str) -> None:
    with pytest.raises(CalculationError):
        combined([Decimal("0.5"), Decimal(rate)])


@given(days, ramps, st.integers(1, 30))
def test_over_its_life_an_action_saves_its_years_less_half_its_growth(
    start_on: date, ramp_months: int, lifetime: int
) -> None:
    shares = [ramp(start_on, ramp_months, lifetime, year) for year in YEARS]
    assert all(0 <= share <= 1 for share in shares)
    months = Decimal(lifetime * 12)
    growing = min(months, Decimal(ramp_months))
    lost = growing - (growing * growing / (2 * ramp_months) if ramp_months else 0)
    assert abs(sum(shares) - (months - lost) / 12) < Decimal("1E-20")


@given(days, ramps)
def test_without_an_end_the_share_never_falls(start_on: date, ramp_months: int) -> None:
    shares = [ramp(start_on, ramp_months, None, year) for year in YEARS]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1


def test_nothing_is_saved_before_the_start_and_after_the_end() -> None:
    on = date(2026, 4, 1)
    found = [ramp(on, 0, 2, year) for year in range(2025, 2030)]
    assert found == [0, Decimal("0.75"), 1, Decimal("0.25"), 0]


def test_the_last_day_of_a_long_month_counts_like_the_thirtieth() -> None:
    assert ramp(date(2026, 1, 31), 0, None, 2026) == ramp(date(2026, 1, 30), 0, None, 2026)


@given(plans(), st.sampled_from(YEARS))
def test_parts_add_up_and_no_source_saves_more_than_it_emits(
    plan: tuple[dict[str, Decimal], list[Effect]], year: int
) -> None:
    sources, effects = plan
    found = combine(sources, effects, year)
    assert found.by_effect.keys() == {each.key for each in effects}
    assert sum(found.by_effect.values(), Decimal(0)) == found.total
    assert sum(found.by_source.values(), Decimal(0)) == found.total
    assert all(0 <= kg <= sources.get(source, 0) for source, kg in found.by_source.items())
    assert all(kg >= 0 for kg in found.by_effect.values())
    assert found.overlap >= 0


@given(plans(), st.sampled_from(YEARS))
def test_the_order_in_which_actions_are_listed_changes_nothing(
    plan: tuple[dict[str, Decimal], list[Effect]], year: int
) -> None:
    sources, effects = plan
    assert combine(sources, effects, year) == combine(sources, effects[::-1], year)


@given(plans(), st.sampled_from(YEARS))
def test_an_action_more_never_saves_less(
    plan: tuple[dict[str, Decimal], list[Effect]], year: int
) -> None:
    sources, effects = plan
    fewer = combine(sources, effects[1:], year).total
    # Each part is cut at a milligram, so that the order may cost or bring one for each action.
    assert combine(sources, effects, year).total >= fewer - Decimal("0.00001")


def test_an_action_without_a_source_is_named() -> None:
    found = combine({"heat": Decimal(0)}, [effect("a", 5), effect("b", 5, "power")], 2026)
    assert (found.total, found.without_source) == (0, ("a", "b"))


def test_an_action_on_several_sources_saves_of_each() -> None:
    sources = {"heat@a": Decimal(100), "heat@b": Decimal(300)}
    wide = [effect("wide", 10, "heat@a"), effect("wide", 30, "heat@b"), effect("wide", 1, "gone")]
    found = combine(sources, [*wide, effect("later", 50, "heat@b", date(2025, 6, 1))], 2026)
    assert found.by_effect == {"wide": 40, "later": 45}
    assert found.by_source == {"heat@a": 10, "heat@b": 75, "gone": 0}
    assert (found.total, found.overlap, found.without_source) == (85, 5, ())


def test_a_claim_beyond_the_source_takes_all_of_it_and_leaves_the_later_nothing() -> None:
    later = effect("later", 10, on=date(2025, 6, 1))
    found = combine({"heat": Decimal(100)}, [later, effect("first", 150)], 2026)
    assert found.by_effect == {"first": 100, "later": 0}
    assert found.overlap == 10


def test_a_saving_below_zero_saves_nothing() -> None:
    assert combine({"heat": Decimal(100)}, [effect("a", -5)], 2026).total == 0


@given(plans(), st.decimals(Decimal("-0.2"), Decimal("0.2"), places=3))
def test_a_forecast_lies_between_nothing_and_the_sources(
    plan: tuple[dict[str, Decimal], list[Effect]], growth: Decimal
) -> None:
    sources, effects = plan
    without = dict(forecast(sources, [], range(2025, 2036), since=2025, growth=growth))
    for year, kg in forecast(sources, effects, range(2025, 2036), since=2025, growth=growth):
        assert 0 <= kg <= without[year]


@given(plans(), st.sampled_from(["0", "0.01"]))
def test_a_forecast_is_the_same_whether_years_are_asked_for_together_or_one_by_one(
    plan: tuple[dict[str, Decimal], list[Effect]], growth: str
) -> None:
    sources, effects = plan
    terms = {"since": 2025, "growth": Decimal(growth)}
    years = range(2026, 2081, 3)
    alone = [forecast(sources, effects, [year], **terms)[0] for year in years]
    assert list(forecast(sources, effects, years, **terms)) == alone


def test_a_forecast_without_actions_and_growth_stays_where_it_is() -> None:
    sources = {"heat": Decimal(100), "power": Decimal(50)}
    assert forecast(sources, [], [2026, 2030], since=2025) == ((2026, 150), (2030, 150))


def test_a_tonne_that_is_not_saved_has_no_cost() -> None:
    given = {
        "capex": Decimal(100),
        "rate": Decimal("0.08"),
        "opex": Decimal(0),
        "money_saved": Decimal(0),
    }
    assert cost_per_tonne(**given, lifetime_years=10, kg_per_year=Decimal(0)) is None
    assert cost_per_tonne(**given, lifetime_years=0, kg_per_year=Decimal(1)) is None


@given(
    st.lists(
        st.builds(CostBlock, st.text("abc", max_size=3), amounts, st.decimals(-999, 999, places=2))
    )
)
def test_a_curve_is_sorted_by_cost_and_has_no_gaps(blocks: list[CostBlock]) -> None:
    placed = curve(blocks)
    assert [each.cost_per_t for each in placed] == sorted(each.cost_per_t for each in blocks)
    reached = Decimal(0)
    for block in placed:
        assert block.kg_before == reached
        reached += block.kg
    assert reached == sum((each.kg for each in blocks), Decimal(0))
