"""A line: one path for form, workbook and API, and every problem at once at its own address."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.calculation.periods import Period
from portal.calculation.problems import Severity
from portal.data import load_categories
from portal.intake.line_rules import LineRules
from portal.intake.raw import RawLine
from portal.intake.read import read_line

RULES = LineRules(
    today=date(2026, 11, 24),
    inventory_year=2025,
    sites={"SITE-001": "7", "一号工厂": "7", "Plant One": "7", "SITE-002": "8"},
    categories=load_categories(),
)
GOOD = {
    "category": "mobile.diesel",
    "quantity": "1,250.5",
    "unit": "升",
    "site": "site-001",
    "period": "2025年3月",
    "note": " bill 17 ",
}


def _codes(read):
    return {each.field: each.code for each in read.problems}


def test_good_line_is_read_whole_with_what_was_changed():
    raw = RawLine.of_form("lines-0", GOOD)
    read = read_line(raw, RULES)
    values = read.values
    assert values is not None
    assert (values.category, values.quantity, values.unit, values.site) == (
        "mobile.diesel",
        Decimal("1250.5"),
        "L",
        "7",
    )
    assert values.period == Period(date(2025, 3, 1), date(2025, 4, 1))
    assert (values.parameters, values.note) == ({}, "bill 17")
    assert [(each.field, each.read) for each in read.changes] == [
        ("lines-0-quantity", "1250.5"),
        ("lines-0-unit", "L"),
        ("lines-0-period", "2025-03-01/2025-03-31"),
    ]
    assert raw.fields is GOOD


def test_three_doors_read_alike_and_name_their_own_places():
    wrong = {**GOOD, "quantity": "about 5"}
    form = read_line(RawLine.of_form("lines-3", wrong), RULES)
    sheet = read_line(RawLine.of_sheet("Energy", 17, {"quantity": "C"}, wrong), RULES)
    body = read_line(RawLine.of_json("/lines/3", wrong), RULES)
    assert [each.problems[0].field for each in (form, sheet, body)] == [
        "lines-3-quantity",
        "Energy!C17",
        "/lines/3/quantity",
    ]
    assert len({each.problems[0].code for each in (form, sheet, body)}) == 1


def test_column_that_a_sheet_lacks_is_named_beside_its_row():
    read = read_line(RawLine.of_sheet("Energy", 17, {}, {}), RULES)
    assert _codes(read)["Energy!17!quantity"] == "number.missing"


def test_all_problems_of_a_line_come_at_once():
    read = read_line(
        RawLine.of_form(
            "lines-0",
            {
                "category": "coal?",
                "quantity": "-1",
                "unit": "kW",
                "site": "X",
                "period": "2025Q5",
                "note": "a\x00",
            },
        ),
        RULES,
    )
    assert read.values is None
    assert _codes(read) == {
        "lines-0-category": "line.category.not_listed",
        "lines-0-quantity": "number.negative",
        "lines-0-unit": "unit.power",
        "lines-0-site": "line.site.not_yours",
        "lines-0-period": "period.no_such_period",
        "lines-0-note": "text.unseen_character",
    }


def test_empty_line_asks_for_what_every_line_needs():
    assert _codes(read_line(RawLine.of_form("lines-0", {}), RULES)) == {
        "lines-0-category": "line.category.missing",
        "lines-0-quantity": "number.missing",
        "lines-0-unit": "unit.missing",
        "lines-0-site": "line.site.missing",
        "lines-0-period": "period.missing",
    }


def test_draft_keeps_the_parts_that_could_be_read():
    read = read_line(RawLine.of_form("lines-0", {**GOOD, "quantity": ""}), RULES)
    assert read.values is None
    assert read.parts["unit"] == "L"
    assert "quantity" not in read.parts


def test_unit_must_fit_the_category_and_the_cure_names_those_offered():
    problem = read_line(
        RawLine.of_form("lines-0", {**GOOD, "unit": "kWh", "category": "water.supply"}), RULES
    ).problems[0]
    assert (problem.field, problem.code) == ("lines-0-unit", "unit.does_not_fit")
    assert problem.named_values["allowed"] == "m³, 万m³, kL"


@pytest.mark.parametrize(
    "spelling",
    ["mobile.diesel", "Diesel of vehicles and machines", "车辆与机械用柴油", " MOBILE.DIESEL "],
)
def test_category_is_found_by_its_id_or_either_name(spelling):
    assert (
        read_line(RawLine.of_form("l", {**GOOD, "category": spelling}), RULES).parts["category"]
        == "mobile.diesel"
    )


@pytest.mark.parametrize("spelling", ["SITE-001", "一号工厂", "plant  one", "ＳＩＴＥ-００１"])
def test_site_is_found_by_its_code_or_either_name(spelling):
    assert read_line(RawLine.of_form("l", {**GOOD, "site": spelling}), RULES).parts["site"] == "7"


@pytest.mark.parametrize(
    "strange", [5, True, ["SITE-001"], {"id": 7}, "x" * 5000, "SITE-001\u200b"]
)
def test_site_or_category_of_another_type_is_refused(strange):
    read = read_line(
        RawLine.of_json("/lines/0", {**GOOD, "site": strange, "category": strange}), RULES
    )
    assert {"line.site.not_yours", "line.category.not_listed"} <= set(_codes(read).values())


def test_questions_are_answered_by_column():
    doubtful = {**GOOD, "quantity": "1.2万", "unit": "gal", "period": "2025-2"}
    asked = read_line(RawLine.of_form("lines-0", doubtful), RULES)
    assert asked.values is None
    assert [each.field for each in asked.questions] == [
        "lines-0-quantity",
        "lines-0-unit",
        "lines-0-period",
    ]
    answers = {"quantity": "12000", "unit": "gal_us", "period": "2025-02-01/2025-02-28"}
    values = read_line(RawLine.of_form("lines-0", doubtful), RULES, answers).values
    assert values is not None
    assert (values.quantity, values.unit, values.period.last_day) == (
        Decimal(12000),
        "gal_us",
        date(2025, 2, 28),
    )


def test_two_day_columns_serve_instead_of_one_period():
    fields = {**GOOD, "period": "", "start": "2025-01-15", "end": "2025/2/14"}
    values = read_line(RawLine.of_form("lines-0", fields), RULES).values
    assert values is not None
    assert values.period == Period(date(2025, 1, 15), date(2025, 2, 15))
    missing = read_line(RawLine.of_form("lines-0", {**fields, "end": ""}), RULES)
    assert _codes(missing) == {"lines-0-end": "date.missing"}


def test_period_must_touch_the_inventory_year_and_is_flagged_when_it_leaves_it():
    elsewhere = read_line(RawLine.of_form("lines-0", {**GOOD, "period": "2024"}), RULES)
    assert _codes(elsewhere) == {"lines-0-period": "line.period.outside_year"}
    across = read_line(
        RawLine.of_form("lines-0", {**GOOD, "period": "2024-12-15/2025-01-14"}), RULES
    )
    assert across.values is not None
    assert [each.code for each in across.flags] == ["period.across_years"]
    assert across.problems[0].severity is Severity.WARNING


def test_parameters_are_read_by_kind_from_columns_or_an_object():
    fields = {**GOOD, "category": "soils.fertiliser", "unit": "kg"}
    columns = {**fields, "parameters.nitrogen_percent": "46％", "parameters.kind": "Synthetic"}
    nested = {**fields, "parameters": {"nitrogen_percent": Decimal(46), "kind": "synthetic"}}
    for raw in (RawLine.of_form("lines-0", columns), RawLine.of_json("/lines/0", nested)):
        values = read_line(raw, RULES).values
        assert values is not None
        assert values.parameters == {"nitrogen_percent": Decimal(46), "kind": "synthetic"}


def test_parameters_that_are_missing_wrong_or_not_asked_for_are_named():
    fields = {
        **GOOD,
        "category": "soils.fertiliser",
        "unit": "kg",
        "parameters": {"kind": "magic", "colour": "red", "none": ""},
    }
    assert _codes(read_line(RawLine.of_json("/lines/0", fields), RULES)) == {
        "/lines/0/parameters/nitrogen_percent": "number.missing",
        "/lines/0/parameters/kind": "line.choice.not_listed",
        "/lines/0/parameters/colour": "line.parameter.not_asked",
    }
    assert RawLine.of_form("lines-0", {}).address("parameters.kind") == "lines-0-parameters-kind"


def test_numbers_are_read_in_the_language_of_the_form():
    german = LineRules(
        RULES.today, RULES.inventory_year, RULES.sites, RULES.categories, locale="de"
    )
    read = read_line(RawLine.of_form("l", {**GOOD, "quantity": "1.250,5"}), german)
    assert read.parts["quantity"] == Decimal("1250.5")


def test_a_foreign_site_is_answered_with_one_spelling_of_each_own_site():
    read = read_line(RawLine.of_form("l", {**GOOD, "site": "Plant Nine"}), RULES)
    (found,) = (each for each in read.problems if each.code == "line.site.not_yours")
    assert found.named_values["allowed"] == "SITE-001, SITE-002"
