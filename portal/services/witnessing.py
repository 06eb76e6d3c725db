"""Witnessing another log: each checkpoint that it shows must be signed, and its log must begin with all that was seen before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from portal.domain.ledger import checkpoints
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.notes import COSIGNATURE, NotANote, Note, SigningKey
from portal.domain.ledger.tile_hashes import TileHashes
from portal.domain.ledger.tiles import Tile
from portal.store.keys import new_log_key, write_private
from portal.store.log_files import CHECKPOINT, KEYS, LogFolder


class NoLogKey(LookupError):
    """The first look needs the key of the log, and none was given."""


@dataclass(slots=True)
class Witness:
    """What one witness keeps in a folder of one log; `fetch` gives the bytes that the log shows under a name.

    Raised are NotANote, NotSigned and NotProven for what the log shows, NoTile and whatever `fetch` raises for what
    could not be looked at.
    """

    folder: Path
    name: str
    fetch: Callable[[str], bytes]
    shown: str = ""
    _fetched: dict[Tile, bytes] = field(default_factory=dict)

    def look(self, log_key: str | None, moment: datetime) -> str:
        """Fetch, compare, keep; returns what to tell."""
        ring = self._ring(log_key)
        self.shown = self._text(CHECKPOINT)
        newest = Checkpoint.read(Note.read(self.shown).text)
        checkpoints.opened(self.shown, ring.for_size(newest.size))
        seen = self._seen()
        if seen is not None and newest.size < seen.size:
            return self._older(newest, seen)
        tiles = TileHashes(newest.size, self._tile)
        tiles.check(newest)
        if seen is not None:
            tiles.check_growth(seen, newest)
        self._keep(newest, moment)
        if seen is None:
            return f"First look: {newest.size} entries of {newest.origin}."
        return (
            f"The log grew from {seen.size} to {newest.size} entries and holds all that was seen."
        )

    def keep_as_evidence(self, moment: datetime) -> Path:
        """Keep what the log showed and could not be brought together with what was seen."""
        place = self.folder / f"conflict-{moment:%Y%m%dT%H%M%S}.checkpoint"
        place.write_text(self.shown, encoding="utf-8")
        return place

    def _older(self, newest: Checkpoint, seen: Checkpoint) -> str:
        """An old checkpoint is no lie as long as what was seen since begins with it."""
        tiles = TileHashes(seen.size, self._tile)
        tiles.check(seen)
        tiles.check_growth(newest, seen)
        return f"The log shows {newest.size} entries, fewer than the {seen.size} seen; they agree."

    def _ring(self, given: str | None) -> KeyRing:
        """The keys that are trusted: what was given at first, and what those keys have announced since."""
        place = self.folder / "log-keys"
        if place.exists():
            trusted = KeyRing.read(place.read_text(encoding="utf-8"))
        elif given is not None:
            trusted = KeyRing.read(given)
        else:
            raise NoLogKey
        self.shown = self._text(KEYS)
        ring = KeyRing.read(self.shown)
        if ring.origin != trusted.origin:
            raise NotANote(f"this is the log {ring.origin} and not {trusted.origin}")
        Note.read(self.shown).signed_by(trusted.every())
        place.write_text(self.shown, encoding="utf-8")
        return ring

    def _seen(self) -> Checkpoint | None:
        kept = LogFolder(self.folder).read(CHECKPOINT)
        return None if kept is None else Checkpoint.read(Note.read(kept.decode()).text)

    def _keep(self, newest: Checkpoint, moment: datetime) -> None:
        """Keep the tiles and the checkpoint, now that they are known to belong together."""
        kept = LogFolder(self.folder)
        for tile, content in self._fetched.items():
            kept.write(tile.path(), content)
        note = checkpoints.cosigned(Note.read(self.shown), self._key(), moment).written()
        history = self.folder / "checkpoints"
        history.mkdir(exist_ok=True)
        (history / f"{newest.size:012d}.checkpoint").write_text(note, encoding="utf-8")
        kept.write(CHECKPOINT, note.encode())

    def _key(self) -> SigningKey:
        place = self.folder / "witness.key"
        if not place.exists():
            made = SigningKey(self.name, new_log_key(self.name).seed, COSIGNATURE)
            write_private(place, made.text().encode())
        return SigningKey.read(place.read_text(encoding="utf-8"))

    def _tile(self, tile: Tile) -> bytes | None:
        kept = LogFolder(self.folder).read(tile.path())
        if kept is None:
            kept = self._fetched[tile] = self.fetch(tile.path())
        return kept

    def _text(self, name: str) -> str:
        try:
            return self.fetch(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotANote(f"{name} is no text") from error
