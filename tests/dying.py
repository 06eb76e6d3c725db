"""Processes that are killed in the middle of their work; a module of its own, so that they start quickly."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import count
from multiprocessing.synchronize import Event
from pathlib import Path

from sqlalchemy import event

from portal.services import restoring
from portal.services.backups import Places
from portal.store import migration
from portal.store.backup.folders import Placing
from portal.store.base import Database


def restore_and_die(places: Places, file: Path, passphrase: str) -> None:
    """Restore, and be killed when all files are in their places but nothing is committed yet."""
    Placing.finish = lambda self: _die()
    with file.open("rb") as opened:
        restoring.restore(places, opened, passphrase)


def migrate_and_die(url: str, revision: str, statement: int) -> None:
    """Bring a database to another revision, and be killed at a statement; a change with fewer of them ends well."""
    numbers = count(1)
    watch_statements(lambda: _die() if next(numbers) == statement else None)
    migrate(url, revision)


def migrate_when_told(url: str, revision: str, is_ready: Event) -> None:
    """Say that everything is imported, then bring a database to another revision; somebody kills us meanwhile."""
    is_ready.set()
    migrate(url, revision)


def migrate(url: str, revision: str) -> None:
    """Bring a database to another revision, up or down."""
    database = Database(url)
    known = migration.known_revisions()
    is_down = known.index(revision) < known.index(migration.current_revision(database))
    database.dispose()
    change = migration.downgrade if is_down else migration.upgrade
    change(url, revision)


def watch_statements(act: Callable[[], object]) -> None:
    """Do something before each statement of every migration that this process runs from now on."""
    real = migration.Database

    def watched(url: str, *, pool_size: int) -> Database:
        database = real(url, pool_size=pool_size)
        event.listen(database.engine, "before_cursor_execute", lambda *_: act())
        return database

    migration.Database = watched


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
