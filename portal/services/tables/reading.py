"""Opens somebody's table, whatever file it stands in, and gives its rows as often as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from portal.calculation.problems import Problem, as_texts, problem
from portal.domain.cells import MOST_ROWS, MOST_ROWS_OF_A_TEXT, MOST_ROWS_OF_A_WORKBOOK, letters
from portal.domain.cells import Cell as SheetCell
from portal.intake.reading import shown
from portal.intake.sheet_cells import read_cell
from portal.intake.tables.cells import NO_FLAWS, Cell, Row
from portal.intake.tables.headers import MOST_ROWS_ABOVE
from portal.services.evidence import FIELD
from portal.store.blobs import Blobs
from portal.store.sheets import SheetLimits, SheetReading, Unreadable, read_sheets
from portal.store.text_tables import TableLimits, TextForm, UnreadableTable, form_of, read_rows

# Each with a row of titles above. A page leaves a file that is longer than its own limit to a job.
OF_A_PAGE = TableLimits(rows=MOST_ROWS + 1)
OF_A_WORKBOOK = TableLimits(rows=MOST_ROWS_OF_A_WORKBOOK + 1)
OF_A_TEXT = TableLimits(rows=MOST_ROWS_OF_A_TEXT + 1)
SAMPLE_ROWS = MOST_ROWS_ABOVE + 100
TEXT_SHEET = "CSV"


# What says that a file is only too long for the one who reads it.
_TOO_LONG = frozenset({"table.file.too_many_rows", "sheets.too_many_rows", "evidence.too_costly"})


class RefusedTable(Exception):
    """The file can't be read as a table; the problem says why and what to do."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found

    @property
    def is_too_long(self) -> bool:
        """Whether somebody with larger limits may read it to its end."""
        return self.problem.code in _TOO_LONG


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that was opened: its sheet among the visible ones, how many are hidden, whether it hides rows,
    and its rows."""

    sheet: str
    sheets: tuple[str, ...]
    hidden_count: int
    hides_rows: bool
    form: TextForm | None
    rows: Callable[[], Generator[Row, None, None]]

    def sample(self) -> list[Row]:
        """The first rows, of which the columns are guessed."""
        return list(islice(self.rows(), SAMPLE_ROWS))


@contextmanager
def opened(
    path: Path, name: str, limits: TableLimits | None = None, sheet: str = ""
) -> Iterator[OpenTable]:
    """Open the file at `path`; raises RefusedTable, also while rows are read. `sheet` names one of a workbook's sheets.

    Without limits as much is read as a job may.
    """
    try:
        if is_workbook(name):
            with read_sheets(path, _sheet_limits(limits)) as reading:
                yield _of_workbook(reading, name, sheet)
            return
        limits = limits or OF_A_TEXT
        with path.open("rb") as file:
            form = form_of(file, limits)
            yield OpenTable(
                TEXT_SHEET,
                (TEXT_SHEET,),
                0,
                False,
                form,
                lambda: (Row(number, cells) for number, cells in read_rows(file, form, limits)),
            )
    except UnreadableTable as refused:
        raise RefusedTable(Problem(refused.code, FIELD, as_texts(refused.values))) from refused
    except Unreadable as refused:
        raise RefusedTable(refused.problem(FIELD, name)) from refused


def _sheet_limits(limits: TableLimits | None) -> SheetLimits:
    if limits is None:
        return SheetLimits.of_job(OF_A_WORKBOOK.rows, OF_A_WORKBOOK.columns)
    return SheetLimits(limits.rows, limits.columns)


def path_in(blobs: Blobs, sha256: str) -> Path:
    """Where a kept file lies; raises RefusedTable once it was swept."""
    try:
        return blobs.path_of(sha256)
    except FileNotFoundError as gone:
        raise RefusedTable(problem("table.file.gone", FIELD)) from gone


def old_format(name: str) -> tuple[Problem, ...]:
    """The problem of a workbook of the kind before 2007, which nobody needs to look into to refuse."""
    if not name.strip().casefold().endswith(".xls"):
        return ()
    return (problem("table.file.old_format", FIELD, name=shown(name)),)


def is_workbook(name: str) -> bool:
    """Whether a file of this name is a workbook; everything else is read as text."""
    return name.casefold().endswith((".xlsx", ".xlsm", ".xls"))


def _of_workbook(reading: SheetReading, name: str, sheet: str) -> OpenTable:
    shown = [facts.name for facts in reading.sheets if not facts.is_hidden]
    if not shown:
        raise RefusedTable(problem("table.file.no_rows", FIELD))
    chosen = sheet if sheet in shown else _fullest(reading, shown)
    place = next(i for i, facts in enumerate(reading.sheets) if facts.name == chosen)
    return OpenTable(
        chosen,
        tuple(shown),
        len(reading.sheets) - len(shown),
        reading.sheets[place].hides_rows,
        None,
        partial(_rows, reading, place, chosen),
    )


def _fullest(reading: SheetReading, shown: list[str]) -> str:
    """The visible sheet with the most rows, the first of those that have as many."""
    if len(shown) == 1:
        return shown[0]
    counts = dict.fromkeys(shown, 0)
    for row in reading.rows():
        name = reading.sheets[row.sheet].name
        if name in counts:
            counts[name] += 1
    return max(shown, key=lambda each: counts[each])


def _rows(reading: SheetReading, place: int, name: str) -> Generator[Row, None, None]:
    for number, cells in reading.plain_rows(place):
        flaws: dict[int, tuple[Problem, ...]] = {}
        for column, cell in enumerate(cells):
            if type(cell) is SheetCell or type(cell) is bool:
                cells[column] = _read(cell, f"{name}!{letters(column)}{number}", column, flaws)
        yield Row(number, cells, flaws or NO_FLAWS, is_typed=True)


def _read(
    given: SheetCell | bool, address: str, column: int, flaws: dict[int, tuple[Problem, ...]]
) -> Cell:
    """What is no plain value is read as any workbook's cell is; its problems go along."""
    cell = SheetCell(given) if isinstance(given, bool) else given
    is_marked = cell.error or cell.is_formula or cell.is_percent or cell.is_covered or cell.is_cut
    if not is_marked and not isinstance(cell.value, bool):
        return cell.value
    read = read_cell(cell, address)
    if read.problems:
        flaws[column] = read.problems
    return read.value
