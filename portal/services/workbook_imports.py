"""A workbook's way into a year: read, shown, chosen for where both sides changed the same, and applied once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal import data
from portal.calculation.problems import Problem, as_texts, problem
from portal.domain.merging import WHOLE_ROW, Choice, Choices
from portal.domain.workbooks import LONGEST_TEXT, MOST_LINES, ROWS_ABOVE
from portal.intake.workbooks import Book, NotReadable, read_book
from portal.services import imports
from portal.services.evidence import FIELD
from portal.services.inventories import begin_edit
from portal.services.line_reading import problem_json
from portal.services.work import Work
from portal.services.workbook_merging import Comparison, NotApplied, apply, compare, preview
from portal.services.workbook_texts import parameters_of
from portal.store import jobs
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.sheets import SheetLimits, Unreadable, read_sheets

READ_WORKBOOK, APPLY_WORKBOOK = "read_workbook", "apply_workbook"
# What is larger is read and applied in the background, so that no page waits for it.
MOST_BYTES_AT_ONCE = 512 * 1024
MOST_ROWS_AT_ONCE = 1000
_PARTED = "\t"

# Beside what lines may be asked, a workbook has a dozen columns of ours and perhaps some of the person's own.
_MOST_OTHER_COLUMNS = 60
_MOST_CELLS = 1_000_000
_MOST_WRITTEN = 32 * 1024 * 1024


def _limits() -> SheetLimits:
    """The hidden sheet has a row for each line and some more about the file; all rows are held until they are compared."""
    return SheetLimits(
        rows=2 * MOST_LINES + ROWS_ABOVE,
        columns=_MOST_OTHER_COLUMNS + len(parameters_of(data.load_categories().values())),
        text=LONGEST_TEXT,
        cells=_MOST_CELLS,
        written=_MOST_WRITTEN,
    )


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying came to: what was done; or why not: problems, or choices that have to be made (again)."""

    counts: Mapping[str, int] | None = None
    problems: tuple[Problem, ...] = ()
    must_choose: int = 0


def read_workbook(path: Path, name: str) -> Book | tuple[Problem, ...]:
    """Read a file in a child process, while no transaction is open; the problems say why it is not a workbook of ours."""
    try:
        with read_sheets(path, _limits()) as reading:
            return read_book(name, reading.sheets, reading.rows())
    except Unreadable as refused:
        return (refused.problem(FIELD, name),)
    except NotReadable as refused:
        return (refused.problem,)


def not_of(work: Work, inventory: Inventory, book: Book, name: str) -> tuple[Problem, ...]:
    """Why the workbook is not of this member's year. It repeats what stands in the file and looks nothing up."""
    member = work.session.get_one(Member, inventory.member_id)
    stamp = book.stamp
    if stamp.member != str(member.uid):
        return (problem("workbook.other_member", FIELD, name=name, member=stamp.member_code[:20]),)
    if stamp.year != inventory.year:
        years = {"given": stamp.year, "year": inventory.year}
        return (Problem("workbook.other_year", FIELD, as_texts({"name": name, **years})),)
    if stamp.inventory != str(inventory.uid):
        return (problem("workbook.hidden_part", FIELD, name=name),)
    return ()


@dataclass(frozen=True)
class Changes:
    """What a workbook would change at this moment, and how that is shown."""

    comparison: Comparison
    preview: Mapping[str, Any]

    def show(self, row: ImportFile) -> None:
        """Keep it with the file, for somebody to look at."""
        imports.show(row, self.preview, self.comparison.counts)


def find_changes(
    work: Work, inventory: Inventory, book: Book, *, locale: str
) -> Changes | tuple[Problem, ...]:
    """Find out what the workbook would change; nothing is kept. The problems say why it can't be shown."""
    comparison = compare(work, inventory, book, locale=locale)
    try:
        return Changes(comparison, preview(work, inventory, comparison))
    except NotReadable as refused:
        return (refused.problem,)


def queue(work: Work, row: ImportFile, kind: str, arguments: Mapping[str, Any]) -> None:
    """Have a file read or applied in the background; one job at a time for each file."""
    jobs.add(
        work.session,
        kind,
        {"import_id": row.id, "account_id": work.actor.account_id, **arguments},
        moment=work.moment,
        unique_key=job_key(row),
    )


def job_key(row: ImportFile) -> str:
    """The key under which a file's open job is found."""
    return f"import:{row.uid}"


def chosen(row: ImportFile) -> dict[tuple[str, str], Choice]:
    """What was chosen so far, by the row's name and the column."""
    found = {}
    for place, choice in (row.choices or {}).items():
        name, _, column = place.partition(_PARTED)
        found[name, column] = Choice(choice)
    return found


def as_kept(choices: Mapping[tuple[str, str], Choice]) -> dict[str, str]:
    """Choices as they are kept with the file."""
    return {f"{name}{_PARTED}{column}": each.value for (name, column), each in choices.items()}


def apply_workbook(
    work: Work,
    inventory: Inventory,
    row: ImportFile,
    book: Book,
    choices: Choices,
    *,
    with_removals: bool,
    expected: Sequence[str] = (imports.READY,),
) -> Applied:
    """Apply a workbook to what stands now: all or nothing, once. Applied before, it answers what came of it then.

    When it could not be applied the caller throws the transaction away, and keeps the new preview by `show_again`.
    """
    if row.state == imports.APPLIED:
        return Applied(counts=row.counts)
    begin_edit(work, inventory)
    seen = row.preview or {}
    if not imports.move(work, row, imports.APPLIED, expected=expected):
        return Applied(counts=row.counts)
    comparison = compare(work, inventory, book, locale=row.locale)
    still = valid_choices(comparison, seen, choices)
    if missing := comparison.unchosen(still):
        return Applied(must_choose=len(missing))
    done = apply(work, inventory, comparison, still, locale=row.locale, with_removals=with_removals)
    if isinstance(done, NotApplied):
        return Applied(problems=done.problems)
    row.counts = done
    imports.record_end(work, row, "import.applied", {**done, "year": inventory.year})
    return Applied(counts=done)


def show_again(
    work: Work, inventory: Inventory, row: ImportFile, book: Book, problems: Sequence[Problem] = ()
) -> None:
    """Keep what the workbook would change now, with the choices that still hold and why nothing was applied.

    A file whose changes have become more than can be shown is refused.
    """
    seen, choices = row.preview or {}, chosen(row)
    changes = find_changes(work, inventory, book, locale=row.locale)
    if not isinstance(changes, Changes):
        imports.refuse(work, row, changes)
        return
    changes.show(row)
    kept = valid_choices(changes.comparison, seen, choices)
    row.choices = as_kept(kept)
    if problems:
        blocked = [problem_json(each) for each in problems]
        row.preview = {**(row.preview or {}), "blocked": blocked}


def valid_choices(
    comparison: Comparison, seen: Mapping[str, Any], choices: Choices
) -> dict[tuple[str, str], Choice]:
    """The choices whose two sides are still those that the person saw."""
    shown = dict(_sides_seen(seen))
    return {
        place: choices[place]
        for place, sides in _sides(comparison)
        if place in choices and shown.get(place) == sides
    }


def _sides(comparison: Comparison) -> Iterator[tuple[tuple[str, str], list[tuple[str, str]]]]:
    for merged in comparison.merges.values():
        for row in merged.rows:
            for column in row.conflicts:
                cells = [
                    (cell.now, cell.file)
                    for cell in row.cells
                    if column in (cell.column, WHOLE_ROW)
                ]
                yield (row.name, column), cells


def _sides_seen(
    seen: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, str], list[tuple[str, str]]]]:
    for row in seen.get("rows", ()):
        for column in row["conflicts"]:
            cells = [
                (cell["now"], cell["file"])
                for cell in row["cells"]
                if column in (cell["column"], WHOLE_ROW)
            ]
            yield (row["name"], column), cells
