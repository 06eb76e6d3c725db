"""Targets and conditions in words: each kind, part and path, in both languages."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.calculation.pathways import Kind, Part, Pathway
from portal.documents.facts import CriterionFacts, Name
from portal.documents.progress_words import (
    AREAS,
    ESTIMATES,
    LEDGERS,
    MEASURES,
    PARTS,
    PATHWAYS,
    STATUSES,
    TargetFigures,
    bounds_words,
    measured_words,
    scopes_words,
    target_words,
)
from portal.domain.actions import Status
from portal.domain.levels import Measure
from portal.domain.levers import Area, Ledger, Method
from tests.factories.progress_facts import MILK, POWER, TARGET


def test_absolute_target_says_what_falls_by_how_much_until_when_and_net_zero():
    words = target_words(TARGET)
    assert words.zh == (
        "2030 年范围一、二的排放总量比 2021 年减少 42%"
        "（SBTi 1.5 °C 路径，每年降低基准年的 4.2%）；2050 年实现净零"
    )
    assert words.en == (
        "Total of scopes 1 and 2: 42% less in 2030 than in 2021, on the SBTi 1.5 °C path "
        "(4.2% of the base year each year); net zero in 2050"
    )


def test_intensity_names_its_product_and_its_part():
    words = target_words(MILK)
    assert "每单位生鲜乳（FPCM）的排放量（仅土地与畜牧，FLAG）比 2021 年减少 35%" in words.zh
    assert "Scope 1 per unit of Raw milk (FPCM) (land and livestock only, FLAG)" in words.en
    assert words.en.endswith("by the same percentage each year")


def test_economic_intensity_is_about_revenue():
    words = target_words(replace(TARGET, kind=Kind.ECONOMIC_INTENSITY, percent=Decimal("12.5")))
    assert "每单位收入的排放量" in words.zh
    assert "Scopes 1 and 2 per unit of revenue: 12.5% less" in words.en


def test_shares_rise_from_their_base_and_know_no_net_zero():
    words = target_words(replace(POWER, net_zero_year=2050))
    assert words.zh == "可再生电力占全部用电的比例由 2021 年的 8% 提高到 2030 年的 100%"
    assert words.en.endswith("from 8% in 2021 to 100% in 2030")
    suppliers = target_words(replace(POWER, kind=Kind.SUPPLIER_ENGAGEMENT))
    assert "供应商" in suppliers.zh
    assert "share of spend" in suppliers.en


@pytest.mark.parametrize(
    ("scopes", "zh", "en"),
    [
        ((1,), "范围一", "Scope 1"),
        ((2, 1), "范围一、二", "Scopes 1 and 2"),
        ((1, 2, 3), "范围一、二、三", "Scopes 1, 2 and 3"),
    ],
)
def test_scopes_are_listed_as_people_list_them(scopes, zh, en):
    assert scopes_words(scopes) == Name(zh, en)


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (PATHWAYS, Pathway),
        (PARTS, Part),
        (STATUSES, Status),
        (AREAS, Area),
        (LEDGERS, Ledger),
        (ESTIMATES, Method),
        (MEASURES, Measure),
    ],
)
def test_every_member_of_an_enumeration_has_its_words(words, kinds):
    assert list(words) == list(kinds)


def condition(measure: Measure, low: str | None, high: str | None, value: str | None):
    """Give a condition with its bounds and value."""
    low, high, value = (None if n is None else Decimal(n) for n in (low, high, value))
    return CriterionFacts(measure, MEASURES[measure], low, high, value, is_met=True)


@pytest.mark.parametrize(
    ("measure", "low", "high", "value", "asked", "measured"),
    [
        (Measure.ON_PATH, "1", None, "1", "yes", "yes"),
        (Measure.ON_PATH, "1", None, "0", "yes", "no"),
        (Measure.ON_PATH, None, "0", None, "no", "–"),
        (Measure.QUALITY, None, "3.5", "2.37", "≤ 3.5", "2.37"),
        (Measure.VERIFIED_SHARE, "80", None, "79.99996", "≥ 80", "79.99996"),
        (Measure.VERIFIED_SHARE, "80", None, "79.1234567", "≥ 80", "79.12"),
        (Measure.QUALITY, None, "3.5", "3.500001", "≤ 3.5", "3.500001"),
        (Measure.CUT_PERCENT, "10", "20", "-3.5", "10 – 20", "−3.5"),
    ],
)
def test_condition_says_what_is_asked_and_what_was_measured(
    measure, low, high, value, asked, measured
):
    fact = condition(measure, low, high, value)
    assert bounds_words(fact).en == asked
    assert measured_words(fact).en == measured


def test_values_of_a_target_are_printed_in_its_own_unit():
    tonnes = TargetFigures.of(TARGET, TARGET.base)
    assert (tonnes.text(TARGET.base), tonnes.unit) == ("11,822.0", "tCO₂e")
    assert TargetFigures.of(MILK, MILK.base).text(Decimal("613.1234")) == "613.12"
    assert TargetFigures.of(POWER, POWER.base).text(Decimal(8)) == "8.0"
    assert TargetFigures.of(None, Decimal(5000)).text(Decimal(5000)) == "5.000"
    long = TargetFigures.of(replace(MILK, unit="kg CO₂e/" + "t" * 200), MILK.base)
    assert len(long.unit) < 25
