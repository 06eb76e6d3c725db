"""Publishing the log: what a signed checkpoint stands on is written as static files before the checkpoint itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.domain import revocations
from portal.domain.certificates import State
from portal.domain.ledger.tiles import HEIGHT, Tile, entry_bundle, tiles_of
from portal.domain.revocations import RevocationList
from portal.services.checkpoints import LogForked, Notary, refuse_a_fork
from portal.services.places import day_of
from portal.store import log_files
from portal.store.certificates import Certificate
from portal.store.keys import NoKey
from portal.store.ledger import Checkpoint, LedgerEntry, LedgerNode


def publish(session: Session, checkpoint: Checkpoint, notary: Notary, moment: datetime) -> int:
    """Write the files of a checkpoint that are not there yet; returns how many tiles. Raises LogForked.

    Whoever reads meanwhile finds every file of the checkpoint that he has: nothing of it is changed.
    """
    folder, keys = notary.published, notary.keys
    since = refuse_a_fork(session, folder)
    count = 0
    for tile in tiles_of(checkpoint.size, since):
        folder.write(tile.path(), _content(session, tile))
        if tile.is_full:
            folder.drop_parts_of(tile)
        count += 1
    key = keys.log_key()
    ended = revocation_list(session, key.name, checkpoint.size, moment)
    folder.write(log_files.REVOCATIONS, ended.signed(key).written().encode())
    folder.write(log_files.KEYS, keys.published_ring().encode())
    with suppress(NoKey):  # where another CA signs documents, it publishes its own certificate
        folder.write(log_files.CA, keys.ca())
    folder.write(log_files.CHECKPOINT, checkpoint.note.encode())
    return count


def revocation_list(session: Session, origin: str, size: int, moment: datetime) -> RevocationList:
    """All certificates that were revoked or superseded."""
    newer = aliased(Certificate)
    query = (
        select(Certificate.number, Certificate.state, Certificate.revoked_at, newer.issued_at)
        .outerjoin(newer, newer.id == Certificate.superseded_by)
        .where(Certificate.state.in_([State.REVOKED.value, State.SUPERSEDED.value]))
    )
    ended = (
        (number, State(state), _day(revoked_at, newer_at))
        for number, state, revoked_at, newer_at in session.execute(query)
    )
    return revocations.listed(origin, size, moment, ended)


def _day(revoked_at: datetime | None, superseded_at: datetime | None) -> date:
    ended_at = revoked_at or superseded_at
    if ended_at is None:
        raise RuntimeError("a certificate ended and nobody knows when")
    return day_of(ended_at)


def _content(session: Session, tile: Tile) -> bytes:
    if tile.level is None:
        return entry_bundle(_entries(session, tile.start, tile.width))
    rows = session.execute(
        select(LedgerNode.position, LedgerNode.digest)
        .where(
            LedgerNode.level == HEIGHT * tile.level,
            LedgerNode.position >= tile.start,
            LedgerNode.position < tile.start + tile.width,
        )
        .order_by(LedgerNode.position)
    ).all()
    if [position for position, _ in rows] != list(range(tile.start, tile.start + tile.width)):
        raise LogForked(f"the database lacks hashes of {tile.path()}")
    return b"".join(digest for _, digest in rows)


def _entries(session: Session, start: int, count: int) -> Iterator[bytes]:
    query = (
        select(LedgerEntry)
        .where(LedgerEntry.sequence >= start, LedgerEntry.sequence < start + count)
        .order_by(LedgerEntry.sequence)
    )
    for entry in session.scalars(query):
        yield entry.entry().data()
