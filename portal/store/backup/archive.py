"""The archive inside a sealed file: a plain tar, written and read in one go, never held in memory.

    about.json                           what it is: moment, engine, revision, tables with their columns
    database/<table>/000001.jsonl.gz     rows of a table, some at a time (see plain.py)
    storage/<path>                       files of the storage folder
    manifest.json                        rows and SHA-256 of each table, the ledger's root, what was wrong

The archive of the keys holds `about.json` and `keys/<path>`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from portal.store.backup.sealing import Damaged

FORMAT = 1
ABOUT, MANIFEST = "about.json", "manifest.json"
DATABASE, STORAGE, KEYS = "database", "storage", "keys"
_AT_ONCE = 256 * 1024
# Lines are packed in pieces of this size, so that neither side needs to know how many there are.
_LINES_AT_ONCE = 1024 * 1024


class Sink(Protocol):
    """What the archive is written into."""

    def write(self, data: bytes, /) -> int:
        """Take all of the bytes."""


class Source(Protocol):
    """What gives bytes piece by piece."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it went into the archive: its SHA-256 and how many bytes."""

    sha256: str
    size: int


class Hashing:
    """A stream that hashes and counts what is read from it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes of the stream."""
        data = self._source.read(size)
        self._digest.update(data)
        self._size += len(data)
        return data

    def written(self) -> Written:
        """What was read so far."""
        return Written(self._digest.hexdigest(), self._size)

    def finished(self) -> Written:
        """What the whole stream was, after reading on to its end."""
        while self.read(_AT_ONCE):
            pass
        return self.written()


class _Counted:
    """A sink that knows how much it took, as a tar must."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._size = 0

    def write(self, data: bytes) -> int:
        self._size += self._sink.write(data)
        return len(data)

    def tell(self) -> int:
        return self._size


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive; its stream is read before the next member is asked for."""

    parts: tuple[str, ...]
    mode: int
    stream: Source

    @property
    def room(self) -> str:
        """The first part of its name: which kind of thing it is."""
        return self.parts[0]

    @property
    def path(self) -> PurePosixPath:
        """Where it lies below its room."""
        return PurePosixPath(*self.parts[1:])

    def json(self) -> Any:
        """What a JSON file says."""
        return json.loads(self.stream.read())

    def lines(self) -> list[bytes]:
        """The lines of a packed piece of a table."""
        return gzip.decompress(self.stream.read()).splitlines(keepends=True)


class ArchiveWriter:
    """Writes members one after the other; `close` ends the archive, not what it is written into."""

    def __init__(self, sink: Sink) -> None:
        self._tar = tarfile.TarFile(
            fileobj=_Counted(sink),  # type: ignore[arg-type]  # it is only written to
            mode="w",
            format=tarfile.PAX_FORMAT,
            copybufsize=_AT_ONCE,
        )

    def add_json(self, name: str, value: Mapping[str, object]) -> None:
        """Add a small file of JSON."""
        self._add_bytes(name, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")

    def add_lines(self, table: str, lines: Iterable[bytes]) -> None:
        """Add a table's lines, packed some at a time."""
        waiting, size, number = [], 0, 0
        for line in lines:
            waiting.append(line)
            size += len(line)
            if size >= _LINES_AT_ONCE:
                number += 1
                self._add_piece(table, number, waiting)
                waiting, size = [], 0
        if waiting:
            self._add_piece(table, number + 1, waiting)

    def add_file(self, name: str, path: Path) -> Written:
        """Add a file with its mode, and tell what its bytes were."""
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            info = tarfile.TarInfo(name)
            info.size, info.mode = found.st_size, found.st_mode & 0o777
            info.mtime = int(found.st_mtime)
            hashing = Hashing(file)
            self._add(info, hashing)
            return hashing.written()

    def close(self) -> None:
        """Write the archive's end."""
        self._tar.close()

    def _add_piece(self, table: str, number: int, lines: list[bytes]) -> None:
        packed = gzip.compress(b"".join(lines), compresslevel=1, mtime=0)
        self._add_bytes(f"{DATABASE}/{table}/{number:06}.jsonl.gz", packed)

    def _add_bytes(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        self._add(info, BytesIO(data))

    def _add(self, info: tarfile.TarInfo, stream: Source) -> None:
        self._tar.addfile(info, stream)
        # The library would keep a record of every member until the end.
        self._tar.members.clear()  # type: ignore[attr-defined]  # known to the class, not to its stub


def members(source: Source) -> Iterator[Member]:
    """The members of an archive in their order, each with a name that leads nowhere else."""
    try:
        with tarfile.open(fileobj=source, mode="r|", bufsize=_AT_ONCE) as tar:  # type: ignore[call-overload]  # a stream is only read
            while (info := tar.next()) is not None:
                stream = tar.extractfile(info)
                if stream is None:
                    raise Damaged(f"The archive holds {info.name!r}, which is no plain file.")
                yield Member(_parts(info.name), info.mode & 0o777, stream)
                tar.members.clear()
    except tarfile.TarError as error:
        raise Damaged(f"The archive inside the file can't be read: {error}") from error


def _parts(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise Damaged(f"The archive holds a file whose name leads elsewhere: {name!r}.")
    return path.parts
