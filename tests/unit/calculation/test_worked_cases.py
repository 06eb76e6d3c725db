"""Every worked case of tests/cases: what a line comes to, gas by gas, and the arithmetic that says so."""

from __future__ import annotations

import ast
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal import data
from portal.calculation.quantities import EXACT, text
from portal.calculation.rounding import GAS_MASS, RESULT
from tests.factories.activity_lines import assessed, context, line_of

CASES = Path(__file__).parents[2] / "cases"
LINES = [
    pytest.param(case, id=f"{path.stem}: {case['title']}")
    for path in sorted(CASES.glob("*.yaml"))
    if path.stem not in {"methods", "targets_and_actions"}
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def worked_out(expression: str) -> Fraction:
    """The exact value of plain arithmetic, digits read as decimals."""
    return _value(ast.parse(expression, mode="eval").body, expression)


def _value(node: ast.expr, source: str) -> Fraction:
    match node:
        case ast.Constant():
            return Fraction(ast.get_source_segment(source, node) or "")
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left, source) + _value(right, source)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left, source) - _value(right, source)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left, source) * _value(right, source)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _value(left, source) / _value(right, source)
        case _:
            raise ValueError(f"{source} is more than plain arithmetic")


def cut(exact: Fraction, step: Decimal) -> str:
    """An exact value as text, rounded once to a step."""
    quotient = EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return text(quotient.quantize(step, rounding=ROUND_HALF_EVEN))


@pytest.mark.parametrize("case", LINES)
def test_a_line_comes_to_the_expected_masses(case: dict[str, Any]) -> None:
    found = assessed(line_of(case["line"]), context(**case.get("context", {})))
    plain = found.to_json(with_trace=False)
    expected = case["expected"]
    assert plain["kg"] == expected["kg"]
    assert {name: plain[name] for name in expected} == expected
    assert found.factor == case["factor"]
    assert sorted(found.flags) == case.get("flags", [])
    if "quality" in case:
        assert int(found.quality) == case["quality"]


@pytest.mark.parametrize("case", LINES)
def test_the_expected_masses_follow_from_the_arithmetic(case: dict[str, Any]) -> None:
    expected = case["expected"]
    for name, expression in case["arithmetic"].items():
        if name in expected["kg"]:
            assert cut(worked_out(expression), GAS_MASS) == expected["kg"][name]
        else:
            assert cut(worked_out(expression), RESULT) == expected[name]


def test_every_category_has_a_worked_case() -> None:
    shown = {param.values[0]["line"]["category"] for param in LINES}
    assert set(data.load_categories()) - shown == set()


def test_every_case_names_its_source() -> None:
    assert all(param.values[0]["source"].strip() for param in LINES)
