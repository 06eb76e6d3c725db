"""Worked examples: a method run on raw inputs, and what it comes to beside what was expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from portal.calculation.inputs import number, read_all
from portal.calculation.methods import METHODS
from portal.calculation.problems import CalculationError, Problem, problem, refuse
from portal.calculation.quantities import exactly, text


def compute(method: object, inputs: object) -> dict[str, Decimal]:
    """Run one method on raw inputs; anything unfit is refused with the input's name and what is allowed."""
    if not isinstance(method, str) or method not in METHODS:
        raise refuse("case.method.unknown", "method", method=method, allowed=", ".join(METHODS))
    chosen = METHODS[method]
    values = read_all(inputs, chosen.inputs)
    try:
        with exactly():
            return chosen.compute(**values)
    except DecimalException:
        raise refuse("case.arithmetic", "inputs", method=method) from None


@dataclass(frozen=True, slots=True)
class Difference:
    """An output that is not what was expected; `got` is None where the method has no such output."""

    output: str
    expected: Decimal
    got: Decimal | None

    def __str__(self) -> str:
        got = "nothing" if self.got is None else text(round_for_people(self.got))
        return f"{self.output}: expected {text(self.expected)}, got {got}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a worked example came to: nothing to say when it passed, else differences or problems."""

    case: str
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def has_passed(self) -> bool:
        """Whether every expected output was met within its tolerance."""
        return not self.differences and not self.problems


def round_for_people(amount: Decimal) -> Decimal:
    """At most 12 significant digits, which is more than any tolerance asks for."""
    return amount if not amount else +amount.quantize(Decimal(1).scaleb(amount.adjusted() - 11))


def check(vector: object, position: int) -> Verdict:
    """Run a worked example and compare; a malformed one is a verdict too, named by its id or its position."""
    if not isinstance(vector, Mapping):
        return Verdict(
            f"#{position}", problems=(problem("case.malformed", "vector", what="an object"),)
        )
    name = str(vector.get("id") or f"#{position}")
    try:
        expected, tolerance = _expected(vector), _tolerance(vector)
        outputs = compute(vector.get("method"), vector.get("inputs"))
    except CalculationError as error:
        return Verdict(name, problems=error.problems)
    differences = tuple(
        Difference(output, value, outputs.get(output))
        for output, value in expected.items()
        if not _is_met(value, outputs.get(output), tolerance)
    )
    return Verdict(name, differences)


def _expected(vector: Mapping[str, object]) -> dict[str, Decimal]:
    raw = vector.get("expected")
    if not isinstance(raw, Mapping) or not raw:
        raise refuse("case.malformed", "expected", what="“expected” with at least one output")
    return {str(output): _number(f"expected.{output}", value) for output, value in raw.items()}


def _tolerance(vector: Mapping[str, object]) -> tuple[str, Decimal]:
    raw = vector.get("tolerance")
    if not isinstance(raw, Mapping) or len(raw) != 1 or next(iter(raw)) not in {"abs", "rel"}:
        raise refuse("case.malformed", "tolerance", what="“tolerance” with either “abs” or “rel”")
    ((kind, value),) = raw.items()
    return str(kind), _number(f"tolerance.{kind}", value, least=0)


def _number(name: str, raw: object, least: int | None = None) -> Decimal:
    value: Any = number(least=least)(name, raw)
    return Decimal(value)


def _is_met(expected: Decimal, got: Decimal | None, tolerance: tuple[str, Decimal]) -> bool:
    if got is None:
        return False
    kind, size = tolerance
    with exactly():
        allowed = size if kind == "abs" else size * abs(expected)
        return abs(got - expected) <= allowed
