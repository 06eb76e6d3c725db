"""Readable tables as CSV: RFC 4180 in UTF-8, and no cell that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from portal.calculation.quantities import text

# What makes a spreadsheet compute, in half and full width; our own numbers may begin with a minus.
_LIVE = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_OWN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
# Spreadsheets take a file for UTF-8 only when it says so.
_MARK = "\ufeff"

Cell = str | int | Decimal | None


def table_bytes(names: Sequence[str], rows: Iterable[Mapping[str, Cell]]) -> bytes:
    """A table with a row of names above it."""
    out = io.StringIO(newline="")
    out.write(_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return out.getvalue().encode()


def read_table(content: bytes) -> list[dict[str, str]]:
    """The rows of such a table by the names above it. Raises ValueError where it isn't one."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as trouble:
        raise ValueError(str(trouble)) from trouble
    if any(None in row or None in row.values() for row in rows):
        raise ValueError("a row has more or fewer cells than the first one")
    return rows


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    written = text(value) if isinstance(value, Decimal) else str(value)
    begins = written[:1] if written[:1] in "\t\r\n" else written.strip()[:1]
    is_live = bool(begins) and bool(_LIVE.match(begins))
    return f"'{written}" if is_live and not _OWN_NUMBER.fullmatch(written) else written
