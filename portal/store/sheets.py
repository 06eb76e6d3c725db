"""Reads the rows of a stranger's workbook: a child process with limits does it, and hands them over line by line."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from portal.calculation.problems import Problem, as_texts
from portal.domain.cells import (
    EMPTY,
    LONGEST_CELL,
    MESSAGES,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    SheetFacts,
    SheetRow,
)
from portal.domain.evidence import PASSWORD_CONTAINER, REASONS
from portal.store.confined import TookTooLong, run_confined
from portal.store.inspection.confinement import READING, READING_LONG
from portal.store.inspection.findings import REFUSED

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """How much of a workbook is read at most: the last row, the last column, the characters of a text, the filled cells and
    the bytes that all of its values come to, and the seconds that it may take of the processor and in all."""

    rows: int = MOST_ROWS
    columns: int = MOST_COLUMNS
    text: int = LONGEST_CELL
    cells: int = MOST_ROWS * MOST_COLUMNS
    written: int = READING.written_file
    wall_seconds: float = READING.wall_seconds
    processor_seconds: int = READING.processor_seconds

    @classmethod
    def of_job(cls, rows: int, columns: int) -> Self:
        """What a job reads that nobody waits for."""
        patience = READING_LONG
        return cls(
            rows,
            columns,
            wall_seconds=patience.wall_seconds,
            processor_seconds=patience.processor_seconds,
        )


USUAL = SheetLimits()


class Unreadable(Exception):
    """The workbook is refused; the code is one of `domain.cells.MESSAGES` or of `domain.evidence.REASONS`."""

    def __init__(self, code: str, limits: SheetLimits) -> None:
        super().__init__(code)
        self.code = code
        self.limits = limits

    def problem(self, field: str, name: str) -> Problem:
        """The refusal as a Problem that names the file, the limits and a cure."""
        named = {"name": name, "rows": self.limits.rows, "columns": self.limits.columns}
        return Problem(self.code, field, as_texts(named))


@dataclass(frozen=True, slots=True)
class SheetReading:
    """A workbook that was read to its end without complaint: its sheets in order, and its rows to be run through."""

    sheets: tuple[SheetFacts, ...]
    _answer: Path

    def plain_rows(self, sheet: int) -> Iterator[tuple[int, list[Any]]]:
        """Each row of one sheet with its number, its cells as plain as they are: texts, decimals, truths, nothing, else a Cell."""
        with self._answer.open("rb") as lines:
            next(lines)
            for line in lines:
                place, number, *cells = _decoded(line)
                if place == sheet:
                    yield (
                        int(number),
                        [_cell(each) if type(each) is dict else each for each in cells],
                    )

    def rows(self) -> Iterator[SheetRow]:
        """Each row that holds something, sheet by sheet, without holding more than one of them."""
        with self._answer.open("rb") as lines:
            next(lines)
            for line in lines:
                yield _row(_decoded(line))


@contextmanager
def read_sheets(path: Path, limits: SheetLimits = USUAL) -> Iterator[SheetReading]:
    """Have the workbook at `path` read; raises Unreadable before anything of it is given.

    Its rows can be run through within the block, as often as need be: they lie in a file that is gone after it.
    """
    _look_at_start(path, limits)
    with tempfile.TemporaryDirectory(prefix="sheets-") as folder:
        answer = Path(folder, "answer")
        try:
            status = run_confined(
                "portal.store.inspection.sheet_rows",
                [
                    str(each)
                    for each in (
                        limits.rows,
                        limits.columns,
                        limits.text,
                        limits.cells,
                        limits.written,
                        limits.processor_seconds,
                    )
                ],
                source=path,
                answer=answer,
                wall_seconds=limits.wall_seconds,
            )
        except TookTooLong:
            log.warning("a workbook took too long to read")
            raise Unreadable("evidence.too_costly", limits) from None
        _check(status, answer, limits)
        yield SheetReading(_sheets(answer), answer)


def read_rows(path: Path, limits: SheetLimits = USUAL) -> Iterator[tuple[SheetFacts, SheetRow]]:
    """Each row of a workbook with its sheet; raises Unreadable before the first one."""
    with read_sheets(path, limits) as reading:
        for row in reading.rows():
            yield reading.sheets[row.sheet], row


def _look_at_start(path: Path, limits: SheetLimits) -> None:
    with path.open("rb") as source:
        start = source.read(8)
    if not start:
        raise Unreadable("evidence.empty", limits)
    if start.startswith(PASSWORD_CONTAINER):
        raise Unreadable("evidence.encrypted", limits)
    if not start.startswith(b"PK"):
        raise Unreadable("sheets.not_a_workbook", limits)


def _check(status: int, answer: Path, limits: SheetLimits) -> None:
    if status == 0:
        return
    if status < 0:
        log.warning("reading a workbook was ended by signal %s", -status)
        raise Unreadable("evidence.too_costly", limits)
    if status != REFUSED:
        log.warning("reading a workbook ended with %s and no answer", status)
        raise Unreadable("evidence.not_inspected", limits)
    said = json.loads(answer.read_bytes())
    if "error" in said:
        log.warning("reading a workbook met an unforeseen %s", said["error"])
    code = said["refused"]
    raise Unreadable(
        code if code in MESSAGES or code in REASONS else "evidence.not_inspected", limits
    )


def _sheets(answer: Path) -> tuple[SheetFacts, ...]:
    with answer.open("rb") as lines:
        return tuple(
            SheetFacts(each["name"], each["hidden"], each["hides_rows"])
            for each in json.loads(next(lines))
        )


# The digits that the double prints as are kept; no float comes into being on this side. Made once for all rows.
_decode = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal).decode


def _decoded(line: bytes) -> Any:
    return _decode(line.decode("utf-8"))


def _row(said: list[Any]) -> SheetRow:
    sheet, number, *cells = said
    return SheetRow(int(sheet), int(number), tuple(_cell(each) for each in cells))


def _cell(said: Any) -> Cell:
    if said is None:
        return EMPTY
    if not isinstance(said, dict):
        return Cell(said)
    if "d" in said:
        return Cell(_day(said["d"]))
    signs = said["k"]
    inner = _cell(said["v"])
    is_cut = inner.is_cut or "t" in signs
    return Cell(inner.value, said["e"], "f" in signs, "p" in signs, "m" in signs, is_cut)


def _day(text: str) -> date:
    """A day, or a moment where the cell has a time of day as well."""
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
