"""The log as static files, as in C2SP tlog-tiles: hashes and entries by 256, under paths that never change their content."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from portal.domain.ledger.notes import NotANote

WIDTH = 256
HASH_BYTES = 32
HEIGHT = 8  # levels of the tree that one tile spans
MOST_ENTRY_BYTES = 65_535
_PATH = re.compile(
    r"tile/(?P<level>[0-9]|[1-5][0-9]|6[0-3]|entries)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """`width` neighbouring hashes at tree level 8 × `level`, or with level None so many entries; 256 is a full one."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def is_full(self) -> bool:
        """Whether nothing can be added to it any more."""
        return self.width == WIDTH

    @property
    def start(self) -> int:
        """The position of its first hash (or entry) within its level."""
        return self.index * WIDTH

    def path(self) -> str:
        """Where it is published beneath the log's address."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level is None else str(self.level)
        return f"tile/{level}/{place}" + ("" if self.is_full else f".p/{self.width}")

    @classmethod
    def read(cls, path: str) -> Tile | None:
        """The tile of a path, None for any other spelling."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        level = None if found["level"] == "entries" else int(found["level"])
        index = int(found["index"].replace("/", "").replace("x", ""))
        tile = cls(level, index, int(found["width"] or WIDTH))
        return tile if tile.width <= WIDTH and tile.path() == path else None


def tiles_of(size: int, since: int = 0) -> Iterator[Tile]:
    """Every tile that a log of `size` entries has and one of `since` entries hadn't: entries first, then level by level."""
    yield from _of_level(None, size, since)
    level = 0
    while size >> (HEIGHT * level):
        yield from _of_level(level, size >> (HEIGHT * level), since >> (HEIGHT * level))
        level += 1


def tile_holding(level: int, position: int, size: int) -> Tile:
    """The tile, in a log of `size` entries, that the hash of a complete subtree is in or can be made from."""
    tile_level = level // HEIGHT
    first = position << (level % HEIGHT)
    count = size >> (HEIGHT * tile_level)
    index = first // WIDTH
    if first >= count:
        raise ValueError(f"a log of {size} entries has no subtree {position} at level {level}")
    return Tile(tile_level, index, min(WIDTH, count - index * WIDTH))


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each behind its length in two bytes."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def entries_in(bundle: bytes) -> Sequence[bytes]:
    """The entries of a bundle; raises NotANote when it ends in the middle of one."""
    found = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise NotANote("the entries end in the middle of one")
        found.append(bundle[at + 2 : end])
        at = end
    return found


def first_of(tile: Tile, content: bytes) -> bytes:
    """What the narrower tile holds of the content of a wider one; raises NotANote where that is too short."""
    if tile.level is None:
        return entry_bundle(entries_in(content)[: tile.width])
    if len(content) < tile.width * HASH_BYTES:
        raise NotANote("the tile is cut off")
    return content[: tile.width * HASH_BYTES]


def _of_level(level: int | None, count: int, since: int) -> Iterator[Tile]:
    for index in range(since // WIDTH, -(-count // WIDTH)):
        width = min(WIDTH, count - index * WIDTH)
        if index * WIDTH + width > since:
            yield Tile(level, index, width)
