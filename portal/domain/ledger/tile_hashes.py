"""Hashes and proofs from published tiles: for whoever has a log's files and not its database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.merkle import (
    NotProven,
    check_consistency,
    consistency_ranges,
    node_hash,
    proof,
    root_from,
)
from portal.domain.ledger.tiles import HASH_BYTES, HEIGHT, Tile, tile_holding


class NoTile(LookupError):
    """A tile that is not at hand."""


@dataclass(slots=True)
class TileHashes:
    """The tree of a log of `size` entries as its tiles tell it; `fetch` gives a tile's bytes or None."""

    size: int
    fetch: Callable[[Tile], bytes | None]
    _known: dict[Tile, bytes] = field(default_factory=dict)

    def subtree(self, level: int, position: int) -> bytes:
        """The hash of a complete subtree; raises NoTile, or NotProven for a tile of another length than it should have."""
        tile = tile_holding(level, position, self.size)
        inner = level % HEIGHT
        first = (position << inner) - tile.start
        content = self._content(tile)
        hashes = [
            content[place * HASH_BYTES : (place + 1) * HASH_BYTES]
            for place in range(first, first + (1 << inner))
        ]
        while len(hashes) > 1:
            hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    def check(self, checkpoint: Checkpoint) -> None:
        """Raise NotProven unless the tiles come to the root of the checkpoint of this size."""
        if root_from(self.size, self.subtree) != checkpoint.root:
            raise NotProven(f"the tiles come to another root at {self.size} entries")

    def check_growth(self, earlier: Checkpoint, later: Checkpoint) -> None:
        """Raise NotProven unless the log of the later checkpoint, whose tiles these are, begins with the earlier one."""
        hashes = []
        if 0 < earlier.size < later.size:
            hashes = proof(consistency_ranges(earlier.size, later.size), self.subtree)
        check_consistency(earlier.size, earlier.root, later.size, later.root, hashes)

    def _content(self, tile: Tile) -> bytes:
        if tile not in self._known:
            content = self.fetch(tile)
            if content is None:
                raise NoTile(tile.path())
            if len(content) != tile.width * HASH_BYTES:
                raise NotProven(f"{tile.path()} has another length than it should have")
            self._known[tile] = content
        return self._known[tile]
