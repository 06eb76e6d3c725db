"""Files beneath a folder: found for a backup, and put into their places by a restore, or taken away again."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from uuid import uuid4

from portal.store.backup.archive import Source
from portal.store.durable_files import flush_folder

_AT_ONCE = 256 * 1024
# Where uploads wait, and where a restore writes what it then moves into place: neither is kept.
INCOMING, RESTORING = "incoming", "restoring"


class Occupied(Exception):
    """Something else is where the restore would put its own; the message says what, and what to do."""


def files_beneath(root: Path) -> Iterator[PurePosixPath]:
    """Every plain file beneath a folder, in order and relative to it; none when there is no folder."""
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names.sort()
        if here == root:
            names[:] = [name for name in names if name not in (INCOMING, RESTORING)]
        for name in sorted(files):
            path = here / name
            if path.is_file() and not path.is_symlink():
                yield PurePosixPath(path.relative_to(root))


class Placing:
    """Puts files beneath a folder so that `undo` can take them away again, and a killed run leaves only whole ones."""

    def __init__(self, root: Path, *, folder_mode: int) -> None:
        self._root = root
        self._mode = folder_mode
        self._waiting = root / RESTORING
        self._placed: list[Path] = []
        self._made: list[Path] = []

    def place(self, relative: PurePosixPath, stream: Source, mode: int) -> None:
        """Write a file to the disk and move it to its place; one that is there already must be the same."""
        path = self._root / relative
        self._make(path.parent)
        self._make(self._waiting)
        written = self._waiting / uuid4().hex
        digest = _write(written, stream, mode)
        if path.exists():
            written.unlink()
            _demand_same(path, digest)
            return
        written.rename(path)
        self._placed.append(path)

    def finish(self) -> None:
        """Flush the folders, and leave nothing but what was restored."""
        shutil.rmtree(self._waiting, ignore_errors=True)
        for folder in {path.parent for path in self._placed} | {each.parent for each in self._made}:
            if folder.is_dir():
                flush_folder(folder)

    def undo(self) -> None:
        """Take away what this run has put there, and the folders that it made."""
        shutil.rmtree(self._waiting, ignore_errors=True)
        for path in self._placed:
            path.unlink(missing_ok=True)
        for folder in reversed(self._made):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(mode=self._mode, exist_ok=True)
            self._made.append(folder)


def _write(path: Path, stream: Source, mode: int) -> str:
    digest = hashlib.sha256()
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        while data := stream.read(_AT_ONCE):
            digest.update(data)
            file.write(data)
        file.flush()
        os.fchmod(handle, mode)
        os.fsync(handle)
    return digest.hexdigest()


def _demand_same(path: Path, digest: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise Occupied(
                f"{path} is there already and differs from the backup's. Restore into an empty folder."
            )
