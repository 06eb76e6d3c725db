"""Tells trouble of the machine from a fault of the portal: a database that is away, a disk that is full, no handles left."""

from __future__ import annotations

import errno
import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Outage(StrEnum):
    """What is the matter; nothing of what was asked for is done, and trying again later helps."""

    AWAY = "away"  # the database or the storage doesn't answer, is locked, or takes no writing
    FULL = "full"  # there is no room left


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_USE = frozenset(
    {
        errno.EROFS,
        errno.EIO,
        errno.EACCES,
        errno.EPERM,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EAGAIN,
        errno.ESTALE,
        errno.ENODEV,
        errno.ENXIO,
        errno.ENOTCONN,
    }
)
_DISK_FULL = "53100"
# Lost connections, transactions that the server undid, too little of something, an operator's act, the machine's fault.
_CLASSES_AWAY = frozenset({"08", "40", "53", "57", "58"})
# A server that only reads, and transactions that it ended because they lay idle or took too long.
_STATES_AWAY = frozenset({"25006", "25P03", "25P04"})


def outage_behind(error: BaseException | None) -> Outage | None:
    """The outage that an exception comes from; None when it is nothing but a fault of ours."""
    if isinstance(error, PoolTimeout):
        return Outage.AWAY
    if isinstance(error, DBAPIError):
        return _of_database(error)
    if isinstance(error, OSError):
        return _of_machine(error)
    return None


def _of_machine(error: OSError) -> Outage | None:
    if error.errno in _NO_ROOM:
        return Outage.FULL
    return Outage.AWAY if error.errno in _NO_USE else None


def _of_database(error: DBAPIError) -> Outage | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None) or ""
    if state == _DISK_FULL or (code is not None and code & 0xFF == sqlite3.SQLITE_FULL):
        return Outage.FULL
    is_away = (
        isinstance(error, OperationalError | InterfaceError)
        or error.connection_invalidated
        or state[:2] in _CLASSES_AWAY
        or state in _STATES_AWAY
    )
    return Outage.AWAY if is_away else None
