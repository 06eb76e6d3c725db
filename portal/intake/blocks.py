"""A block of lines pasted from a workbook or a text: its cells become the columns of raw lines."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping, Sequence

# The order that the portal's own table has; a block without a header is read in it.
USUAL_ORDER = ("category", "quantity", "unit", "period", "site", "note")
MOST_ROWS = 500
MOST_CELLS = 40
# Below the longest cell that the reader of cells takes.
LONGEST_BLOCK = 120_000

_TITLES: Mapping[str, str] = {
    "category": "category",
    "activity": "category",
    "类别": "category",
    "活动": "category",
    "quantity": "quantity",
    "amount": "quantity",
    "数量": "quantity",
    "unit": "unit",
    "单位": "unit",
    "period": "period",
    "期间": "period",
    "site": "site",
    "site_code": "site",
    "场所": "site",
    "场所编码": "site",
    "note": "note",
    "remark": "note",
    "备注": "note",
}


def read_block(text: str) -> list[dict[str, str]]:
    """The rows of a block, each by column; empty rows are left out, and a row of titles says where the columns are.

    Cells are parted by tabs, or by commas or semicolons where there is no tab. Rows beyond 500 and cells beyond the
    sixth column are cut off: `is_cut` tells.
    """
    rows = [row for row in _cells(text[:LONGEST_BLOCK]) if any(row)]
    order = _order(rows[0]) if rows else None
    if order is not None:
        rows = rows[1:]
    columns = order or USUAL_ORDER
    return [
        {column: cell for column, cell in zip(columns, row, strict=False) if column}
        for row in rows[:MOST_ROWS]
    ]


def is_cut(text: str) -> bool:
    """Whether the block holds more than is read of it."""
    if len(text) > LONGEST_BLOCK:
        return True
    rows = [row for row in _cells(text) if any(row)]
    has_titles = bool(rows) and _order(rows[0]) is not None
    return len(rows) - has_titles > MOST_ROWS


def _cells(text: str) -> list[list[str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd").split("\n")
    first = next((line for line in lines if line.strip()), "")
    delimiter = "\t" if "\t" in text else ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(lines, delimiter=delimiter)
    return [[cell.strip() for cell in row[:MOST_CELLS]] for row in reader]


def _order(row: Sequence[str]) -> tuple[str, ...] | None:
    """The columns that a row of titles names, empty for titles that mean nothing here; None for a row of values."""
    named = tuple(_TITLES.get(_folded(cell), "") for cell in row)
    known = [column for column in named if column]
    is_header = len(known) * 2 >= len(row) and len(set(known)) == len(known) and len(known) > 1
    return named if is_header else None


def _folded(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().casefold()
