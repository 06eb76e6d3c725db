"""Reading the ledger as it lies in the database, entry by entry, however somebody has spoiled it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, String, select, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.domain.ledger.facts import Entry, Fact
from portal.store.base import AnySelect
from portal.store.ledger import LedgerEntry

CHUNK = 5000
# Stands in for a leaf that is none; no entry has it.
NO_LEAF = bytes(32)


@dataclass(frozen=True, slots=True)
class Scanned:
    """One row: `entry` is None where it can't be read as one; `leaf` is what is kept as its hash."""

    sequence: int
    entry: Entry | None
    leaf: bytes


def scan(session: Session) -> Iterator[Sequence[Scanned]]:
    """All rows by their sequence, so many at a time, so that memory stays small."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    query = _query(is_sqlite=is_sqlite)
    fact_of = _fact_as_spelled if is_sqlite else Fact
    last: int | None = None
    while True:
        after = query if last is None else query.where(LedgerEntry.sequence > last)
        found = _chunk(session, after, fact_of)
        if not found:
            return
        yield found
        last = found[-1].sequence


def scan_between(session: Session, start: int, end: int) -> Sequence[Scanned]:
    """The rows from one sequence up to before another, at most as many as `scan` reads at a time."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    query = _query(is_sqlite=is_sqlite).where(
        LedgerEntry.sequence >= start, LedgerEntry.sequence < end
    )
    return _chunk(session, query, _fact_as_spelled if is_sqlite else Fact)


def _query(*, is_sqlite: bool) -> AnySelect:
    """SQLite gives moments and JSON as the text that was written, so that another spelling of the same is seen too."""

    def kept(column: Any) -> ColumnElement[Any]:
        return type_coerce(column, String) if is_sqlite else column

    return (
        select(
            LedgerEntry.sequence,
            kept(LedgerEntry.at),
            LedgerEntry.kind,
            LedgerEntry.actor,
            LedgerEntry.on_behalf_of,
            LedgerEntry.subject,
            LedgerEntry.before,
            LedgerEntry.after,
            kept(LedgerEntry.detail),
            LedgerEntry.salt,
            LedgerEntry.leaf,
        )
        .order_by(LedgerEntry.sequence)
        .limit(CHUNK)
    )


def _chunk(session: Session, query: AnySelect, fact_of: Callable[..., Fact]) -> list[Scanned]:
    try:
        return [_scanned(row, fact_of) for row in session.execute(query).all()]
    except DBAPIError:
        # Text that is no UTF-8 breaks the whole answer: row by row it breaks only its own.
        keys = query.with_only_columns(LedgerEntry.sequence)
        return [_alone(session, query, key, fact_of) for key in session.scalars(keys).all()]


def _alone(
    session: Session, query: AnySelect, sequence: int, fact_of: Callable[..., Fact]
) -> Scanned:
    own = LedgerEntry.sequence == sequence
    try:
        return _scanned(session.execute(query.where(own)).one(), fact_of)
    except DBAPIError:
        return Scanned(sequence, None, NO_LEAF)


def _scanned(row: Row[*tuple[Any, ...]], fact_of: Callable[..., Fact]) -> Scanned:
    *parts, salt, leaf = row
    try:
        entry = Entry(fact_of(*parts), salt)
    except (ValueError, TypeError):
        return Scanned(row.sequence, None, _as_leaf(leaf))
    return Scanned(row.sequence, entry, _as_leaf(leaf))


def _as_leaf(kept: object) -> bytes:
    return kept if isinstance(kept, bytes) and len(kept) == len(NO_LEAF) else NO_LEAF


def _fact_as_spelled(sequence: int, at: str, *parts: str) -> Fact:
    """The fact of a row of SQLite; raises ValueError for a moment or JSON that the portal would have written otherwise."""
    moment = datetime.fromisoformat(at)
    *words, written = parts
    detail = json.loads(written)
    if moment.isoformat(" ", "microseconds") != at or json.dumps(detail) != written:
        raise ValueError("another spelling than the portal's")
    kind, actor, on_behalf_of, subject, before, after = words
    return Fact(
        sequence,
        moment.replace(tzinfo=UTC),
        kind,
        actor,
        on_behalf_of,
        subject,
        before,
        after,
        detail,
    )
