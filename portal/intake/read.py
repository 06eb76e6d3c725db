"""Reads one activity line, whichever door it came through: everything that is wrong with it is found at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.calculation.categories import Category, Parameter, ParameterKind
from portal.calculation.periods import Period
from portal.calculation.problems import Problem, Severity
from portal.intake.characters import trim
from portal.intake.choices import folded_name, read_choice
from portal.intake.line_rules import LineRules, read_once, read_together
from portal.intake.numbers import NumberRules, read_number, read_percent
from portal.intake.periods import period_text, read_period, read_period_days
from portal.intake.raw import RawLine
from portal.intake.reading import Change, Read, failed, shown
from portal.intake.texts import read_long_text
from portal.intake.units import read_unit

COLUMNS = ("category", "quantity", "unit", "site", "period", "start", "end", "note")
PARAMETER = "parameters."


@dataclass(frozen=True, slots=True)
class LineValues:
    """A line that was read whole: quantity in `unit`, period half-open, parameters as numbers or option codes."""

    category: str
    quantity: Decimal
    unit: str
    site: str
    period: Period
    parameters: Mapping[str, str | Decimal]
    note: str


@dataclass(frozen=True, slots=True)
class LineRead:
    """What reading a line came to; without values some problem is an error or a question.

    `parts` holds what could be read of each column even when others could not: a draft shows it.
    """

    values: LineValues | None
    problems: tuple[Problem, ...]
    changes: tuple[Change, ...]
    parts: Mapping[str, object]

    @property
    def flags(self) -> tuple[Problem, ...]:
        """The remarks that don't stop the line, which the reviewer sees."""
        return tuple(each for each in self.problems if each.severity is Severity.WARNING)

    @property
    def questions(self) -> tuple[Problem, ...]:
        """What must be answered; send the chosen reading under the question's column."""
        return tuple(each for each in self.problems if each.severity is Severity.QUESTION)


def read_line(
    raw: RawLine, rules: LineRules, confirmed: Mapping[str, str] | None = None
) -> LineRead:
    """Read every column of a line and collect all problems; `confirmed` answers questions by column.

    The period comes as one column `period`, or as `start` and `end` with the last day included.
    """
    answers = confirmed or {}
    reads: dict[str, Read[object]] = {
        **_read_repeated(raw, rules, answers),
        "quantity": _read_quantity(raw, rules, answers),
        "note": _read_note(raw),
    }
    problems: list[Problem] = []
    changes: list[Change] = []
    parts: dict[str, object] = {}
    is_settled = True
    for column, read in reads.items():
        if read.problems:
            problems += read.problems
            is_settled = is_settled and read.is_settled
        if read.changes:
            changes += read.changes
        if read.value is not None:
            parts[column] = read.value
    values = _values(parts) if is_settled else None
    return LineRead(values, tuple(problems), tuple(changes), parts)


def _read_repeated(
    raw: RawLine, rules: LineRules, answers: Mapping[str, str]
) -> Mapping[str, Read[object]]:
    """Everything but the amount and the note, which are no other line's; their places among the columns are kept free."""

    def read() -> dict[str, Read[object]]:
        category = _read_category(raw, rules)
        chosen = rules.categories.get(category.value or "")
        return {
            "category": category,
            "quantity": _LEFT_OUT,
            "unit": _read_unit(raw, chosen, rules, answers),
            "site": _read_site(raw, rules),
            "period": _read_period_of_year(raw, rules, answers),
            "note": _LEFT_OUT,
            **(_read_parameters(raw, chosen, rules, answers) if chosen else {}),
        }

    return read() if answers else read_together(raw, rules, read, apart=("quantity", "note"))


def _values(parts: Mapping[str, object]) -> LineValues | None:
    """Put the line together once nothing is wrong; the type checks restate what the readers promise."""
    quantity, period, note = parts.get("quantity"), parts.get("period"), parts.get("note", "")
    if not isinstance(quantity, Decimal) or not isinstance(period, Period):
        return None
    parameters = {
        column.removeprefix(PARAMETER): value
        for column, value in parts.items()
        if column.startswith(PARAMETER) and isinstance(value, str | Decimal)
    }
    return LineValues(
        category=str(parts["category"]),
        quantity=quantity,
        unit=str(parts["unit"]),
        site=str(parts["site"]),
        period=period,
        parameters=parameters,
        note=str(note),
    )


def _read_category(raw: RawLine, rules: LineRules) -> Read[str]:
    def read() -> Read[str]:
        return read_choice(
            raw.value("category"),
            raw.address("category"),
            rules.category_ids,
            ("line.category.missing", "line.category.not_listed"),
        )

    return read_once(raw, rules, "category", (raw.value("category"),), read)


def _read_site(raw: RawLine, rules: LineRules) -> Read[str]:
    def read() -> Read[str]:
        return read_choice(
            raw.value("site"),
            raw.address("site"),
            rules.site_keys,
            ("line.site.missing", "line.site.not_yours"),
            allowed=rules.site_cure,
        )

    return read_once(raw, rules, "site", (raw.value("site"),), read)


def _read_note(raw: RawLine) -> Read[str]:
    typed = raw.value("note")
    if typed is None or typed == "":
        return _NO_NOTE
    return read_long_text(typed, field=raw.address("note"), is_required=False)


_NO_NOTE: Read[str] = Read()


def _read_quantity(raw: RawLine, rules: LineRules, answers: Mapping[str, str]) -> Read[Decimal]:
    return read_number(
        raw.value("quantity"),
        field=raw.address("quantity"),
        locale=rules.locale,
        confirmed=answers.get("quantity"),
    )


def _read_unit(
    raw: RawLine, category: Category | None, rules: LineRules, answers: Mapping[str, str]
) -> Read[str]:
    def read() -> Read[str]:
        return read_unit(
            raw.value("unit"),
            field=raw.address("unit"),
            allowed=category.accepted_units if category else None,
            offered=category.units if category else None,
            confirmed=answers.get("unit"),
        )

    chosen = category.id if category else None
    return read_once(raw, rules, "unit", (raw.value("unit"), chosen, answers.get("unit")), read)


def _read_period_of_year(
    raw: RawLine, rules: LineRules, answers: Mapping[str, str]
) -> Read[Period]:
    ways = ("period", "start", "end")
    given = (*(raw.value(each) for each in ways), *(answers.get(each) for each in ways))

    def read() -> Read[Period]:
        return _within_year(_read_period(raw, rules, answers), raw, rules)

    return read_once(raw, rules, "period", given, read)


def _read_period(raw: RawLine, rules: LineRules, answers: Mapping[str, str]) -> Read[Period]:
    if _is_empty(raw.value("period")) and not (
        _is_empty(raw.value("start")) and _is_empty(raw.value("end"))
    ):
        return read_period_days(
            raw.value("start"),
            raw.value("end"),
            today=rules.today,
            start_field=raw.address("start"),
            end_field=raw.address("end"),
            confirmed=(answers.get("start"), answers.get("end"), answers.get("period")),
        )
    return read_period(
        raw.value("period"),
        today=rules.today,
        field=raw.address("period"),
        confirmed=answers.get("period"),
    )


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not trim(value[:1000]))


def _within_year(read: Read[Period], raw: RawLine, rules: LineRules) -> Read[Period]:
    """A line belongs to the year that its period touches; one that lies wholly elsewhere was typed in the wrong place."""
    if read.value is None or read.value.overlaps(rules.year):
        return read
    column = "period" if _is_empty(raw.value("start")) else "start"
    return failed(
        "line.period.outside_year",
        raw.address(column),
        given=period_text(read.value),
        year=rules.inventory_year,
    )


def _read_parameters(
    raw: RawLine, category: Category, rules: LineRules, answers: Mapping[str, str]
) -> dict[str, Read[object]]:
    given = dict(_given_parameters(raw))
    reads: dict[str, Read[object]] = {}
    for parameter in category.parameters:
        column = PARAMETER + parameter.name
        value = given.get(parameter.name)
        reads[column] = _read_parameter(raw, category, parameter, value, rules, answers)
    for name, value in given.items():
        if category.parameter(name) is None and not _is_empty(value):
            column = PARAMETER + name
            reads[column] = failed(
                "line.parameter.not_asked", raw.address(column), given=shown(name)
            )
    return reads


def _given_parameters(raw: RawLine) -> Iterator[tuple[str, object]]:
    """Parameters come as columns `parameters.NAME` (form, sheet) or as one object `parameters` (JSON)."""
    nested = raw.value("parameters")
    if isinstance(nested, Mapping):
        yield from ((str(name), value) for name, value in nested.items())
    for column, value in raw.fields.items():
        if column.startswith(PARAMETER):
            yield column.removeprefix(PARAMETER), value


def _read_parameter(
    raw: RawLine,
    category: Category,
    parameter: Parameter,
    value: object,
    rules: LineRules,
    answers: Mapping[str, str],
) -> Read[object]:
    if _is_empty(value) and (not parameter.is_required or parameter.default is not None):
        return _LEFT_OUT
    column = PARAMETER + parameter.name
    confirmed = answers.get(column)

    def read() -> Read[object]:
        field = raw.address(column)
        if parameter.kind is ParameterKind.CHOICE:
            return _read_option(parameter, value, field)
        bounds = NumberRules(minimum=parameter.least, maximum=parameter.most, unusual_from=None)
        read_decimal = read_percent if parameter.unit == "%" else read_number
        return read_decimal(
            value, field=field, locale=rules.locale, rules=bounds, confirmed=confirmed
        )

    return read_once(raw, rules, column, (category.id, value, confirmed), read)


_LEFT_OUT: Read[object] = Read()


def _read_option(parameter: Parameter, value: object, field: str) -> Read[str]:
    names = {
        folded_name(name): option.code
        for option in parameter.options
        for name in (option.name_en, option.name_zh)
    }
    codes = {folded_name(option.code): option.code for option in parameter.options}
    allowed = ", ".join(option.code for option in parameter.options)
    return read_choice(
        value,
        field,
        {**names, **codes},
        ("line.choice.missing", "line.choice.not_listed"),
        allowed=allowed,
    )
