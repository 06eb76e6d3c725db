"""The blob folder: each content once, under its SHA-256, written so that what was acknowledged survives a crash."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Protocol
from uuid import uuid4

from portal.store.durable_files import flush_folder

_PIECE = 256 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
# The server's own group may read, for backups; nobody else sees anything.
_FILE_MODE, _FOLDER_MODE = 0o640, 0o750
_INCOMING = "incoming"


class Readable(Protocol):
    """Anything that gives its bytes piece by piece, as an upload does."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""


class TooLarge(Exception):
    """The stream has more bytes than allowed; `largest` says how many are."""

    def __init__(self, largest: int) -> None:
        super().__init__(f"more than {largest} bytes")
        self.largest = largest


@dataclass(frozen=True, slots=True)
class Received:
    """An upload in the waiting room: complete and hashed, but not kept yet. Size in bytes."""

    path: Path
    sha256: str
    size: int


class Blobs:
    """The folder at `root`, which must lie outside everything that a web server serves."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def receive(self, stream: Readable, *, largest: int) -> Iterator[Received]:
        """Write the stream into the waiting room, hashing on the way; what was not kept is gone at the end.

        Raises TooLarge as soon as one byte too many has come, without reading on.
        """
        path = self._folder(self.root / _INCOMING) / uuid4().hex
        try:
            with _created(path) as file:
                digest, size = _copy(stream, file, largest)
            yield Received(path, digest, size)
        finally:
            path.unlink(missing_ok=True)

    def keep(self, received: Received) -> None:
        """Move the upload to its place; both the file and its folder are on the disk when this returns."""
        place = self._place(received.sha256)
        try:
            os.utime(place)  # in use again, so no sweep takes it before its row is there
        except FileNotFoundError:
            self._folder(place.parent)
            received.path.replace(place)
        # Also when it was there: whoever put it there may have been killed before it was on the disk.
        flush_folder(place.parent)
        flush_folder(self.root)

    def path_of(self, sha256: str) -> Path:
        """Where a blob lies, for a child process that reads it; FileNotFoundError when it is not there."""
        place = self._place(sha256)
        if not place.is_file():
            raise FileNotFoundError(place)
        return place

    def open(self, sha256: str) -> BufferedReader:
        """Open a blob for reading; FileNotFoundError when it is not there."""
        return self._place(sha256).open("rb")

    def holds(self, sha256: str) -> bool:
        """Whether the blob is there."""
        return self._place(sha256).is_file()

    def is_intact(self, sha256: str) -> bool:
        """Whether the blob is there and still hashes to its name, as the nightly check asks."""
        if not self.holds(sha256):
            return False
        with self.open(sha256) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def remove(self, sha256: str) -> None:
        """Delete a blob that no row names any more; one that is gone already is no error."""
        self._place(sha256).unlink(missing_ok=True)

    def remove_if_older(self, sha256: str, before: datetime) -> bool:
        """Delete a blob that nobody kept again since the moment; False when somebody did, or it is gone already.

        It is put aside first: whoever keeps it in between finds nothing in its place and puts it there anew.
        """
        place = self._place(sha256)
        aside = self._folder(self.root / _INCOMING) / uuid4().hex
        if _written_at(place) >= before:
            return False
        place.rename(aside)
        if _written_at(aside) >= before:
            aside.replace(place)
            return False
        aside.unlink(missing_ok=True)
        return True

    def spool(self) -> BinaryIO:
        """A file without a name, beside the blobs, for what is put together from them; it is gone once it is closed."""
        return TemporaryFile(dir=self._folder(self.root / _INCOMING))

    def digests(self) -> Iterator[str]:
        """The SHA-256 of every blob there is, in order."""
        for place in sorted(self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f]*")):
            if _DIGEST.fullmatch(place.name):
                yield place.name

    def sweep(self, before: datetime) -> int:
        """Empty the waiting room of what a crash left there before the moment; returns how many files that were."""
        stale = [each for each in (self.root / _INCOMING).glob("*") if _written_at(each) < before]
        for each in stale:
            each.unlink(missing_ok=True)
        return len(stale)

    def _place(self, sha256: str) -> Path:
        """Only a digest ever becomes a path, so no name that a person typed can lead anywhere."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError("a blob is named by 64 hexadecimal digits")
        return self.root / sha256[:2] / sha256

    def _folder(self, folder: Path) -> Path:
        """Make the folder and those above it that are missing, each closed to others."""
        if not folder.is_dir():
            self._folder(folder.parent)
            folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            flush_folder(folder.parent)
        return folder


@contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """A new file that nobody else made, flushed to the disk when the block ends well."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, _FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), _FILE_MODE)
        yield file
        file.flush()
        os.fsync(file.fileno())


def _copy(stream: Readable, file: BinaryIO, largest: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(min(_PIECE, largest + 1 - size)):
        size += len(piece)
        if size > largest:
            raise TooLarge(largest)
        digest.update(piece)
        file.write(piece)
    return digest.hexdigest(), size


def _written_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)
