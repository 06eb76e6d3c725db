"""Signing the head of the ledger, and proving what stands in it; one head of each size, and never two that disagree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ledger import checkpoints as rules
from portal.domain.ledger.merkle import (
    consistency_ranges,
    frontier_places,
    inclusion_ranges,
    proof,
    root_from,
)
from portal.domain.ledger.notes import NotANote, Note
from portal.services.log_keys import key_in_use
from portal.services.work import Work
from portal.store import ledger
from portal.store.keys import KeyFolder
from portal.store.ledger import Checkpoint, LedgerHead, nodes_at
from portal.store.log_files import CHECKPOINT, LogFolder


class LogForked(RuntimeError):
    """The database and what was published disagree: one of them is not what it was, and nothing may be signed."""


@dataclass(frozen=True, slots=True)
class Notary:
    """Who signs for the log: its keys, and what the world has seen of it."""

    keys: KeyFolder
    published: LogFolder

    @classmethod
    def at(cls, keys: Path, published: Path) -> Notary:
        """The notary whose keys and published files lie in these folders."""
        return cls(KeyFolder(keys), LogFolder(published))


def sign_head(work: Work, notary: Notary) -> Checkpoint:
    """The signed checkpoint of everything up to here, this work's own facts included.

    Whoever appends waits meanwhile: the key, the size and the root belong together. Raises NoKey or LogForked.
    """
    work.flush_ledger()
    size = ledger.lock_head(work.session)
    refuse_a_fork(work.session, notary.published)
    key = key_in_use(work.session, notary.keys)
    kept = work.session.get(Checkpoint, size)
    if kept is not None:
        return kept
    root = _head_root(work.session, size)
    note = rules.Checkpoint(key.name, size, root).signed(key)
    made = Checkpoint(size=size, root=root, note=note.written(), signed_at=work.moment)
    work.session.add(made)
    work.session.flush()
    return made


def refuse_a_fork(session: Session, folder: LogFolder) -> int:
    """How many entries were published before; raises LogForked unless the database begins with just these.

    Asked before anything is signed, since a log that signs two stories is worth nothing any more.
    """
    earlier = _published(folder)
    if earlier is None:
        return 0
    size = session.scalars(select(LedgerHead.size).where(LedgerHead.id == 1)).one()
    if earlier.size > size:
        raise LogForked(
            f"{earlier.size} entries were published, the database has {size}: it is older than "
            "what the world has seen. Restore a later backup, or begin a new log (docs/operations.md)."
        )
    if root_at(session, earlier.size) != earlier.root:
        raise LogForked(
            f"the first {earlier.size} entries of the database are not those that were published. "
            "Somebody changed the database; `portal ledger verify` says where."
        )
    return earlier.size


def root_at(session: Session, size: int) -> bytes:
    """The root that the log had when it was `size` entries long, from the kept subtrees; LogForked where some are gone."""
    places = frontier_places(size)
    found = nodes_at(session, places)
    if len(found) != len(places):
        raise LogForked(
            f"the database lacks hashes of its first {size} entries. "
            "Somebody changed it; `portal ledger verify` says where."
        )
    return root_from(size, lambda level, position: found[level, position])


def _published(folder: LogFolder) -> rules.Checkpoint | None:
    published = folder.read(CHECKPOINT)
    if published is None:
        return None
    try:
        return rules.Checkpoint.read(Note.read(published.decode()).text)
    except (NotANote, UnicodeDecodeError) as error:
        raise LogForked(
            f"{folder.path / CHECKPOINT} is damaged: {error}. Restore it from a backup of the "
            "published log or from a witness."
        ) from error


def _head_root(session: Session, size: int) -> bytes:
    """The root over all entries, by the head and by the hashes that are published: they must be one."""
    root = root_at(session, size)
    head = session.scalars(select(LedgerHead.root).where(LedgerHead.id == 1)).one()
    if size and head != root:  # before the first entry the head has none
        raise LogForked(
            "the head of the ledger is not the root of its hashes. "
            "Somebody changed the database; `portal ledger verify` says where."
        )
    return root


def latest(session: Session) -> Checkpoint | None:
    """The checkpoint of the largest size, None before the first."""
    return session.scalars(
        select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)
    ).one_or_none()


def first_beyond(session: Session, index: int) -> Checkpoint | None:
    """The smallest checkpoint that holds entry `index`, None before there is one."""
    return session.scalars(
        select(Checkpoint).where(Checkpoint.size > index).order_by(Checkpoint.size).limit(1)
    ).one_or_none()


def recent(session: Session, count: int) -> list[Checkpoint]:
    """The latest checkpoints, newest first."""
    return list(session.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(count)))


def inclusion(session: Session, index: int, size: int) -> list[bytes]:
    """The hashes that prove entry `index` in the tree of `size` entries."""
    return _proof(session, inclusion_ranges(index, size))


def consistency(session: Session, earlier: int, size: int) -> list[bytes]:
    """The hashes that prove the tree of `earlier` entries to be the beginning of that of `size`."""
    return _proof(session, consistency_ranges(earlier, size))


def _proof(session: Session, ranges: list[tuple[int, int]]) -> list[bytes]:
    found = ledger.subtrees(session, ranges)
    return proof(ranges, lambda level, position: found[level, position])
