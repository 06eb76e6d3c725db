"""Files that are written whole and survive a crash, and folders in which one process at a time may change things."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = ".lock"


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that a reader, or whoever comes after a crash, finds the old one or the new one, never half of one.

    Its bytes are on the disk when this returns; its name only after `flush_folder`.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def flush_folder(path: Path) -> None:
    """Put the names of a folder on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole; it is on the disk with its name when this returns."""
    write_whole(path, content, mode)
    flush_folder(path.parent)


def write_private(path: Path, content: bytes) -> None:
    """Write a file durably that only its owner may read."""
    write_durably(path, content, 0o600)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep the folder to this process and thread; others on this machine wait, and a crash lets them go on."""
    handle = os.open(folder / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
