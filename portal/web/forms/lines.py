"""Reads what the table of activity lines sends: rows by index, answers to questions, and what is to be done."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from flask import request
from werkzeug.datastructures import MultiDict

from portal.intake.number_shapes import writes_comma
from portal.intake.read import PARAMETER
from portal.services.line_saving import SubmittedLine
from portal.web.language import current

COLUMNS = ("category", "quantity", "unit", "period", "site")
# A page has 50 lines; a paste may add more before it is told so.
MOST_ROWS = 200
LONGEST_VERSION = 9

_CONTROL = re.compile(
    r"lines-(?P<index>\d{1,4})-(?P<confirm>confirm-)?(?P<column>[a-z][a-z0-9_]*(?:-[a-z0-9_]+)?)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class SentTable:
    """What a page of the table sent; `removed` is the index of the row whose Remove button was pressed."""

    rows: tuple[SubmittedLine, ...]
    act: str
    note: str | None
    note_before: str
    removed: int | None

    @property
    def has_new_note(self) -> bool:
        """Whether the note was changed on this page; a page that only repeats it overwrites nobody's."""
        return self.note is not None and _plain(self.note) != _plain(self.note_before)

    @property
    def is_draft(self) -> bool:
        """Whether unfinished rows are to be kept as they are."""
        return self.act != "continue"


@dataclass(slots=True)
class _Row:
    values: dict[str, str] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)


def read_table(form: MultiDict[str, str]) -> SentTable:
    """Sort the controls of a sent table by row; controls that no table has are left alone."""
    rows: dict[int, _Row] = {}
    for name, value in form.items():
        found = _CONTROL.fullmatch(name)
        if found is not None:
            row = rows.setdefault(int(found["index"]), _Row())
            _put(row, found["column"], value, is_answer=found["confirm"] is not None)
    removed = form.get("remove", "")
    is_removal = removed.isascii() and removed.isdigit() and len(removed) <= 4
    removed_index = int(removed) if is_removal else None
    submitted = [_submitted(index, row) for index, row in sorted(rows.items())[:MOST_ROWS]]
    return SentTable(
        tuple(_without_new(row, removed_index) for row in submitted),
        "remove" if is_removal else form.get("act", "continue"),
        form.get("note"),
        form.get("note-before", ""),
        removed_index,
    )


def _without_new(row: SubmittedLine, removed: int | None) -> SubmittedLine:
    """A row that was never kept is taken out at once; a kept one is asked about on a page of its own."""
    return replace(row, is_removed=True) if row.index == removed and row.version is None else row


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _put(row: _Row, column: str, value: str, *, is_answer: bool) -> None:
    if column.startswith("parameters-"):
        column = PARAMETER + column.removeprefix("parameters-")
    if is_answer:
        row.confirmed[column] = value
    elif column in COLUMNS or column.startswith(PARAMETER):
        row.values[column] = value
    else:
        row.hidden[column] = value


def _submitted(index: int, row: _Row) -> SubmittedLine:
    return SubmittedLine(
        index,
        row.values,
        key=uid_of(row.hidden.get("key", "")),
        version=version_of(row.hidden.get("version", "")),
        confirmed=row.confirmed,
        is_removed="removed" in row.hidden,
    )


def uid_of(text: str) -> UUID | None:
    """A public id, or None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def version_of(text: str) -> int | None:
    """The version of a row, None for a new one; anything that is no number is nobody's version, so 0."""
    if not text:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION
    return int(text) if is_number else 0


def number_locale() -> str:
    """How this reader writes numbers: the page's language, unless the browser prefers one that writes decimal commas."""
    preferred: Iterable[str] = request.accept_languages.values()
    first = next(iter(preferred), "").split("-")[0]
    return first if first and writes_comma(first) else current().code
