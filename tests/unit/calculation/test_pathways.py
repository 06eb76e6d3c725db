"""What a target allows in a year: from its base to its end, without a step up, and as published pathways ask."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.pathways import (
    NET_ZERO_CUT,
    Check,
    Kind,
    Part,
    Pathway,
    TargetTerms,
    allowed,
    ambition,
    covers,
    cut_percent,
    is_near_term,
    is_on_path,
    path,
    share_of_way,
    target_value,
)
from portal.calculation.problems import CalculationError

CUTS = [kind for kind in Kind if not kind.is_share]


def target(**changes: object) -> TargetTerms:
    """A cut by 42 percent of 100 t from 2020 to 2030, unless said otherwise."""
    terms = TargetTerms(
        kind=Kind.ABSOLUTE,
        pathway=Pathway.SBTI_15,
        part=Part.ALL,
        scopes=(1, 2),
        base_year=2020,
        target_year=2030,
        percent=Decimal(42),
        base=Decimal(100000),
    )
    return replace(terms, **changes)  # type: ignore[arg-type]  # the fields' own types, by name


@st.composite
def cuts(draw: st.DrawFn) -> TargetTerms:
    """Targets to cut something, by any pathway, with or without a net-zero year."""
    base_year = draw(st.integers(2015, 2035))
    target_year = base_year + draw(st.integers(1, 20))
    return target(
        kind=draw(st.sampled_from(CUTS)),
        pathway=draw(st.sampled_from(Pathway)),
        part=draw(st.sampled_from(Part)),
        base_year=base_year,
        target_year=target_year,
        percent=draw(st.decimals(0, Decimal("99.99"), places=2)),
        base=draw(st.decimals(Decimal("0.000001"), Decimal("1E+12"), places=6)),
        net_zero_year=draw(st.none() | st.integers(target_year, 2070)),
    )


shares = st.builds(
    lambda kind, base, percent, years: target(
        kind=kind,
        pathway=Pathway.LINEAR,
        base=base,
        percent=percent,
        base_year=2024,
        target_year=2024 + years,
    ),
    st.sampled_from([kind for kind in Kind if kind.is_share]),
    st.decimals(0, 100, places=2),
    st.decimals(0, 100, places=2),
    st.integers(1, 20),
)


@given(cuts())
def test_a_path_begins_at_its_base_and_ends_at_its_target(terms: TargetTerms) -> None:
    assert allowed(terms, terms.base_year) == terms.base
    assert allowed(terms, terms.target_year) == target_value(terms)


@given(shares)
def test_a_share_goes_from_where_it_is_to_where_it_is_to_be(terms: TargetTerms) -> None:
    assert allowed(terms, terms.base_year) == terms.base
    assert allowed(terms, terms.target_year) == terms.percent
    assert allowed(terms, terms.target_year + 5) == terms.percent


@given(cuts())
def test_a_path_never_rises_and_never_falls_below_zero(terms: TargetTerms) -> None:
    values = [value for _, value in path(terms, terms.base_year, 2075)]
    assert all(later <= earlier for earlier, later in pairwise(values))
    assert values[-1] >= 0


@given(cuts())
def test_a_standard_pathway_allows_no_more_than_the_straight_line(terms: TargetTerms) -> None:
    straight = replace(terms, pathway=Pathway.LINEAR)
    for year in range(terms.base_year, terms.target_year + 1):
        if terms.pathway is not Pathway.COMPOUND:
            assert allowed(terms, year) <= allowed(straight, year)


@given(cuts())
def test_a_compound_path_falls_by_one_rate(terms: TargetTerms) -> None:
    compound = replace(terms, pathway=Pathway.COMPOUND)
    values = [value for _, value in path(compound, terms.base_year, terms.target_year)]
    rates = [later / earlier for earlier, later in pairwise(values)]
    assert all(abs(rate - rates[0]) < Decimal("1E-20") for rate in rates)


@given(cuts())
def test_what_is_allowed_is_on_the_path_and_a_milligram_more_is_not(terms: TargetTerms) -> None:
    limit = allowed(terms, terms.target_year)
    assert is_on_path(terms, terms.target_year, limit)
    assert not is_on_path(terms, terms.target_year, limit + Decimal("0.000001"))


def test_a_share_is_on_its_path_when_it_is_more() -> None:
    terms = target(kind=Kind.RENEWABLE_SHARE, pathway=Pathway.LINEAR, base=Decimal(20))
    assert is_on_path(terms, 2025, Decimal(31))
    assert not is_on_path(terms, 2025, Decimal("30.99"))


def test_a_standard_pathway_with_a_weak_target_comes_to_rest_early() -> None:
    assert [value for _, value in path(target(percent=Decimal(10)), 2020, 2024)] == [
        100000,
        95800,
        91600,
        90000,
        90000,
    ]


def test_a_later_base_year_owes_the_years_since_2020_at_once() -> None:
    terms = target(base_year=2022, target_year=2032, percent=Decimal("50.4"))
    assert [value for _, value in path(terms, 2022, 2024)] == [100000, 87400, 83200]


def test_flag_counts_from_the_base_year() -> None:
    terms = target(pathway=Pathway.FLAG, base_year=2022, target_year=2032, percent=Decimal("30.3"))
    assert allowed(terms, 2023) == 96970


def test_net_zero_leaves_no_more_than_a_target_that_cuts_deeper() -> None:
    deep = target(percent=Decimal(95), net_zero_year=2050)
    assert allowed(deep, 2050) == allowed(deep, 2030) == 5000
    assert allowed(target(net_zero_year=2050), 2050) == 100000 * (1 - NET_ZERO_CUT)


def test_a_net_zero_year_that_is_the_target_year_asks_for_nothing_more() -> None:
    assert allowed(target(net_zero_year=2030), 2040) == 58000


@pytest.mark.parametrize(
    ("changes", "year", "field"),
    [
        ({}, 2019, "year"),
        ({"target_year": 2020}, 2020, "target_year"),
        ({"pathway": Pathway.COMPOUND, "percent": Decimal(100)}, 2025, "percent"),
        ({"pathway": Pathway.COMPOUND, "base": Decimal(0)}, 2025, "base"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(
    changes: dict[str, object], year: int, field: str
) -> None:
    with pytest.raises(CalculationError) as caught:
        allowed(target(**changes), year)
    assert caught.value.problem.field == field


def formulas(**changes: object) -> list[tuple[str, bool, str]]:
    """Name, verdict and arithmetic of each check."""
    return [(check.name, check.meets, check.formula) for check in ambition(target(**changes))]


def test_the_ambition_of_an_absolute_target_is_shown_with_its_arithmetic() -> None:
    assert formulas(base_year=2022, target_year=2032, percent=Decimal(50)) == [
        ("sbti_15", False, "4.2 % × (2032 − 2020) = 50.4 %"),
        ("sbti_wb2c", True, "2.5 % × (2032 − 2020) = 30 %"),
    ]


def test_the_ambition_of_a_flag_target_counts_its_own_years() -> None:
    assert formulas(part=Part.FLAG, base_year=2021, target_year=2031) == [
        ("flag", True, "3.03 % × (2031 − 2021) = 30.3 %")
    ]


def test_more_than_everything_is_asked_of_nobody() -> None:
    assert formulas(target_year=2050, percent=Decimal(100)) == [
        ("sbti_15", True, "4.2 % × (2050 − 2020) = 126 % → 100 %"),
        ("sbti_wb2c", True, "2.5 % × (2050 − 2020) = 75 %"),
    ]


@pytest.mark.parametrize("kind", [Kind.PHYSICAL_INTENSITY, Kind.ECONOMIC_INTENSITY])
def test_the_ambition_of_an_intensity_is_seven_percent_a_year(kind: Kind) -> None:
    assert formulas(kind=kind, base_year=2022) == [
        ("intensity_7", False, "1 − (1 − 7 %)^8 = 44.04 %")
    ]


@pytest.mark.parametrize(
    ("year", "formula"),
    [
        (2023, "80 % + 20 % × (2023 − 2025) ÷ 5 = 72 % → 80 %"),
        (2028, "80 % + 20 % × (2028 − 2025) ÷ 5 = 92 %"),
        (2035, "80 % + 20 % × (2035 − 2025) ÷ 5 = 120 % → 100 %"),
    ],
)
def test_the_ambition_of_green_power_follows_the_two_thresholds(year: int, formula: str) -> None:
    assert formulas(kind=Kind.RENEWABLE_SHARE, target_year=year) == [("renewable", False, formula)]


def test_nothing_is_published_for_the_engagement_of_suppliers() -> None:
    assert ambition(target(kind=Kind.SUPPLIER_ENGAGEMENT)) == ()


@given(cuts())
def test_a_check_is_met_from_what_it_needs_on(terms: TargetTerms) -> None:
    for check in ambition(terms):
        assert 0 <= check.needed_percent <= 100
        assert check.meets is (terms.percent >= check.needed_percent)
        exact = ambition(replace(terms, percent=check.needed_percent))
        assert [again.meets for again in exact if again.name == check.name] == [True]


@given(cuts())
def test_the_path_of_1_5_degrees_meets_1_5_degrees(terms: TargetTerms) -> None:
    def of_15(checks: tuple[Check, ...]) -> list[Check]:
        return [check for check in checks if check.name == "sbti_15"]

    absolute = replace(terms, kind=Kind.ABSOLUTE, part=Part.ALL, pathway=Pathway.SBTI_15)
    (check,) = of_15(ambition(absolute))
    meeting = replace(absolute, percent=check.needed_percent)
    assert of_15(ambition(meeting))[0].meets
    for year in range(meeting.base_year + 1, meeting.target_year + 1):
        owed = Decimal("0.042") * (year - min(meeting.base_year, 2020))
        assert allowed(meeting, year) <= meeting.base * max(1 - owed, Decimal(0))


@pytest.mark.parametrize(("ahead", "is_near"), [(4, False), (5, True), (10, True), (11, False)])
def test_near_term_is_five_to_ten_years_ahead(ahead: int, is_near: bool) -> None:
    assert is_near_term(2026 + ahead, 2026) is is_near


def test_a_part_takes_its_categories_and_leaves_the_others() -> None:
    farm = ("livestock.enteric", "soils.fertiliser", "stationary.diesel")
    taken = {part: [covers(part, (1,), each, 1) for each in farm] for part in Part}
    assert taken == {
        Part.ALL: [True, True, True],
        Part.FLAG: [True, True, False],
        Part.NON_FLAG: [False, False, True],
    }
    assert not covers(Part.ALL, (1, 2), "freight.road", 3)


amounts = st.decimals(Decimal("0.01"), Decimal("1E+12"), places=2)


@given(amounts, amounts)
def test_the_target_is_all_of_the_way_and_the_base_none(base: Decimal, goal: Decimal) -> None:
    if base == goal:
        assert share_of_way(base, base, goal) is None
    else:
        assert share_of_way(base, goal, goal) == 1
        assert share_of_way(base, base, goal) == 0


def test_growth_is_a_cut_below_zero_and_nothing_can_be_cut_of_nothing() -> None:
    assert cut_percent(Decimal(200), Decimal(250)) == -25
    assert cut_percent(Decimal(0), Decimal(5)) == 0
