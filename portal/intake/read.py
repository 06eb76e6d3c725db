"""Reads one activity line, whichever door it came through: everything that is wrong with it is found at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from portal.calculation.categories import Category, Parameter, ParameterKind
from portal.calculation.periods import Period
from portal.calculation.problems import Problem, Severity
from portal.intake.characters import forbidden, trim
from portal.intake.numbers import NumberRules, read_number, read_percent
from portal.intake.periods import period_text, read_period, read_period_days
from portal.intake.raw import RawLine
from portal.intake.reading import Change, Read, accepted, failed, shown
from portal.intake.texts import read_long_text
from portal.intake.units import read_unit

COLUMNS = ("category", "quantity", "unit", "site", "period", "start", "end", "note")
PARAMETER = "parameters."

_LONGEST_NAME = 200


@dataclass(frozen=True)
class LineRules:
    """What lines are read against: the day, the inventory's year, the member's sites, and the categories.

    `sites` leads from every spelling of a site (its code, its names) to its key; two sites with one name have
    that name left out. `locale` says how numbers are typed.
    """

    today: date
    inventory_year: int
    sites: Mapping[str, str]
    categories: Mapping[str, Category]
    locale: str = "zh"

    @cached_property
    def category_ids(self) -> Mapping[str, str]:
        """From every folded spelling of a category (its id, its names) to its id; ids win over names."""
        names = {
            _folded(name): each.id
            for each in self.categories.values()
            for name in (each.name_en, each.name_zh)
        }
        return {**names, **{_folded(each): each for each in self.categories}}

    @cached_property
    def site_keys(self) -> Mapping[str, str]:
        """From every folded spelling of a site to its key."""
        return {_folded(spelling): key for spelling, key in self.sites.items()}

    @property
    def year(self) -> Period:
        """The days of the inventory."""
        return Period.of_year(self.inventory_year)


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
    category = _read_category(raw, rules)
    chosen = rules.categories.get(category.value or "")
    reads: dict[str, Read[object]] = {
        "category": _plain(category),
        "quantity": _plain(_read_quantity(raw, rules, answers)),
        "unit": _plain(_read_unit(raw, chosen, answers)),
        "site": _plain(_read_site(raw, rules)),
        "period": _plain(_within_year(_read_period(raw, rules, answers), raw, rules)),
        "note": _plain(
            read_long_text(raw.value("note"), field=raw.address("note"), is_required=False)
        ),
        **(_read_parameters(raw, chosen, rules, answers) if chosen else {}),
    }
    problems = tuple(found for read in reads.values() for found in read.problems)
    changes = tuple(change for read in reads.values() for change in read.changes)
    parts = {column: read.value for column, read in reads.items() if read.value is not None}
    is_settled = all(read.is_settled for read in reads.values())
    return LineRead(_values(parts) if is_settled else None, problems, changes, parts)


def _plain(read: Read[object] | Read[str] | Read[Decimal] | Read[Period]) -> Read[object]:
    return Read(read.value, read.problems, read.changes)


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
    return _read_choice(
        raw.value("category"),
        raw.address("category"),
        rules.category_ids,
        ("line.category.missing", "line.category.not_listed"),
    )


def _read_site(raw: RawLine, rules: LineRules) -> Read[str]:
    allowed = ", ".join(_each_once(rules.sites)[:10])
    return _read_choice(
        raw.value("site"),
        raw.address("site"),
        rules.site_keys,
        ("line.site.missing", "line.site.not_yours"),
        allowed=allowed,
    )


def _each_once(sites: Mapping[str, str]) -> list[str]:
    """One spelling of each site: its key where that is one, because a code is the same in every language."""
    chosen: dict[str, str] = {}
    for spelling, key in sites.items():
        if key not in chosen or spelling == key:
            chosen[key] = spelling
    return list(chosen.values())


def _read_choice(
    raw: object,
    field: str,
    choices: Mapping[str, str],
    codes: tuple[str, str],
    *,
    allowed: str = "",
) -> Read[str]:
    """Find the choice that a text names; `codes` are the problems of a missing and of an unknown one."""
    missing, unknown = codes
    if raw is None or (isinstance(raw, str) and not trim(raw[: _LONGEST_NAME * 2])):
        return failed(missing, field, allowed=allowed)
    if not isinstance(raw, str) or len(raw) > _LONGEST_NAME * 2 or forbidden(trim(raw)) is not None:
        return failed(unknown, field, given=shown(raw), allowed=allowed)
    key = choices.get(_folded(raw))
    return (
        failed(unknown, field, given=shown(raw), allowed=allowed)
        if key is None
        else accepted(key, field, typed=key, read=key)
    )


@lru_cache(maxsize=4096)
def _folded(spelling: str) -> str:
    """Names compare without regard to width, case and the spaces around them."""
    return " ".join(unicodedata.normalize("NFKC", trim(spelling)).casefold().split())


def _read_quantity(raw: RawLine, rules: LineRules, answers: Mapping[str, str]) -> Read[Decimal]:
    return read_number(
        raw.value("quantity"),
        field=raw.address("quantity"),
        locale=rules.locale,
        confirmed=answers.get("quantity"),
    )


def _read_unit(raw: RawLine, category: Category | None, answers: Mapping[str, str]) -> Read[str]:
    return read_unit(
        raw.value("unit"),
        field=raw.address("unit"),
        allowed=category.accepted_units if category else None,
        offered=category.units if category else None,
        confirmed=answers.get("unit"),
    )


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
    known = {each.name for each in category.parameters}
    reads: dict[str, Read[object]] = {}
    for parameter in category.parameters:
        column = PARAMETER + parameter.name
        reads[column] = _read_parameter(
            parameter,
            given.get(parameter.name),
            raw.address(column),
            locale=rules.locale,
            confirmed=answers.get(column),
        )
    for name, value in given.items():
        if name not in known and not _is_empty(value):
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
    parameter: Parameter, value: object, field: str, *, locale: str, confirmed: str | None
) -> Read[object]:
    if _is_empty(value) and (not parameter.is_required or parameter.default is not None):
        return Read()
    if parameter.kind is ParameterKind.CHOICE:
        return _plain(_read_option(parameter, value, field))
    rules = NumberRules(minimum=parameter.least, maximum=parameter.most, unusual_from=None)
    read = read_percent if parameter.unit == "%" else read_number
    return _plain(read(value, field=field, locale=locale, rules=rules, confirmed=confirmed))


def _read_option(parameter: Parameter, value: object, field: str) -> Read[str]:
    names = {
        _folded(name): option.code
        for option in parameter.options
        for name in (option.name_en, option.name_zh)
    }
    codes = {_folded(option.code): option.code for option in parameter.options}
    allowed = ", ".join(option.code for option in parameter.options)
    return _read_choice(
        value,
        field,
        {**names, **codes},
        ("line.choice.missing", "line.choice.not_listed"),
        allowed=allowed,
    )
