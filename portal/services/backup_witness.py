"""Watches what goes into a backup, or comes out of one: table sums, files that rows name, the ledger's root."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.domain.ledger.facts import Entry
from portal.domain.ledger.merkle import EMPTY_ROOT, Frontier
from portal.store.backup.plain import Row, Shape

# How many things of one kind are named in a message; the rest are counted.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows of a table there were, and the SHA-256 over their lines."""

    rows: int
    sha256: str


class Witness:
    """Sees every row and every file once, and says at the end what does not fit together."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._digests: dict[str, Any] = {}
        self.files = 0
        self.bytes = 0
        self._named: set[bytes] = set()
        self._damaged: list[str] = []
        self._tree = Frontier(0, [])
        self._head = (0, EMPTY_ROOT)
        self._bad_entries: list[int] = []

    def see_table(self, shape: Shape) -> None:
        """Know of a table, so that an empty one is counted as well."""
        self._rows[shape.name] = 0
        self._digests[shape.name] = hashlib.sha256()

    def see_row(self, shape: Shape, row: Row, line: bytes) -> None:
        """Take a row into its table's sum, and look at those that other things depend on."""
        self._rows[shape.name] += 1
        self._digests[shape.name].update(line)
        if shape.name in _LOOKED_AT:
            _LOOKED_AT[shape.name](self, dict(zip(shape.names, row, strict=True)))

    def tables(self) -> dict[str, TableSum]:
        """The sum of each table so far."""
        return {
            name: TableSum(rows, self._digests[name].hexdigest())
            for name, rows in self._rows.items()
        }

    def see_file(self, name: str, sha256: str, size: int) -> None:
        """Take a file of the storage folder into account."""
        self.files += 1
        self.bytes += size
        if len(name) == len(sha256) and name != sha256:
            self._damaged.append(name)
        self._named.discard(_key(name))

    @property
    def root(self) -> str:
        """The ledger's root, worked out from its entries."""
        return self._tree.root().hex()

    @property
    def entries(self) -> int:
        """How many entries the ledger has."""
        return self._tree.size

    def faults(self) -> list[str]:
        """What does not fit together, in whole sentences; empty when everything does."""
        found = []
        if self._damaged:
            found.append(_several("evidence files don't match their SHA-256", self._damaged))
        if self._named:
            missing = sorted(key.hex() for key in self._named)
            found.append(_several("evidence files are missing from the storage", missing))
        if self._bad_entries:
            entries = [str(number) for number in self._bad_entries]
            found.append(_several("ledger entries don't match their leaves", entries))
        if self._head != (self._tree.size, self._tree.root()):
            found.append("The ledger's head is not the root of its entries.")
        return found

    def _see_evidence(self, row: Mapping[str, Any]) -> None:
        self._named.add(_key(row["sha256"]))

    def _see_entry(self, row: Mapping[str, Any]) -> None:
        entry = Entry.read({**row, "detail": json.loads(row["detail"])})
        leaf = bytes.fromhex(row["leaf"])
        if row["sequence"] != self._tree.size or entry.leaf() != leaf:
            self._bad_entries.append(row["sequence"])
        for _ in self._tree.append(leaf):
            pass

    def _see_head(self, row: Mapping[str, Any]) -> None:
        self._head = (row["size"], bytes.fromhex(row["root"]) if row["size"] else EMPTY_ROOT)


_LOOKED_AT = {
    "evidence": Witness._see_evidence,
    "ledger_entry": Witness._see_entry,
    "ledger_head": Witness._see_head,
}


def _key(name: str) -> bytes:
    # Half the memory of the text: an alliance has many files.
    try:
        return bytes.fromhex(name)
    except ValueError:
        return name.encode()


def _several(what: str, names: list[str]) -> str:
    more = "" if len(names) <= MOST_NAMED else f" and {len(names) - MOST_NAMED} more"
    return f"{len(names)} {what}: {', '.join(names[:MOST_NAMED])}{more}."
