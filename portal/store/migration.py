"""Brings a database to the tables of this release, one process at a time, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from portal.resources import MIGRATIONS
from portal.store.base import Database

# Any number will do, as long as every process of this portal takes the same one.
MIGRATION_LOCK = 20_260_101


class WrongRevision(RuntimeError):
    """The database is not at the revision that this release was written for."""

    def __init__(self, found: str | None, wanted: str) -> None:
        self.found, self.wanted = found, wanted
        super().__init__(
            f"The database is at revision {found or 'none'}, this release needs {wanted}. "
            "Run `portal init`, which brings the tables up to date and keeps their rows. "
            "If the database is newer than this release, install the release it belongs to."
        )


def alembic_config(connection: Connection | None = None) -> Config:
    """Return alembic's configuration, without any file and with the connection to work on."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


@cache
def head_revision() -> str:
    """Return the revision that this release needs; reading the migrations takes longer than making a page."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise RuntimeError(f"no migration was found in {MIGRATIONS}")
    return head


def known_revisions() -> list[str]:
    """Return every revision that this release knows, the oldest first."""
    script = ScriptDirectory.from_config(alembic_config())
    return [each.revision for each in script.walk_revisions()][::-1]


def current_revision(database: Database) -> str | None:
    """Return the revision that the database is at, or None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def revision_in(session: Session) -> str | None:
    """Return the revision that a session's database is at."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def require_head(database: Database) -> None:
    """Raise WrongRevision unless the database is at the revision that this release needs."""
    found, wanted = current_revision(database), head_revision()
    if found != wanted:
        raise WrongRevision(found, wanted)


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to a revision in one transaction; others who try at once wait, then find it done."""
    with alone(url) as connection:
        upgrade_within(connection, revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Bring the database up to a revision in a transaction of `alone` that does more than that."""
    command.upgrade(alembic_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to a revision in one transaction."""
    with alone(url) as connection:
        command.downgrade(alembic_config(connection), revision)


@contextmanager
def alone(url: str) -> Iterator[Connection]:
    """One transaction in which nobody else migrates, and foreign keys are looked at when it ends."""
    database = Database(url, pool_size=1)
    if database.is_sqlite:
        event.listen(database.engine, "connect", _leave_foreign_keys_alone)
    try:
        with database.engine.begin() as connection:
            if not database.is_sqlite:  # SQLite's BEGIN IMMEDIATE is such a lock already
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            yield connection
            if database.is_sqlite:
                _check_foreign_keys(connection)
    finally:
        database.dispose()


def _leave_foreign_keys_alone(connection: sqlite3.Connection, record: object) -> None:
    # Rebuilding a parent table with them ON silently deletes every child row by ON DELETE CASCADE.
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA busy_timeout=120000")


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(
            f"the migration would leave {len(broken)} rows that point at nothing, "
            f"the first in {broken[0][0]}; nothing was changed"
        )
