"""The published log: static files in one folder, each written whole, the checkpoint last."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from portal.domain.ledger.tiles import WIDTH, Tile, first_of
from portal.store.durable_files import flush_folder, locked, write_whole

CHECKPOINT = "checkpoint"
KEYS = "keys"
REVOCATIONS = "revocations"
CA = "ca.pem"
NAMED = frozenset({CHECKPOINT, KEYS, REVOCATIONS, CA})


@dataclass(frozen=True, slots=True)
class LogFolder:
    """The files beneath the log's address; a web server may serve the folder as it stands."""

    path: Path

    def read(self, name: str) -> bytes | None:
        """The bytes under a name, None where nothing is published under it.

        Part of a tile is cut from a fuller one where it has no file of its own: what is in a tile never changes.
        """
        place = self._place(name)
        tile = Tile.read(name)
        with suppress(FileNotFoundError, NotADirectoryError):
            return place.read_bytes()
        return None if tile is None or tile.is_full else self._cut(tile)

    def write(self, name: str, content: bytes) -> None:
        """Publish bytes under a name, so that a reader sees the old file or the new one and never half of one."""
        place = self._place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, content)

    def flush(self, names: Iterable[str]) -> None:
        """Put the names on the disk, so that what is written from now on can't outlast them in a crash."""
        above = {folder for name in names for folder in self._place(name).parents}
        for folder in sorted(each for each in above if each.is_relative_to(self.path)):
            flush_folder(folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Publish alone: who signed first publishes first, so that no older list ever takes a newer one's place."""
        self.path.mkdir(parents=True, exist_ok=True)
        with locked(self.path):
            yield

    def drop_parts_of(self, tile: Tile) -> None:
        """Remove the partial forms of a tile that is full now."""
        shutil.rmtree(self.path / f"{tile.path()}.p", ignore_errors=True)

    def _cut(self, tile: Tile) -> bytes | None:
        for width in (*self._wider(tile), WIDTH):
            with suppress(FileNotFoundError):
                fuller = self.path / replace(tile, width=width).path()
                return first_of(tile, fuller.read_bytes())
        return None

    def _wider(self, tile: Tile) -> list[int]:
        """How wide the parts are that hold this one; they go when the tile is full, and are looked for before it."""
        parts = (self.path / tile.path()).parent
        with suppress(FileNotFoundError):
            widths = (int(each.name) for each in parts.iterdir() if each.name.isdigit())
            return sorted(width for width in widths if width > tile.width)
        return []

    def _place(self, name: str) -> Path:
        if name not in NAMED and Tile.read(name) is None:
            raise ValueError(f"{name!r} is no name of the published log")
        return self.path / name
