"""Units: what people write in Chinese and English, and questions where a unit is two."""

from __future__ import annotations

import pytest

from portal.calculation.units import UNITS
from portal.intake.reading import Answer
from portal.intake.unit_spellings import CASED, CLEAR, DOUBTFUL, OTHER_THINGS
from portal.intake.units import clear_spelling, folded, read_unit


@pytest.mark.parametrize("code", UNITS)
def test_every_unit_reads_from_what_a_list_of_choices_sends(code):
    assert read_unit(clear_spelling(code), allowed=UNITS).value == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("KWH", "kWh"),
        ("ｋＷｈ", "kWh"),
        ("千瓦·时", "kWh"),
        ("度", "kWh"),
        ("MWH", "MWh"),
        ("万度", "万kWh"),
        ("吨", "t"),
        ("公斤", "kg"),
        ("㎏", "kg"),
        ("立方米", "m³"),
        ("㎥", "m³"),
        ("m^3", "m³"),
        ("升", "L"),
        ("ml", "mL"),
        ("头", "head"),
        ("市斤", "斤"),
        ("公顷", "ha"),
        ("吨标煤", "tce"),
        ("百万千焦", "GJ"),
        ("公里", "km"),
        ("吨·公里", "t·km"),
        ("t.km", "t·km"),
        ("tkm", "t·km"),
        ("人公里", "p·km"),
        ("间夜", "room·night"),
        ("\u03bcg", "\u00b5g"),
        ("short ton", "ton_us"),
        ("US gal", "gal_us"),
    ],
)
def test_clear_spelling_reads_as_its_unit(typed, code):
    read = read_unit(typed)
    assert read.value == code
    assert read.changes[0].read == code


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("mWh", ("MWh",)),
        ("mwh", ("MWh",)),
        ("mJ", ("MJ",)),
        ("ton", ("t", "ton_us", "ton_uk")),
        ("gallons", ("gal_us", "gal_uk")),
        ("斤", ("斤",)),
        ("Nm3", ("Nm³", "Sm³")),
        ("标方", ("Nm³", "Sm³")),
        ("万标方", ("10⁴Nm³",)),
        ("Mg", ("t", "mg")),
        ("只", ("head", "piece")),
    ],
)
def test_doubtful_unit_is_asked_and_taken_once_answered(typed, readings):
    asked = read_unit(typed)
    assert asked.problems[0].readings == readings
    for reading in readings:
        assert read_unit(typed, confirmed=reading).value == reading
    assert read_unit(typed, confirmed="kcal").answer is Answer.ASK


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("kW", "unit.power"),
        ("兆瓦", "unit.power"),
        ("CNY", "unit.currency"),
        ("万元", "unit.currency"),
        ("万CNY", "unit.currency"),
        ("tCO₂e", "unit.emission"),
        ("公斤二氧化碳", "unit.emission"),
        ("%", "unit.ratio"),
        ("h", "unit.time"),
        ("℃", "unit.temperature"),
        ("ML", "unit.unknown"),
        ("kWh/kWh", "unit.unknown"),
        ("kW/h", "unit.unknown"),
        ("к\u0057h", "unit.unknown"),
        ("kWh\u200b", "unit.unknown"),
        ("x" * 5000, "unit.unknown"),
        ("", "unit.missing"),
        (None, "unit.missing"),
        (5, "unit.not_a_text"),
    ],
)
def test_other_thing_is_refused_with_its_own_cure(typed, code):
    assert [each.code for each in read_unit(typed).problems] == [code]


def test_money_is_a_unit_where_it_is_asked_for():
    assert read_unit("CNY", allowed=["t", "CNY"]).value == "CNY"
    assert [each.code for each in read_unit("CNY", allowed=["t"]).problems] == ["unit.currency"]


def test_unit_that_does_not_fit_names_those_that_do():
    problem = read_unit("kWh", allowed=["L", "kg", "t"], offered=["L"]).problems[0]
    assert problem.code == "unit.does_not_fit"
    assert problem.named_values["allowed"] == "L"


def test_question_offers_only_units_that_fit():
    assert read_unit("gal", allowed=["L", "gal_us"]).problems[0].readings == ("gal_us",)
    assert read_unit("ton", allowed=["L"]).problems[0].code == "unit.does_not_fit"


def test_tables_name_real_units_once_and_under_the_keys_that_are_looked_up():
    for table in (CLEAR, CASED):
        assert set(table.values()) <= set(UNITS)
    assert {code for readings in DOUBTFUL.values() for code in readings} <= set(UNITS)
    assert all(folded(key) == key for key in (*CLEAR, *OTHER_THINGS))
    assert not set(CLEAR) & set(DOUBTFUL)
    assert not set(CLEAR) & set(OTHER_THINGS)
