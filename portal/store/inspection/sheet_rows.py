"""The child that reads a workbook's values: takes limits on itself, checks the file, and writes its rows as lines of JSON.

Called as `python -m portal.store.inspection.sheet_rows ROWS COLUMNS TEXT CELLS WRITTEN SECONDS` (see `Most`), in an empty folder of its own. It ends
with status 0 and rows, or with REFUSED and one line that says why.
"""

from __future__ import annotations

import datetime
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from portal.domain.evidence import Note
from portal.store.inspection.confinement import MIB, READING, confine
from portal.store.inspection.findings import DAMAGED, REFUSED, Refused
from portal.store.inspection.sheet_scan import (
    ERROR,
    FORMULA,
    PERCENT,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
    Archive,
    Scanned,
    percent_styles,
    scan_sheet,
    sheet_parts,
)
from portal.store.inspection.xlsx import inspect_xlsx
from portal.store.inspection.zips import entries

ACTIVE_CONTENT = "sheets.active_content"
_ACTIVE = frozenset({Note.EXTERNAL_DATA, Note.EMBEDDED_FILE})
TOO_MUCH = "sheets.too_much"
_BLOCK = 1 * MIB
# Made once: json.dumps makes an encoder for each row.
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Most:
    """What is given of a workbook at most: rows and columns of a sheet, characters of a text, and over all sheets filled
    cells and bytes; and the processor's seconds that it may take. One text may stand in thousands of cells, so a small file may come to a great deal."""

    rows: int
    columns: int
    text: int
    cells: int
    written: int
    seconds: int


def main(most: Most) -> int:
    """Read standard input and write its rows; what is unforeseen is answered with the error's name only."""
    confine(replace(READING, processor_seconds=most.seconds))
    answer = _Answer(most)
    try:
        _write(answer, sys.stdin.buffer.read(), most)
        answer.flush()
        return 0
    except Refused as refused:
        said: dict[str, object] = {"refused": refused.reason}
    except (MemoryError, OSError):
        said = {"refused": "evidence.too_costly"}
    except Exception as error:  # noqa: BLE001 -- the parent logs it; a stranger's file must not show a trace
        said = {"refused": "evidence.not_inspected", "error": type(error).__name__}
    return _refuse(said)


class _Answer:
    """What goes to standard output, a block at a time; what was not written yet is forgotten by a refusal."""

    def __init__(self, most: Most) -> None:
        self._lines: list[str] = []
        self._size = 0
        self._cells_left = most.cells
        self._bytes_left = most.written

    def put(self, line: list[Any]) -> None:
        """Add one line of JSON."""
        self._cells_left -= sum(each is not None for each in line)
        if self._cells_left < 0:
            raise Refused(TOO_MUCH)
        said = _written(line)
        self._lines.append(said)
        self._size += len(said)
        if self._size > _BLOCK:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        said = "".join(f"{line}\n" for line in self._lines).encode()
        self._bytes_left -= len(said)
        if self._bytes_left < 0:
            raise Refused(TOO_MUCH)
        rest = memoryview(said)
        while rest:
            rest = rest[os.write(1, rest) :]
        self._lines, self._size = [], 0


def _refuse(said: dict[str, object]) -> int:
    """Put the reason in the place of all that was written so far."""
    os.ftruncate(1, 0)
    os.lseek(1, 0, os.SEEK_SET)
    os.write(1, json.dumps(said).encode() + b"\n")
    return REFUSED


def _write(answer: _Answer, data: bytes, most: Most) -> None:
    if _ACTIVE & set(inspect_xlsx(data).notes):
        raise Refused(ACTIVE_CONTENT)
    archive = Archive(data, entries(data))
    parts, percents = sheet_parts(archive), percent_styles(archive)
    scanned = {
        name: scan_sheet(archive.pieces(part), percents, most.rows, most.columns)
        for name, part in parts.items()
        if part.startswith("xl/worksheets/")
    }
    book = _opened(data)
    facts = [(each.name, str(each.visible).endswith(".Visible")) for each in book.sheets_metadata]
    if not scanned or not {name for name, _ in facts} >= scanned.keys():
        raise Refused(DAMAGED)
    hiding = {name for name, found in scanned.items() if found.hides_rows}
    answer.put(
        [{"name": name, "hidden": not shown, "hides_rows": name in hiding} for name, shown in facts]
    )
    for place, (name, _) in enumerate(facts):
        if name in scanned:
            for number, cells in _rows(book, name, scanned[name], most):
                answer.put([place, number, *cells])


def _opened(data: bytes) -> Any:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except CalamineError:
        raise Refused(DAMAGED) from None


def _rows(book: Any, name: str, scanned: Scanned, most: Most) -> Iterator[tuple[int, list[Any]]]:
    """The rows of a sheet that hold something, each with its number from 1."""
    try:
        sheet = book.get_sheet_by_name(name)
    except CalamineError:
        raise Refused(DAMAGED) from None
    top, left = sheet.start or (0, 0)
    bottom, right = sheet.end or (0, 0)
    if bottom >= most.rows:
        raise Refused(TOO_MANY_ROWS)
    if right >= most.columns:
        raise Refused(TOO_MANY_COLUMNS)
    covered = _covered(scanned, most.rows, most.columns)
    values = iter(sheet.to_python(skip_empty_area=True)) if sheet.start is not None else iter(())
    last = max([bottom, *scanned.marks, *covered], default=0)
    for row in range(top if sheet.start is not None else 0, last + 1):
        given = [_plain(value, most.text) for value in next(values, ())]
        cells = [None] * left + given if given else []
        _mark(cells, row, scanned, covered)
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield row + 1, cells


def _covered(
    scanned: Scanned, most_rows: int, most_columns: int
) -> dict[int, list[tuple[int, int, int]]]:
    """The merged areas of each row below the area's first cell: (first column, last column, column left alone)."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    cells = 0
    for top, left, bottom, right in scanned.merged:
        cells += (min(bottom, most_rows) - top + 1) * (min(right, most_columns) - left + 1)
        if cells > most_rows * 4:
            raise Refused(TOO_MANY_ROWS)
        for row in range(top, min(bottom, most_rows - 1) + 1):
            own = left if row == top else -1
            found.setdefault(row, []).append((left, min(right, most_columns - 1), own))
    return found


def _mark(
    cells: list[Any], row: int, scanned: Scanned, covered: dict[int, list[tuple[int, int, int]]]
) -> None:
    """Put beside the values what the reader of values dropped."""
    for column, mark in scanned.marks.get(row, {}).items():
        cells.extend([None] * (column + 1 - len(cells)))
        error = scanned.errors.get((row, column), "") if mark & ERROR else ""
        signs = ("f" if mark & FORMULA else "") + ("p" if mark & PERCENT else "")
        cells[column] = {"v": cells[column], "k": signs, "e": error}
    for left, right, own in covered.get(row, ()):
        for column in range(left, right + 1):
            if column != own:
                cells.extend([None] * (column + 1 - len(cells)))
                cells[column] = {"v": None, "k": "m", "e": ""}


def _plain(value: Any, longest: int) -> Any:
    """A value as JSON can say it: text, number, truth, nothing, or a day; a text that is cut is marked."""
    if type(value) is float:
        return value
    if isinstance(value, str):
        # A sheet may spell a NUL as _x0000_; no database keeps one, and no reader takes one.
        value = value.replace("\x00", "\ufffd")
        if len(value) > longest:
            return {"v": value[:longest], "k": "t", "e": ""}
        return value or None
    if isinstance(value, datetime.date):
        return {"d": value.isoformat()}
    if isinstance(value, datetime.time | datetime.timedelta):
        return {"v": str(value), "k": "", "e": ""}
    return value


if __name__ == "__main__":
    sys.exit(main(Most(*map(int, sys.argv[1:]))))
