"""What must hold before a line can be computed; everything that is wrong is found at once."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from portal.calculation.categories import Category, Parameter, ParameterKind
from portal.calculation.lines import ActivityLine
from portal.calculation.places import Places
from portal.calculation.problems import Problem, problem
from portal.calculation.quantities import text
from portal.calculation.units import DIMENSION_NAMES, UNITS

# Twelve digits before the point and six behind it, as everywhere a number is typed.
LARGEST_QUANTITY = Decimal("1000000000000")


def line_problems(line: ActivityLine, category: Category, places: Places) -> list[Problem]:
    """Everything that is wrong with a line of a known category."""
    return [
        *_quantity(line.quantity),
        *_unit(line.unit, category),
        *_period(line),
        *places.problems(line.country, line.region),
        *parameter_problems(line.parameters, category),
    ]


def _quantity(quantity: Decimal) -> Iterator[Problem]:
    if not quantity.is_finite():
        yield problem("line.quantity.not_a_number", "quantity", given=quantity)
    elif quantity < 0:
        yield problem("line.quantity.negative", "quantity", given=text(quantity))
    elif quantity >= LARGEST_QUANTITY:
        yield problem("line.quantity.too_large", "quantity", given=_brief(quantity))


def _brief(number: Decimal) -> str:
    return text(number) if number.adjusted() < 40 else f"{number:.3E}"


def _unit(code: str, category: Category) -> Iterator[Problem]:
    known = UNITS.get(code)
    if known is not None and known.dimension in category.dimensions:
        return
    allowed = ", ".join(category.units)
    if known is None:
        yield problem("line.unit.unknown", "unit", given=code, allowed=allowed)
    else:
        name = DIMENSION_NAMES[known.dimension]
        yield problem(
            "line.unit.dimension_mismatch", "unit", given=code, dimension=name, allowed=allowed
        )


def _period(line: ActivityLine) -> Iterator[Problem]:
    period = line.period
    if not period.is_within_one_year:
        yield problem("line.period.across_years", "end", start=period.start, end=period.end)


def parameter_problems(given: Mapping[str, str | Decimal], category: Category) -> Iterator[Problem]:
    """What is wrong with the parameters of a line: unknown ones, missing ones, and those out of their domain."""
    for name in given:
        if category.parameter(name) is None:
            allowed = ", ".join(each.name for each in category.parameters) or "–"
            yield problem(
                "line.parameter.unknown", f"parameters.{name}", given=name, allowed=allowed
            )
    for parameter in category.parameters:
        name = parameter.name
        if name in given:
            yield from _parameter(parameter, given[name])
        elif parameter.is_required and parameter.default is None:
            yield problem(
                "line.parameter.missing",
                f"parameters.{name}",
                name=name,
                allowed=_allowed(parameter),
            )


def _parameter(parameter: Parameter, raw: str | Decimal) -> Iterator[Problem]:
    fits = True
    if parameter.kind is ParameterKind.CHOICE:
        fits = parameter.option(str(raw)) is not None
    else:
        number = as_decimal(raw)
        fits = number is not None and _is_within(number, parameter)
    if not fits:
        yield problem(
            "line.parameter.out_of_domain",
            f"parameters.{parameter.name}",
            name=parameter.name,
            given=str(raw)[:40],
            allowed=_allowed(parameter),
        )


def _is_within(number: Decimal, parameter: Parameter) -> bool:
    least, most = parameter.least, parameter.most
    return (
        abs(number) < LARGEST_QUANTITY
        and (least is None or number >= least)
        and (most is None or number <= most)
    )


def as_decimal(raw: str | Decimal) -> Decimal | None:
    """A parameter's number, from plain text or a decimal; None if it is neither finite nor a number."""
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _allowed(parameter: Parameter) -> str:
    if parameter.kind is ParameterKind.CHOICE:
        return ", ".join(option.code for option in parameter.options)
    bounds = [
        f"≥ {text(parameter.least)}" if parameter.least is not None else "",
        f"≤ {text(parameter.most)}" if parameter.most is not None else "",
    ]
    return " ".join(filter(None, (*bounds, parameter.unit))) or "0, 1, 2.5 …"
