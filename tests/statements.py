"""Counts the SQL statements that go to a database."""

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
