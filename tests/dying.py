"""Processes that are killed in the middle of their work; a module of its own, so that they start quickly."""

from __future__ import annotations

import os
import signal
from itertools import count
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
    """Migrate up or down, and be killed at a statement; a run with fewer of them ends well."""
    statements = count(1)

    def watch(*_: object) -> None:
        if next(statements) == statement:
            _die()

    real = migration.Database

    def watched(url: str, *, pool_size: int) -> Database:
        database = real(url, pool_size=pool_size)
        event.listen(database.engine, "before_cursor_execute", watch)
        return database

    migration.Database = watched
    knows_it = revision in migration.known_revisions()
    change = migration.upgrade if revision == "head" or knows_it else migration.downgrade
    change(url, revision)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
