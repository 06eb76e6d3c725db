"""The published log is what C2SP says, step by step, and stays whole whatever happens while it is written."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.domain import revocations
from portal.domain.actors import SYSTEM
from portal.domain.certificates import State
from portal.domain.ledger import checkpoints as rules
from portal.domain.ledger.checkpoints import Checkpoint
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.merkle import (
    EMPTY_ROOT,
    check_inclusion,
    inclusion_ranges,
    leaf_hash,
    proof,
    root_of,
)
from portal.domain.ledger.notes import Note
from portal.domain.ledger.tile_hashes import TileHashes
from portal.domain.ledger.tiles import HASH_BYTES, Tile, entries_in, tiles_of
from portal.jobs.worker import drain
from portal.services import certificates, checkpoints, publishing
from portal.services.checkpoints import LogForked, Notary
from portal.services.publishing import Signed
from portal.services.work import Work, writing
from portal.store import log_files
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.ledger import Checkpoint as Kept
from portal.store.ledger import LedgerEntry, LedgerHead, LedgerNode
from portal.store.log_files import LogFolder
from tests.factories.long_logs import grow
from tests.factories.scenes import Scene
from tests.factories.sealed import Records, a_notary
from tests.factories.suppliers import MOMENT
from tests.tampering import plant_anew, put, remove_triggers
from tests.workers import add_job, job, settings_for

# Around the borders of a tile; the last has 33 full ones, whose hashes are part of a tile above.
SIZES = (1, 5, 255, 256, 257, 600, 8500)


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    return a_notary(tmp_path)


def sign(session: Session, notary: Notary, moment: datetime = MOMENT) -> Signed:
    signed = publishing.sign(Work(session, SYSTEM, moment), notary)
    session.commit()
    return signed


def publish(session: Session, notary: Notary) -> Signed:
    signed = sign(session, notary)
    publishing.publish(lambda: nullcontext(session), signed, notary)
    session.commit()
    return signed


def shown(folder: LogFolder, ring: KeyRing) -> Checkpoint:
    """The published checkpoint, if its signature holds."""
    written = (folder.read("checkpoint") or b"").decode()
    size = Checkpoint.read(Note.read(written).text).size
    return rules.opened(written, ring.for_size(size))


def leaves_of(folder: LogFolder, size: int) -> list[bytes]:
    """Every leaf, from the entries alone."""
    found = []
    for tile in tiles_of(size):
        if tile.level is None:
            bundle = folder.read(tile.path())
            assert bundle is not None, tile
            found += [leaf_hash(entry) for entry in entries_in(bundle)]
    assert len(found) == size
    return found


def tiles_by_definition(leaves: list[bytes]) -> dict[Tile, bytes]:
    """The tiles of hashes as C2SP tlog-tiles defines them, by the slow and obvious recursion over all leaves."""
    found = {}
    for tile in tiles_of(len(leaves)):
        if tile.level is not None:
            span = 256**tile.level
            places = range(tile.start, tile.start + tile.width)
            hashes = [root_of(leaves[place * span : (place + 1) * span]) for place in places]
            found[tile] = b"".join(hashes)
    return found


def test_published_files_are_the_tiles_of_the_signed_log_at_every_step(
    database: Database, notary: Notary
) -> None:
    folder, ring = notary.published, notary.keys.ring()
    earlier: list[Checkpoint] = []
    with database.writing() as session:
        for size in SIZES:
            grow(session, size)
            publish(session, notary)
            checkpoint = shown(folder, ring)
            assert checkpoint.size == size
            leaves = leaves_of(folder, size)
            assert root_of(leaves) == checkpoint.root
            for tile, hashes in tiles_by_definition(leaves).items():
                assert folder.read(tile.path()) == hashes
            tiles = TileHashes(size, lambda tile: folder.read(tile.path()))
            tiles.check(checkpoint)
            for before in earlier:
                tiles.check_growth(before, checkpoint)
                # Whoever still has an older checkpoint finds what it stands on.
                TileHashes(before.size, lambda tile: folder.read(tile.path())).check(before)
            for index in {0, size // 3, size - 1}:
                hashes = proof(inclusion_ranges(index, size), tiles.subtree)
                check_inclusion(leaves[index], index, size, hashes, checkpoint.root)
            earlier.append(checkpoint)


def test_full_tiles_are_written_once_and_their_parts_are_dropped(
    database: Database, notary: Notary
) -> None:
    folder = notary.published
    with database.writing() as session:
        for size in (200, 250):
            grow(session, size)
            publish(session, notary)
        parts = sorted(each.name for each in (folder.path / "tile/0/000.p").iterdir())
        assert parts == ["200", "250"]
        grow(session, 300)
        publish(session, notary)
        full = folder.path / "tile/0/000"
        written = (full.stat().st_ino, full.stat().st_mtime_ns)
        for level in ("0", "entries"):
            assert not (folder.path / f"tile/{level}/000.p").exists()
            assert (folder.path / f"tile/{level}/001.p/44").is_file()
        assert folder.read("tile/0/000.p/200") == full.read_bytes()[: 200 * HASH_BYTES]
        bundle = folder.read("tile/entries/000.p/200")
        assert bundle is not None
        assert len(entries_in(bundle)) == 200
        grow(session, 1000)
        signed = sign(session, notary)
        count = publishing.publish(lambda: nullcontext(session), signed, notary)
        assert (full.stat().st_ino, full.stat().st_mtime_ns) == written
        assert count == len(list(tiles_of(1000, 300)))
        assert publishing.publish(lambda: nullcontext(session), signed, notary) == 0


def test_part_of_a_tile_is_cut_from_the_next_wider_one(notary: Notary) -> None:
    folder = notary.published
    folder.write("tile/0/000.p/9", bytes(range(9)) * HASH_BYTES)
    folder.write("tile/0/000.p/20", bytes(20 * HASH_BYTES))
    assert folder.read("tile/0/000.p/7") == (bytes(range(9)) * HASH_BYTES)[: 7 * HASH_BYTES]
    assert folder.read("tile/0/000.p/21") is None
    with pytest.raises(ValueError):
        folder.write("../outside", b"")
    with pytest.raises(ValueError):
        folder.read("tile/0/0")


def test_empty_log_is_signed_and_published_and_grows(database: Database, notary: Notary) -> None:
    with database.writing() as session:
        publish(session, notary)
        assert shown(notary.published, notary.keys.ring()).root == EMPTY_ROOT
        grow(session, 3)
        assert publish(session, notary).checkpoint.size == 3


def test_job_signs_and_publishes_what_was_appended(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path)
    folder = LogFolder(settings.log)
    for size in (0, 3, 300):
        with database.writing() as session:
            grow(session, size)
        number = add_job(database, "publish_log", moment=MOMENT)
        assert drain(settings) == 1
        assert job(database, number).state == "done"
        ring = KeyRing.read((folder.read("keys") or b"").decode())
        assert shown(folder, ring).size == size
        assert revocations.opened((folder.read("revocations") or b"").decode(), ring).ended == ()
        assert b"BEGIN CERTIFICATE" in (folder.read("ca.pem") or b"")
    with database.reading() as session:
        assert [row.size for row in checkpoints.recent(session, 9)] == [300, 3, 0]


def test_list_of_revocations_says_what_ended_and_on_which_day(scene: Scene, tmp_path: Path) -> None:
    records = Records(scene, a_notary(tmp_path), Blobs(tmp_path / "storage"))
    first, second = records.member("M-0001"), records.member("M-0002")
    old = records.certified(first)
    revoked = records.certified(second)
    records.minute = 24 * 60
    newer = records.corrected(old, first)
    records.minute = 3 * 24 * 60
    work = records.coordinator()
    certificates.revoke(work, revoked.uid, "The site was sold.")
    work.commit()
    records.published()
    folder, ring = records.notary.published, records.notary.keys.ring()
    written = (folder.read("revocations") or b"").decode()
    found = revocations.opened(written, ring)
    assert found.size == shown(folder, ring).size
    told = {each.number: (each.state, each.on.isoformat()) for each in found.ended}
    assert told == {
        old.number: (State.SUPERSEDED, "2026-03-03"),
        revoked.number: (State.REVOKED, "2026-03-05"),
    }
    assert found.find(newer.number) is None
    with pytest.raises(ValueError):
        revocations.opened(written.replace(revoked.number, newer.number), ring)
    stranger = a_notary_elsewhere(tmp_path)
    with pytest.raises(ValueError):
        revocations.opened(written, stranger.keys.ring())


def a_notary_elsewhere(folder: Path) -> Notary:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return a_notary(elsewhere)


# --- what contradicts the published log -----------------------------------------------------------------------------


def _cut(session: Session) -> None:
    session.execute(delete(LedgerEntry).where(LedgerEntry.sequence >= 290))
    plant_anew(session)


def _edit(session: Session) -> None:
    put(session, "ledger_entry", "actor", "somebody else", "sequence = 7")
    plant_anew(session)


def _lose_hashes(session: Session) -> None:
    session.execute(delete(LedgerNode).where(LedgerNode.level == 8))


@pytest.mark.parametrize("spoil", [_cut, _edit, _lose_hashes])
def test_nothing_is_signed_when_the_database_is_older_or_another_than_what_was_published(
    database: Database, notary: Notary, spoil: Callable[[Session], None]
) -> None:
    remove_triggers(database)
    with database.writing() as session:
        grow(session, 300)
        publish(session, notary)
        before = _files(notary.published)
        spoil(session)
        session.commit()
        with pytest.raises(LogForked):
            sign(session, notary)
        session.rollback()
        assert [row.size for row in session.scalars(select(Kept))] == [300]
    assert _files(notary.published) == before


def test_nothing_is_signed_over_a_head_that_is_not_that_of_the_hashes(
    database: Database, notary: Notary
) -> None:
    with database.writing() as session:
        grow(session, 10)
        session.execute(update(LedgerHead).values(root=bytes(32)))
        session.commit()
        with pytest.raises(LogForked):
            sign(session, notary)


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("ledger_entry", "actor", "sequence = 260"),  # an entry of a part
        ("ledger_entry", "actor", "sequence = 100"),  # of a full tile
        ("ledger_node", "digest", "level = 0 AND position = 100"),
        ("ledger_node", "digest", "level = 0 AND position = 270"),
        ("checkpoint", "note", "size = 300"),
    ],
)
def test_nothing_is_published_that_was_changed_since_it_was_signed(
    database: Database, notary: Notary, table: str, column: str, where: str
) -> None:
    remove_triggers(database)
    with database.writing() as session:
        grow(session, 50)
        publish(session, notary)
        grow(session, 300)
        sign(session, notary)
        put(session, table, column, bytes(32) if column == "digest" else "x", where)
        session.commit()
        session.expire_all()
        signed = sign(session, notary)
        with pytest.raises(LogForked):
            publishing.publish(lambda: nullcontext(session), signed, notary)
    checkpoint = shown(notary.published, notary.keys.ring())
    assert checkpoint.size == 50


@pytest.mark.parametrize("spoiled", [b"", b"no checkpoint", b"\xff\xfe"])
def test_damaged_published_checkpoint_stops_everything(
    database: Database, notary: Notary, spoiled: bytes
) -> None:
    with database.writing() as session:
        grow(session, 10)
        publish(session, notary)
        (notary.published.path / "checkpoint").write_bytes(spoiled)
        with pytest.raises(LogForked):
            sign(session, notary)


# --- crashes and company --------------------------------------------------------------------------------------------


class Power(Exception):
    """It went."""


@dataclass
class Fuse:
    """Blows after so many changes of the folder."""

    left: int

    def take(self) -> None:
        if self.left == 0:
            raise Power
        self.left -= 1


class BreakingFolder(LogFolder):
    """A folder whose process ends after so many changes."""

    fuse: Fuse

    def write(self, name: str, content: bytes) -> None:
        self.fuse.take()
        super().write(name, content)

    def drop_parts_of(self, tile: Tile) -> None:
        self.fuse.take()
        super().drop_parts_of(tile)


def test_crash_at_any_write_leaves_the_old_log_whole_and_the_next_run_completes_it(
    database: Database, notary: Notary, tmp_path: Path
) -> None:
    ring = notary.keys.ring()
    with database.writing() as session:
        grow(session, 200)
        publish(session, notary)
        old = shown(notary.published, ring)
        grow(session, 530)
        signed = sign(session, notary)
        for place in range(100):
            crashed = BreakingFolder(tmp_path / f"crash-{place}")
            shutil.copytree(notary.published.path, crashed.path)
            fuse = Fuse(place)
            type(crashed).fuse = fuse
            try:
                publishing.publish(
                    lambda: nullcontext(session), signed, replace(notary, published=crashed)
                )
            except Power:
                is_done = False
            else:
                is_done = True
            folder = LogFolder(crashed.path)
            found = shown(folder, ring)
            assert found.size == (530 if is_done else 200)
            for checkpoint in (old, found):
                leaves = leaves_of(folder, checkpoint.size)
                assert root_of(leaves) == checkpoint.root
                for tile, hashes in tiles_by_definition(leaves).items():
                    assert folder.read(tile.path()) == hashes
            publishing.publish(
                lambda: nullcontext(session), signed, replace(notary, published=folder)
            )
            assert shown(folder, ring).size == 530
            assert root_of(leaves_of(folder, 530)) == shown(folder, ring).root
            assert not list(folder.path.rglob("*.p/200"))
            if is_done:
                break
        assert place > 10
        assert is_done


def test_names_are_on_the_disk_before_the_checkpoint_that_needs_them(
    database: Database, notary: Notary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a loss of power a checkpoint must not stand there alone."""
    done: list[tuple[str, Path]] = []
    for name in ("write_whole", "flush_folder"):
        real = getattr(log_files, name)

        def noted(
            path: Path, *more: bytes, name: str = name, real: Callable[..., None] = real
        ) -> None:
            done.append((name, path))
            real(path, *more)

        monkeypatch.setattr(log_files, name, noted)
    with database.writing() as session:
        grow(session, 600)
        publish(session, notary)
    root = notary.published.path
    end = done.index(("write_whole", root / "checkpoint"))
    flushed = {path for act, path in done[:end] if act == "flush_folder"}
    last_write = max(place for place, (act, _) in enumerate(done[:end]) if act == "write_whole")
    first_flush = min(place for place, (act, _) in enumerate(done) if act == "flush_folder")
    assert last_write < first_flush
    assert flushed == {root, root / "tile", *(path.parent for path in _tile_files(root))} | {
        root / f"tile/{level}" for level in ("0", "1", "entries")
    }
    assert done[end + 1 :] == [("flush_folder", root)]


def _tile_files(root: Path) -> list[Path]:
    return [each for each in (root / "tile").rglob("*") if each.is_file()]


def test_late_publisher_takes_nothing_back(database: Database, notary: Notary) -> None:
    with database.writing() as session:
        grow(session, 10)
        early = sign(session, notary)
        grow(session, 20)
        publish(session, notary)
        before = _files(notary.published)
        assert publishing.publish(lambda: nullcontext(session), early, notary) == 0
        assert _files(notary.published) == before


def test_publishers_at_the_same_time_take_turns(database: Database, notary: Notary) -> None:
    ring = notary.keys.ring()
    went_back: list[tuple[int, int]] = []

    def work(name: int) -> None:
        for number in range(4):
            with notary.published.locked():
                with writing(database, SYSTEM, MOMENT) as mine:
                    mine.record("thing.done", f"thing/{name}-{number}")
                    signed = publishing.sign(mine, notary)
                publishing.publish(database.reading, signed, notary)
            now = shown(notary.published, ring).size
            if now < signed.checkpoint.size:
                went_back.append((signed.checkpoint.size, now))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert went_back == []
    checkpoint = shown(notary.published, ring)
    assert checkpoint.size == 16
    assert root_of(leaves_of(notary.published, 16)) == checkpoint.root


def _files(folder: LogFolder) -> dict[str, bytes]:
    found = (each for each in folder.path.rglob("*") if each.is_file())
    return {str(each.relative_to(folder.path)): each.read_bytes() for each in found}
