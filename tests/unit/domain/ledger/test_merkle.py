"""The Merkle tree grows like RFC 9162 says, however it is cut into batches."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ledger.merkle import (
    EMPTY_ROOT,
    LEAF_PREFIX,
    NODE_PREFIX,
    Frontier,
    NotProven,
    check_consistency,
    check_inclusion,
    consistency_ranges,
    frontier_places,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    proof,
    root_from,
    root_of,
)

# The leaves and roots of the reference tree that implementations of RFC 9162 test against.
REFERENCE_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_root_matches_the_published_reference_tree() -> None:
    leaves = [leaf_hash(data) for data in REFERENCE_LEAVES]
    assert root_of([]) == EMPTY_ROOT
    for size, expected in enumerate(REFERENCE_ROOTS, start=1):
        assert root_of(leaves[:size]).hex() == expected


@given(st.integers(0, 70), st.integers(0, 70))
def test_frontier_comes_to_the_same_root_when_the_tree_grows_in_two_batches(
    first: int, second: int
) -> None:
    leaves = [leaf_hash(str(place).encode()) for place in range(first + second)]
    nodes: dict[tuple[int, int], bytes] = {}
    tree = Frontier(0, [])
    for leaf in leaves[:first]:
        nodes |= {(node.level, node.position): node.digest for node in tree.append(leaf)}
    resumed = Frontier(first, [nodes[place] for place in frontier_places(first)])
    for leaf in leaves[first:]:
        nodes |= {(node.level, node.position): node.digest for node in resumed.append(leaf)}
    assert resumed.root() == root_of(leaves)
    for (level, position), digest in nodes.items():
        width = 1 << level
        assert digest == root_of(leaves[position * width : (position + 1) * width])


def test_leaf_and_node_never_hash_alike() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    # Whoever may choose an entry could otherwise pass two hashes off as one, or one entry as two hashes.
    for prefix in (b"", LEAF_PREFIX, NODE_PREFIX):
        assert leaf_hash(prefix + left + right) != node_hash(left, right)


def _subtree(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda level, position: root_of(leaves[position << level : (position + 1) << level])


def test_proofs_match_those_published_for_the_reference_tree() -> None:
    leaves = [leaf_hash(data) for data in REFERENCE_LEAVES]
    found = proof(inclusion_ranges(0, 8), _subtree(leaves))
    assert [digest.hex() for digest in found] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    found = proof(consistency_ranges(6, 8), _subtree(leaves))
    assert [digest.hex() for digest in found] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


LEAVES = [leaf_hash(str(place).encode()) for place in range(70)]
ROOTS = [root_of(LEAVES[:size]) for size in range(71)]


def test_every_leaf_is_proven_in_every_tree_and_in_no_other() -> None:
    for size in range(1, 71):
        assert root_from(size, _subtree(LEAVES)) == ROOTS[size]
        for index in range(size):
            hashes = proof(inclusion_ranges(index, size), _subtree(LEAVES))
            check_inclusion(LEAVES[index], index, size, hashes, ROOTS[size])
            for wrong in (index - 1, index + 1):
                with pytest.raises(NotProven):
                    check_inclusion(LEAVES[index], wrong, size, hashes, ROOTS[size])
            with pytest.raises(NotProven):
                check_inclusion(LEAVES[index - 1], index, size, hashes, ROOTS[size - 1])


def test_every_tree_is_proven_to_begin_with_every_smaller_one_and_with_no_other() -> None:
    for size in range(1, 71):
        for earlier in range(1, size):
            hashes = proof(consistency_ranges(earlier, size), _subtree(LEAVES))
            check_consistency(earlier, ROOTS[earlier], size, ROOTS[size], hashes)
            with pytest.raises(NotProven):
                check_consistency(earlier, ROOTS[earlier - 1], size, ROOTS[size], hashes)
            with pytest.raises(NotProven):
                check_consistency(earlier, ROOTS[earlier], size, ROOTS[size], hashes[:-1])
            with pytest.raises(NotProven):
                check_consistency(earlier, ROOTS[earlier], size, ROOTS[size], [*hashes, ROOTS[0]])


def test_trees_of_one_size_are_consistent_only_when_they_are_equal() -> None:
    check_consistency(0, EMPTY_ROOT, 7, ROOTS[7], [])
    check_consistency(7, ROOTS[7], 7, ROOTS[7], [])
    with pytest.raises(NotProven):
        check_consistency(7, ROOTS[6], 7, ROOTS[7], [])
    with pytest.raises(NotProven):
        check_consistency(8, ROOTS[8], 7, ROOTS[7], [])


@given(st.integers(0, 69), st.integers(1, 70), st.integers(0, 10**6))
def test_inclusion_proof_fails_when_any_bit_of_it_changes(
    index: int, size: int, place: int
) -> None:
    index %= size
    hashes = proof(inclusion_ranges(index, size), _subtree(LEAVES))
    if not hashes:
        return
    which, bit = place % len(hashes), place % 256
    changed = int.from_bytes(hashes[which], "big") ^ 1 << bit
    hashes[which] = changed.to_bytes(32, "big")
    with pytest.raises(NotProven):
        check_inclusion(LEAVES[index], index, size, hashes, ROOTS[size])
