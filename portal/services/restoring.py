"""Restoring a backup into an empty database and empty folders: all of it, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.domain.actors import SYSTEM
from portal.services import erasure, journal
from portal.services.backups import Places, Summary, check_backup
from portal.services.key_rings import KeyRing, check_keys
from portal.services.work import Work
from portal.store import migration
from portal.store.backup import loading, plain
from portal.store.backup.about import About
from portal.store.backup.archive import Member
from portal.store.backup.folders import Occupied, Placing, files_beneath
from portal.store.backup.plain import Shape
from portal.store.backup.sealing import Damaged
from portal.store.base import Database

STORAGE_FOLDER_MODE, KEYS_FOLDER_MODE = 0o750, 0o700


class NewerRelease(Exception):
    """The backup was made by a release that knows more than this one."""


def look_through(places: Places, file: BinaryIO, passphrase: str) -> Summary:
    """Check everything that can be checked before anything is written: the file, and where it would go."""
    survey = _Survey(places.storage)
    found = check_backup(file, passphrase, survey)
    _demand_known(found.about)
    survey.demand_room()
    _demand_empty(places.database_url)
    return found


def restore(
    places: Places,
    file: BinaryIO,
    passphrase: str,
    *,
    keys: BinaryIO | None = None,
    erased: Collection[UUID] = (),
    moment: datetime | None = None,
) -> tuple[Summary, KeyRing | None]:
    """Put a backup that `look_through` found sound into its places; whatever fails, nothing stays behind.

    The files come first and the commit last: a portal that finds its tables finds its files too. People who were erased
    after the backup, by the public ids of their accounts, are erased again at the `moment` before anybody sees them.
    """
    placing = Placing(places.storage, folder_mode=STORAGE_FOLDER_MODE)
    placing_keys = Placing(places.keys, folder_mode=KEYS_FOLDER_MODE)
    try:
        with _new_database(places.database_url) as connection:
            loader = _Loader(connection, placing)
            found = check_backup(file, passphrase, loader)
            # Of an empty ledger there is no root yet, of a damaged one the backup has told already.
            loader.settle(asks_ledger=found.entries > 0 and not found.faults)
            if erased and moment is not None:
                _erase_again(connection, erased, moment)
            ring = None if keys is None else check_keys(keys, passphrase, placing_keys)
            placing.finish()
            placing_keys.finish()
    except BaseException:
        placing.undo()
        placing_keys.undo()
        raise
    return found, ring


def _erase_again(connection: Connection, erased: Collection[UUID], moment: datetime) -> None:
    with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
        work = Work(session, SYSTEM, moment)
        erasure.apply_list(work, erased)
        work.commit()
        said = journal.faults(session)
    if said:
        raise Damaged(f"After erasing people again the ledger is not whole: {'; '.join(said)}.")


class _Survey:
    """Learns from a backup which of the files that lie about are its own, as a killed restore leaves them."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage
        self._foreign = set(files_beneath(storage))

    def begin(self, about: About) -> None:
        """Nothing to do yet."""

    def lines(self, shape: Shape, lines: list[bytes]) -> None:
        """Rows are no files."""

    def file(self, member: Member) -> None:
        """Count a file of the backup among its own."""
        self._foreign.discard(member.path)

    def demand_room(self) -> None:
        """Refuse a folder that somebody uses."""
        if self._foreign:
            first: PurePosixPath = min(self._foreign)
            raise Occupied(
                f"{self._storage} holds {len(self._foreign)} files that are not in this backup, the first is {first}. "
                "Restore into an empty folder: set PORTAL_STORAGE to one, or move this one away."
            )


class _Loader:
    """Puts what goes by into a database that nobody else sees yet, and into its folder."""

    def __init__(self, connection: Connection, placing: Placing) -> None:
        self._connection = connection
        self._placing = placing
        self._engine = ""
        self._tables: tuple[Shape, ...] = ()
        self._sums: dict[str, Any] = {}
        self._foreign_keys: list[loading.ForeignKey] = []
        self._walled: list[str] = []

    def begin(self, about: About) -> None:
        """Lay the tables as they were, without the rows that migrations put in."""
        migration.upgrade_within(self._connection, about.revision)
        laid = plain.shapes(self._connection)
        if _columns(laid) != _columns(about.tables):
            raise Damaged(
                f"The tables of revision {about.revision} are not those of the backup: was it made by a changed release?"
            )
        loading.clear(self._connection, laid)
        self._foreign_keys = loading.drop_foreign_keys(self._connection)
        self._walled = loading.lower_walls(self._connection)
        self._engine, self._tables = about.engine, about.tables
        self._sums = {shape.name: hashlib.sha256() for shape in about.tables}

    def lines(self, shape: Shape, lines: list[bytes]) -> None:
        """Load some rows."""
        rows = [plain.row_of(line) for line in lines]
        for row in rows:
            self._sums[shape.name].update(self._spelled(shape, row))
        plain.load_rows(self._connection, shape, rows, engine=self._engine)

    def file(self, member: Member) -> None:
        """Put a file into its place."""
        self._placing.place(member.path, member.stream, member.mode)

    def settle(self, *, asks_ledger: bool) -> None:
        """Read everything back, then bring the tables to this release and ask the ledger."""
        loading.lay_foreign_keys(self._connection, self._foreign_keys)
        loading.raise_walls(self._connection, self._walled)
        loading.move_sequences(self._connection, list(self._tables))
        for shape in self._tables:
            back = hashlib.sha256()
            for row in plain.read_rows(self._connection, shape):
                back.update(self._spelled(shape, row))
            if back.digest() != self._sums[shape.name].digest():
                raise Damaged(f"The rows of {shape.name} read back are not those of the backup.")
        migration.upgrade_within(self._connection)
        with Session(bind=self._connection, join_transaction_mode="create_savepoint") as session:
            said = journal.faults(session) if asks_ledger else []
        if said:
            raise Damaged(f"The restored ledger is not whole: {'; '.join(said)}.")

    def _spelled(self, shape: Shape, row: plain.Row) -> bytes:
        # Another engine spells JSON its own way; the same one gives back every byte.
        is_same = self._connection.dialect.name == self._engine
        return plain.line_of(row) if is_same else plain.meaning_of(shape, row)


@contextmanager
def _new_database(url: str) -> Iterator[Connection]:
    """One transaction in an empty database; an SQLite file that it made is gone again when it fails."""
    path = _file_to_make(url)
    try:
        with migration.alone(url) as connection:
            _demand_no_tables(connection)
            yield connection
    except BaseException:
        if path is not None:
            for beside in ("", "-journal", "-wal", "-shm"):
                path.with_name(path.name + beside).unlink(missing_ok=True)
        raise


_NOT_EMPTY = (
    "The database has tables already. Restore into a new one: point PORTAL_DATABASE_URL (or PORTAL_FOLDER) to it, "
    "or move the old one away. `portal init` is not needed before."
)


def _file_to_make(url: str) -> Path | None:
    """The SQLite file that isn't there yet."""
    database = Database(url, pool_size=1)
    path = Path(database.url.database or "") if database.is_sqlite else None
    return None if path is None or path.exists() else path


def _demand_empty(url: str) -> None:
    if _file_to_make(url) is not None:
        return
    database = Database(url, pool_size=1)
    try:
        with database.engine.connect() as connection:
            _demand_no_tables(connection)
    finally:
        database.dispose()


def _demand_no_tables(connection: Connection) -> None:
    if not loading.is_empty(connection):
        raise Occupied(_NOT_EMPTY)


def _demand_known(about: About) -> None:
    known = migration.known_revisions()
    if about.revision not in known:
        raise NewerRelease(
            f"The backup is of revision {about.revision} (release {about.release}), this release knows up to "
            f"{known[-1]}. Install the release that it was made with, or a later one."
        )


def _columns(shapes: tuple[Shape, ...] | list[Shape]) -> dict[str, dict[str, plain.Kind]]:
    return {shape.name: dict(shape.columns) for shape in shapes}
