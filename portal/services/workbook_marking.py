"""The workbook handed back with its problems marked: everything that was typed still stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from portal.documents.facts import Language
from portal.documents.workbook import write_workbook
from portal.documents.workbook_facts import Column, SheetLine, SheetTable
from portal.domain.merging import FileRow
from portal.domain.workbooks import KEY
from portal.intake.workbooks import Book, FilledSheet, hidden_rows
from portal.services.work import Work
from portal.services.workbooks import titles_of, workbook_facts
from portal.store.inventories import Inventory

# A column of the person's own has a name that the portal never looks for.
_OWN = "+"
# What the portal says beside a row, and is not read back.
_TOLD = ("last_quantity", "last_unit", "origin")


def marked_bytes(
    work: Work, inventory: Inventory, book: Book, problems: Sequence[tuple[str, str]]
) -> bytes:
    """The workbook as it came back, with a colour and a comment on each cell that a problem names.

    `problems` are cells, as their addresses name them, and messages. The hidden part stays what it was, so that the
    mended file is compared with what was handed out first.
    """
    facts = workbook_facts(work, inventory, Language(book.stamp.language), with_lines=True)
    messages: dict[str, list[str]] = {}
    for address, message in problems:
        messages.setdefault(address, []).append(message)
    tables = tuple(
        _as_it_came(table, book.sheets[table.code], messages)
        if table.code in book.sheets
        else table
        for table in facts.tables
    )
    hidden = hidden_rows(book.stamp, titles_of(tables), book.base, book.offered)
    places = _places(tables, book)
    moved = [(places.get(address, address), message) for address, message in problems]
    return write_workbook(
        replace(
            facts,
            tables=tables,
            hidden=tuple(tuple(row) for row in hidden),
            problems=tuple(moved),
        )
    )


def _as_it_came(
    table: SheetTable, sheet: FilledSheet, messages: Mapping[str, Sequence[str]]
) -> SheetTable:
    columns = [
        *table.columns,
        *_unknown(table, sheet),
        *(Column(f"{_OWN}{place}", title) for place, (title, _) in enumerate(sheet.beside)),
    ]
    kept = {line.values[KEY]: line for line in table.lines if KEY in line.values}
    lines = tuple(_line(sheet, row, kept.get(row.key), messages) for row in sheet.rows)
    return replace(table, columns=tuple(columns), lines=lines)


def _unknown(table: SheetTable, sheet: FilledSheet) -> list[Column]:
    """Columns that the file still has and a workbook made now would not: their category is in use no more."""
    known = {column.name for column in table.columns}
    return [Column(name, name) for name in sheet.letters if name not in known]


def _line(
    sheet: FilledSheet,
    row: FileRow,
    kept: SheetLine | None,
    messages: Mapping[str, Sequence[str]],
) -> SheetLine:
    stands = {} if kept is None else kept.values
    told = {name: stands[name] for name in _TOLD if name in stands}
    own = {
        f"{_OWN}{place}": texts.get(row.number, "") for place, (_, texts) in enumerate(sheet.beside)
    }
    values = {**told, **row.values, **own, KEY: row.key}
    marks = {
        column: "\n".join(messages[sheet.address(row.number, column)])
        for column in sheet.letters
        if sheet.address(row.number, column) in messages
    }
    return SheetLine(values, marks, is_offered=kept is not None and kept.is_offered)


def _places(tables: Sequence[SheetTable], book: Book) -> dict[str, str]:
    """Where each cell of the file stands in the marked workbook: without empty rows, and with columns in their first order."""
    return {
        sheet.address(row.number, column): table.cell_address(place, column)
        for table in tables
        if (sheet := book.sheets.get(table.code)) is not None
        for place, row in enumerate(sheet.rows)
        for column in sheet.letters
    }
