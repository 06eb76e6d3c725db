"""A file of meter readings: its rows become raw lines one after the other, each value with the cell it stands in."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from portal.calculation.problems import refuse
from portal.intake.raw import RawLine

LONGEST_CELL = 1000
MOST_CELLS = 26
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NEEDED = frozenset({"meter", "ts", "value"})
_TITLES: Mapping[str, str] = {
    title: column
    for column, titles in {
        "meter": ("meter", "serial", "serial number", "电表", "表", "表号", "表计", "仪表", "仪表编号", "计量表"),
        "ts": ("ts", "time", "timestamp", "date and time", "read at", "时间", "抄表时间", "读数时间"),
        "value": ("value", "reading", "count", "数值", "读数", "示数", "表底"),
        "unit": ("unit", "单位"),
        "start": ("start", "from", "开始", "开始时间"),
        "reason": ("reason", "correction", "原因", "更正原因"),
    }.items()
    for title in titles
}  # fmt: skip


def read_file(lines: Iterable[str]) -> Iterator[RawLine]:
    """The readings of a file; columns with other titles are left out, empty rows too.

    Raises CalculationError when the first row doesn't name the columns, or what follows is no table.
    """
    rows = iter(lines)
    first = next(rows, "")
    delimiter = max("\t;,", key=first.count)
    try:
        table = csv.reader(chain([first], rows), delimiter=delimiter)
        columns = _columns(next(table, []))
        for number, row in enumerate(table, start=2):
            if any(row):
                yield _raw(number, row, columns)
    except csv.Error:
        raise refuse("reading.file.unreadable", "file") from None


def _columns(titles: Sequence[str]) -> dict[int, str]:
    """Which column stands in which place; a title that comes twice counts where it comes first."""
    found: dict[int, str] = {}
    for place, title in enumerate(titles[:MOST_CELLS]):
        column = _TITLES.get(unicodedata.normalize("NFKC", title).strip("\ufeff \t").casefold())
        if column is not None and column not in found.values():
            found[place] = column
    if not set(found.values()) >= _NEEDED:
        raise refuse("reading.file.columns", "file")
    return found


def _raw(number: int, row: Sequence[str], columns: Mapping[int, str]) -> RawLine:
    fields = {
        column: row[place].strip()[:LONGEST_CELL]
        for place, column in columns.items()
        if place < len(row) and row[place].strip()
    }
    cells = {column: f"{_LETTERS[place]}{number}" for place, column in columns.items()}
    return RawLine(f"A{number}", fields, cells=cells)
