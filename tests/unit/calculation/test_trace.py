"""A trace reads from what was typed to the result, in both languages, and its sums add up."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from portal import data
from portal.calculation.labels import FLAGS, TIERS
from portal.calculation.selection import Flag
from portal.calculation.trace import STEPS, StepKind, brief, equation
from tests.factories.activity_lines import assessed, context, line

CHINESE = re.compile("[\u4e00-\u9fff]")
# ASCII punctuation beside a Chinese character, which belongs to neither language.
MIXED = re.compile("[\u4e00-\u9fff] ?[,;:()!?]|[,;:()!?] ?[\u4e00-\u9fff]")


def formulas(category: str, quantity: str, unit: str, **parameters: str) -> list[tuple[str, str]]:
    """The kind and formula of each step of a line of 2024 in Inner Mongolia."""
    found = assessed(line(category, quantity, unit, period=2024, **parameters))
    return [(step.kind.value, step.formula) for step in found.trace]


def test_a_trace_goes_from_the_typed_quantity_to_the_mass() -> None:
    assert formulas("stationary.diesel", "1.5", "kL") == [
        ("typed", "1.5 kL"),
        ("converted", "1.5 kL = 1500 L"),
        ("density", "1500 L × 0.84 kg/L ÷ 1000 = 1.26 t"),
        (
            "gas",
            "1.26 t × 42.652 GJ/t × 0.0202 tC/GJ × 0.98 × 44/12 × 1000 = 3900.84614304 kg CO2",
        ),
    ]


def test_a_trace_of_several_gases_ends_with_their_sum() -> None:
    *_, last = formulas("waste.on_site", "500", "t", treatment="composting")
    assert last == ("co2e", "2000 kg CH4 × 27.9 + 120 kg N2O × 273 = 88560 kg CO2e")


def test_an_assumption_is_a_step_of_its_own_with_words() -> None:
    found = assessed(line("stationary.natural_gas", "1000", "m³", period=2024))
    (step,) = (step for step in found.trace if step.kind is StepKind.ASSUMED)
    assert step.flag is Flag.NORMAL_CONDITIONS
    assert (
        step.as_json()["note"]["en"] == "Cubic metres as metered were taken as normal cubic metres."
    )


def test_the_factor_stands_where_it_comes_in_with_its_source() -> None:
    found = assessed(line("electricity.grid", "1", "MWh", period=2024))
    (use,) = (step.factor for step in found.trace if step.kind is StepKind.GAS)
    assert use is not None
    plain = use.as_json()
    assert plain["id"] == "cn.grid.national.2023.average"
    assert plain["edition"] == data.load_edition().code
    assert plain["value"] == "CO2 0.5306"
    assert plain["source"].startswith("MEE, NBS & NEA")
    assert (plain["table"], plain["year"], plain["unit"]) == ("表1", 2025, "kg/kWh")
    assert plain["flags"] == ["stale_factor"]
    assert plain["why"]["en"].endswith("of 2023, the latest before 2024.")


def test_a_number_that_never_ends_is_cut_and_called_approximate() -> None:
    third = Decimal(1) / Decimal(3)
    assert equation("1 t ÷ 3", third, "t") == "1 t ÷ 3 ≈ 0.333333333333 t"
    assert equation("2 × 3", Decimal(6), "t") == "2 × 3 = 6 t"
    assert brief(third) == "0.333333333333"
    assert brief(Decimal("1250.50")) == "1250.5"


def test_every_word_of_a_trace_is_there_in_both_languages() -> None:
    labels = [*STEPS.values(), *FLAGS.values(), *TIERS.values()]
    assert all(label.en and not CHINESE.search(label.en) for label in labels)
    assert all(CHINESE.search(label.zh) and not MIXED.search(label.zh) for label in labels)
    assert set(STEPS) == set(StepKind)
    assert set(FLAGS) == set(Flag)


@pytest.mark.parametrize(
    ("category", "unit", "parameters"),
    [
        ("electricity.grid", "万kWh", {"green_certificates": "3"}),
        ("mobile.diesel", "gal_us", {}),
        ("livestock.enteric", "head", {"animal": "dairy_calf", "additive_reduction": "0.3"}),
        ("freight.road", "万t·km", {}),
        ("soils.fertiliser", "斤", {"nitrogen_percent": "46"}),
        ("upstream.electricity", "kWh", {}),
        ("heat.hot_water", "t", {"temperature": "85"}),
    ],
)
def test_every_sum_of_a_trace_can_be_checked_by_hand(
    category: str, unit: str, parameters: dict[str, str]
) -> None:
    found = assessed(line(category, "12.5", unit, period=2024, **parameters), context())
    checked = 0
    for step in found.trace:
        match = re.fullmatch(r"(.+) [=≈] (-?[\d.]+) [^=≈]+", step.formula)
        if match is None:
            continue
        left, right = _value(match[1]), float(match[2])
        if left is not None and step.kind is not StepKind.CONVERTED:
            assert left == pytest.approx(right, rel=1e-9), step.formula
            checked += 1
    assert checked >= 1


def _value(left: str) -> float | None:
    """The value of a formula's left side with its units taken out; None if words are left."""
    bare = re.sub(
        r"(?<=[\d)%])? ?(?:kg|t|GJ|tC|kWh|L|head|kJ|m³|K|N|p|VS|CH4|N2O|CO2e?|C)\b[\w·/()]*",
        "",
        left,
    )
    bare = bare.replace("×", "*").replace("÷", "/").replace("−", "-").replace("%", "/100")
    if not re.fullmatch(r"[\d.+\-*/() ]+", bare):
        return None
    return float(eval(bare, {"__builtins__": {}}))  # noqa: S307 -- digits and operators only, matched above
