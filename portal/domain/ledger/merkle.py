"""A Merkle tree as in RFC 9162 §2.1: leaves, complete subtrees, the root, and proofs that hold without the tree."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Node:
    """The hash of a complete subtree of 2**level leaves, the `position`-th of its level from the left."""

    level: int
    position: int
    digest: bytes


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 over 0x00 and the entry (RFC 9162 §2.1.1)."""
    return hashlib.sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01 and both children (RFC 9162 §2.1.1)."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def frontier_places(size: int) -> list[tuple[int, int]]:
    """(level, position) of the complete subtrees that a tree of `size` leaves falls into, largest first."""
    places = []
    start = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            places.append((level, start >> level))
            start += 1 << level
    return places


class Frontier:
    """The complete subtrees of a growing tree; appending a leaf costs O(log n) and tells the new nodes."""

    def __init__(self, size: int, digests: Sequence[bytes]) -> None:
        places = frontier_places(size)
        if len(places) != len(digests):
            raise ValueError(f"a tree of {size} leaves has {len(places)} complete subtrees")
        self.size = size
        self._nodes = [Node(*place, digest) for place, digest in zip(places, digests, strict=True)]

    def append(self, leaf: bytes) -> Iterator[Node]:
        """Add a leaf hash; yield its node and every subtree that it completes."""
        node = Node(0, self.size, leaf)
        self.size += 1
        yield node
        while self._nodes and self._nodes[-1].level == node.level:
            left = self._nodes.pop()
            node = Node(node.level + 1, left.position >> 1, node_hash(left.digest, node.digest))
            yield node
        self._nodes.append(node)

    def root(self) -> bytes:
        """The tree head: complete subtrees folded from the right (RFC 9162 §2.1.1)."""
        return _folded([node.digest for node in self._nodes]) if self._nodes else EMPTY_ROOT


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over all leaf hashes by the recursive definition of RFC 9162, slow and obvious."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


# Gives the hash of a complete subtree by its level and position.
Subtree = Callable[[int, int], bytes]


class NotProven(ValueError):
    """A proof that doesn't lead from what it is about to the root that it is held against."""


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The half-open ranges of leaves whose hashes prove that leaf `index` is among `size`, nearest sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(earlier: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose hashes prove that the tree of `earlier` leaves is the beginning of the one of `size`."""
    if not 0 < earlier <= size:
        raise ValueError(f"a tree of {size} leaves doesn't begin with one of {earlier}")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    is_whole = True
    while earlier != end:
        middle = start + _split(end - start)
        if earlier <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
            is_whole = False
    if not is_whole:
        ranges.append((start, end))
    return ranges[::-1]


def places_of(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """(level, position) of every complete subtree that the hashes of these ranges are made from."""
    return [place for start, end in ranges for place in _pieces(start, end)]


def proof(ranges: Sequence[tuple[int, int]], subtree: Subtree) -> list[bytes]:
    """The hashes of the ranges, from hashes of complete subtrees."""
    return [_folded([subtree(*place) for place in _pieces(*span)]) for span in ranges]


def root_from(size: int, subtree: Subtree) -> bytes:
    """The root of the tree of `size` leaves, from hashes of complete subtrees."""
    if size == 0:
        return EMPTY_ROOT
    return _folded([subtree(*place) for place in frontier_places(size)])


def check_inclusion(
    leaf: bytes, index: int, size: int, hashes: Sequence[bytes], root: bytes
) -> None:
    """Raise NotProven unless the hashes lead from the leaf to the root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        raise NotProven(f"a tree of {size} leaves has no leaf {index}")
    digest = leaf
    for (start, _), sibling in _paired(inclusion_ranges(index, size), hashes):
        digest = node_hash(digest, sibling) if start > index else node_hash(sibling, digest)
    if digest != root:
        raise NotProven("the proof leads to another root")


def check_consistency(
    earlier: int, earlier_root: bytes, size: int, root: bytes, hashes: Sequence[bytes]
) -> None:
    """Raise NotProven unless the earlier tree is the beginning of the later one (RFC 9162 §2.1.4.2)."""
    if not 0 <= earlier <= size:
        raise NotProven(f"a tree of {size} leaves doesn't begin with one of {earlier}")
    if earlier in (0, size):
        if hashes or earlier_root != (root if earlier else EMPTY_ROOT):
            raise NotProven("trees of the same size have different roots")
        return
    pairs = _paired(consistency_ranges(earlier, size), hashes)
    is_complete = earlier & (earlier - 1) == 0  # a complete subtree is its own first hash
    before = after = earlier_root if is_complete else pairs.pop(0)[1]
    for (start, _), digest in pairs:
        if start >= earlier:
            after = node_hash(after, digest)
        else:
            before, after = node_hash(digest, before), node_hash(digest, after)
    if before != earlier_root or after != root:
        raise NotProven("the later tree doesn't begin with the earlier one")


def _paired(
    ranges: Sequence[tuple[int, int]], hashes: Sequence[bytes]
) -> list[tuple[tuple[int, int], bytes]]:
    if len(ranges) != len(hashes):
        raise NotProven(f"the proof has {len(hashes)} hashes instead of {len(ranges)}")
    return list(zip(ranges, hashes, strict=True))


def _split(count: int) -> int:
    """The largest power of two below `count`, where RFC 9162 cuts a tree in two."""
    return 1 << ((count - 1).bit_length() - 1)


def _pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    """(level, position) of the complete subtrees that an aligned range of leaves falls into, largest first."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _folded(digests: Sequence[bytes]) -> bytes:
    """One hash over neighbouring complete subtrees, folded from the right."""
    digest = digests[-1]
    for left in reversed(digests[:-1]):
        digest = node_hash(left, digest)
    return digest
