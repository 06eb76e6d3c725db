"""Stories of assessing one line: what it takes, what it refuses, and that it says the same again."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import data
from portal.calculation.assessment import Assessment, assess
from portal.calculation.categories import Category, ParameterKind
from portal.calculation.lines import ActivityLine
from portal.calculation.periods import Period
from portal.calculation.problems import MESSAGES, message
from portal.calculation.units import units_of
from tests.factories.activity_lines import assessed, context, line, refused

CATEGORIES = data.load_categories()
quantities = st.decimals("0", "999999999999", places=6, allow_nan=False, allow_infinity=False)


def codes(given_line: ActivityLine, **under: Any) -> set[tuple[str, str]]:
    """The field and code of every problem of a line."""
    return {(found.field, found.code) for found in refused(given_line, context(**under))}


def test_everything_wrong_with_a_line_is_said_at_once() -> None:
    wrong = ActivityLine(
        key="x",
        category="refrigerants.screening",
        quantity=Decimal(-3),
        unit="kWh",
        period=Period(date(2023, 6, 1), date(2024, 6, 1)),
        country="CN",
        region="CN-ZZ",
        parameters={"gas": "helium", "pressure": "3"},
    )
    assert codes(wrong) == {
        ("quantity", "line.quantity.negative"),
        ("unit", "line.unit.dimension_mismatch"),
        ("end", "line.period.across_years"),
        ("region", "line.region.unknown"),
        ("parameters.gas", "line.parameter.out_of_domain"),
        ("parameters.pressure", "line.parameter.unknown"),
        ("parameters.equipment", "line.parameter.missing"),
    }
    assert all(message(found) for found in refused(wrong))


@pytest.mark.parametrize(
    ("category", "quantity", "unit", "parameters", "field", "code"),
    [
        ("nothing", "1", "t", {}, "category", "line.category.unknown"),
        ("heat.steam", "1", "t", {}, "parameters.enthalpy", "line.parameter.needed"),
        ("stationary.biogas", "1", "m³", {}, "parameters.methane_share", "line.parameter.needed"),
        ("electricity.grid", "1", "MWh", {"green_certificates": "2"}, "parameters.contract_kwh", "line.contracts.exceed_quantity"),
        ("electricity.grid", "1", "MWh", {"contract_kwh": "2"}, "parameters.contract_factor", "line.parameter.goes_with"),
        ("electricity.grid", "1E+12", "MWh", {}, "quantity", "line.quantity.too_large"),
        ("electricity.grid", "NaN", "MWh", {}, "quantity", "line.quantity.not_a_number"),
        ("electricity.grid", "1", "kW", {}, "unit", "line.unit.unknown"),
        ("stationary.diesel", "1", "L", {"density": "3"}, "parameters.density", "line.parameter.out_of_domain"),
        ("stationary.diesel", "1", "L", {"density": "dense"}, "parameters.density", "line.parameter.out_of_domain"),
        ("waste.treatment", "1", "t", {"material": "glass", "treatment": "composting"}, "parameters.treatment", "factor.none"),
        ("upstream.fuels", "1", "L", {"fuel": "coal"}, "unit", "factor.none"),
        ("livestock.manure", "1", "head", {"animal": "poultry"}, "parameters.system", "line.manure.storage_needed"),
        ("livestock.manure", "1", "head", {"animal": "pig", "system": "solid"}, "parameters.temperature", "line.parameter.goes_with"),
        ("wastewater.ch4", "1", "m³", {"treatment": "deep_lagoon", "cod_in": "1", "cod_out": "2"}, "parameters.cod_out", "case.input.not_more_than"),
        ("wastewater.ch4", "1", "m³", {"treatment": "deep_lagoon", "cod_in": "9", "recovered_kg": "2"}, "parameters.recovered_kg", "case.input.not_more_than"),
        ("refrigerants.mass_balance", "1", "kg", {"gas": "sf6", "stock_begin": "0", "stock_end": "2"}, "parameters.stock_end", "line.leak.negative"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_computed_says_what_to_change(
    category: str, quantity: str, unit: str, parameters: dict[str, str], field: str, code: str
) -> None:
    assert codes(line(category, quantity, unit, period=2024, **parameters)) == {(field, code)}


def test_a_country_without_a_grid_factor_has_none() -> None:
    given_line = line("electricity.grid", "1", "MWh", period=2024, country="VN")
    assert codes(given_line) == {("country", "factor.none")}


def test_several_defaults_ask_which_is_meant() -> None:
    sheep = line("livestock.enteric", "9", "head", period=2024, country="NZ", animal="sheep_adult")
    (found,) = refused(sheep)
    assert (found.field, found.code) == ("parameters.productivity", "factor.several")
    assert "sheep.high" in message(found)
    assert "sheep.low" in message(found)


def test_a_gas_that_the_set_does_not_give_is_refused() -> None:
    blend = line("refrigerants.top_up", "1", "kg", period=2024, gas="r-448a")
    assert codes(blend, gwp="AR4") == {("parameters.gas", "line.gas.no_potential")}


def test_missing_evidence_lowers_the_grade() -> None:
    with_it = line("stationary.coke", "1", "t", period=2024)
    without = line("stationary.coke", "1", "t", period=2024, has_evidence=False)
    assert (assessed(with_it).quality, assessed(without).quality) == (3, 4)


def test_both_figures_of_scope_2_are_always_there() -> None:
    power = assessed(line("electricity.grid", "1000", "kWh", period=2023))
    assert (power.kg_co2e, power.kg_co2e_market) == (Decimal("530.6"), Decimal("609.6"))
    heat = assessed(line("heat.steam", "1", "GJ", period=2023))
    assert heat.kg_co2e == heat.kg_co2e_market == 110


def test_biogenic_carbon_dioxide_is_in_no_total() -> None:
    wood = assessed(line("stationary.biomass", "10", "t", period=2024))
    assert wood.kg_co2_biogenic == wood.kg["co2_biogenic"] == Decimal(17472)
    assert wood.kg_co2e < 301


@pytest.mark.parametrize("year", [2023, 2024])
@pytest.mark.parametrize(
    ("category", "unit", "parameters"),
    [
        ("livestock.enteric", "head", {"animal": "dairy_calf"}),
        ("livestock.manure", "head", {"animal": "dairy_cattle"}),
        ("refrigerants.screening", "kg", {"gas": "r-404a", "equipment": "cold_store"}),
    ],
)
def test_twelve_months_of_a_herd_or_a_charge_come_to_the_year(
    year: int, category: str, unit: str, parameters: dict[str, str]
) -> None:
    months = [
        assessed(line(category, "120", unit, period=Period.of_month(year, month), **parameters))
        for month in range(1, 13)
    ]
    whole = assessed(line(category, "120", unit, period=year, **parameters))
    assert abs(sum(month.kg_co2e for month in months) - whole.kg_co2e) <= Decimal("0.000012")


@pytest.mark.parametrize("category", CATEGORIES.values(), ids=lambda category: category.id)
def test_every_category_can_be_computed_in_every_unit_it_offers(category: Category) -> None:
    for unit in category.units:
        found = assess(plausible(category, unit), context())
        if isinstance(found, Assessment):
            assert found.scope == category.scope
            continue
        assert all(each.code == "factor.none" and each.field == "unit" for each in found), found


def plausible(category: Category, unit: str) -> ActivityLine:
    """A line of a category with something for each parameter that it may need."""
    numbers = {"stock_end": "0", "contract_kwh": "0.001", "temperature": "30", "enthalpy": "2777"}
    left_out = {"sector", "supplier_factor", "ncv", "recycled_share"}
    parameters = {
        each.name: each.options[0].code
        if each.kind is ParameterKind.CHOICE
        else numbers.get(each.name, str(each.least or 0))
        for each in category.parameters
        if each.name not in left_out
    }
    return line(category.id, "5", unit, period=2025, **parameters)


def test_every_offered_unit_fits_its_category() -> None:
    for category in CATEGORIES.values():
        for dimension in category.dimensions:
            assert {each.code for each in units_of(dimension)} <= set(category.accepted_units)


@given(quantities)
def test_the_same_line_comes_to_the_same_and_reads_back_equal(quantity: Decimal) -> None:
    given_line = line("mobile.diesel", str(quantity), "L", period=2024)
    found = assessed(given_line)
    assert found == assessed(given_line)
    written = json.dumps(found.to_json(), ensure_ascii=False)
    assert Assessment.from_json(json.loads(written)) == found


@given(quantities, quantities)
def test_twice_the_quantity_is_twice_the_mass(first: Decimal, second: Decimal) -> None:
    one, two, both = (
        assessed(line("stationary.coke", str(amount), "kg", period=2024)).kg_co2e
        for amount in (first, second, min(first + second, Decimal("999999999999")))
    )
    if first + second <= Decimal("999999999999"):
        assert abs(one + two - both) <= Decimal("0.000002")


def test_a_pinned_assessment_without_its_trace_reads_back_too() -> None:
    found = assessed(line("refrigerants.top_up", "45", "kg", period=2024, gas="r-404a"))
    pinned = json.loads(json.dumps(found.to_json(with_trace=False)))
    assert "trace" not in pinned
    back = Assessment.from_json(pinned)
    assert (back.kg, back.kg_co2e, back.factors) == (found.kg, found.kg_co2e, found.factors)
    assert back.to_json(with_trace=False) == pinned


def test_all_amounts_are_decimal_text() -> None:
    plain = assessed(line("stationary.biomass", "3", "t", period=2024)).to_json()
    amounts = [*plain["kg"].values(), plain["kg_co2e"], plain["kg_co2_biogenic"]]
    assert all(isinstance(amount, str) and "E" not in amount for amount in amounts)


def test_every_problem_that_calculation_raises_has_words() -> None:
    assert all("%(" not in words % _AnyValue() for words in MESSAGES.values())


class _AnyValue(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"
