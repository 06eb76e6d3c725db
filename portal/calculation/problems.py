"""What a person can put right about a line, a factor question or a worked example, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.calculation.words import N_


class Severity(StrEnum):
    """An error keeps the number from being computed; a warning goes along with it; a question waits for an answer."""

    ERROR = "error"
    WARNING = "warning"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: a dotted code, the field it sits on, and the values its message names.

    A question carries its possible readings in canonical spelling; answering means sending one of them back.
    """

    code: str
    field: str
    values: tuple[tuple[str, str], ...] = ()
    severity: Severity = Severity.ERROR
    readings: tuple[str, ...] = ()

    @property
    def named_values(self) -> Mapping[str, str]:
        """The values as the mapping that the message's %(name)s placeholders ask for."""
        return dict(self.values)


class CalculationError(Exception):
    """Carries a Problem up to the function that collects them; it never leaves the pure floors uncaught."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def problem(code: str, field: str, *, severity: Severity = Severity.ERROR, **values: object) -> Problem:
    """Make a Problem whose values are kept as text, in the order they are given."""
    return Problem(code, field, _as_text(values), severity)


def refuse(code: str, field: str, **values: object) -> CalculationError:
    """Make the exception to raise for an error that the caller collects."""
    return CalculationError(Problem(code, field, _as_text(values)))


def _as_text(values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in values.items())


def message(found: Problem) -> str:
    """Say the problem in English, as the command line does; the doors translate MESSAGES instead."""
    return MESSAGES[found.code] % found.named_values


MESSAGES: dict[str, str] = {
    # Quantities, units and periods.
    "line.quantity.missing": N_("The quantity is missing. Enter a number, for example 1250.5."),
    "line.quantity.not_a_number": N_("“%(given)s” is not a number. Enter digits only, for example 1250.5."),
    "line.quantity.negative": N_("The quantity %(given)s is below zero. Enter what was used, as a positive number."),
    "line.quantity.too_large": N_("The quantity %(given)s is too large to be real. Check the number and its unit."),
    "line.unit.missing": N_("The unit is missing. Choose one of: %(allowed)s."),
    "line.unit.unknown": N_("The unit “%(given)s” is not known. Choose one of: %(allowed)s."),
    "line.unit.dimension_mismatch": N_(
        "“%(given)s” measures %(dimension)s, which does not fit here. Choose one of: %(allowed)s."
    ),
    "line.start.missing": N_("The first day of the period is missing. Enter it as YYYY-MM-DD."),
    "line.end.missing": N_("The end of the period is missing. Enter it as YYYY-MM-DD."),
    "line.period.not_a_date": N_("“%(given)s” is not a date. Enter it as YYYY-MM-DD, for example 2024-01-31."),
    "line.period.empty": N_(
        "The period from %(start)s to %(end)s has no day in it. The end is the day after the last one, "
        "so it must be later than the start."
    ),
    "line.period.across_years": N_(
        "The period from %(start)s to %(end)s crosses a year's end. Split the line, so that each part lies in one year."
    ),
}
