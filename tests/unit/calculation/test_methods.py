"""The methods under their names: the worked examples pass, and unfit inputs are answered with what is allowed."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.cases import METHODS, check, compute
from portal.calculation.problems import MESSAGES, CalculationError, Problem, message

CASES = Path(__file__).parents[2] / "cases"
LIBRARY = Path(__file__).parents[4] / "shared" / "factors"


class ExactLoader(yaml.SafeLoader):
    """Reads every number as the decimal that is written, 1e-06 included."""


_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?$")
ExactLoader.add_implicit_resolver("!exact", _NUMBER, list("-+0123456789"))
for _tag in ("!exact", "tag:yaml.org,2002:float", "tag:yaml.org,2002:int"):
    ExactLoader.add_constructor(_tag, lambda loader, node: Decimal(loader.construct_scalar(node)))


def vectors_of(name: str) -> list[dict[str, Any]]:
    """The worked examples of one file."""
    text = (CASES / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=ExactLoader)  # noqa: S506 -- a safe loader


VECTORS = vectors_of("methods") + vectors_of("targets_and_actions")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["id"]))
def test_a_worked_example_passes(vector: dict[str, Any]) -> None:
    verdict = check(vector, 1)
    assert verdict.has_passed, [*map(str, verdict.differences), *map(message, verdict.problems)]


def test_the_examples_here_are_those_of_the_library() -> None:
    published = LIBRARY / "test_vectors.json"
    if not published.exists():
        pytest.skip("the library stands beside the repository only where it is built")
    theirs = json.loads(
        published.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal
    )
    kept = ("id", "method", "inputs", "expected", "tolerance")
    assert [{name: v[name] for name in kept} for v in theirs["vectors"]] == [
        {name: v[name] for name in kept} for v in VECTORS if v["id"].startswith("TV-")
    ]


def test_every_example_has_an_id_of_its_own_and_a_source() -> None:
    ids = [vector["id"] for vector in VECTORS]
    assert len(set(ids)) == len(ids)
    assert all(vector["source"].strip() for vector in VECTORS)


def test_every_method_has_an_example() -> None:
    assert set(METHODS) == {vector["method"] for vector in VECTORS}


def problems_of(method: str, **inputs: Any) -> list[str]:
    with pytest.raises(CalculationError) as caught:
        compute(method, inputs)
    return [message(found) for found in caught.value.problems]


def test_all_wrong_inputs_are_named_at_once() -> None:
    found = problems_of("cn_fuel", amount=Decimal(-1), ncv="12", cc=1, offset=2)
    assert found == [
        "The input “offset” is not known here. This method takes: amount, ncv, cc, of.",
        "The input “amount” is -1. It must be a number of at least 0.",
        "The input “ncv” is “12”, not a number. It must be a number of at least 0.",
        "The input “of” is missing. This method takes: amount, ncv, cc, of.",
    ]


def test_a_nested_input_is_named_with_its_place() -> None:
    (found,) = problems_of("enteric_head", gwp_ch4=28, herd=[{"heads": 1, "ef": 2}, {"heads": 1}])
    assert found.startswith("The input “herd[2].ef” is missing.")


TARGET = {"base": 1, "base_year": 2020, "target_year": 2030, "percent": 40, "year": 2025}


@pytest.mark.parametrize(
    ("method", "inputs", "named"),
    [
        (
            "freight_fuel_allocated",
            {"fuel_l": 1, "ef_ttw": 2, "own_tkm": 0, "total_tkm": 0},
            "total_tkm",
        ),
        ("uncertainty", {"items": [[1, 5], [-1, 5]]}, "items"),
        ("dq_weighted", {"items": [[0, 3]]}, "items"),
        ("base_year", {"base": 0, "changes": [1]}, "base"),
        (
            "chp_efficiency",
            {"emissions": 1, "heat": 0, "power": 0, "eff_heat": 1, "eff_power": 1},
            "heat",
        ),
        (
            "macc",
            {"capex": 1, "r": 0, "n": 1, "opex": 0, "savings": 0, "abatement_t": 0},
            "abatement_t",
        ),
        ("electricity", {"kwh": 1, "ef_location": 1, "contract_kwh": 2}, "cover"),
        ("blend_gwp", {"components": [[Decimal("0.6"), 1], [Decimal("0.5"), 1]]}, "components"),
        ("pathway_linear", {"base": 1, "start": 2030, "year": 2020, "rate": 0}, "year"),
        ("t2_energy", {"bw": 500, "cfi": 1, "de": 5}, "de"),
        ("t2_energy", {"bw": 500, "cfi": 1, "de": 60, "wg": 1}, "wg, c, mw"),
        (
            "wastewater_ch4",
            {"w_m3": 1, "cod_in": 1, "cod_out": 2, "bo": 1, "mcf": 1, "gwp_ch4": 1},
            "cod_out",
        ),
        ("energy_gas", {"gwp": {"ch4": 1, "n2o": 1}, "mass_t": 1}, "energy"),
        ("uncertainty_product", {"u": []}, "u"),
        ("sum_products", {"items": [[1]]}, "items[1]"),
        ("manure_ef_vs", {"mcf": True, "b0": 1}, "mcf"),
        ("pedigree", {"factors": [0]}, "factors[1]"),
        ("cn_fuel", {"amount": Decimal("1E+400"), "ncv": 1, "cc": 1, "of": 1}, "amount"),
        ("combined_actions", {"rates": [Decimal("1.1")]}, "rates[1]"),
        ("ramp", {"start_on": "2026-4-1", "year": 2026}, "start_on"),
        ("ramp", {"start_on": 20260401, "year": 2026}, "start_on"),
        ("share_of_way", {"base": 1, "actual": 1, "target": 1}, "base − target"),
        ("cut_percent", {"base": 0, "actual": 1}, "base"),
        ("target_allowed", {**TARGET, "year": 2019}, "year"),
        ("target_allowed", {**TARGET, "target_year": 2020}, "target_year"),
        ("target_allowed", {**TARGET, "pathway": "compound", "percent": 100}, "percent"),
        ("target_allowed", {**TARGET, "pathway": "compound", "base": 0}, "base"),
        ("target_allowed", {**TARGET, "pathway": "steep"}, "pathway"),
    ],
)
def test_an_impossible_input_is_named(method: str, inputs: dict[str, Any], named: str) -> None:
    assert any(named in words for words in problems_of(method, **inputs))


@pytest.mark.parametrize("vector", [5, {}, {"id": "X", "method": "cn_fuel"}, {"method": ["a"]}])
def test_a_malformed_example_fails_by_itself(vector: object) -> None:
    verdict = check(vector, 7)
    assert not verdict.has_passed
    assert verdict.case in {"#7", "X"}


@pytest.mark.parametrize(
    "tolerance", [None, {}, {"abs": -1}, {"abs": 1, "rel": 1}, {"about": 1}, {"rel": "1"}]
)
def test_an_example_without_a_proper_tolerance_fails(tolerance: object) -> None:
    vector = {
        "id": "X",
        "method": "uncertainty_product",
        "inputs": {"u": [1]},
        "expected": {"u_pct": 1},
        "tolerance": tolerance,
    }
    assert not check(vector, 1).has_passed


def test_a_missing_output_is_a_difference() -> None:
    vector = {
        "id": "X",
        "method": "uncertainty_product",
        "inputs": {"u": [3, 4]},
        "expected": {"u_pct": Decimal("5.1"), "other": 1},
        "tolerance": {"abs": Decimal("0.05")},
    }
    assert [str(each) for each in check(vector, 1).differences] == [
        "u_pct: expected 5.1, got 5",
        "other: expected 1, got nothing",
    ]


def test_capital_without_interest_is_spread_evenly() -> None:
    found = compute(
        "macc", {"capex": 100, "r": 0, "n": 10, "opex": 0, "savings": 0, "abatement_t": 1}
    )
    assert found["crf"] == Decimal("0.1")


@pytest.mark.parametrize(
    ("changes", "more", "due", "new_base"),
    [
        ([3, -3], {}, 1, 100),
        ([3], {}, 0, 100),
        ([3], {"cumulative": 2}, 1, 105),
        ([3, 3], {"cumulative": False}, 0, 100),
    ],
)
def test_changes_of_the_base_year_cumulate_without_sign(
    changes: list[int], more: dict[str, Any], due: int, new_base: int
) -> None:
    found = compute("base_year", {"base": 100, "changes": changes, **more})
    assert (found["recalculate"], found["new_base"]) == (due, new_base)


def outcome(method: str, inputs: object) -> tuple[dict[str, Decimal], tuple[Problem, ...]]:
    """The outputs of a method, or its problems; anything else that is raised is a bug."""
    try:
        return compute(method, inputs), ()
    except CalculationError as error:
        return {}, error.problems


anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**40), 10**40),
        st.decimals(allow_nan=True, allow_infinity=True),
        st.text(max_size=5),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(METHODS)), st.data())
def test_no_input_makes_a_method_fall_over(method: str, data: st.DataObject) -> None:
    names = [each.name for each in METHODS[method].inputs]
    inputs = data.draw(st.dictionaries(st.sampled_from([*names, "zz"]), anything))
    _, problems = outcome(method, inputs)
    assert all(found.code in MESSAGES and message(found) for found in problems)


@given(
    st.sampled_from(sorted(METHODS)),
    st.sampled_from([Decimal(0), Decimal("1E-30"), Decimal(1), Decimal("9.99E+29"), Decimal(-1)]),
    st.integers(0, 30),
)
def test_edge_numbers_in_good_examples_are_computed_or_refused(
    method: str, edge: Decimal, position: int
) -> None:
    vector = next(each for each in VECTORS if each["method"] == method)
    inputs = dict(vector["inputs"])
    name = sorted(inputs)[position % len(inputs)]
    if isinstance(inputs[name], Decimal):
        inputs[name] = edge
    outputs, problems = outcome(method, inputs)
    assert all(message(found) for found in problems)
    assert all(value.is_finite() for value in outputs.values())
    assert bool(outputs) != bool(problems)
