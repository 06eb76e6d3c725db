"""The published log: static files in one folder, each written whole, the checkpoint last."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from portal.domain.ledger.tiles import WIDTH, Tile, first_of

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
        aside = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        try:
            with aside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(place)
        finally:
            aside.unlink(missing_ok=True)

    def drop_parts_of(self, tile: Tile) -> None:
        """Remove the partial forms of a tile that is full now."""
        shutil.rmtree(self.path / f"{tile.path()}.p", ignore_errors=True)

    def _cut(self, tile: Tile) -> bytes | None:
        whole = self.path / replace(tile, width=WIDTH).path()
        widths = (int(each.name) for each in whole.with_name(f"{whole.name}.p").glob("[0-9]*"))
        for width in (WIDTH, *sorted(width for width in widths if width > tile.width)):
            fuller = self.path / replace(tile, width=width).path()
            with suppress(FileNotFoundError):
                return first_of(tile, fuller.read_bytes())
        return None

    def _place(self, name: str) -> Path:
        if name not in NAMED and Tile.read(name) is None:
            raise ValueError(f"{name!r} is no name of the published log")
        return self.path / name
