"""Hashes from published tiles are those of the tree, and tiles that were spoiled come to no proof."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    NotProven,
    check_inclusion,
    inclusion_ranges,
    leaf_hash,
    proof,
    root_of,
)
from portal.domain.ledger.tile_hashes import NoTile, TileHashes
from portal.domain.ledger.tiles import HASH_BYTES, Tile, first_of

LARGEST = 66_000  # a third level of tiles begins at 65,536
LEAVES = [leaf_hash(str(number).encode()) for number in range(LARGEST)]
ORIGIN = "portal.example/log"


def _nodes() -> dict[tuple[int, int], bytes]:
    tree = Frontier(0, [])
    return {(n.level, n.position): n.digest for leaf in LEAVES for n in tree.append(leaf)}


NODES = _nodes()


def tile_of(tile: Tile) -> bytes:
    """A tile from the tree itself."""
    level = 8 * (tile.level or 0)
    return b"".join(NODES[level, tile.start + place] for place in range(tile.width))


def checkpoint_of(size: int) -> Checkpoint:
    tree = Frontier(0, [])
    for leaf in LEAVES[:size]:
        list(tree.append(leaf))
    return Checkpoint(ORIGIN, size, tree.root())


SIZES = (1, 2, 255, 256, 257, 511, 512, 513, 4000, 65_535, 65_536, 65_537, LARGEST)
CHECKPOINTS = {size: checkpoint_of(size) for size in SIZES}


@pytest.mark.parametrize("size", SIZES)
def test_tiles_come_to_the_signed_root(size: int) -> None:
    TileHashes(size, tile_of).check(CHECKPOINTS[size])


def test_empty_log_needs_no_tile() -> None:
    TileHashes(0, lambda tile: None).check(Checkpoint(ORIGIN, 0, EMPTY_ROOT))


@given(st.sampled_from(SIZES), st.data())
def test_every_subtree_is_that_of_the_tree(size: int, data: st.DataObject) -> None:
    level = data.draw(st.integers(0, size.bit_length() - 1))
    position = data.draw(st.integers(0, (size >> level) - 1))
    assert TileHashes(size, tile_of).subtree(level, position) == NODES[level, position]


def test_small_subtrees_are_those_of_the_definition() -> None:
    tiles = TileHashes(4000, tile_of)
    for level, position in ((0, 3999), (3, 77), (8, 14), (11, 0)):
        leaves = LEAVES[position << level : (position + 1) << level]
        assert tiles.subtree(level, position) == root_of(leaves)


@given(st.sampled_from(SIZES), st.data())
def test_inclusion_is_proven_from_tiles(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = proof(inclusion_ranges(index, size), TileHashes(size, tile_of).subtree)
    check_inclusion(LEAVES[index], index, size, hashes, CHECKPOINTS[size].root)


@pytest.mark.parametrize("later", SIZES)
def test_growth_is_proven_from_the_tiles_of_the_later_log(later: int) -> None:
    tiles = TileHashes(later, tile_of)
    for earlier in SIZES:
        if earlier <= later:
            tiles.check_growth(CHECKPOINTS[earlier], CHECKPOINTS[later])
    tiles.check_growth(Checkpoint(ORIGIN, 0, EMPTY_ROOT), CHECKPOINTS[later])


def test_growth_from_another_log_is_not_proven() -> None:
    tiles = TileHashes(4000, tile_of)
    for size in (1, 256, 513, 4000):
        other = Checkpoint(ORIGIN, size, bytes(32))
        with pytest.raises(NotProven):
            tiles.check_growth(other, CHECKPOINTS[4000])
    with pytest.raises(NotProven):
        tiles.check_growth(CHECKPOINTS[65_535], CHECKPOINTS[4000])
    with pytest.raises(NotProven):
        tiles.check_growth(Checkpoint(ORIGIN, 0, bytes(32)), CHECKPOINTS[4000])


@given(st.sampled_from(SIZES), st.data())
def test_any_changed_byte_of_a_tile_that_is_asked_for_is_found(
    size: int, data: st.DataObject
) -> None:
    asked: list[Tile] = []
    TileHashes(size, lambda tile: asked.append(tile) or tile_of(tile)).check(CHECKPOINTS[size])
    spoiled = data.draw(st.sampled_from(asked))
    place = data.draw(st.integers(0, spoiled.width * HASH_BYTES - 1))

    def fetch(tile: Tile) -> bytes:
        content = bytearray(tile_of(tile))
        if tile == spoiled:
            content[place] ^= data.draw(st.integers(1, 255))
        return bytes(content)

    # The tile above vouches for what fills a tile of this level; of the same tile only what lies behind is asked for.
    if _is_asked_for(size, spoiled, place // HASH_BYTES):
        with pytest.raises(NotProven):
            TileHashes(size, fetch).check(CHECKPOINTS[size])


def _is_asked_for(size: int, tile: Tile, place: int) -> bool:
    """Whether the root of the log is made from this very hash of the tile."""
    level = 8 * (tile.level or 0)
    above = size >> (level + 8) << 8  # hashes of this level that a full tile holds
    return tile.start + place >= above


@pytest.mark.parametrize("change", [-1, 1, -HASH_BYTES, HASH_BYTES])
def test_tile_of_another_length_is_refused(change: int) -> None:
    def fetch(tile: Tile) -> bytes:
        return (tile_of(tile) + bytes(HASH_BYTES))[: tile.width * HASH_BYTES + change]

    with pytest.raises(NotProven, match="another length"):
        TileHashes(300, fetch).subtree(0, 299)


def test_tile_that_is_not_at_hand_is_no_lie() -> None:
    with pytest.raises(NoTile, match=r"tile/0/001\.p/44"):
        TileHashes(300, lambda tile: None).subtree(0, 299)


def test_tile_is_fetched_once() -> None:
    asked: list[Tile] = []
    tiles = TileHashes(300, lambda tile: asked.append(tile) or tile_of(tile))
    for position in range(256, 300):
        tiles.subtree(0, position)
    assert asked == [Tile(0, 1, 44)]


def test_subtree_that_the_log_has_not_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError):
        TileHashes(300, tile_of).subtree(0, 300)


@given(st.integers(1, 256), st.integers(1, 256))
def test_narrower_tile_is_the_beginning_of_a_wider_one(one: int, other: int) -> None:
    narrow, wide = sorted((one, other))
    content = tile_of(Tile(0, 3, wide))
    assert first_of(Tile(0, 3, narrow), content) == tile_of(Tile(0, 3, narrow))
