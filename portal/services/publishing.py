"""Publishing the log: what a signed checkpoint stands on is written as static files before the checkpoint itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.domain import revocations
from portal.domain.certificates import State
from portal.domain.ledger import checkpoints as rules
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.merkle import Frontier, NotProven, leaf_hash
from portal.domain.ledger.notes import NotANote, Note, NotSigned
from portal.domain.ledger.tile_hashes import TileHashes
from portal.domain.ledger.tiles import HASH_BYTES, HEIGHT, Tile, entry_bundle, tiles_of
from portal.domain.revocations import RevocationList
from portal.services import checkpoints
from portal.services.checkpoints import LogForked, Notary
from portal.services.places import day_of
from portal.services.work import Work
from portal.store import log_files
from portal.store.certificates import Certificate
from portal.store.keys import NoKey
from portal.store.ledger import Checkpoint, nodes_of_level
from portal.store.ledger_scan import scan_between
from portal.store.log_files import LogFolder

TILES_AT_ONCE = 50
# Opens a session that reads.
Reading = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Signed:
    """What the log's key has signed in one moment: the checkpoint, and the list of what ended until then."""

    checkpoint: Checkpoint
    revocations: str


def sign(work: Work, notary: Notary) -> Signed:
    """Sign the head of the log and the list of revocations, both under one lock; raises NoKey or LogForked.

    Ask for it with `notary.published.locked()`, so that who signs first also publishes first.
    """
    checkpoint = checkpoints.sign_head(work, notary)
    key = notary.keys.log_key()
    ended = revocation_list(work.session, key.name, checkpoint.size, work.moment)
    return Signed(checkpoint, ended.signed(key).written())


def publish(reading: Reading, signed: Signed, notary: Notary) -> int:
    """Write the files of a checkpoint that are not there yet; returns how many tiles. Raises LogForked.

    Whoever reads meanwhile finds every file of the checkpoint that he has: nothing of it is changed. Nothing is
    written that a witness would refuse: every tile is held against the hashes above it, up to the signed root.
    `reading` opens a session; each lasts for a few tiles, because on SQLite whoever writes waits for whoever reads.
    """
    folder, size = notary.published, signed.checkpoint.size
    with reading() as session:
        since = checkpoints.refuse_a_fork(session, folder)
        if since > size:
            return 0  # another machine has published more meanwhile
        _refuse_other_hashes(session, signed.checkpoint.note, notary.keys.ring())
    written = list(tiles_of(size, since))
    for at in range(0, len(written), TILES_AT_ONCE):
        with reading() as session:
            _write(session, folder, written[at : at + TILES_AT_ONCE])
    # The keys go before what they have signed, the hashes before the checkpoint that speaks of them.
    folder.write(log_files.KEYS, notary.keys.published_ring().encode())
    folder.write(log_files.REVOCATIONS, signed.revocations.encode())
    with suppress(NoKey):  # where another CA signs documents, it publishes its own certificate
        folder.write(log_files.CA, notary.keys.ca())
    folder.flush([*(tile.path() for tile in written), log_files.CHECKPOINT])
    folder.write(log_files.CHECKPOINT, signed.checkpoint.note.encode())
    folder.flush([log_files.CHECKPOINT])
    return len(written)


def _write(session: Session, folder: LogFolder, tiles: Sequence[Tile]) -> None:
    for tile in tiles:
        folder.write(tile.path(), _content(session, tile))
        if tile.is_full:
            folder.drop_parts_of(tile)


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


def _refuse_other_hashes(session: Session, note: str, ring: KeyRing) -> None:
    """Hold the hashes that are not complete tiles yet, and those above complete ones, against the signed root."""
    try:
        size = rules.Checkpoint.read(Note.read(note).text).size
        checkpoint = rules.opened(note, ring.for_size(size))
        TileHashes(size, lambda tile: _hashes(session, tile)).check(checkpoint)
    except (NotANote, NotSigned, NotProven) as error:
        raise LogForked(
            f"the hashes of the database are not those of its last checkpoint: {error}. "
            "Somebody changed the database; `portal ledger verify` says where."
        ) from error


def _content(session: Session, tile: Tile) -> bytes:
    if tile.level is None:
        return entry_bundle(_entries(session, tile))
    content = _hashes(session, tile)
    if tile.is_full and _root_over(content) != _above(session, tile):
        raise LogForked(
            f"the database has other hashes for {tile.path()} than for what is above it"
        )
    return content


def _hashes(session: Session, tile: Tile) -> bytes:
    level = HEIGHT * (tile.level or 0)
    found = nodes_of_level(session, level, tile.start, tile.start + tile.width)
    if len(found) != tile.width:
        raise LogForked(f"the database lacks hashes of {tile.path()}")
    return b"".join(found[position] for position in sorted(found))


def _root_over(hashes: bytes) -> bytes:
    tree = Frontier(0, [])
    for at in range(0, len(hashes), HASH_BYTES):
        for _ in tree.append(hashes[at : at + HASH_BYTES]):
            pass
    return tree.root()


def _above(session: Session, tile: Tile) -> bytes:
    level = HEIGHT * ((tile.level or 0) + 1)
    return nodes_of_level(session, level, tile.index, tile.index + 1).get(tile.index, b"")


def _entries(session: Session, tile: Tile) -> Iterator[bytes]:
    """The published bytes of entries that still are what their hashes were made from."""
    start, end = tile.start, tile.start + tile.width
    leaves = nodes_of_level(session, 0, start, end)
    found = {row.sequence: row.entry for row in scan_between(session, start, end)}
    for place in range(start, end):
        entry = found.get(place)
        data = b"" if entry is None else entry.data()
        if leaf_hash(data) != leaves.get(place):
            raise LogForked(
                f"entry {place} of the database is not what was signed. "
                "Somebody changed it; `portal ledger verify` says more."
            )
        yield data
