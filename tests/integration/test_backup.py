"""The drill: a backup taken while people work is restored elsewhere, and everything is equal, on both databases."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from portal.domain.actors import SYSTEM
from portal.services import backups, journal, restoring, work
from portal.services.backups import Places
from portal.store import migration, row_security
from portal.store.backup import plain, snapshot
from portal.store.backup.folders import Occupied
from portal.store.backup.sealing import LEAST_WORK, Damaged, WrongPassphrase
from portal.store.backup.snapshot import NoSnapshot, frozen
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.throttle import Attempts
from tests import dying, populated
from tests.databases import Databases

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PASSPHRASE = "six words chosen by dice"
CERTIFICATES = 100


@dataclass
class Portal:
    """A portal with its database open, and where its things lie."""

    places: Places
    database: Database

    def backed_up(self) -> bytes:
        file = BytesIO()
        backups.write_backup(self.places, file, PASSPHRASE, MOMENT, secrets={}, work=LEAST_WORK)
        return file.getvalue()

    def everything(self) -> tuple[object, ...]:
        return (
            populated.table_hashes(self.database),
            populated.files(self.places.storage),
            populated.ledger(self.database),
            populated.certificates(self.database),
        )


@pytest.fixture
def portal(database: Database, database_url: str, tmp_path: Path) -> Portal:
    """A small portal in which everything happened."""
    places = Places(database_url, tmp_path / "storage", tmp_path / "keys")
    populated.populate(database, places.storage, 3)
    return Portal(places, database)


@pytest.fixture
def elsewhere(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    """An empty machine with the same engine."""
    yield from _empty_machine(dialect, request, tmp_path)


@pytest.fixture
def other_engine(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    """An empty machine with the other engine."""
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[dialect]
    yield from _empty_machine(other, request, tmp_path)


def _empty_machine(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Places]:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if dialect == "sqlite":
        yield Places(f"sqlite:///{folder}/portal.sqlite3", folder / "storage", folder / "keys")
        return
    databases: Databases = request.getfixturevalue("_postgresql")
    url = databases.new(template="template1")
    yield Places(url, folder / "storage", folder / "keys")
    databases.drop(url)


def restored(places: Places, file: bytes, passphrase: str = PASSPHRASE) -> Portal:
    opened = BytesIO(file)
    restoring.look_through(places, opened, passphrase)
    opened.seek(0)
    restoring.restore(places, opened, passphrase)
    return Portal(places, Database(places.database_url))


def nothing_is_in(places: Places) -> bool:
    """Whether a machine is as empty as before."""
    if [path for path in places.storage.parent.rglob("*") if path.is_file()]:
        return False
    if places.database_url.startswith("sqlite"):
        return True
    database = Database(places.database_url)
    with database.engine.connect() as connection:
        found = plain.shapes(connection)
    database.dispose()
    return not found


def test_restored_portal_is_equal_in_everything(
    database: Database, database_url: str, tmp_path: Path, elsewhere: Places
) -> None:
    places = Places(database_url, tmp_path / "storage", tmp_path / "keys")
    populated.populate(database, places.storage, CERTIFICATES)
    before = Portal(places, database)
    after = restored(elsewhere, before.backed_up())
    assert after.everything() == before.everything()
    head, faults = populated.ledger(after.database)
    assert (head.size, faults) == (populated.LEDGER_ENTRIES, [])
    assert len(populated.certificates(after.database)) == CERTIFICATES
    after.database.dispose()


def test_restored_on_the_other_engine_means_the_same(portal: Portal, other_engine: Places) -> None:
    after = restored(other_engine, portal.backed_up())
    assert after.database.is_sqlite != portal.database.is_sqlite
    assert after.everything() == portal.everything()
    after.database.dispose()


def test_second_backup_of_a_restored_portal_holds_the_same(
    portal: Portal, elsewhere: Places
) -> None:
    first = portal.backed_up()
    after = restored(elsewhere, first)
    one = backups.check_backup(BytesIO(first), PASSPHRASE)
    two = backups.check_backup(BytesIO(after.backed_up()), PASSPHRASE)
    assert two == one
    after.database.dispose()


class Writer:
    """Hands in one file after the other as fast as it can, and notes what was acknowledged."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.acknowledged: list[str] = []
        self.errors: list[Exception] = []

    def _write(self) -> None:
        blobs, number = Blobs(self._portal.places.storage), 0
        while not self._is_over.is_set():
            number += 1
            try:
                with work.writing(self._portal.database, SYSTEM, MOMENT) as writing:
                    member = populated.first_member(writing.session)
                    content = random.Random(f"writer {number}").randbytes(2000)
                    sha256 = populated.hand_in(writing.session, blobs, member, content)
                    writing.record("evidence.added", f"evidence/{number}", after=sha256)
            except Exception as error:  # noqa: BLE001 -- told to the test, which runs in another thread
                self.errors.append(error)
                return
            self.acknowledged.append(sha256)

    def wait_for(self, more: int) -> None:
        wanted = len(self.acknowledged) + more
        while len(self.acknowledged) < wanted and not self.errors:
            self._is_over.wait(0.005)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()


def test_backup_is_consistent_while_somebody_keeps_committing(
    portal: Portal, elsewhere: Places
) -> None:
    with Writer(portal) as writer:
        writer.wait_for(10)
        before = list(writer.acknowledged)
        file = portal.backed_up()
        writer.wait_for(5)
    assert writer.errors == []
    after = restored(elsewhere, file)
    with after.database.reading() as session:
        kept = set(session.scalars(select(Evidence.sha256)))
        leaves = list(session.scalars(select(LedgerEntry.leaf).order_by(LedgerEntry.sequence)))
    assert set(before) <= kept
    assert not set(writer.acknowledged[-5:]) & kept
    assert all(Blobs(elsewhere.storage).is_intact(sha256) for sha256 in kept)
    assert populated.ledger(after.database)[1] == []
    with portal.database.reading() as session:
        theirs = list(session.scalars(select(LedgerEntry.leaf).order_by(LedgerEntry.sequence)))
        assert journal.faults(session) == []
    assert len(leaves) >= populated.LEDGER_ENTRIES + len(before)
    assert leaves == theirs[: len(leaves)]
    after.database.dispose()


def test_file_of_the_last_moment_before_the_freeze_is_in_the_backup(
    portal: Portal, elsewhere: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in = []

    @contextmanager
    def frozen_late(database: Database) -> Iterator[Connection]:
        with work.writing(portal.database, SYSTEM, MOMENT) as writing:
            member = populated.first_member(writing.session)
            blobs = Blobs(portal.places.storage)
            handed_in.append(populated.hand_in(writing.session, blobs, member, b"late"))
        with frozen(database) as look:
            yield look

    monkeypatch.setattr(snapshot, "frozen", frozen_late)
    after = restored(elsewhere, portal.backed_up())
    assert all(Blobs(elsewhere.storage).is_intact(sha256) for sha256 in handed_in)
    assert len(handed_in) == 1
    after.database.dispose()


def test_frozen_look_sees_nothing_that_is_committed_meanwhile(database: Database) -> None:
    counted = select(text("count(*)")).select_from(Attempts)
    with frozen(database) as look:
        seen = [look.scalar(counted)]
        with database.writing() as session:
            session.execute(
                insert(Attempts).values(key="one", started_at=MOMENT, expires_at=MOMENT, count=1)
            )
            session.commit()
        seen.append(look.scalar(counted))
    assert seen == [0, 0]


def test_writers_go_on_while_a_backup_reads(portal: Portal) -> None:
    with frozen(portal.database) as look:
        with work.writing(portal.database, SYSTEM, MOMENT) as writing:
            writing.record("test.happened", "meanwhile")
        (entries,) = [each for each in plain.shapes(look) if each.name == "ledger_entry"]
        assert len(list(plain.read_rows(look, entries))) == populated.LEDGER_ENTRIES


@pytest.mark.parametrize("dialect", ["sqlite"])  # PostgreSQL freezes without a copy
def test_frozen_copy_leaves_nothing_beside_the_database(portal: Portal, tmp_path: Path) -> None:
    folder = Path(portal.database.url.database).parent
    before = set(folder.iterdir())
    with frozen(portal.database) as look:
        assert set(folder.iterdir()) == before
        assert look.execute(text("SELECT count(*) FROM member")).scalar_one() == 3


def test_frozen_copy_holds_what_only_the_write_ahead_log_has(tmp_path: Path) -> None:
    path = tmp_path / "wal.sqlite3"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY)")
        writer.executemany("INSERT INTO thing VALUES (?)", ((each,) for each in range(500)))
        writer.commit()
        assert path.with_name("wal.sqlite3-wal").stat().st_size > 0
        database = Database(f"sqlite:///{path}")
        with frozen(database) as look:
            writer.execute("DELETE FROM thing")
            writer.commit()
            assert look.execute(text("SELECT count(*) FROM thing")).scalar_one() == 500
        database.dispose()


@pytest.mark.parametrize("dialect", ["postgresql"])  # SQLite's copy is made in one step
def test_backup_refused_while_a_migration_runs(portal: Portal) -> None:
    with (
        migration.alone(portal.places.database_url),
        pytest.raises(NoSnapshot, match="A migration is running"),
    ):
        portal.backed_up()


def test_next_row_gets_a_number_of_its_own(portal: Portal, elsewhere: Places) -> None:
    after = restored(elsewhere, portal.backed_up())
    with work.writing(after.database, SYSTEM, MOMENT) as writing:
        member = populated.first_member(writing.session)
        populated.hand_in(writing.session, Blobs(elsewhere.storage), member, b"a new file")
        writing.record("evidence.added", "evidence/new")
    with after.database.reading() as session:
        assert len(session.scalars(select(Evidence)).all()) == 4
        assert journal.faults(session) == []
    after.database.dispose()


def test_foreign_keys_triggers_and_walls_hold_again(portal: Portal, elsewhere: Places) -> None:
    after = restored(elsewhere, portal.backed_up())
    with after.database.engine.connect() as connection:
        for statement, why in (
            ("DELETE FROM ledger_entry", "is frozen"),
            ("UPDATE member SET unit_id = 4711", "(?i)foreign key"),
        ):
            with pytest.raises(Exception, match=why):
                connection.execute(text(statement))
            connection.rollback()
        assert row_security.weaknesses(connection) == []
    after.database.dispose()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.2, 0.5, 0.9, 0.999])
def test_damaged_or_cut_backup_restores_nothing(
    portal: Portal, elsewhere: Places, share: float
) -> None:
    file = portal.backed_up()
    place = int(share * len(file))
    flipped = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
    for damaged in (flipped, file[:place], file[:-1]):
        # Even without the look through beforehand nothing may stay.
        for act in (restored, _restored_at_once):
            with pytest.raises(Damaged, match=r"damaged|missing|no backup"):
                act(elsewhere, damaged)
            assert nothing_is_in(elsewhere)


def test_wrong_passphrase_restores_nothing(portal: Portal, elsewhere: Places) -> None:
    file = portal.backed_up()
    with pytest.raises(WrongPassphrase):
        restored(elsewhere, file, "six words chosen by mice")
    assert nothing_is_in(elsewhere)


def _restored_at_once(places: Places, file: bytes) -> None:
    restoring.restore(places, BytesIO(file), PASSPHRASE)


def test_failure_at_the_very_end_leaves_nothing(
    portal: Portal, elsewhere: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = portal.backed_up()
    old = elsewhere.storage.parent / "portal.sqlite3.of-last-year"
    old.mkdir()
    monkeypatch.setattr(journal, "faults", lambda _: ["planted"])
    with pytest.raises(Damaged, match="ledger is not whole: planted"):
        restored(elsewhere, file)
    assert nothing_is_in(elsewhere)
    assert list(elsewhere.storage.parent.iterdir()) == [old]


def test_rows_that_read_back_differently_are_not_committed(
    portal: Portal, elsewhere: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, load = portal.backed_up(), plain.load_rows

    def lose_one(
        connection: object, shape: plain.Shape, rows: list[plain.Row], *, engine: str
    ) -> None:
        load(connection, shape, rows[1:] if shape.name == "evidence" else rows, engine=engine)

    monkeypatch.setattr(plain, "load_rows", lose_one)
    with pytest.raises(Damaged, match="The rows of evidence read back are not those"):
        restored(elsewhere, file)
    assert nothing_is_in(elsewhere)


def test_killed_restore_is_done_again(portal: Portal, elsewhere: Places, tmp_path: Path) -> None:
    path = tmp_path / "backup"
    path.write_bytes(portal.backed_up())
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=dying.restore_and_die, args=(elsewhere, path, PASSPHRASE))
    process.start()
    process.join(120)
    assert process.exitcode == -9
    assert len(populated.files(elsewhere.storage)) == 3
    after = restored(elsewhere, path.read_bytes())
    assert after.everything() == portal.everything()
    after.database.dispose()


def test_restore_refused_when_the_database_is_in_use(portal: Portal, tmp_path: Path) -> None:
    before = portal.everything()
    places = replace(portal.places, storage=tmp_path / "new")
    for act in (restored, _restored_at_once):
        with pytest.raises(Occupied, match="has tables already"):
            act(places, portal.backed_up())
    assert not places.storage.exists()
    assert portal.everything() == before


def test_restore_refused_when_the_folder_is_in_use(portal: Portal, elsewhere: Places) -> None:
    elsewhere.storage.mkdir()
    (elsewhere.storage / "holiday.jpg").write_bytes(b"somebody's")
    with pytest.raises(Occupied, match=r"the first is holiday\.jpg"):
        restored(elsewhere, portal.backed_up())
    assert populated.files(elsewhere.storage).keys() == {"holiday.jpg"}


def test_restore_refused_when_a_file_of_the_same_name_differs(
    portal: Portal, elsewhere: Places
) -> None:
    name = next(iter(populated.files(portal.places.storage)))
    path = elsewhere.storage / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"another")
    with pytest.raises(Occupied, match="differs from the backup's"):
        restored(elsewhere, portal.backed_up())
    assert path.read_bytes() == b"another"
    assert len(populated.files(elsewhere.storage)) == 1


def test_newer_backup_is_refused(
    portal: Portal, elsewhere: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = portal.backed_up()
    monkeypatch.setattr(migration, "known_revisions", lambda: ["0000"])
    with pytest.raises(restoring.NewerRelease, match="Install the release that it was made with"):
        restored(elsewhere, file)
    assert nothing_is_in(elsewhere)


def test_older_backup_is_brought_up_to_date(
    dialect: str, databases: Databases, tmp_path: Path, elsewhere: Places
) -> None:
    url = f"sqlite:///{tmp_path}/old.sqlite3"
    if dialect == "postgresql":
        url = databases.new(template="template1")
    first = migration.known_revisions()[0]
    migration.upgrade(url, first)
    old = Portal(Places(url, tmp_path / "storage", tmp_path / "keys"), Database(url))
    counters = [
        {"key": key, "count": 7, "started_at": MOMENT, "expires_at": MOMENT} for key in ("a", "B")
    ]
    with old.database.engine.begin() as connection:
        connection.execute(insert(Attempts), counters)
    file = old.backed_up()
    assert backups.check_backup(BytesIO(file), PASSPHRASE).about.revision == first
    after = restored(elsewhere, file)
    migration.require_head(after.database)
    with after.database.reading() as session:
        rows = session.scalars(select(Attempts)).all()
    assert {(row.key, row.count, row.started_at) for row in rows} == {
        ("a", 7, MOMENT),
        ("B", 7, MOMENT),
    }
    for each in (old, after):
        each.database.dispose()
    if dialect == "postgresql":
        databases.drop(url)


def _break_blob(portal: Portal) -> None:
    path = next(portal.places.storage.rglob("[0-9a-f]" * 64))
    path.write_bytes(b"rotten")


def _lose_blob(portal: Portal) -> None:
    next(portal.places.storage.rglob("[0-9a-f]" * 64)).unlink()


def _change_entry(portal: Portal) -> None:
    with portal.database.engine.begin() as connection:
        on = "" if portal.database.is_sqlite else " ON ledger_entry"
        connection.execute(text(f"DROP TRIGGER ledger_entry_keeps_update{on}"))
        connection.execute(text("UPDATE ledger_entry SET subject = 'x' WHERE sequence = 8"))


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (_break_blob, "1 evidence files don't match their SHA-256"),
        (_lose_blob, "1 evidence files are missing from the storage"),
        (_change_entry, "1 ledger entries don't match their leaves: 8."),
    ],
)
def test_what_was_wrong_already_is_backed_up_told_and_restored(
    portal: Portal, elsewhere: Places, act: Callable[[Portal], None], says: str
) -> None:
    act(portal)
    file = portal.backed_up()
    (fault,) = backups.check_backup(BytesIO(file), PASSPHRASE).faults
    assert says in fault
    after = restored(elsewhere, file)
    assert after.everything() == portal.everything()
    after.database.dispose()


def test_uploads_under_way_are_left_out(portal: Portal, elsewhere: Places) -> None:
    waiting = portal.places.storage / "incoming" / "half"
    waiting.write_bytes(b"half of it")
    after = restored(elsewhere, portal.backed_up())
    assert not (elsewhere.storage / "incoming").exists()
    assert len(populated.files(elsewhere.storage)) == 3
    after.database.dispose()


def test_backup_refused_when_there_is_nothing(elsewhere: Places) -> None:
    empty = Portal(elsewhere, Database(elsewhere.database_url))
    with pytest.raises(NoSnapshot, match="portal init"):
        empty.backed_up()


def test_every_column_of_the_store_has_a_kind(database: Database) -> None:
    with database.engine.connect() as connection:
        found = {shape.name: dict(shape.columns) for shape in plain.shapes(connection)}
    assert found["member"]["id"] is plain.Kind.INTEGER
    assert found["member"]["uid"] is plain.Kind.UUID
    assert found["member"]["joined_on"] is plain.Kind.DAY
    assert found["evidence"]["flags"] is plain.Kind.JSON
    assert found["ledger_entry"]["at"] is plain.Kind.MOMENT
    assert found["certificate_document"]["content"] is plain.Kind.BYTES
    assert found["account"]["active"] is plain.Kind.BOOLEAN
    assert set(found) == {table.name for table in Member.metadata.sorted_tables}
