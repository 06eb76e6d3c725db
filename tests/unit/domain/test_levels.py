"""Levels of progress: each stands on those below it, an unknown measure never counts, and rules are read strictly."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import data
from portal.domain.levels import (
    MEASURE_NAMES,
    YES_OR_NO,
    Criterion,
    Measure,
    level_of,
    outcome_of,
    read_rules,
)

RULES = read_rules(data.load_programme()["level"])
PIONEER: dict[Measure, Decimal | None] = {
    Measure.BASELINE_APPROVED: Decimal(1),
    Measure.TARGET_APPROVED: Decimal(1),
    Measure.PLAN_APPROVED: Decimal(1),
    Measure.ON_PATH: Decimal(1),
    Measure.QUALITY: Decimal("2.4"),
    Measure.TOP_SHARE: Decimal(12),
    Measure.VERIFIED_SHARE: Decimal(90),
}
measured = st.dictionaries(
    st.sampled_from(Measure), st.none() | st.decimals(0, 100, places=1), max_size=len(Measure)
)


def raw_rule(**changes: Any) -> dict[str, Any]:
    """A level as plain data."""
    return {
        "id": "on_track",
        "name_zh": "达标者",
        "name_en": "On track",
        "text_zh": "在路径上。",
        "text_en": "On the path.",
        "criteria": [{"measure": "on_path", "at_least": "1"}],
    } | changes


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, "pioneer"),
        ({Measure.TOP_SHARE: Decimal(20)}, "pioneer"),
        ({Measure.TOP_SHARE: Decimal("20.1")}, "on_track"),
        ({Measure.QUALITY: Decimal("3.6")}, "on_track"),
        ({Measure.QUALITY: Decimal("4.1")}, "committed"),
        ({Measure.QUALITY: None}, "committed"),
        ({Measure.ON_PATH: Decimal(0)}, "committed"),
        ({Measure.PLAN_APPROVED: Decimal(0)}, "participant"),
        ({Measure.BASELINE_APPROVED: Decimal(0)}, ""),
    ],
)
def test_a_level_needs_its_own_conditions_and_those_below(
    changes: dict[Measure, Decimal | None], level: str
) -> None:
    assert level_of(RULES, PIONEER | changes) == level


def test_nothing_measured_is_no_level() -> None:
    assert level_of(RULES, {}) == ""


@given(measured)
def test_the_level_can_be_told_from_what_was_tried(
    found: dict[Measure, Decimal | None],
) -> None:
    outcome = outcome_of(RULES, found)
    reached = ""
    for rule_id, tried in outcome.tried:
        if not all(each.is_met for each in tried):
            break
        reached = rule_id
    assert outcome.level == reached == level_of(RULES, found)
    assert [rule_id for rule_id, _ in outcome.tried] == [rule.id for rule in RULES]


def test_what_was_tried_shows_each_condition_with_its_value() -> None:
    outcome = outcome_of(RULES, PIONEER | {Measure.QUALITY: Decimal(4), Measure.TOP_SHARE: None})
    shown = {
        rule_id: [(each.criterion.measure.value, each.value, each.is_met) for each in tried]
        for rule_id, tried in outcome.tried
    }
    assert shown["on_track"] == [("on_path", 1, True), ("quality", 4, True)]
    assert shown["pioneer"] == [
        ("top_share", None, False),
        ("verified_share", 90, True),
        ("quality", 4, False),
    ]


def test_bounds_hold_at_their_ends() -> None:
    between = Criterion(Measure.QUALITY, at_least=Decimal(1), at_most=Decimal(4))
    values = [None, Decimal("0.9"), Decimal(1), Decimal(4), Decimal("4.01")]
    assert [between.is_met(value) for value in values] == [False, False, True, True, False]


def test_every_measure_has_a_name() -> None:
    assert set(MEASURE_NAMES) == set(Measure)
    assert set(Measure) > YES_OR_NO


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "x" * 41}, "must not be longer than 40"),
        ({"text_zh": " "}, "texts must not be empty"),
        ({"colour": "green"}, "it takes criteria, id"),
        ({"criteria": []}, "at least one condition"),
        ({"criteria": "on_path"}, "at least one condition"),
        ({"criteria": ["on_path"]}, "on_path is not a condition"),
        ({"criteria": [{"measure": "on_path"}]}, "on_path needs at_least or at_most"),
        ({"criteria": [{"measure": "luck", "at_least": 1}]}, "luck is not a measure"),
        ({"criteria": [{"measure": "quality", "below": 1}]}, "is not a condition"),
        ({"criteria": [{"measure": "quality", "at_most": "B"}]}, "bounds of quality"),
        ({"criteria": [{"measure": "quality", "at_most": "NaN"}]}, "bounds of quality"),
        (
            {"criteria": [{"measure": "quality", "at_least": "4", "at_most": "3"}]},
            "nothing lies within",
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"level {changes.get('id', 'on_track')}: .*{words}"):
        read_rules([raw_rule(**changes)])


@pytest.mark.parametrize("raw", [[], "levels", None, {"id": "on_track"}, 5])
def test_rules_are_a_list(raw: object) -> None:
    with pytest.raises(ValueError, match="levels: a list"):
        read_rules(raw)


@pytest.mark.parametrize("raw", [[5], [None], [{}], ["on_track"]])
def test_a_level_is_a_table(raw: object) -> None:
    with pytest.raises(ValueError, match="it takes criteria"):
        read_rules(raw)


def test_two_levels_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="two levels have one id"):
        read_rules([raw_rule(), raw_rule()])


def test_rules_survive_being_kept_as_json() -> None:
    raw = data.load_programme()["level"]
    assert read_rules(json.loads(json.dumps(copy.deepcopy(raw)))) == RULES
