"""Witnessing another log: each checkpoint that it shows must be signed, and its log must begin with all that was seen before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from portal.domain.ledger import checkpoints
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.notes import COSIGNATURE, NotANote, Note, NotSigned, SigningKey
from portal.domain.ledger.tile_hashes import TileHashes
from portal.domain.ledger.tiles import WIDTH, Tile, first_of
from portal.store.durable_files import write_private, write_whole
from portal.store.keys import new_log_key
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
    shown: dict[str, bytes] = field(default_factory=dict)
    _fetched: dict[Tile, bytes] = field(default_factory=dict)

    def look(self, log_key: str | None, moment: datetime) -> str:
        """Fetch, compare, keep; returns what to tell.

        A key that is given is trusted beside those that are known: at the first look it is the only one, and later it
        helps when the log changed its key twice between two looks.
        """
        trusted = self._trusted(log_key)
        written = self._text(CHECKPOINT)
        # After the checkpoint, since the log publishes a new key before it publishes what that has signed.
        ring = self._ring(trusted)
        newest = Checkpoint.read(Note.read(written).text)
        checkpoints.opened(written, ring.for_size(newest.size))
        seen = self._seen()
        if seen is not None and newest.size < seen.size:
            return self._older(newest, seen)
        tiles = TileHashes(newest.size, self._tile)
        tiles.check(newest)
        if seen is not None:
            tiles.check_growth(seen, newest)
        self._keep(newest.size, Note.read(written), moment)
        if seen is None:
            return f"First look: {newest.size} entries of {newest.origin}."
        return (
            f"The log grew from {seen.size} to {newest.size} entries and holds all that was seen."
        )

    def keep_as_evidence(self, moment: datetime) -> Path:
        """Keep what the log showed and could not be brought together with what was seen; returns the folder."""
        place = self.folder / f"conflict-{moment:%Y%m%dT%H%M%S}"
        for name, content in self.shown.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(place / name, content)
        return place

    def _older(self, newest: Checkpoint, seen: Checkpoint) -> str:
        """An old checkpoint is no lie as long as what was seen since begins with it."""
        tiles = TileHashes(seen.size, self._tile)
        tiles.check(seen)
        tiles.check_growth(newest, seen)
        return f"The log shows {newest.size} entries, fewer than the {seen.size} seen; they agree."

    def _trusted(self, given: str | None) -> list[KeyRing]:
        """What is known of the log's keys from earlier looks, and what was given."""
        place = self.folder / "log-keys"
        written = [place.read_text(encoding="utf-8")] if place.exists() else []
        rings = [KeyRing.read(each) for each in (*written, *([given] if given else ()))]
        if not rings:
            raise NoLogKey
        return rings

    def _ring(self, trusted: list[KeyRing]) -> KeyRing:
        """The log's list of keys, signed by one that was in use when somebody last looked, and kept as known now.

        A key that went out of use vouches for no list: whoever finds it later could make one.
        """
        written = self._text(KEYS)
        ring = KeyRing.read(written)
        known = trusted[0]
        if ring.origin != known.origin:
            raise NotANote(f"this is the log {ring.origin} and not {known.origin}")
        try:
            Note.read(written).signed_by(each.keys[-1].verifier for each in trusted)
        except NotSigned as error:
            raise NotSigned(
                f"the list of keys: {error}; if the key was changed twice since the last look, "
                "ask for the new one and give it with --log-key"
            ) from error
        place = self.folder / "log-keys"
        if place.exists() and not ring.grew_from(known):
            raise NotANote("the list of keys says another thing of earlier keys than before")
        write_whole(place, written.encode())
        return ring

    def _seen(self) -> Checkpoint | None:
        kept = LogFolder(self.folder).read(CHECKPOINT)
        return None if kept is None else Checkpoint.read(Note.read(kept.decode()).text)

    def _keep(self, size: int, note: Note, moment: datetime) -> None:
        """Keep the tiles and the checkpoint, now that they are known to belong together."""
        kept = LogFolder(self.folder)
        for tile, content in self._fetched.items():
            kept.write(tile.path(), content)
        cosigned = checkpoints.cosigned(note, self._key(), moment).written().encode()
        history = self.folder / "checkpoints"
        history.mkdir(exist_ok=True)
        write_whole(history / f"{size:012d}.checkpoint", cosigned)
        kept.flush([*(tile.path() for tile in self._fetched), CHECKPOINT])
        kept.write(CHECKPOINT, cosigned)

    def _key(self) -> SigningKey:
        place = self.folder / "witness.key"
        if not place.exists():
            made = SigningKey(self.name, new_log_key(self.name).seed, COSIGNATURE)
            write_private(place, made.text().encode())
        return SigningKey.read(place.read_text(encoding="utf-8"))

    def _tile(self, tile: Tile) -> bytes | None:
        kept = LogFolder(self.folder).read(tile.path())
        if kept is None:
            kept = self._fetched[tile] = self._fetch_tile(tile)
        return kept

    def _fetch_tile(self, tile: Tile) -> bytes:
        """A log may drop part of a tile as soon as it publishes the full one."""
        try:
            return self._show(tile.path())
        except OSError as trouble:
            with suppress(OSError):
                if not tile.is_full:
                    return first_of(tile, self._show(replace(tile, width=WIDTH).path()))
            raise trouble from None

    def _text(self, name: str) -> str:
        try:
            return self._show(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotANote(f"{name} is no text") from error

    def _show(self, name: str) -> bytes:
        """What the log shows under a name, remembered in case that it is evidence."""
        content = self.shown[name] = self.fetch(name)
        return content
