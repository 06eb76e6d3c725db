"""`portal assess`: what it reads, what it prints, and that one bad line never spoils the others."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import data
from portal.calculation.assessment import Assessment
from portal.calculation.gases import GwpSet
from portal.cli.assess import assess
from tests.factories.activity_lines import assessed, line

POWER = {
    "key": "power",
    "category": "electricity.grid",
    "quantity": 1250.5,
    "unit": "MWh",
    "start": "2023-01-01",
    "end": "2024-01-01",
    "country": "CN",
    "region": "CN-NM",
    "parameters": {"green_certificates": 400},
}


def run(tmp_path: Path, content: object, *options: str) -> Result:
    """Run the command on a file with this content."""
    file = tmp_path / "lines"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(assess, [str(file), *options])


def document(result: Result) -> dict[str, Any]:
    """What a run printed, as JSON."""
    parsed: dict[str, Any] = json.loads(result.output)
    return parsed


def test_a_line_comes_out_with_everything_the_help_promises(tmp_path: Path) -> None:
    result = run(tmp_path, [POWER])
    assert result.exit_code == 0
    found = document(result)
    (only,) = found["lines"]
    trace = only.pop("trace")
    assert only == {
        "key": "power",
        "category": "electricity.grid",
        "scope": 2,
        "kg": {"co2": "663515.3"},
        "kg_co2e": "663515.3",
        "kg_co2e_market": "518464.8",
        "kg_co2_biogenic": "0",
        "kg_co2e_outside": "0",
        "factor": "cn.grid.national.2023.average",
        "factors": ["cn.grid.national.2023.average", "cn.grid.national.2023.excl_market_nonfossil"],
        "quality": 3,
        "flags": [],
    }
    assert [step["step"] for step in trace] == ["typed", "converted", "gas", "market"]
    assert found["totals"] == {"1": "0", "2": "663515.3", "2_market": "518464.8", "3": "0"}
    assert (found["edition"], found["gwp"], found["problems"]) == ("2026.1", "GBT", [])


def test_a_printed_trace_is_the_assessment_s_own(tmp_path: Path) -> None:
    gas = {**POWER, "category": "stationary.natural_gas", "unit": "m³", "parameters": {}}
    found = document(run(tmp_path, [gas]))["lines"][0]
    same = assessed(line("stationary.natural_gas", "1250.5", "m³", period=2023)).to_json()
    assert found["trace"] == same["trace"]
    assert found["kg"] == same["kg"]


def test_numbers_are_read_as_they_are_written(tmp_path: Path) -> None:
    text = json.dumps([POWER]).replace("1250.5", "0.1000000001").replace('"MWh"', '"kWh"')
    found = document(run(tmp_path, text.replace("400", "0")))["lines"][0]
    assert found["trace"][0]["formula"] == "0.1000000001 kWh"
    assert Decimal(found["kg"]["co2"]) == Decimal("0.053060000053")


def test_csv_gives_what_json_gives(tmp_path: Path) -> None:
    rows = (
        "key,category,quantity,unit,start,end,country,region,parameters.green_certificates\n"
        "power,electricity.grid,1250.5,MWh,2023-01-01,2024-01-01,CN,CN-NM,400\n"
    )
    packed = rows.replace("parameters.green_certificates", "parameters").replace(
        ",400\n", ',"{""green_certificates"": 400}"\n'
    )
    expected = document(run(tmp_path, [POWER]))
    assert document(run(tmp_path, rows)) == expected
    assert document(run(tmp_path, packed)) == expected
    assert document(run(tmp_path, rows.replace(",", ";"))) == expected
    assert document(run(tmp_path, b"\xef\xbb\xbf" + rows.encode())) == expected


def test_an_object_with_lines_is_read_like_a_list(tmp_path: Path) -> None:
    assert document(run(tmp_path, {"lines": [POWER]})) == document(run(tmp_path, [POWER]))


def test_bad_lines_are_listed_and_good_ones_computed(tmp_path: Path) -> None:
    bad: list[Any] = [
        {**POWER, "key": "unit", "unit": "kg"},
        {**POWER, "key": "category", "category": "nothing"},
        {**POWER, "key": "number", "quantity": "many"},
        {**POWER, "key": "date", "start": "1.1.2023"},
        {**POWER, "key": "field", "site": "north"},
        {**POWER, "key": "parameter", "parameters": {"green_certificates": -1}},
        {**POWER, "key": "parameters", "parameters": [1]},
        {**POWER, "key": "country", "country": 86},
        {**POWER, "key": "truth", "evidence": "yes"},
        7,
    ]
    result = run(tmp_path, [*bad, POWER])
    assert result.exit_code == 1
    found = document(result)
    assert [each["key"] for each in found["lines"]] == ["power"]
    assert {each["key"] for each in found["problems"]} == {
        *(each["key"] for each in bad[:-1]),
        "#10",
    }
    assert all(each["message"] and each["severity"] == "error" for each in found["problems"])


def test_all_problems_of_a_line_come_at_once(tmp_path: Path) -> None:
    wrong = {
        "category": "stationary.diesel",
        "quantity": -1,
        "unit": "",
        "start": "2024-02-30",
        "country": "C",
        "parameters": {"density": 9, "colour": "red"},
    }
    found = document(run(tmp_path, [wrong]))["problems"]
    assert {each["field"] for each in found} == {
        "quantity",
        "unit",
        "start",
        "end",
        "country",
        "parameters.density",
        "parameters.colour",
    }


def test_a_doubtful_unit_is_a_question_with_its_readings(tmp_path: Path) -> None:
    doubtful = {**POWER, "category": "stationary.coke", "unit": "ton", "parameters": {}}
    result = run(tmp_path, [doubtful])
    (found,) = document(result)["problems"]
    assert result.exit_code == 1
    assert (found["severity"], found["readings"]) == ("question", ["t", "ton_us", "ton_uk"])


@pytest.mark.parametrize("unit", ["斤", "Nm³", "m³", "t·km", "10⁴Nm³", "万kWh"])
def test_a_unit_code_of_the_list_is_never_doubtful(tmp_path: Path, unit: str) -> None:
    category = next(each for each in data.load_categories().values() if unit in each.accepted_units)
    entry = {**POWER, "category": category.id, "unit": unit, "parameters": {}}
    found = document(run(tmp_path, [entry]))
    assert not [each for each in found["problems"] if each["field"] == "unit"]


def test_an_end_that_may_be_the_last_day_is_pointed_out_and_computed(tmp_path: Path) -> None:
    result = run(tmp_path, [{**POWER, "end": "2023-12-31"}])
    found = document(result)
    assert result.exit_code == 0
    assert len(found["lines"]) == 1
    assert [each["severity"] for each in found["problems"]] == ["warning"]


@pytest.mark.parametrize("gwp", list(GwpSet))
def test_the_set_of_potentials_is_chosen_by_name(tmp_path: Path, gwp: GwpSet) -> None:
    herd = {
        **POWER,
        "category": "livestock.enteric",
        "quantity": 1,
        "unit": "head",
        "parameters": {"animal": "pig"},
    }
    found = document(run(tmp_path, [herd], "--gwp", gwp.value))
    expected = {"AR4": "37.5", "AR5": "42", "AR6": "40.5", "GBT": "41.85"}
    assert found["totals"]["1"] == expected[gwp.value]


def test_the_alliance_s_choices_are_options(tmp_path: Path) -> None:
    provincial = document(run(tmp_path, [POWER], "--grid", "provincial"))
    assert provincial["lines"][0]["factor"] == "cn.grid.province.nm.2023"
    fuel = {**POWER, "category": "mobile.diesel", "unit": "t", "parameters": {}}
    with_gases = document(run(tmp_path, [fuel], "--with-ch4-n2o", "--sector", "other"))
    assert set(with_gases["lines"][0]["kg"]) == {"co2", "ch4_fossil", "n2o"}
    assert with_gases["lines"][0]["factor"].startswith("cn.ndrc_other_industry_2015")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b'[{"a": NaN}]', "NaN"),
        (b'[{"a": 1, "a": 2}]', "twice"),
        (b"[1,", "not JSON"),
        (b"{}", "lines"),
        (b"hello", "neither JSON nor CSV"),
        (b"", "neither JSON nor CSV"),
        (b"category,quantity,quantity\n", "neither JSON nor CSV"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_an_unreadable_file_is_a_clear_error(tmp_path: Path, content: bytes, words: str) -> None:
    result = run(tmp_path, content)
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_an_edition_that_is_not_shipped_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, [POWER], "--edition", "1999.1")
    assert result.exit_code == 2
    assert "2026.1" in result.output


def test_a_table_is_for_people(tmp_path: Path) -> None:
    bad = {**POWER, "key": "坏行", "unit": "kg"}
    result = run(tmp_path, [POWER, bad], "--format", "table")
    assert "663.515" in result.output
    assert "Scope 2, market-based" in result.output
    assert "坏行: unit:" in result.output
    assert result.exit_code == 1


def test_the_list_names_every_category_with_units_and_parameters() -> None:
    table = CliRunner().invoke(assess, ["--list"])
    listed = json.loads(CliRunner().invoke(assess, ["--list", "--format", "json"]).output)
    assert [each["id"] for each in listed["categories"]] == list(data.load_categories())
    assert all(each["id"] in table.output for each in listed["categories"])
    screening = next(e for e in listed["categories"] if e["id"] == "refrigerants.screening")
    assert screening["parameters"][0]["required"] is True
    assert {"code": "r-404a", "label": {"en": "R-404A (blend)", "zh": "R-404A（混合工质）"}} in (
        screening["parameters"][0]["options"]
    )


def test_without_a_file_the_command_says_what_it_wants() -> None:
    result = CliRunner().invoke(assess, [])
    assert result.exit_code == 2
    assert "--list" in result.output


anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
    ),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2)
    ),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    entries=st.lists(st.dictionaries(st.sampled_from([*POWER, "evidence"]), anything), max_size=3)
)
def test_no_line_makes_the_command_fall_over(
    tmp_path: Path, entries: list[dict[str, object]]
) -> None:
    mixed = [*({**POWER, **each} for each in entries), POWER]
    result = run(tmp_path, mixed)
    assert result.exit_code in {0, 1}
    assert document(result)["lines"][-1]["kg_co2e"] == "663515.3"


def test_a_pinned_line_can_be_made_from_what_is_printed(tmp_path: Path) -> None:
    found = document(run(tmp_path, [POWER]))["lines"][0]
    assert isinstance(assessed(line("electricity.grid", "1", "kWh", period=2023)), Assessment)
    assert Decimal(found["kg_co2e"]) == Decimal("663515.3")
