"""The Merkle tree grows like RFC 9162 says, however it is cut into batches."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ledger import (
    EMPTY_ROOT,
    Fact,
    Frontier,
    frontier_places,
    leaf_hash,
    node_hash,
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
    assert leaf_hash(left + right) != node_hash(left, right)


def test_fact_changes_its_leaf_when_any_part_changes() -> None:
    fact = Fact(0, datetime(2026, 1, 1, tzinfo=UTC), "a.b", "x", "M-1", "s/1", "", "aa", {"n": 1})
    others = [
        Fact(1, fact.at, "a.b", "x", "M-1", "s/1", "", "aa", {"n": 1}),
        Fact(0, fact.at, "a.c", "x", "M-1", "s/1", "", "aa", {"n": 1}),
        Fact(0, fact.at, "a.b", "y", "M-1", "s/1", "", "aa", {"n": 1}),
        Fact(0, fact.at, "a.b", "x", "M-2", "s/1", "", "aa", {"n": 1}),
        Fact(0, fact.at, "a.b", "x", "M-1", "s/1", "aa", "", {"n": 1}),
        Fact(0, fact.at, "a.b", "x", "M-1", "s/1", "", "aa", {"n": 2}),
    ]
    leaves = {leaf_hash(each.leaf_data()) for each in [fact, *others]}
    assert len(leaves) == len(others) + 1
