"""Reading the whole ledger again: its own arithmetic, what was signed and published of it, and the rows it speaks of.

`portal ledger verify` and the tests ask for it; nothing is changed and nothing is mended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.ledger import checkpoints as rules
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.merkle import EMPTY_ROOT, Frontier, Node, NotProven
from portal.domain.ledger.notes import NotANote, Note, NotSigned
from portal.domain.ledger.proofs import InclusionProof
from portal.services.ledger_rows import row_faults
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate, DocumentSeal
from portal.store.ledger import Checkpoint, LedgerHead, LedgerNode
from portal.store.ledger_scan import Scanned, scan

MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Outside:
    """A checkpoint that lies where whoever changes the database doesn't reach, and where it comes from."""

    source: str
    note: str


@dataclass(slots=True)
class Audit:
    """What was read, and everything that is wrong, in words."""

    entries: int = 0
    checkpoints: int = 0
    outside: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)


def audit(
    session: Session,
    ring: KeyRing | None,
    outside: Sequence[Outside] = (),
    blobs: Blobs | None = None,
    *,
    with_rows: bool = True,
) -> Audit:
    """Read everything again; with `blobs` every kept file too, without rows the ledger alone.

    Without a ring the signatures of checkpoints are not checked, only their roots.
    """
    found = Audit()
    try:
        heads = _Heads(session, ring, outside, found)
        for fault in _entries(session, heads, found):
            _add(found, fault)
        for fault in _after_the_end(heads, found):
            _add(found, fault)
        for fault in row_faults(session, blobs) if with_rows else ():
            found.rows += 1
            if fault:
                _add(found, fault)
    except _Enough:
        found.faults.append(f"… and more; reading stopped after {MOST_FAULTS} faults")
    return found


class _Enough(Exception):
    """So many faults that more of them help nobody."""


def _add(found: Audit, fault: str) -> None:
    found.faults.append(fault)
    if len(found.faults) >= MOST_FAULTS:
        raise _Enough


class _Heads:
    """The roots that were signed, by size, to be met while the tree grows again."""

    def __init__(
        self, session: Session, ring: KeyRing | None, outside: Sequence[Outside], found: Audit
    ) -> None:
        self.expected: dict[int, list[tuple[str, bytes]]] = {}
        for row in session.scalars(select(Checkpoint).order_by(Checkpoint.size)):
            found.checkpoints += 1
            source = f"the checkpoint of {row.size} entries in the database"
            self._expect(Outside(source, row.note), ring, found, (row.size, row.root))
        for each in (*_sealed(session, found), *outside):
            self._expect(each, ring, found)
        found.outside = len(outside)

    def _expect(
        self,
        kept: Outside,
        ring: KeyRing | None,
        found: Audit,
        row: tuple[int, bytes] | None = None,
    ) -> None:
        try:
            read = rules.Checkpoint.read(Note.read(kept.note).text)
            if ring is not None:
                rules.opened(kept.note, ring.for_size(read.size))
        except (NotANote, NotSigned) as wrong:
            _add(found, f"{kept.source}: {wrong}")
            return
        if row is not None and row != (read.size, read.root):
            _add(found, f"{kept.source} says another thing than its signed text")
        self.expected.setdefault(read.size, []).append((kept.source, read.root))

    def met(self, size: int, root: bytes) -> Iterator[str]:
        """What disagrees now that the tree has this size."""
        for source, expected in self.expected.pop(size, []):
            if expected != root:
                yield f"{source} has another root than the first {size} entries"


def _sealed(session: Session, found: Audit) -> Iterator[Outside]:
    """The checkpoints within the seals of documents, which everybody has who has such a document."""
    query = select(DocumentSeal, Certificate.number).join(
        Certificate, Certificate.id == DocumentSeal.certificate_id
    )
    for seal, number in session.execute(query.order_by(Certificate.id, DocumentSeal.kind)):
        source = f"the seal of the {seal.kind} of certificate/{number}"
        try:
            proof = InclusionProof.read(seal.proof)
            proof.check_against(rules.Checkpoint.read(Note.read(proof.checkpoint).text))
        except (NotANote, NotProven) as wrong:
            _add(found, f"{source}: {wrong}")
        else:
            yield Outside(source, proof.checkpoint)


def _entries(session: Session, heads: _Heads, found: Audit) -> Iterator[str]:
    tree = Frontier(0, [])
    yield from heads.met(0, EMPTY_ROOT)
    for rows in scan(session):
        nodes: list[Node] = []
        for row in rows:
            if row.sequence != tree.size:
                yield _gap(tree.size, row.sequence)
                found.entries = tree.size
                return
            if not _is_sound(row):
                yield f"entry {row.sequence} is not what its leaf was made from"
            nodes += tree.append(row.leaf)
            if tree.size in heads.expected:
                yield from heads.met(tree.size, tree.root())
        yield from _node_faults(session, nodes)
    found.entries = tree.size
    yield from _head_faults(session, tree)


def _gap(expected: int, sequence: int) -> str:
    if sequence < expected:
        return f"entry {sequence} stands before the first"
    return f"entry {expected} is missing: the next one is {sequence}"


def _is_sound(row: Scanned) -> bool:
    try:
        return row.entry is not None and row.entry.leaf() == row.leaf
    except (ValueError, TypeError):  # what was never written by the portal has no canonical form
        return False


def _node_faults(session: Session, nodes: Sequence[Node]) -> Iterator[str]:
    by_level: dict[int, list[Node]] = {}
    for node in nodes:
        by_level.setdefault(node.level, []).append(node)
    for level, wanted in by_level.items():
        query = (
            select(LedgerNode.position, LedgerNode.digest)
            .where(
                LedgerNode.level == level,
                LedgerNode.position >= wanted[0].position,
                LedgerNode.position <= wanted[-1].position,
            )
            .order_by(LedgerNode.position)
        )
        kept: Mapping[int, bytes] = dict(session.execute(query).all())
        for node in wanted:
            if kept.get(node.position) != node.digest:
                yield f"the kept hash {node.position} of level {level} is not that of its entries"


def _head_faults(session: Session, tree: Frontier) -> Iterator[str]:
    head = session.get(LedgerHead, 1)
    if head is None:
        yield "the head is missing"
    elif head.size != tree.size:
        yield f"the head counts {head.size} entries, the table holds {tree.size}"
    elif head.root != tree.root():
        yield "the head's root is not the root of the entries"
    wanted = sum(tree.size >> level for level in range(tree.size.bit_length()))
    kept = session.scalars(select(func.count()).select_from(LedgerNode)).one()
    if kept != wanted:
        yield f"{kept} hashes of subtrees are kept instead of {wanted}"


def _after_the_end(heads: _Heads, found: Audit) -> Iterator[str]:
    """Checkpoints of a log that was once longer: its tail was cut off."""
    for size, expected in sorted(heads.expected.items()):
        for source, _ in expected:
            yield f"{source} was signed at {size} entries, the log has {found.entries}"
