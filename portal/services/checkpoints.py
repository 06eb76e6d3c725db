"""Signing the head of the ledger, and proving what stands in it; one head of each size, and never two that disagree."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ledger import checkpoints as rules
from portal.domain.ledger.merkle import consistency_ranges, inclusion_ranges, proof
from portal.services.work import Work
from portal.store import ledger
from portal.store.keys import KeyFolder
from portal.store.ledger import Checkpoint, LedgerHead


def sign_head(work: Work, keys: KeyFolder) -> Checkpoint:
    """The signed checkpoint of everything up to here, this work's own facts included.

    Whoever appends waits meanwhile: the key, the size and the root belong together. Raises NoKey.
    """
    work.flush_ledger()
    size = ledger.lock_head(work.session)
    kept = work.session.get(Checkpoint, size)
    if kept is not None:
        return kept
    key = keys.log_key()
    root = work.session.scalars(select(LedgerHead.root).where(LedgerHead.id == 1)).one()
    note = rules.Checkpoint(key.name, size, root).signed(key)
    made = Checkpoint(size=size, root=root, note=note.written(), signed_at=work.moment)
    work.session.add(made)
    work.session.flush()
    return made


def latest(session: Session) -> Checkpoint | None:
    """The checkpoint of the largest size, None before the first."""
    return session.scalars(
        select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)
    ).one_or_none()


def inclusion(session: Session, index: int, size: int) -> list[bytes]:
    """The hashes that prove entry `index` in the tree of `size` entries."""
    return _proof(session, inclusion_ranges(index, size))


def consistency(session: Session, earlier: int, size: int) -> list[bytes]:
    """The hashes that prove the tree of `earlier` entries to be the beginning of that of `size`."""
    return _proof(session, consistency_ranges(earlier, size))


def _proof(session: Session, ranges: list[tuple[int, int]]) -> list[bytes]:
    found = ledger.subtrees(session, ranges)
    return proof(ranges, lambda level, position: found[level, position])
