"""What `portal assess` reads: entries of JSON or CSV, each turned into an activity line or into its problems."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO

import click

from portal.calculation.categories import Category, ParameterKind
from portal.calculation.lines import ActivityLine, AssessmentContext
from portal.calculation.periods import Period
from portal.calculation.problems import CalculationError, Problem, Severity, problem
from portal.calculation.quantities import text
from portal.calculation.units import UNITS
from portal.calculation.validation import LARGEST_QUANTITY, parameter_problems
from portal.cli.exact_json import read_exact_json
from portal.intake.numbers import NumberRules, read_number
from portal.intake.reading import SHOWN, Read, shown
from portal.intake.units import read_unit

# fmt: off
_FIELDS = frozenset([
    "key", "category", "quantity", "unit", "start", "end", "country", "region", "parameters", "evidence",
])
# fmt: on
_PREFIX = "parameters."
# A file of a machine may carry more decimals than a form lets in; nothing is stored from here.
_QUANTITY = NumberRules(decimals=12, unusual_from=None)
_PARAMETER = NumberRules(decimals=12, minimum=None, unusual_from=None)


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry as it stands in the file; `line` is its number there, from 1."""

    line: int
    values: object

    @property
    def key(self) -> str:
        """The entry's own key, or its number where it has none."""
        given = self.values.get("key") if isinstance(self.values, dict) else None
        if isinstance(given, str) and 0 < len(given) <= SHOWN and given.isprintable():
            return given
        return f"#{self.line}" if given is None or given == "" else shown(given)


def entries_of(file: BinaryIO) -> Iterator[RawEntry]:
    """The entries of a file: JSON if it begins like JSON, else CSV; an unreadable file ends the command."""
    content = file.read()
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}:
        return _json_entries(content)
    return _csv_entries(content)


def _json_entries(content: bytes) -> Iterator[RawEntry]:
    document = read_exact_json(io.BytesIO(content))
    listed = document.get("lines") if isinstance(document, Mapping) else document
    if not isinstance(listed, list):
        raise click.UsageError('The file must hold a list of lines, or an object with "lines".')
    # Taken from the end of the reversed list, so that what is done with can be forgotten.
    listed.reverse()
    count = len(listed)
    return (RawEntry(count - len(listed) + 1, listed.pop()) for _ in range(count))


def _csv_entries(content: bytes) -> Iterator[RawEntry]:
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError("The file is not UTF-8 text. Save it as CSV UTF-8.") from None
    first = decoded.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise click.UsageError(f"The file is neither JSON nor CSV: {error}.") from None
    if not {"category", "quantity"} <= set(names) or len(set(names)) != len(names):
        raise click.UsageError(
            "The file is neither JSON nor CSV with a first row of names such as "
            "key,category,quantity,unit,start,end,country,region."
        )
    return _csv_rows(rows, names)


def _csv_rows(rows: Iterator[list[str]], names: list[str]) -> Iterator[RawEntry]:
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise click.UsageError(f"Row {number + 1} can't be read as CSV: {error}.") from None
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(names):
            yield RawEntry(number, row)
            continue
        yield RawEntry(number, _of_row(dict(zip(names, row, strict=False))))


def _of_row(cells: dict[str, str]) -> dict[str, object]:
    """A row's cells by name; `parameters.NAME` columns and a JSON object in `parameters` become one object."""
    values: dict[str, object] = {
        name: cell.strip()
        for name, cell in cells.items()
        if cell.strip() and not name.startswith(_PREFIX)
    }
    parameters = {
        name.removeprefix(_PREFIX): cell.strip()
        for name, cell in cells.items()
        if name.startswith(_PREFIX) and cell.strip()
    }
    packed = values.get("parameters")
    if isinstance(packed, str):
        try:
            values["parameters"] = json.loads(packed, parse_float=Decimal)
        except ValueError:
            return values  # the text itself is then the problem
        if isinstance(values["parameters"], dict):
            values["parameters"] |= parameters
    elif parameters:
        values["parameters"] = parameters
    return values


def read_entry(
    entry: RawEntry, context: AssessmentContext
) -> tuple[ActivityLine | None, tuple[Problem, ...]]:
    """The activity line of an entry, or everything that keeps it from being one; warnings go along with a line."""
    values = entry.values
    if not isinstance(values, dict):
        return None, (problem("assess.entry.not_an_object", "line"),)
    strangers = () if values.keys() <= _FIELDS else _strangers(values)
    category = context.categories.get(str(values.get("category", "")))
    if category is None:
        given = shown(values.get("category", ""))
        return None, (*strangers, problem("line.category.unknown", "category", given=given))
    quantity = _quantity(values.get("quantity"))
    unit = _unit(values.get("unit"), category.accepted_units, category.units)
    period = _period(values.get("start"), values.get("end"))
    parameters, wrong = _parameters(values.get("parameters"), category)
    country, region = values.get("country", "CN"), values.get("region", "")
    evidence = values.get("evidence", True)
    problems = (*strangers, *quantity.problems, *unit.problems, *period.problems, *wrong)
    if not (isinstance(country, str) and isinstance(region, str) and isinstance(evidence, bool)):
        problems += _wrong_words(country=country, region=region, evidence=evidence)
    is_settled = not problems or all(each.severity is Severity.WARNING for each in problems)
    if not is_settled or quantity.value is None or unit.value is None or period.value is None:
        places = context.places.problems(str(country), str(region))
        return None, (*problems, *places, *parameter_problems(parameters, category))
    line = ActivityLine(
        key=entry.key,
        category=category.id,
        quantity=quantity.value,
        unit=unit.value,
        period=period.value,
        country=str(country),
        region=str(region),
        parameters=parameters,
        has_evidence=bool(evidence),
    )
    return line, problems


def _strangers(values: Mapping[object, object]) -> tuple[Problem, ...]:
    return tuple(
        problem("assess.field.unknown", shown(name), given=shown(name))
        for name in values
        if name not in _FIELDS
    )


def _wrong_words(*, country: object, region: object, evidence: object) -> tuple[Problem, ...]:
    words = [("country", country), ("region", region)]
    wrong = [
        problem("assess.field.not_a_text", name, given=shown(word))
        for name, word in words
        if not isinstance(word, str)
    ]
    if not isinstance(evidence, bool):
        wrong.append(problem("assess.evidence.not_yes_or_no", "evidence", given=shown(evidence)))
    return tuple(wrong)


def _quantity(raw: object) -> Read[Decimal]:
    # A machine's plain number needs no reading; everything else goes through the one grammar.
    if (
        isinstance(raw, (Decimal, int))
        and not isinstance(raw, bool)
        and 0 <= raw < LARGEST_QUANTITY
    ):
        return Read(Decimal(raw))
    return read_number(raw, field="quantity", locale="en", rules=_QUANTITY)


def _unit(raw: object, accepted: tuple[str, ...], offered: tuple[str, ...]) -> Read[str]:
    # The codes that --list prints are always clear, whatever people may mean by them elsewhere.
    if isinstance(raw, str) and raw in UNITS and raw in accepted:
        return Read(raw)
    return _spelled_unit(raw if isinstance(raw, str) else None, accepted, offered)


@lru_cache(maxsize=4096)
def _spelled_unit(
    raw: str | None, accepted: tuple[str, ...], offered: tuple[str, ...]
) -> Read[str]:
    known = frozenset(accepted)
    fitting = read_unit(raw, allowed=known, offered=offered)
    if fitting.value is None and not fitting.problems:
        return Read(problems=(problem("line.unit.missing", "unit", allowed=", ".join(offered)),))
    return fitting


def _period(start: object, end: object) -> Read[Period]:
    if isinstance(start, str) and isinstance(end, str):
        return _period_of(start, end)
    return _read_period(start, end)


@lru_cache(maxsize=4096)
def _period_of(start: str, end: str) -> Read[Period]:
    return _read_period(start, end)


def _read_period(start: object, end: object) -> Read[Period]:
    first, last = _day(start, "start"), _day(end, "end")
    problems = (*first.problems, *last.problems)
    if first.value is None or last.value is None:
        return Read(problems=problems)
    try:
        period = Period(first.value, last.value)
    except CalculationError as error:
        return Read(problems=error.problems)
    return Read(period, _doubts(period))


def _day_of(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw) if len(raw) == 10 else None
    except ValueError:
        return None


def _day(raw: object, field: str) -> Read[date]:
    if raw is None or raw == "":
        return Read(problems=(problem(f"line.{field}.missing", field),))
    day = _day_of(raw) if isinstance(raw, str) else None
    if day is None:
        return Read(problems=(problem("line.period.not_a_date", field, given=shown(raw)),))
    return Read(day)


def _doubts(period: Period) -> tuple[Problem, ...]:
    """An end on the last day of a month, after a start on the first of one, may mean that day to be included."""
    if period.start.day != 1 or period.end.day < 28:
        return ()
    following = date.fromordinal(period.end.toordinal() + 1)
    if following.day != 1:
        return ()
    values = {"end": period.end, "following": following}
    return (problem("assess.end.maybe_included", "end", severity=Severity.WARNING, **values),)


def _parameters(raw: object, category: Category) -> tuple[dict[str, str | Decimal], list[Problem]]:
    if raw is None or raw == "":
        return {}, []
    if not isinstance(raw, dict):
        return {}, [problem("assess.parameters.not_an_object", "parameters", given=shown(raw))]
    values: dict[str, str | Decimal] = {}
    problems: list[Problem] = []
    for name, value in raw.items():
        if value is None or value == "":
            continue
        parameter = category.parameter(str(name))
        is_word = parameter is None or parameter.kind is ParameterKind.CHOICE
        if is_word and isinstance(value, str):
            values[str(name)] = (
                value  # whether it is one of the category's is for the assessment to say
            )
            continue
        read = _parameter(value, f"{_PREFIX}{name}", is_word=is_word)
        problems += read.problems
        if read.value is not None:
            values[str(name)] = read.value
    return values, problems


def _parameter(value: object, field: str, *, is_word: bool) -> Read[str | Decimal]:
    """A parameter's number, or a word that was written as one."""
    if not is_word:
        read = read_number(value, field=field, locale="en", rules=_PARAMETER)
        return Read(read.value, read.problems)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Read(text(Decimal(value)))
    return Read(problems=(problem("assess.field.not_a_text", field, given=shown(value)),))


MESSAGES: dict[str, str] = {
    "assess.entry.not_an_object": "This entry is not an object with named values, or its row has more cells than there are names.",
    "assess.field.unknown": "“%(given)s” is not a field of a line. Fields: "
    + ", ".join(sorted(_FIELDS))
    + ".",
    "assess.field.not_a_text": "“%(given)s” is not a text here. Write it in quotes.",
    "assess.evidence.not_yes_or_no": "“%(given)s” is neither true nor false.",
    "assess.end.maybe_included": "The end %(end)s is not part of the period. If it is its last day, write %(following)s.",
    "assess.parameters.not_an_object": "“%(given)s” is not an object of parameters by name.",
}
