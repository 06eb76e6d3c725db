"""Rows of the ledger: entries, hashes of complete subtrees, and the head that gives out sequence numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, Text, and_, false, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.canonical import canonical_json
from portal.domain.ledger.facts import Entry, Fact
from portal.domain.ledger.merkle import Frontier, Node, frontier_places, places_of
from portal.store.base import Base, BigKey, Bytes, Document, rows_changed


class LedgerHead(Base):
    """The one row that says how many entries there are; whoever appends holds it until the commit."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one_head"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    size: Mapped[int] = mapped_column(BigKey)
    root: Mapped[bytes] = mapped_column(Bytes)


class LedgerEntry(Base):
    """One fact, append-only (trigger on both databases); `sequence` has no gaps."""

    __tablename__ = "ledger_entry"

    sequence: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(60), index=True)
    actor: Mapped[str] = mapped_column(String(60))
    on_behalf_of: Mapped[str] = mapped_column(String(60), index=True)
    subject: Mapped[str] = mapped_column(String(80), index=True)
    before: Mapped[str] = mapped_column(String(64))
    after: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(Document)
    salt: Mapped[bytes] = mapped_column(Bytes)
    leaf: Mapped[bytes] = mapped_column(Bytes)

    def entry(self) -> Entry:
        """What was published of this row, to recompute its leaf from."""
        return Entry(self.fact(), self.salt)

    def fact(self) -> Fact:
        """The fact this row keeps."""
        return Fact(
            self.sequence,
            self.at,
            self.kind,
            self.actor,
            self.on_behalf_of,
            self.subject,
            self.before,
            self.after,
            self.detail,
        )


class Checkpoint(Base):
    """A head of the log that was signed, as it was published; the log never signs another one of the same size."""

    __tablename__ = "checkpoint"

    size: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(Bytes)
    note: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime]


class LedgerNode(Base):
    """The hash of a complete subtree."""

    __tablename__ = "ledger_node"

    level: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(Bytes, nullable=False)


def lock_head(session: Session) -> int:
    """Hold the head row for this transaction and return the number of entries so far."""
    size = session.scalars(
        select(LedgerHead.size).where(LedgerHead.id == 1).with_for_update()
    ).one_or_none()
    if size is None:
        raise LookupError("the ledger has no head row: run the migrations")
    return size


def head_size(session: Session) -> int:
    """How many entries there are."""
    return session.scalars(select(LedgerHead.size).where(LedgerHead.id == 1)).one_or_none() or 0


def recorded_at(session: Session, sequence: int) -> datetime | None:
    """When an entry was written; None when there is no such entry yet."""
    query = select(LedgerEntry.at).where(LedgerEntry.sequence == sequence)
    return session.scalars(query).one_or_none()


def frontier(session: Session, size: int) -> Frontier:
    """The complete subtrees of the tree with `size` leaves."""
    places = frontier_places(size)
    found = nodes_at(session, places)
    return Frontier(size, [found[place] for place in places])


def subtrees(session: Session, ranges: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The complete subtrees that the hashes of these ranges of leaves are made from, by level and position."""
    return nodes_at(session, places_of(ranges))


def nodes_at(session: Session, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The hashes of complete subtrees, by level and position."""
    by_level: dict[int, list[int]] = {}
    for level, position in places:
        by_level.setdefault(level, []).append(position)
    # SQLite looks up each of these in the key; for pairs in a list it would read the whole table.
    wanted = [
        and_(LedgerNode.level == level, LedgerNode.position.in_(positions))
        for level, positions in by_level.items()
    ]
    rows = session.execute(
        select(LedgerNode.level, LedgerNode.position, LedgerNode.digest).where(
            or_(false(), *wanted)
        )
    )
    return {(level, position): digest for level, position, digest in rows}


def nodes_of_level(session: Session, level: int, start: int, end: int) -> dict[int, bytes]:
    """The hashes of one level from a position up to before another, by position."""
    rows = session.execute(
        select(LedgerNode.position, LedgerNode.digest).where(
            LedgerNode.level == level, LedgerNode.position >= start, LedgerNode.position < end
        )
    )
    return dict(rows.all())


def append(session: Session, salted: Sequence[Entry], tree: Frontier) -> None:
    """Write the facts, their leaves and every subtree they complete; move the head."""
    before = tree.size
    entries: list[dict[str, object]] = []
    nodes: list[Node] = []
    for entry in salted:
        fact = entry.fact
        leaf = entry.leaf()
        entries.append(
            {
                "sequence": fact.sequence,
                "at": fact.at,
                "kind": fact.kind,
                "actor": fact.actor,
                "on_behalf_of": fact.on_behalf_of,
                "subject": fact.subject,
                "before": fact.before,
                "after": fact.after,
                # As plain JSON, spelled like the leaf: dates and decimals are text there too.
                "detail": json.loads(canonical_json(dict(fact.detail))),
                "salt": entry.salt,
                "leaf": leaf,
            }
        )
        nodes.extend(tree.append(leaf))
    session.execute(insert(LedgerEntry), entries)
    session.execute(
        insert(LedgerNode),
        [{"level": n.level, "position": n.position, "digest": n.digest} for n in nodes],
    )
    moved = rows_changed(
        session,
        update(LedgerHead)
        .where(LedgerHead.id == 1, LedgerHead.size == before)
        .values(size=tree.size, root=tree.root()),
    )
    if moved != 1:
        raise RuntimeError("the ledger's head moved under the lock")
