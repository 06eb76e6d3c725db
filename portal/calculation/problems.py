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
    """Carries Problems up to the function that collects them; it never leaves the pure floors uncaught."""

    def __init__(self, problem: Problem, *others: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.problems = (problem, *others)


def problem(
    code: str, field: str, *, severity: Severity = Severity.ERROR, **values: object
) -> Problem:
    """Make a Problem whose values are kept as text, in the order they are given."""
    return Problem(code, field, as_texts(values), severity)


def refuse(code: str, field: str, **values: object) -> CalculationError:
    """Make the exception to raise for an error that the caller collects."""
    return CalculationError(Problem(code, field, as_texts(values)))


def as_texts(values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The values that a message names, spelled as text, in their order."""
    return tuple((name, str(value)) for name, value in values.items())


def message(found: Problem) -> str:
    """Say the problem in English, as the command line does; the doors translate MESSAGES instead."""
    return MESSAGES[found.code] % found.named_values


MESSAGES: dict[str, str] = {
    # Quantities, units and periods.
    "line.quantity.missing": N_("The quantity is missing. Enter a number, for example 1250.5."),
    "line.quantity.not_a_number": N_(
        "“%(given)s” is not a number. Enter digits only, for example 1250.5."
    ),
    "line.quantity.negative": N_(
        "The quantity %(given)s is below zero. Enter what was used, as a positive number."
    ),
    "line.quantity.too_large": N_(
        "The quantity %(given)s is too large to be real. Check the number and its unit."
    ),
    "line.unit.missing": N_("The unit is missing. Choose one of: %(allowed)s."),
    "line.unit.unknown": N_("The unit “%(given)s” is not known. Choose one of: %(allowed)s."),
    "line.unit.dimension_mismatch": N_(
        "“%(given)s” measures %(dimension)s, which does not fit here. Choose one of: %(allowed)s."
    ),
    "line.start.missing": N_("The first day of the period is missing. Enter it as YYYY-MM-DD."),
    "line.end.missing": N_("The end of the period is missing. Enter it as YYYY-MM-DD."),
    "line.period.not_a_date": N_(
        "“%(given)s” is not a date. Enter it as YYYY-MM-DD, for example 2024-01-31."
    ),
    "line.period.empty": N_(
        "The period from %(start)s to %(end)s has no day in it. The end is the day after the last one, "
        "so it must be later than the start."
    ),
    "line.period.across_years": N_(
        "The period from %(start)s to %(end)s crosses a year's end. Split the line, so that each part lies in one year."
    ),
    "line.arithmetic": N_(
        "This line can't be computed. Check the quantity and the values given for it."
    ),
    "line.category.unknown": N_(
        "The category “%(given)s” is not known. See the list of categories."
    ),
    "line.country.unknown": N_(
        "“%(given)s” is not a country code. Use two capital letters, for example CN."
    ),
    "line.region.elsewhere": N_(
        "The region “%(given)s” is not in %(country)s. Use a code that begins with it, for example CN-NM."
    ),
    "line.region.unknown": N_(
        "The region “%(given)s” is not a Chinese province. Use its code, for example CN-NM."
    ),
    "line.parameter.unknown": N_("This category takes no “%(given)s”. It takes: %(allowed)s."),
    "line.parameter.missing": N_("“%(name)s” is missing. It must be: %(allowed)s."),
    "line.parameter.needed": N_(
        "“%(name)s” is needed for a quantity in %(unit)s. Fill it in, or use another unit."
    ),
    "line.parameter.goes_with": N_(
        "“%(name)s” is needed beside “%(beside)s”. Fill it in, or leave both empty."
    ),
    "line.parameter.out_of_domain": N_("“%(name)s” is “%(given)s”. It must be: %(allowed)s."),
    "line.leak.negative": N_(
        "The balance comes to %(leak)s kg, below zero. Check both stocks, the purchases and the growth of the plants."
    ),
    "line.manure.storage_needed": N_(
        "There is no factor per animal for %(place)s in %(year)s. Say how the manure is stored, and the mean annual "
        "temperature; for China, give the province instead."
    ),
    "factor.none": N_(
        "No emission factor fits %(category)s in %(place)s for %(year)s as it is given. Choose another option or unit, "
        "or give the supplier's own factor where there is a field for it."
    ),
    "factor.several": N_(
        "Several emission factors fit %(category)s in %(place)s for %(year)s equally well: %(factors)s. "
        "Say more precisely which one is meant."
    ),
    "line.contracts.exceed_quantity": N_(
        "Certificates and contracts cover %(covered)s kWh, more than the %(kwh)s kWh used. "
        "Claim at most what was used in the period."
    ),
    "line.gas.no_potential": N_(
        "%(gwp_set)s gives no potential for the gas %(gas)s. Use a newer set for this inventory."
    ),
    # Worked examples.
    "case.method.unknown": N_("The method “%(method)s” is not known. Use one of: %(allowed)s."),
    "case.malformed": N_("The example needs %(what)s."),
    "case.input.missing": N_("The input “%(input)s” is missing. This method takes: %(allowed)s."),
    "case.input.unknown": N_(
        "The input “%(input)s” is not known here. This method takes: %(allowed)s."
    ),
    "case.input.not_a_number": N_(
        "The input “%(input)s” is “%(given)s”, not a number. It must be %(allowed)s."
    ),
    "case.input.out_of_domain": N_("The input “%(input)s” is %(given)s. It must be %(allowed)s."),
    "case.input.not_more_than": N_("The input “%(input)s” must not be more than %(other)s."),
    "case.input.not_less_than": N_("The input “%(input)s” must not be less than %(other)s."),
    "case.input.too_low": N_(
        "The input “%(input)s” is %(given)s, too low for this equation to hold. Use a higher value."
    ),
    "case.input.too_high": N_(
        "The input “%(input)s” is %(given)s, too high for this equation to hold. Use a lower value."
    ),
    "case.input.either_or": N_("Give either %(one)s, or all of %(other)s, and not both."),
    "case.input.together": N_("The inputs %(inputs)s belong together. Give all of them or none."),
    "case.sum_is_zero": N_(
        "The sum of %(input)s is zero, so nothing can be divided by it. Give amounts that don't cancel out."
    ),
    "case.shares_exceed_one": N_(
        "The shares of %(input)s come to more than 1. Give fractions that add up to at most 1."
    ),
    "case.arithmetic": N_(
        "These inputs of %(method)s lead to a division by zero or a number too large to be real."
    ),
}
