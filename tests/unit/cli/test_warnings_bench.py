"""What the bench of warnings counts, and the least that the rules must come to on suppliers they were not tuned on."""

from __future__ import annotations

import json

from click.testing import CliRunner

from portal.cli.scenery.mistakes import MISTAKES
from portal.cli.scenery.proving import run
from portal.cli.warnings import warnings

SEED, SUPPLIERS = 202, 240


def test_rules_find_planted_mistakes_and_leave_clean_lines_alone() -> None:
    result = run(SEED, SUPPLIERS)
    assert result.planted > SUPPLIERS / 2
    assert result.detection >= 0.95
    assert result.clean_lines > 10_000
    assert result.false_alarms <= 0.005
    assert result.stray * 100 <= result.clean_years


def test_no_kind_of_mistake_is_missed_as_a_whole() -> None:
    missed = [
        each.mistake.name for each in run(SEED, SUPPLIERS).kinds if each.found * 2 < each.planted
    ]
    assert missed == []


def test_same_seed_gives_the_same_figures() -> None:
    command = ["bench", "--seed", "7", "--suppliers", "12", "--json"]
    first, second = (CliRunner().invoke(warnings, command).output for _ in range(2))
    assert first == second
    assert {each["kind"] for each in json.loads(first)["kinds"]} == {m.name for m in MISTAKES}


def test_table_says_how_large_each_mistake_is() -> None:
    shown = CliRunner().invoke(warnings, ["bench", "--seed", "7", "--suppliers", "12"]).output
    assert all(each.size in shown for each in MISTAKES)
    assert "clean lines" in shown
