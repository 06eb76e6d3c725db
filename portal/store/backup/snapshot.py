"""A frozen look at a database while others go on writing to it, on either engine."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import StaticPool

from portal.store.base import Database
from portal.store.migration import MIGRATION_LOCK


class NoSnapshot(Exception):
    """The database can't be frozen now; the message says why and what to do."""


@contextmanager
def frozen(database: Database) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is committed meanwhile."""
    look = _copied if database.is_sqlite else _held
    with look(database) as connection:
        yield connection


@contextmanager
def _held(database: Database) -> Iterator[Connection]:
    """PostgreSQL: one transaction that sees one moment and keeps nobody from writing."""
    engine = database.engine.execution_options(write=False)
    with engine.connect() as connection, connection.begin():
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text("SELECT set_config(:name, '0', true)"), {"name": setting})
        # A migration rewrites tables, and an older look at a rewritten table finds it empty.
        is_quiet = connection.scalar(
            text("SELECT pg_try_advisory_xact_lock_shared(:lock)"), {"lock": MIGRATION_LOCK}
        )
        if not is_quiet:
            raise NoSnapshot("A migration is running. Try again when it has ended.")
        yield connection


@contextmanager
def _copied(database: Database) -> Iterator[Connection]:
    """SQLite: a copy made by its own backup interface, page by page under its read lock.

    Reading the database itself for as long as a backup takes would keep writers waiting for all that time.
    """
    path = Path(database.url.database or "")
    if not path.is_file():
        raise NoSnapshot(f"{path} is not there yet: `portal init` lays it.")
    with closing(_private_copy(path)) as copy:
        # The copy has lost its name already, so it can't take a second connection.
        engine = create_engine("sqlite://", creator=lambda: copy, poolclass=StaticPool)
        with engine.connect() as connection:
            yield connection


def _private_copy(path: Path) -> sqlite3.Connection:
    """A copy beside the original, where nobody else may read either, and which is gone when it is closed."""
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=path.parent))
    place = folder / "copy.sqlite3"
    try:
        with (
            closing(sqlite3.connect(place)) as copy,
            closing(sqlite3.connect(path, timeout=60)) as original,
        ):
            copy.execute("PRAGMA journal_mode=OFF")
            copy.execute("PRAGMA synchronous=OFF")
            original.execute("PRAGMA trusted_schema=OFF")
            original.backup(copy)
        # Nobody writes to it, so SQLite needs no journal beside it, whatever the original keeps.
        address = f"{place.absolute().as_uri()}?immutable=1"
        opened = sqlite3.connect(address, uri=True, check_same_thread=False)
        opened.execute("PRAGMA trusted_schema=OFF")
        return opened
    finally:
        # The open file stays until it is closed, so that a killed backup leaves no copy behind.
        shutil.rmtree(folder)


def faults(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong with a frozen look, in words; PostgreSQL tells while it is read."""
    if connection.dialect.name != "sqlite":
        return []
    found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(3)")]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    said = [] if found == ["ok"] else [f"SQLite finds the database damaged: {found[0]}"]
    if broken:
        said.append(f"{len(broken)} rows point at nothing, the first in {broken[0][0]}")
    return said
