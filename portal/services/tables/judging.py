"""Judges all rows of a table as `line_reading.judge` judges any line, and adds up what they come to, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.calculation.problems import Problem, Severity, problem
from portal.calculation.quantities import text
from portal.domain.canonical import digest
from portal.intake.read import PARAMETER
from portal.intake.tables.mapping import Numbers
from portal.intake.tables.rows import TableLine
from portal.services.line_reading import CONFIRMED, Desk, Judged, judge, problem_json

# What a page can show; the rest is counted.
MOST_PROBLEMS = 1000
MOST_SAMPLES = 50

_THERE = (problem("table.place.there", "period", severity=Severity.WARNING),)
Take = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with, or remarkable about, a cell: its address, the line's column, and the problem."""

    row: int
    address: str
    column: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of the table as it would stand: its row and its columns."""

    row: int
    columns: Mapping[str, Any]


@dataclass(slots=True)
class Judgement:
    """What a table comes to: lines, rows that keep it from being taken, kg CO2e by category, and remarks by code.

    `problems` holds the first thousand.
    """

    lines: int = 0
    bad_rows: list[int] = field(default_factory=list)
    bad_count: int = 0
    last_bad_row: int = 0
    problems: list[Found] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)
    first_remarks: dict[str, Found] = field(default_factory=dict)
    lines_by_category: Counter[str] = field(default_factory=Counter)
    kg_by_category: dict[str, Decimal] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether there are lines and every one of them counts."""
        return self.lines > 0 and not self.bad_count


def desk_for(desk: Desk, numbers: Numbers) -> Desk:
    """The desk with numbers read as the table writes them."""
    return replace(desk, rules=replace(desk.rules, locale=numbers.locale, remembered={}))


def judge_table(
    desk: Desk,
    lines: Iterable[TableLine],
    numbers: Numbers,
    *,
    new_uid: Callable[[], UUID],
    take: Take | None = None,
    each_thousand: Callable[[int], None] | None = None,
) -> Judgement:
    """Judge every line; those that count are handed to `take` with a key, until one doesn't.

    Only sound tables are kept, so nothing more is taken once a row is bad; the rest is judged all the same, because all
    problems are told at once.
    """
    own = desk_for(desk, numbers)
    found = Judgement()
    for line in lines:
        key = new_uid()
        raw = {**line.fields, CONFIRMED: {}}
        judged = judge(own, raw, key=str(key), has_evidence=False)
        _count(found, line, judged)
        if desk.there and judged.is_complete and _place_of(judged.columns) in desk.there:
            _note(found, line, _THERE)
        columns = _columns(judged, key, numbers)
        if len(found.samples) < MOST_SAMPLES:
            found.samples.append(Sample(line.row, columns))
        if take is not None and not found.bad_count:
            take(columns)
        if each_thousand is not None and found.lines % 1000 == 0:
            each_thousand(found.lines)
    return found


def _columns(judged: Judged, key: UUID, numbers: Numbers) -> dict[str, Any]:
    """The line's columns; where its table writes a decimal comma, what is kept as typed is what everybody here reads alike."""
    columns = {**judged.columns, "key": key}
    if numbers is Numbers.COMMA and judged.is_complete:
        raw = {**columns["raw"], "quantity": text(columns["quantity"])}
        raw |= {PARAMETER + name: value for name, value in columns["parameters"].items()}
        columns["raw"] = raw
    return columns


def _place_of(columns: Mapping[str, Any]) -> tuple[object, ...]:
    return (columns["category"], columns["site_id"], columns["start_on"], columns["end_on"])


def _count(found: Judgement, line: TableLine, judged: Judged) -> None:
    found.lines += 1
    problems = (*line.problems, *judged.problems) if line.problems else judged.problems
    if problems:
        _note(found, line, problems)
    if judged.is_complete:
        category = judged.columns["category"]
        found.lines_by_category[category] += 1
        kg = judged.columns["kg_co2e"]
        found.kg_by_category[category] = found.kg_by_category.get(category, Decimal(0)) + kg


def _note(found: Judgement, line: TableLine, problems: tuple[Problem, ...]) -> None:
    is_bad = False
    for each in problems:
        said = Found(line.row, _address(line, each), each.field, each)
        if each.severity is Severity.WARNING:
            found.remarks[each.code] += 1
            found.first_remarks.setdefault(each.code, said)
            continue
        is_bad = True
        if len(found.problems) < MOST_PROBLEMS:
            found.problems.append(said)
    if is_bad and found.last_bad_row != line.row:  # a row of months gives several lines
        found.last_bad_row = line.row
        found.bad_count += 1
        if len(found.bad_rows) < MOST_PROBLEMS:
            found.bad_rows.append(line.row)


def _address(line: TableLine, found: Problem) -> str:
    """The cell of a problem: of the column that it names, or the cell that it names itself."""
    return found.field if "!" in found.field else line.raw().address(found.field)


def mark_of(desk: Desk) -> str:
    """A digest of what lines are judged against: it differs once a site or the alliance's choices were changed."""
    context = desk.context
    sites = [
        [
            site.id,
            site.code,
            site.name_zh,
            site.name_en,
            site.country,
            site.province,
            site.is_active,
        ]
        for site in desk.sites.values()
    ]
    chosen = [context.options.grid, context.options.include_ch4_n2o, context.options.sector]
    return digest([context.edition.code, context.gwp_set, chosen, sites])


def judgement_json(found: Judgement, mark: str, left_out: int) -> dict[str, Any]:
    """What a check came to as the preview keeps it."""
    return {
        "mark": mark,
        "lines": found.lines,
        "left_out": left_out,
        "bad_count": found.bad_count,
        "bad_rows": found.bad_rows,
        "problems": [_found_json(each) for each in found.problems],
        "remarks": [
            {**_found_json(found.first_remarks[code]), "count": count}
            for code, count in found.remarks.most_common()
        ],
        "categories": [
            {"category": each, "lines": count, "kg_co2e": text(found.kg_by_category[each])}
            for each, count in sorted(found.lines_by_category.items())
        ],
        "samples": [_sample_json(each) for each in found.samples],
    }


def _found_json(found: Found) -> dict[str, Any]:
    return {
        "row": found.row,
        "address": found.address,
        "column": found.column,
        "problem": problem_json(found.problem),
    }


def _sample_json(sample: Sample) -> dict[str, Any]:
    columns: Mapping[str, Any] = sample.columns
    kg: Decimal | None = columns["kg_co2e"]
    start, end = columns["start_on"], columns["end_on"]
    return {
        "row": sample.row,
        "raw": columns["raw"],
        "category": columns["category"],
        "quantity": None if columns["quantity"] is None else text(columns["quantity"]),
        "unit": columns["unit"],
        "site_id": columns["site_id"],
        "start_on": None if start is None else start.isoformat(),
        "end_on": None if end is None else end.isoformat(),
        "kg_co2e": None if kg is None else text(kg),
        "is_complete": columns["is_complete"],
    }
