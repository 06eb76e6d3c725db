"""The ledger's arithmetic: leaves, complete subtrees and the root of a Merkle tree as in RFC 9162 §2.1."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.canonical import canonical_json

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, as it goes into the ledger.

    `actor` names an account by its public id or the portal itself, never a person: names live outside the ledger
    so that they can be erased. `before` and `after` are SHA-256 digests (hex) of what was changed.
    """

    sequence: int
    at: datetime
    kind: str
    actor: str
    on_behalf_of: str
    subject: str
    before: str
    after: str
    detail: Mapping[str, object]

    def leaf_data(self) -> bytes:
        """The canonical JSON that the leaf hash is made from."""
        return canonical_json(
            {
                "sequence": self.sequence,
                "at": self.at,
                "kind": self.kind,
                "actor": self.actor,
                "on_behalf_of": self.on_behalf_of,
                "subject": self.subject,
                "before": self.before,
                "after": self.after,
                "detail": dict(self.detail),
            }
        )


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
        if not self._nodes:
            return EMPTY_ROOT
        digest = self._nodes[-1].digest
        for node in reversed(self._nodes[:-1]):
            digest = node_hash(node.digest, digest)
        return digest


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over all leaf hashes by the recursive definition of RFC 9162, slow and obvious."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))
