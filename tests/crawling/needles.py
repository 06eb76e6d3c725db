"""What gives a member away in an answer that is meant for somebody else: letters, ids, digests, numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, or_, select
from sqlalchemy.orm import Session

from portal.store import tables
from tests.factories.marked import MarkedShelf
from tests.factories.marks import found_in, known_by

LEAST_DIGITS = 7  # fewer are shared by chance
UID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,#-])(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?(?![\w-])")
_SEPARATORS = str.maketrans("", "", ",\u00a0\u202f")
# Member-owned tables are those that lead to a member by foreign keys; an account may belong to the alliance's own side.
_OF_NOBODY = {"org_unit", "alliance", "edition_trial"}


@dataclass(frozen=True, slots=True)
class Trace:
    """Something of a member in an answer; `what` is the field of a text, or the column of anything else."""

    owner: str
    what: str


@dataclass
class Needles:
    """Everything that is known to belong to one member only, by how it is written."""

    owners: dict[str, str] = field(default_factory=dict)
    exact: dict[str, Trace] = field(default_factory=dict)
    numbers: dict[str, Trace] = field(default_factory=dict)

    def traces(self, text: str) -> Iterator[Trace]:
        """Everything in a text that belongs to some member."""
        for found in found_in(text):
            if owner := self.owners.get(found.letters):
                yield Trace(owner, found.field)
        for pattern in (UID, _DIGEST):
            for match in pattern.finditer(text):
                if trace := self.exact.get(match[0].lower()):
                    yield trace
        for match in _NUMBER.finditer(text):
            if trace := self.numbers.get(_plain(match[0].translate(_SEPARATORS))):
                yield trace


def needles_of(session: Session, shelves: Iterable[MarkedShelf]) -> Needles:
    """Read what each member has from the database; what two of them share gives neither away."""
    found = Needles()
    exact: dict[str, set[Trace]] = defaultdict(set)
    numbers: dict[str, set[Trace]] = defaultdict(set)
    for shelf in shelves:
        owner = shelf.mark.letters
        found.owners[known_by(shelf.mark)] = owner
        for table, row in _rows_of(session, shelf.member.id):
            for column, value in row.items():
                trace = Trace(owner, f"{table.name}.{column}")
                if isinstance(value, UUID):
                    exact[str(value)].add(trace)
                elif isinstance(value, str) and _DIGEST.fullmatch(value):
                    exact[value].add(trace)
                elif isinstance(value, Decimal):
                    for written in _as_written(value):
                        numbers[written].add(trace)
    found.exact = _of_one(exact)
    found.numbers = _of_one(numbers)
    return found


def _rows_of(session: Session, member_id: int) -> Iterator[tuple[Table, Mapping[str, Any]]]:
    """The member's row, and every row that leads to it by foreign keys."""
    ids: dict[str, set[Any]] = {}
    for table in tables.metadata.sorted_tables:
        leading = _leading(table, ids)
        if table.name == "member":
            leading = [table.c.id == member_id]
        if leading and table.name not in _OF_NOBODY:
            rows = session.execute(select(table).where(or_(*leading))).mappings().all()
            ids[table.name] = {row["id"] for row in rows} if "id" in table.c else set()
            yield from ((table, row) for row in rows)


def _leading(table: Table, ids: Mapping[str, set[Any]]) -> list[ColumnElement[bool]]:
    return [
        column.in_(ids[key.column.table.name])
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in ids and key.column.name == "id"
    ]


def _as_written(value: Decimal) -> set[str]:
    """The ways in which a page may print an amount, in its own unit and in a thousand of them."""
    written = set()
    for each in (value, value / 1000):
        for places in range(7):
            plain = _plain(f"{abs(each):.{places}f}")
            if len(plain.replace(".", "").lstrip("0")) >= LEAST_DIGITS:
                written.add(plain)
    return written


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _of_one(found: Mapping[str, set[Trace]]) -> dict[str, Trace]:
    return {
        written: min(traces, key=lambda trace: trace.what)
        for written, traces in found.items()
        if len({trace.owner for trace in traces}) == 1
    }
