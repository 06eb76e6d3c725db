"""The shipped programme holds together, and one that doesn't is refused with the key that is wrong."""

from __future__ import annotations

import copy
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import data
from portal.calculation.pathways import Kind, Pathway, TargetTerms, ambition
from portal.domain.programmes import Programme, read_programme
from portal.domain.standing import DEFAULT_DAYS
from portal.domain.warnings import Weight

SHIPPED = read_programme(data.load_programme())
CJK = re.compile("[\u4e00-\u9fff]")
MIXED = re.compile("[\u4e00-\u9fff] ?[,;:()!?]|[,;:()!?] ?[\u4e00-\u9fff]")
REMOVED = object()


def changed(path: str, value: object) -> dict[str, Any]:
    """The shipped programme with one value changed or, if it is REMOVED, left out."""
    raw: dict[str, Any] = copy.deepcopy(dict(data.load_programme()))
    place: Any = raw
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        place = place[step]
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value
    return raw


def texts(programme: Programme) -> list[tuple[str, str]]:
    """Every Chinese text with its English one."""
    named = [*programme.phases, *programme.levels]
    return [
        (programme.systematic_zh, programme.systematic_en),
        *((each.name_zh, each.name_en) for each in named),
        *((each.text_zh, each.text_en) for each in named),
    ]


def test_the_default_target_is_as_ambitious_as_its_pathway() -> None:
    default = SHIPPED.target
    terms = TargetTerms(
        kind=default.kind,
        pathway=default.pathway,
        part=default.part,
        scopes=default.scopes,
        base_year=2024,
        target_year=default.target_year,
        percent=default.percent,
        base=Decimal(1),
    )
    assert (default.kind, default.pathway) == (Kind.ABSOLUTE, Pathway.SBTI_15)
    assert [check.meets for check in ambition(terms)] == [True, True]


def test_the_roadmap_leads_to_net_zero() -> None:
    assert [(phase.until, phase.percent) for phase in SHIPPED.phases] == [
        (2030, 30),
        (2040, 65),
        (2050, 90),
    ]
    assert SHIPPED.phases[-1].until == SHIPPED.target.net_zero_year


def test_the_numbers_of_the_shipped_programme() -> None:
    assert SHIPPED.restatement_percent == 5
    assert SHIPPED.discount_rate == Decimal("0.08")
    assert [rule.id for rule in SHIPPED.levels] == [
        "participant",
        "committed",
        "on_track",
        "pioneer",
    ]


def test_a_level_is_found_by_its_id() -> None:
    found = SHIPPED.level("pioneer")
    assert found is not None
    assert found.name_zh == "领跑者"
    assert SHIPPED.level("") is None


@pytest.mark.parametrize(("zh", "en"), texts(SHIPPED))
def test_every_text_is_there_in_both_languages(zh: str, en: str) -> None:
    assert CJK.search(zh)
    assert not MIXED.search(zh)
    assert en
    assert not CJK.search(en)


def test_numbers_in_the_rule_of_a_level_are_those_of_its_conditions() -> None:
    for rule in SHIPPED.levels:
        bounds = {
            str(bound)
            for each in rule.criteria
            for bound in (each.at_least, each.at_most)
            if bound not in (None, 1)
        }
        for text in (rule.text_zh, rule.text_en):
            assert set(re.findall(r"\d+(?:\.\d+)?", text)) == bounds


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("target", REMOVED, "programme takes exactly target, phase"),
        ("colour", "green", "programme takes exactly"),
        ("target", [], "target takes exactly kind"),
        ("target.percent", REMOVED, "target takes exactly"),
        ("target.kind", "relative", "target.kind must be one of absolute"),
        ("target.kind", "physical_intensity", "target.kind must be absolute"),
        ("target.kind", ["absolute"], "target.kind must be one of"),
        ("target.pathway", "steep", "target.pathway must be one of"),
        ("target.part", None, "target.part must be one of"),
        ("target.scopes", [], "target.scopes"),
        ("target.scopes", [1, 4], "target.scopes"),
        ("target.scopes", [1, 1], "target.scopes must name each scope once"),
        ("target.scopes", "12", "target.scopes"),
        ("target.scopes", [True], "target.scopes"),
        ("target.target_year", "2030", "target.target_year must be a year"),
        ("target.target_year", 2051, "target.net_zero_year must not be before"),
        ("target.net_zero_year", 2101, "target.net_zero_year must be a year"),
        ("target.percent", "much", "target.percent must be a number"),
        ("target.percent", "NaN", "target.percent must be a number"),
        ("target.percent", "101", "target.percent must be from 0 to 100"),
        ("phase", [], "phase: a list"),
        ("phase.0", 2030, "phase takes exactly until"),
        ("phase.0.until", True, "phase.until must be a year"),
        ("phase.1.until", 2030, "phase.until 2030: phases follow each other"),
        ("phase.1.percent", "20", "phase.until 2040: phases follow each other"),
        ("phase.2.text_zh", "", "phase.text_zh must be a text"),
        ("restatement.threshold_percent", "-1", "restatement.threshold_percent must be from 0"),
        ("cost.discount_rate", "8", "cost.discount_rate must be from 0 to below 1"),
        ("cost.discount_rate", REMOVED, "cost takes exactly discount_rate"),
        ("systematic.text_en", 5, "systematic.text_en must be a text"),
        ("level", [], "levels: a list"),
        ("level.0.criteria", [], "level participant: criteria"),
    ],
)
def test_what_is_wrong_with_a_programme_is_named(path: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_programme(changed(path, value))


def test_days_of_warnings_are_as_the_programme_says_or_usual_ones() -> None:
    content = data.load_programme()
    assert read_programme(content).warning_days == DEFAULT_DAYS
    days = {"serious_days": 3, "check_days": 10, "note_days": 60}
    found = read_programme({**content, "warning": days}).warning_days
    assert found == {Weight.SERIOUS: 3, Weight.CHECK: 10, Weight.NOTE: 60}


@pytest.mark.parametrize(
    "days",
    [
        {"serious_days": 3},
        {"serious_days": 0, "check_days": 10, "note_days": 60},
        {"serious_days": 3, "check_days": "10", "note_days": 60},
        {"serious_days": 3, "check_days": 10, "note_days": 366},
        [],
    ],
)
def test_days_of_warnings_that_can_not_be_meant_are_named(days: object) -> None:
    with pytest.raises(ValueError, match="warning"):
        read_programme({**data.load_programme(), "warning": days})


def test_a_compound_path_to_nothing_is_refused() -> None:
    raw = changed("target.pathway", "compound")
    raw["target"]["percent"] = "100"
    with pytest.raises(ValueError, match="compound path never reaches zero"):
        read_programme(raw)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("NaN"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=5,
)
PLACES = [
    "target",
    "target.scopes",
    "target.kind",
    "target.percent",
    "phase",
    "phase.0",
    "phase.0.until",
    "level",
    "level.1",
    "level.1.id",
    "level.1.criteria",
    "level.1.criteria.0",
    "level.1.criteria.0.measure",
    "level.1.criteria.0.at_least",
    "cost",
    "restatement",
    "systematic",
]


@given(st.sampled_from(PLACES), plain)
def test_any_content_is_a_programme_or_a_value_error(path: str, value: object) -> None:
    try:
        found = read_programme(changed(path, value))
    except ValueError:
        return
    assert found.levels
