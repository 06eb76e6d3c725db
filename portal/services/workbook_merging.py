"""What a workbook that came back does to a year: held against what was handed out and what stands now, then applied."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from portal.calculation.problems import Problem, Severity, problem
from portal.documents.facts import Language
from portal.domain.merging import (
    Choices,
    Fate,
    FileRow,
    Merge,
    MergedRow,
    Step,
    Values,
    merge,
    steps,
    unchosen,
)
from portal.domain.workbooks import SheetCode
from portal.intake.workbooks import Book, FilledSheet, NotReadable
from portal.services.evidence import FIELD
from portal.services.line_reading import CONFIRMED, Desk, desk_of, judge, problem_json
from portal.services.line_saving import SubmittedLine, merged, save_lines
from portal.services.outputs import (
    RawOutput,
    add_output,
    change_output,
    check_output,
    outputs_of,
    remove_output,
)
from portal.services.work import Work
from portal.services.workbook_texts import Texts, canonical_output
from portal.services.workbooks import lines_of, texts_of
from portal.store.inventories import Inventory, Output
from portal.store.lines import ActivityLine

_OUTPUT_FIELDS = ("product", "quantity", "unit")
# Characters of the changes that are kept to be looked at; every page that shows some of them reads them all.
MOST_SHOWN = 8 * 1024 * 1024
_written = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Comparison:
    """A workbook held against a year: what it does to each sheet, and the rows as they stand."""

    book: Book
    desk: Desk
    texts: Texts
    lines: Mapping[str, ActivityLine]
    outputs: Mapping[str, Output]
    merges: Mapping[SheetCode, Merge]

    def unchosen(self, choices: Choices) -> list[tuple[str, str]]:
        """What both sides changed and nobody has chosen for yet, by the row's name and the column."""
        return [each for merged_ in self.merges.values() for each in unchosen(merged_, choices)]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of which fate there are, over all sheets."""
        rows = [row for merged_ in self.merges.values() for row in merged_.rows]
        found = {fate.value: sum(row.fate is fate for row in rows) for fate in Fate}
        conflicts = sum(len(row.conflicts) for row in rows)
        unchanged = sum(merged_.unchanged for merged_ in self.merges.values())
        return {**found, "conflicts": conflicts, "unchanged": unchanged}


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Why nothing was kept: the problems that no row can be kept with, by sheet and cell."""

    problems: tuple[Problem, ...]


def compare(work: Work, inventory: Inventory, book: Book, *, locale: str) -> Comparison:
    """Hold a workbook against what stands at this moment; nothing is written."""
    desk = desk_of(work, inventory, locale=locale)
    texts = texts_of(desk, Language(book.stamp.language))
    lines = {str(line.key): line for line in lines_of(work.session, inventory)}
    outputs = {str(each.uid): each for each in outputs_of(work, inventory)}
    now = {
        SheetCode.LINES: {key: texts.line(line) for key, line in lines.items()},
        SheetCode.OUTPUTS: {key: texts.output(each) for key, each in outputs.items()},
    }
    merges = {
        code: _merge(texts, book, code, now[code], sheet) for code, sheet in book.sheets.items()
    }
    return Comparison(book, desk, texts, lines, outputs, merges)


def _merge(
    texts: Texts,
    book: Book,
    code: SheetCode,
    now: Mapping[str, Values],
    sheet: FilledSheet,
) -> Merge:
    base = book.base.get(code, {})
    tidy = texts.canonical if code is SheetCode.LINES else canonical_output
    rows = [
        FileRow(row.number, _own_key(row.key, base, now), tidy(row.values)) for row in sheet.rows
    ]
    handed_out = {key: tidy(values) for key, values in base.items()}
    return merge(handed_out, now, rows, book.offered)


def _own_key(key: str, base: Mapping[str, Values], now: Mapping[str, Values]) -> str:
    """The key in the spelling in which it was handed out; programs may write it in capitals."""
    small = key.strip().lower()
    return small if small in base or small in now else key


def preview(work: Work, inventory: Inventory, comparison: Comparison) -> dict[str, Any]:
    """What the workbook would change, as it is kept until somebody applies it: rows with old and new, and problems.

    Raises NotReadable when it is more than is kept, before all of it is put together.
    """
    rows = []
    left = MOST_SHOWN
    for code, merged_ in comparison.merges.items():
        for row in merged_.rows:
            found = _row_problems(work, inventory, comparison, code, row)
            rows.append(_shown(comparison, code, row, found))
            left -= len(_written(rows[-1]))
            if left < 0:
                raise NotReadable(problem("import.too_many_changes", FIELD))
    problems = [problem_json(found) for found in comparison.book.problems]
    missing = [code.value for code in SheetCode if _is_missing(comparison.book, code)]
    return {"rows": rows, "problems": problems, "missing": missing}


def _is_missing(book: Book, code: SheetCode) -> bool:
    return code in book.base and code not in book.sheets


def _shown(
    comparison: Comparison, code: SheetCode, row: MergedRow, problems: Sequence[Problem]
) -> dict[str, Any]:
    sheet = comparison.book.sheets[code]
    return {
        "sheet": code.value,
        "name": row.name,
        "number": row.number,
        "place": f"{sheet.title}!{row.number}" if row.number else "",
        "fate": row.fate.value,
        "about": _about(comparison, code, row),
        "conflicts": list(row.conflicts),
        "cells": [
            {"column": cell.column, "base": cell.base, "now": cell.now, "file": cell.file}
            for cell in row.cells
        ],
        "problems": [problem_json(found) for found in problems],
    }


def _about(comparison: Comparison, code: SheetCode, row: MergedRow) -> str:
    """What a row is about in a few words: its category, site and period, or its product."""
    texts: dict[str, str] = {cell.column: cell.file or cell.now for cell in row.cells}
    if code is SheetCode.LINES:
        line = comparison.lines.get(row.key)
        stands = comparison.texts.line(line) if line is not None else {}
        shown = {**stands, **texts}
        return " · ".join(filter(None, map(shown.get, ("category", "site", "period"))))
    output = comparison.outputs.get(row.key)
    return texts.get("product") or (output.product if output is not None else "")


def _row_problems(
    work: Work, inventory: Inventory, comparison: Comparison, code: SheetCode, row: MergedRow
) -> list[Problem]:
    """What is wrong with a row as the file has it, each problem with its cell."""
    if row.fate in (Fate.REMOVED, Fate.GONE_THERE):
        return []
    step = Step(row, {cell.column: cell.file for cell in row.cells})
    if code is SheetCode.LINES:
        return _in_cells(comparison, code, row, _line_problems(comparison, step))
    output = None if step.is_new else comparison.outputs.get(row.key)
    found = check_output(work, inventory, _raw_output(comparison, step), output)
    return _in_cells(comparison, code, row, found)


def _line_problems(comparison: Comparison, step: Step) -> tuple[Problem, ...]:
    """What reading the line comes to, by column."""
    row = _submitted(comparison, 0, step)
    line = comparison.lines.get(step.row.key)
    if line is None or step.is_new:
        raw = comparison.desk.as_kept(row.values)
        raw[CONFIRMED] = {}
    else:
        raw = merged(comparison.desk, line, row)
    return judge(comparison.desk, raw, key=step.row.key, has_evidence=False).problems


def _in_cells(
    comparison: Comparison, code: SheetCode, row: MergedRow, found: Sequence[Problem]
) -> list[Problem]:
    sheet = comparison.book.sheets[code]
    return [replace(each, field=sheet.address(row.number, each.field)) for each in found]


def _submitted(comparison: Comparison, place: int, step: Step) -> SubmittedLine:
    """A step as the one way of saving lines takes it."""
    line = None if step.is_new else comparison.lines.get(step.row.key)
    stands = {} if line is None else comparison.texts.line(line)
    category = step.values.get("category", stands.get("category", ""))
    typed = comparison.texts.typed(step.values, category)
    return SubmittedLine(
        place,
        typed,
        key=_wished_key(step) if line is None else line.key,
        version=None if line is None else line.version,
        is_removed=step.is_removal,
    )


def _wished_key(step: Step) -> UUID | None:
    """The key that an offered row was handed out under, so that the same file doesn't add it twice."""
    try:
        return UUID(step.row.key) if step.row.fate is Fate.ADDED else None
    except ValueError:  # whoever changes the hidden part may call a row anything
        return None


def apply(
    work: Work,
    inventory: Inventory,
    comparison: Comparison,
    choices: Choices,
    *,
    locale: str,
    with_removals: bool,
) -> dict[str, int] | NotApplied:
    """Write what the workbook changes: all of it or nothing; lines with problems are kept unfinished, like typed ones.

    The caller has taken the inventory for this transaction before comparing, so what stands can't move meanwhile. It
    throws the transaction away when nothing was applied.
    """
    blocked = [each for each in comparison.book.problems if each.severity is Severity.ERROR]
    if blocked:
        return NotApplied(tuple(blocked))
    by_sheet = {
        code: steps(merged_, choices, with_removals=with_removals)
        for code, merged_ in comparison.merges.items()
    }
    wrong = list(_apply_outputs(work, inventory, comparison, by_sheet.get(SheetCode.OUTPUTS, ())))
    if wrong:
        return NotApplied(tuple(wrong))
    done = by_sheet.get(SheetCode.LINES, [])
    rows = [_submitted(comparison, place, step) for place, step in enumerate(done)]
    unfinished = 0
    if rows:
        saved = save_lines(work, inventory, rows, locale=locale, keep_unfinished=True)
        unfinished = len(saved.blocked)
    every = [step for each in by_sheet.values() for step in each]
    return {
        "added": sum(step.is_new for step in every),
        "changed": sum(not step.is_new and not step.is_removal for step in every),
        "removed": sum(step.is_removal for step in every),
        "unfinished": unfinished,
    }


def _apply_outputs(
    work: Work, inventory: Inventory, comparison: Comparison, done: Sequence[Step]
) -> Iterator[Problem]:
    """Add, change and remove products; gives what is wrong with them."""
    for step in done:
        output = comparison.outputs.get(step.row.key)
        if step.is_removal:
            if output is not None:
                remove_output(work, inventory, output)
            continue
        raw = _raw_output(comparison, step)
        if output is None or step.is_new:
            saved = add_output(work, inventory, raw, key=_wished_key(step))
        else:
            saved = change_output(work, inventory, output, raw)
        if saved.output is None:
            yield from _in_cells(comparison, SheetCode.OUTPUTS, step.row, saved.problems)


def _raw_output(comparison: Comparison, step: Step) -> RawOutput:
    """A product as it would be typed: what the file changes over what stands."""
    output = None if step.is_new else comparison.outputs.get(step.row.key)
    stands = comparison.texts.output(output) if output is not None else {}
    values = {**dict.fromkeys(_OUTPUT_FIELDS, ""), **stands, **step.values}
    return RawOutput(
        values["product"], values["quantity"], values["unit"], comparison.desk.locale, {}
    )
