"""Backups: database and files of a portal in one sealed file, and reading it through again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sqlalchemy import Connection

from portal import __version__
from portal.services.backup_witness import TableSum, Witness
from portal.store.backup import archive, loading, snapshot
from portal.store.backup.about import About, fingerprint, read_about
from portal.store.backup.archive import ArchiveWriter, Hashing, Member, members
from portal.store.backup.folders import files_beneath
from portal.store.backup.plain import Shape, line_of, read_rows, row_of, shapes
from portal.store.backup.sealing import USUAL_WORK, Content, Damaged, Opener, Sealer
from portal.store.base import Database


@dataclass(frozen=True, slots=True)
class Places:
    """Where a portal keeps what a backup holds."""

    database_url: str
    storage: Path
    keys: Path


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds, and what was wrong with the portal when it was made."""

    about: About
    tables: Mapping[str, TableSum]
    files: int
    bytes: int
    entries: int
    root: str
    faults: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(total.rows for total in self.tables.values())


class Reading(Protocol):
    """Who looks at a backup's content while it goes by."""

    def begin(self, about: About) -> None:
        """Know what comes."""

    def lines(self, shape: Shape, lines: list[bytes]) -> None:
        """Take some rows of a table."""

    def file(self, member: Member) -> None:
        """Take a file of the storage folder; its stream is read now or never."""


def write_backup(
    places: Places,
    file: BinaryIO,
    passphrase: str,
    moment: datetime,
    *,
    secrets: Mapping[str, str],
    work: int = USUAL_WORK,
) -> Summary:
    """Write database and files into a sealed file; people may go on working meanwhile.

    The database is frozen first and the files are copied after it: a file is on the disk before its row is committed,
    so all files that the frozen rows name are there by then. The other way round, a row could name a file of later.
    """
    sealer = Sealer(file, passphrase, Content.DATA, work=work)
    writer = ArchiveWriter(sealer)
    witness = Witness()
    marks = {name: fingerprint(name, secret) for name, secret in secrets.items()}
    database = Database(places.database_url, pool_size=1)
    try:
        with snapshot.frozen(database) as look:
            about = _about(look, moment, marks)
            faults = snapshot.faults(look)
            _write_rows(look, about, writer, witness)
    finally:
        database.dispose()
    _write_files(places.storage, writer, witness)
    faults += witness.faults()
    writer.add_json(archive.MANIFEST, _manifest(witness, faults))
    writer.close()
    sealer.close()
    return _summary(about, witness, faults)


def check_backup(file: BinaryIO, passphrase: str, reading: Reading | None = None) -> Summary:
    """Read a sealed file through and hold all of it against what it says of itself; raises Damaged.

    A reading sees each part before the end was checked, so whatever it keeps must wait for this to return.
    """
    opener = Opener(file, passphrase, Content.DATA)
    check = _Check(reading)
    for member in members(opener):
        check.show(member)
    opener.drain()
    return check.summary()


class _Check:
    """Lets a witness, and whoever reads along, see every member of a backup."""

    def __init__(self, reading: Reading | None) -> None:
        self._reading = reading
        self._witness = Witness()
        self._about: About | None = None
        self._manifest: Any = None

    def show(self, member: Member) -> None:
        """Take the next member."""
        if member.parts == (archive.ABOUT,):
            self._begin(read_about(member))
        elif member.parts == (archive.MANIFEST,):
            self._manifest = member.json()
        elif member.room == archive.DATABASE:
            self._show_lines(member)
        else:
            self._show_file(member)

    def summary(self) -> Summary:
        """What was read, if all of it was there and fits together."""
        if self._manifest is None or self._about is None:
            raise Damaged("The archive inside the file ends before its last member.")
        faults = list(self._manifest["faults"])
        if self._manifest != _manifest(self._witness, faults):
            raise Damaged("The backup does not hold what it says: rows, files or ledger differ.")
        if unsaid := set(self._witness.faults()) - set(faults):
            raise Damaged(f"The backup does not fit together: {' '.join(sorted(unsaid))}")
        return _summary(self._about, self._witness, faults)

    def _begin(self, about: About) -> None:
        self._about = about
        for shape in about.tables:
            self._witness.see_table(shape)
        if self._reading:
            self._reading.begin(about)

    def _show_lines(self, member: Member) -> None:
        if self._about is None:
            raise Damaged("The archive inside the file has no beginning.")
        (shape,) = [each for each in self._about.tables if each.name == member.parts[1]]
        lines = member.lines()
        for line in lines:
            self._witness.see_row(shape, row_of(line), line)
        if self._reading:
            self._reading.lines(shape, lines)

    def _show_file(self, member: Member) -> None:
        hashing = Hashing(member.stream)
        if self._reading:
            self._reading.file(replace(member, stream=hashing))
        written = hashing.finished()
        self._witness.see_file(member.path.name, written.sha256, written.size)


def _about(look: Connection, moment: datetime, marks: Mapping[str, str]) -> About:
    revision = loading.revision_of(look)
    if revision is None:
        raise snapshot.NoSnapshot("The database has no tables yet: `portal init` lays them.")
    engine, tables = look.dialect.name, tuple(shapes(look))
    return About(moment.astimezone(UTC), __version__, engine, revision, tables, marks)


def _write_rows(look: Connection, about: About, writer: ArchiveWriter, witness: Witness) -> None:
    writer.add_json(archive.ABOUT, about.written())
    for shape in about.tables:
        witness.see_table(shape)
        writer.add_lines(shape.name, _lines(look, shape, witness))


def _lines(look: Connection, shape: Shape, witness: Witness) -> Iterator[bytes]:
    for row in read_rows(look, shape):
        line = line_of(row)
        witness.see_row(shape, row, line)
        yield line


def _write_files(storage: Path, writer: ArchiveWriter, witness: Witness) -> None:
    for path in files_beneath(storage):
        try:
            written = writer.add_file(f"{archive.STORAGE}/{path}", storage / path)
        except FileNotFoundError:
            continue  # swept while we came here; the witness misses it if a row names it
        witness.see_file(path.name, written.sha256, written.size)


def _manifest(witness: Witness, faults: list[str]) -> dict[str, object]:
    return {
        "tables": {
            name: {"rows": total.rows, "sha256": total.sha256}
            for name, total in witness.tables().items()
        },
        "files": {"count": witness.files, "bytes": witness.bytes},
        "ledger": {"size": witness.entries, "root": witness.root},
        "faults": faults,
    }


def _summary(about: About, witness: Witness, faults: list[str]) -> Summary:
    return Summary(
        about,
        witness.tables(),
        witness.files,
        witness.bytes,
        witness.entries,
        witness.root,
        tuple(faults),
    )
