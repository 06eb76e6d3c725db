"""Counts the SQL statements that go to a database, and the connections that are in use at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from portal.store.base import Database

HOUSEKEEPING = ("PRAGMA", "BEGIN", "SET ")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements of the block, without those that only open a transaction."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(HOUSEKEEPING):
            found.append(" ".join(statement.split())[:160])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def connections_at_once(database: Database) -> Iterator[list[int]]:
    """Collect, at each connection that is taken from the pool, how many are out then."""
    pool, out, found = database.engine.pool, 0, []

    def taken(*_about: Any) -> None:
        nonlocal out
        out += 1
        found.append(out)

    def given_back(*_about: Any) -> None:
        nonlocal out
        out -= 1

    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given_back)
    try:
        yield found
    finally:
        event.remove(pool, "checkout", taken)
        event.remove(pool, "checkin", given_back)
