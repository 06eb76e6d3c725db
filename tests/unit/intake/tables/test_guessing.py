"""Tables as suppliers have them: what their columns and texts are taken for, and what a person is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.intake.tables.mapping import Numbers, TableMapping, shape_of_titles
from portal.intake.tables.matching import LEFT_OUT, match_category, match_site, match_unit
from tests.unit.intake.tables.own import RULES, guessed, lines, rows

ENGLISH = ("Site code", "Period", "Activity", "Quantity", "Unit")


def test_titles_in_chinese_and_english_lead_to_the_same_lines():
    row = ("SITE-001", "2025-01", "electricity", "1234.5", "kWh")
    english = rows(ENGLISH, row)
    chinese = rows(("场所编码", "期间", "活动", "数量", "单位"), row)
    expected = [
        {
            "site": "SITE-001",
            "period": "2025-01",
            "category": "electricity.grid",
            "quantity": "1234.5",
            "unit": "kWh",
        }
    ]
    assert lines(guessed(english), english) == lines(guessed(chinese), chinese) == expected


def test_titles_below_headings_are_found():
    table = rows(
        ("2025 energy report",),
        ("Prepared by", "finance"),
        (),
        ENGLISH,
        ("SITE-001", "2025-01", "diesel for trucks", Decimal("5"), "L"),
    )
    guess = guessed(table)
    assert guess.mapping.header == 4
    assert [each["quantity"] for each in lines(guess, table)] == ["5"]


def test_invisible_characters_and_spaces_in_titles_do_not_matter():
    table = rows(("\ufeffsite\u200b_code\u00a0", " PERIOD ", "Activity", "quantity", "unit"))
    assert guessed(table).mapping.roles == ("site", "period", "category", "quantity", "unit")


def test_two_columns_with_one_title_are_refused_by_name():
    (found,) = guessed(rows(("site", "quantity", "unit", "Quantity", "period"))).problems
    assert (found.code, found.field) == ("table.column.same_title", "quantity")
    assert ("titles", "quantity, Quantity") in found.values


def test_table_without_titles_is_told_by_its_content_and_left_for_a_person_to_confirm():
    table = rows(
        ("一号工厂", "用电", "2025-01", Decimal("120.5"), "kWh"),
        ("SITE-002", "天然气", "2025-02", Decimal("3"), "m3"),
    )
    guess = guessed(table)
    assert guess.mapping.header == 0
    assert guess.mapping.roles == ("site", "category", "period", "quantity", "unit")
    assert guess.doubts == {0, 1, 2, 3, 4}
    assert [each.code for each in guess.problems] == ["table.header.not_found"]
    assert guess.certain.roles == ("",) * 5


def test_misspelt_title_is_offered_and_not_taken():
    guess = guessed(rows(("Site", "Period", "Category", "Quantitiy", "Unit")))
    assert guess.mapping.roles[3] == "quantity"
    assert guess.doubts == {3}


def test_month_columns_become_one_line_each():
    table = rows(
        ("Site", "Energy", "Unit", "Jan", "Feb", "三月", "2025-04", "Total"),
        ("SITE-001", "electricity", "kWh", Decimal(10), None, "12", Decimal(13), Decimal(35)),
    )
    found = lines(guessed(table), table)
    assert [(each["period"], each["quantity"]) for each in found] == [
        ("2025-01", "10"),
        ("2025-03", "12"),
        ("2025-04", "13"),
    ]


def test_months_take_the_year_that_stands_above_them():
    table = rows(
        ("Energy use 2024",),
        ("Site", "Energy", "Unit", "1月", "2月"),
        ("SITE-001", "electricity", "kWh", Decimal(10), Decimal(11)),
    )
    assert [each["period"] for each in lines(guessed(table), table)] == ["2024-01", "2024-02"]


def test_months_below_a_merged_year_take_it():
    table = rows(
        ("场所", "能源品种", "单位", "2024", None, "2025", None),
        (None, None, None, "11月", "12月", "1月", "2月"),
        ("SITE-001", "电", "kWh", Decimal(1), Decimal(2), Decimal(3), Decimal(4)),
    )
    periods = [each["period"] for each in lines(guessed(table), table)]
    assert periods == ["2024-11", "2024-12", "2025-01", "2025-02"]


def test_one_column_per_kind_of_energy_becomes_one_line_each():
    table = rows(
        ("Site", "Month", "Electricity (kWh)", "Natural gas (m3)"),
        ("SITE-001", date(2025, 1, 1), Decimal(10), Decimal(20)),
    )
    found = lines(guessed(table), table)
    assert [
        (each["category"], each["unit"], each["quantity"], each["period"]) for each in found
    ] == [
        ("electricity.grid", "kWh", "10", "2025-01"),
        ("stationary.natural_gas", "m³", "20", "2025-01"),
    ]


def test_year_and_month_in_two_columns_are_one_period():
    table = rows(
        ("Site", "Year", "Month", "Energy", "Consumption (kWh)"),
        ("SITE-001", Decimal(2025), Decimal(3), "electricity", Decimal(10)),
        ("SITE-001", "2025年", "四月", "electricity", Decimal(11)),
    )
    found = lines(guessed(table), table)
    assert [(each["period"], each["unit"]) for each in found] == [
        ("2025-03", "kWh"),
        ("2025-04", "kWh"),
    ]


def test_year_or_month_in_strange_figures_is_left_to_the_reader_of_periods():
    table = rows(
        ("Site", "Year", "Month", "Energy", "Consumption (kWh)"),
        ("SITE-001", "2025", "3", "electricity", Decimal(10)),
        ("SITE-001", "2025", "\u2460", "electricity", Decimal(11)),
        ("SITE-001", "2025\u00b2", "4", "electricity", Decimal(12)),
        ("SITE-001", "9" * 5000, "4月", "electricity", Decimal(13)),
    )
    found = [each["period"] for each in lines(guessed(table), table)]
    assert found[:3] == ["2025-03", "\u2460", "4"]
    assert len(found) == 4


def test_only_site_stands_for_all_rows():
    alone = replace(RULES, sites={"HQ": "HQ"}, remembered={})
    table = rows(("Period", "Energy", "Amount", "Unit"), ("2025-01", "power", "5", "kWh"))
    assert [each["site"] for each in lines(guessed(table, alone), table)] == ["HQ"]


def test_decimal_comma_is_recognised_and_a_grouping_comma_is_not():
    comma = rows(ENGLISH, ("SITE-001", "2025-01", "power", "1.234,5", "kWh"))
    point = rows(ENGLISH, ("SITE-001", "2025-01", "power", "1,234.5", "kWh"))
    assert guessed(comma).mapping.numbers is Numbers.COMMA
    assert guessed(point).mapping.numbers is Numbers.POINT


def test_row_of_totals_is_offered_to_be_left_out_and_left_out_on_somebodys_word():
    table = rows(
        ENGLISH,
        ("SITE-001", "2025-01", "power", "5", "kWh"),
        ("合计", "", "", "5", "kWh"),
    )
    guess = guessed(table)
    assert guess.open["site"]["合计"].offers == (LEFT_OUT,)
    assert len(lines(guess, table)) == 2
    texts = {**guess.mapping.texts, "site": {**guess.mapping.texts["site"], "合计": LEFT_OUT}}
    told = replace(guess, mapping=replace(guess.mapping, texts=texts))
    assert len(lines(told, table)) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("electricity", "electricity.grid"),
        ("外购电力", "electricity.grid"),
        ("Natural_Gas", "stationary.natural_gas"),
        ("STATIONARY.LPG", "stationary.lpg"),
        ("蒸汽", "heat.steam"),
    ],
)
def test_category_is_known_by_its_names_and_by_what_people_call_it(text, code):
    assert match_category(text, RULES).code == code


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("diesel", "mobile.diesel"),
        ("elektricity", "electricity.grid"),
        ("煤", "stationary.lignite"),
    ],
)
def test_doubtful_category_is_offered_and_never_taken(text, offer):
    match = match_category(text, RULES)
    assert match.code == ""
    assert offer in match.offers


def test_site_that_is_only_alike_is_offered_and_never_taken():
    match = match_site("SITE 001", RULES)
    assert (match.code, match.offers[0]) == ("", "SITE-001")
    assert match_site("SITE-\u202e100", RULES).offers == ()


def test_unit_with_two_meanings_is_asked_about():
    assert match_unit("公斤").code == "kg"
    assert match_unit("ton").offers == ("t", "ton_us", "ton_uk")


def test_shape_is_that_of_last_year_and_differs_once_a_column_is_added():
    this, last = ("Site", "2025-01", "Unit"), ("site ", "2024-01", "unit", "")
    assert shape_of_titles(this) == shape_of_titles(last)
    assert shape_of_titles(this) != shape_of_titles((*this, "note"))


def test_mapping_is_the_same_after_json():
    table = rows(("Site", "Month", "Electricity (kWh)"), ("SITE-001", "2025-01", Decimal(10)))
    mapping = guessed(table).mapping
    assert TableMapping.from_json(mapping.to_json()) == mapping


def test_missing_columns_are_all_named():
    found = guessed(rows(("Category", "Quantity"), ("power", "1"))).mapping.problems()
    assert {each.field for each in found} == {"unit", "site", "period"}
