"""Tiles: the paths and sizes of C2SP tlog-tiles, and entries that come out as they went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ledger.merkle import frontier_places, inclusion_ranges, places_of
from portal.domain.ledger.notes import NotANote
from portal.domain.ledger.tiles import Tile, entries_in, entry_bundle, tile_holding, tiles_of


def test_published_example_has_its_tiles() -> None:
    tiles = list(tiles_of(70_000))
    by_level = {level: [tile for tile in tiles if tile.level == level] for level in (None, 0, 1, 2)}
    assert len([tile for tile in by_level[0] if tile.is_full]) == 273
    assert by_level[0][-1].width == 112
    assert [tile.width for tile in by_level[1]] == [256, 17]
    assert [tile.width for tile in by_level[2]] == [1]
    assert len(by_level[None]) == 274


def test_tree_of_one_full_tile_has_the_beginning_of_one_above() -> None:
    assert [tile.path() for tile in tiles_of(256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]


def test_path_of_a_large_index_is_cut_into_groups_of_three() -> None:
    assert Tile(0, 1_234_067).path() == "tile/0/x001/x234/067"
    assert Tile(None, 5, 7).path() == "tile/entries/005.p/7"


@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 10**10), st.integers(1, 256))
def test_tile_is_read_from_the_path_that_it_writes(
    level: int | None, index: int, width: int
) -> None:
    tile = Tile(level, index, width)
    assert Tile.read(tile.path()) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/x000/000",
        # No log has so many entries, and no file such a long name.
        "tile/0/" + "x001/" * 6 + "001",
        "tile/0/" + "x001/" * 2000 + "001",
    ],
)
def test_other_spellings_of_a_path_are_no_tile(path: str) -> None:
    assert Tile.read(path) is None


@given(st.integers(0, 200_000), st.integers(0, 2000))
def test_growing_publishes_what_was_not_there(since: int, more: int) -> None:
    before, after = set(tiles_of(since)), set(tiles_of(since + more))
    assert set(tiles_of(since + more, since)) == after - before


@given(st.integers(1, 100_000), st.data())
def test_tiles_hold_every_hash_that_a_proof_needs(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    places = [*places_of(inclusion_ranges(index, size)), *frontier_places(size)]
    known = set(tiles_of(size))
    for level, position in places:
        assert tile_holding(level, position, size) in known


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_entries_come_out_of_a_bundle_as_they_went_in(entries: list[bytes]) -> None:
    assert list(entries_in(entry_bundle(entries))) == entries


def test_bundle_that_ends_early_is_refused() -> None:
    whole = entry_bundle([b"abc", b"defg"])
    for end in (1, 4, 6, len(whole) - 1):
        with pytest.raises(NotANote):
            entries_in(whole[:end])
