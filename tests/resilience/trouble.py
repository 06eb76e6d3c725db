"""Lets the machine and the database fail at a chosen step: the i-th statement, commit or act on a file."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from portal.store import blobs


def database_away() -> Exception:
    """What a statement raises when the database doesn't answer in time."""
    return OperationalError("", {}, sqlite3.OperationalError("database is locked"))


def database_full() -> Exception:
    """What a statement raises when the database has no room left."""
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorcode = sqlite3.SQLITE_FULL  # type: ignore[attr-defined]  # what sqlite3 sets itself
    return OperationalError("", {}, cause)


def connection_broken() -> Exception:
    """What a COMMIT raises when the server is gone before it has answered."""
    return OperationalError("", {}, psycopg.OperationalError("gone"), connection_invalidated=True)


def no_room() -> Exception:
    """What an act on a file raises when the disk is full."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@dataclass(slots=True)
class Trouble:
    """Counts steps and fails at the one that is set; 0 only counts. `wanted` says which steps count."""

    fails_at: int = 0
    wanted: Callable[[str], bool] = lambda step: True
    error: Callable[[], Exception] = database_away
    steps: list[str] = field(default_factory=list)
    has_failed: bool = False

    def pass_by(self, step: str) -> None:
        """Count a step, and fail when it is the one."""
        if not self.wanted(step):
            return
        self.steps.append(step)
        if len(self.steps) == self.fails_at:
            self.has_failed = True
            raise self.error()


@contextmanager
def in_database(engine: Engine, trouble: Trouble) -> Iterator[Trouble]:
    """Let every statement and every commit of an engine pass by the trouble."""

    def statement(
        _connection: object, _cursor: object, text: str, _parameters: object, *_more: object
    ) -> None:
        trouble.pass_by(text)

    def commit(connection: Connection) -> None:
        try:
            trouble.pass_by("COMMIT")
        except OperationalError:
            # A server that refuses a COMMIT has ended the transaction; a file that does leaves it open.
            if engine.dialect.name == "postgresql":
                connection.connection.rollback()
            raise

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield trouble
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


@contextmanager
def in_files(trouble: Trouble) -> Iterator[Trouble]:
    """Let every act of the blob folder on a file pass by the trouble: making, opening, writing, flushing, renaming."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blobs.os, "open", _passing("open", os.open, trouble))
        patch.setattr(blobs.os, "fsync", _passing("fsync", os.fsync, trouble))
        patch.setattr(blobs.os, "utime", _passing("utime", os.utime, trouble))
        patch.setattr(blobs.os, "fdopen", _writing(os.fdopen, trouble))
        for name in ("replace", "mkdir"):
            plain = getattr(blobs.Path, name)
            patch.setattr(blobs.Path, name, _passing(name, plain, trouble))
        yield trouble


def _passing(step: str, plain: Callable[..., Any], trouble: Trouble) -> Callable[..., Any]:
    def passing(*arguments: Any, **named: Any) -> Any:
        trouble.pass_by(step)
        return plain(*arguments, **named)

    return passing


def _writing(plain: Callable[..., Any], trouble: Trouble) -> Callable[..., Any]:
    """Opened files whose writing passes by the trouble."""

    def opening(*arguments: Any, **named: Any) -> Any:
        return _File(plain(*arguments, **named), trouble)

    return opening


class _File:
    def __init__(self, file: Any, trouble: Trouble) -> None:
        self._file = file
        self._trouble = trouble

    def write(self, data: bytes) -> int:
        self._trouble.pass_by("write")
        return int(self._file.write(data))

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):
            self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
