"""What the bench of warnings counts, and the least that the rules must come to on suppliers they were not tuned on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli.scenery.proving import BenchResult, run
from portal.cli.warnings import warnings
from portal.domain.warnings import KIND_NAMES

SEED, SUPPLIERS = 202, 240
TESTS = Path(__file__).parents[1] / "domain"
# What the bench doesn't plant, or too seldom for a run of this size, with the module that tests it.
PLAIN = {
    "line.slip.coal_equivalent": "test_warnings.py",
    "category.expected.absent": "test_warnings.py",
    "line.month.low": "test_year_warnings.py",
    "meter.negative": "test_meter_warnings.py",
    "series.days.missing": "test_year_warnings.py",
    "target.none_allowed": "test_year_warnings.py",
    "series.evidence.missing": "test_warnings.py",
    "series.total.drop": "test_warnings.py",
    "series.total.jump": "test_warnings.py",
    "series.total.outlier": "test_warnings.py",
    "series.year.grown": "test_year_warnings.py",
    "year.copied": "test_year_warnings.py",
}
# Of a few dozen mistakes of a kind some are always among the hard ones; docs/decisions.md has the shares of a full run.
LEAST_OF_A_PART = 0.92


@pytest.fixture(scope="module")
def result() -> BenchResult:
    return run(SEED, SUPPLIERS)


def test_rules_find_planted_mistakes_and_leave_what_is_clean_alone(result: BenchResult) -> None:
    assert result.detection >= 0.95
    for part, clean in ((result.lines, 10_000), (result.meters, 1_500), (result.peers, 40)):
        assert part.planted > 0
        assert part.detection >= LEAST_OF_A_PART, part.name
        assert part.clean > clean
    assert result.lines.false_alarms <= 0.005
    assert result.meters.false_alarms <= 0.005
    assert result.lines.stray * 100 <= result.lines.cases


def test_what_a_day_brings_is_told_when_it_comes_and_not_before(result: BenchResult) -> None:
    assert (result.dated.detection, result.dated.flagged) == (1, 0)


def test_no_kind_of_mistake_is_missed_as_a_whole(result: BenchResult) -> None:
    kinds = [each for part in result.parts for each in part.kinds]
    assert [each.name for each in kinds if not each.planted] == []
    assert [each.name for each in kinds if each.found * 2 < each.planted] == []


def test_every_rule_is_tried_by_the_bench_or_by_a_test_of_its_own(result: BenchResult) -> None:
    tried = {code for part in result.parts for each in part.kinds for code in each.by}
    untried = KIND_NAMES.keys() - tried
    assert untried <= PLAIN.keys(), untried - PLAIN.keys()
    for code, module in PLAIN.items():
        assert code in KIND_NAMES
        assert f'"{code}"' in (TESTS / module).read_text(encoding="utf-8"), code


def test_same_seed_gives_the_same_figures() -> None:
    command = ["bench", "--seed", "7", "--suppliers", "12", "--json"]
    first, second = (CliRunner().invoke(warnings, command).output for _ in range(2))
    assert first == second
    assert len(json.loads(first)["parts"]) == 4


def test_table_says_how_large_each_mistake_is_and_what_found_it(result: BenchResult) -> None:
    shown = CliRunner().invoke(warnings, ["bench", "--seed", "7", "--suppliers", "60"]).output
    assert all(each.size in shown for part in result.parts for each in part.kinds)
    assert "by line.slip." in shown
    assert "clean lines" in shown
