"""Migrations of a filled database: down and up again, killed in the middle, and refused where rows would be lost."""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.store import migration
from portal.store.alliance import Alliance
from portal.store.backup import plain
from portal.store.backup.plain import Shape
from portal.store.base import Database
from portal.store.submissions import Submission
from tests import dying, populated
from tests.databases import Databases
from tests.factories.plans import a_submitted_plan
from tests.factories.scenes import Scene, staff

KILLS = 6  # as many again with each run, and at moments of its own
FIRST = migration.known_revisions()[0]
HEAD = migration.head_revision()
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.dying"])


@dataclass(frozen=True)
class Makers:
    """Where databases of one kind come from: new ones without a table, and copies of a filled one."""

    databases: Databases
    folder: Path
    numbers: Iterator[int]
    made: list[str]

    def empty(self) -> str:
        if self._is_sqlite:
            return f"sqlite:///{self.folder}/{next(self.numbers)}.sqlite3"
        return self._kept(self.databases.new(template="template1"))

    def copy_of(self, url: str) -> str:
        name = make_url(url).database
        return self._kept(self.databases.new(template=name))

    @property
    def _is_sqlite(self) -> bool:
        return self.databases.shared.startswith("sqlite")

    def _kept(self, url: str) -> str:
        self.made.append(url)
        return url


@pytest.fixture
def makers(databases: Databases, tmp_path: Path) -> Iterator[Makers]:
    found = Makers(databases, tmp_path, count(1), [])
    yield found
    for url in found.made:
        databases.drop(url)


@pytest.fixture
def filled(makers: Makers, tmp_path: Path) -> str:
    """A database that migrations have laid and that members have filled with approved years."""
    url = makers.empty()
    migration.upgrade(url)
    database = Database(url)
    populated.populate(database, tmp_path / "storage", 3)
    database.dispose()
    return url


def shapes_of(url: str) -> list[Shape]:
    """Every table with its columns."""
    with opened(url) as connection:
        return plain.shapes(connection)


def hashes(url: str, known: list[Shape]) -> dict[str, tuple[int, str]]:
    """Row count and SHA-256 of the sorted rows of every table, in the columns asked for."""
    found = {}
    with opened(url) as connection:
        for shape in known:
            lines = sorted(plain.line_of(row) for row in plain.read_rows(connection, shape))
            found[shape.name] = (len(lines), hashlib.sha256(b"".join(lines)).hexdigest())
    return found


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    database = Database(url, pool_size=1)
    with database.engine.connect() as connection:
        yield connection
    database.dispose()


# Revision 0003 makes the tree of the ledger anew on both ways, with new salts; the facts stay what they are.
MADE_ANEW = {
    ("ledger_entry", "salt"),
    ("ledger_entry", "leaf"),
    ("ledger_node", "digest"),
    ("ledger_head", "root"),
}


def known_to_both(some: list[Shape], others: list[Shape]) -> list[Shape]:
    """The tables and columns that two revisions have in common."""
    columns = {shape.name: set(shape.columns) for shape in others}
    return [
        replace(
            shape,
            columns=tuple(
                each
                for each in shape.columns
                if each in columns[shape.name] and (shape.name, each[0]) not in MADE_ANEW
            ),
        )
        for shape in some
        if shape.name in columns
    ]


def test_rows_are_the_same_down_and_up_again_over_every_revision(
    filled: str, makers: Makers
) -> None:
    """A way down leaves out what the older revision has no place for; all that both know is kept, down and up."""
    whole = shapes_of(filled)
    for revision in reversed(migration.known_revisions()[:-1]):
        as_it_was = makers.empty()
        migration.upgrade(as_it_was, revision)
        common = known_to_both(whole, shapes_of(as_it_was))
        before = hashes(filled, common)
        assert before["submission"][0] == 3
        assert before["ledger_entry"][0] == populated.LEDGER_ENTRIES
        dying.migrate(filled, revision)
        assert shapes_of(filled) == shapes_of(as_it_was)
        assert hashes(filled, common) == before
        dying.migrate(filled, HEAD)
        assert shapes_of(filled) == whole
        assert hashes(filled, common) == before


def test_way_down_is_refused_when_what_was_handed_in_would_have_no_place(filled: str) -> None:
    database = Database(filled)
    with database.writing() as session:
        _hand_in_a_plan(session)
        session.commit()
    database.dispose()
    whole = shapes_of(filled)
    before = hashes(filled, whole)
    with pytest.raises(IntegrityError):
        migration.downgrade(filled, FIRST)
    assert hashes(filled, whole) == before
    database = Database(filled)
    migration.require_head(database)
    database.dispose()


def _hand_in_a_plan(session: Session) -> None:
    alliance = session.scalars(select(Alliance)).one()
    scene = Scene(session, alliance, staff(session, Role.COORDINATOR))
    member = scene.member("PLANNER")
    scene.approved(member)
    submitted = a_submitted_plan(scene, member)
    assert session.get_one(Submission, submitted.id).dossier_id is not None


@pytest.mark.parametrize(("begin", "end"), [(FIRST, HEAD), (HEAD, FIRST)], ids=["up", "down"])
def test_killed_migration_finishes_later_or_never_happened(
    filled: str, makers: Makers, begin: str, end: str
) -> None:
    dying.migrate(filled, begin)
    whole = shapes_of(filled)
    before = hashes(filled, whole)
    number, seconds, ended = _measure(makers.copy_of(filled), end)
    common = known_to_both(whole, ended)
    expected = hashes(filled, common)
    chance = random.Random(f"{begin} {number}")
    finished = 0
    for kill in range(KILLS // 2):
        url = makers.copy_of(filled)
        if kill % 2:
            _kill_at_statement(url, end, chance.randint(1, number))
        else:
            _kill_after(url, end, chance.uniform(0, seconds))
        if is_done := shapes_of(url) == ended:
            assert hashes(url, common) == expected
        else:
            assert shapes_of(url) == whole
            assert hashes(url, whole) == before
        finished += is_done
        dying.migrate(url, end)
        assert shapes_of(url) == ended
        assert hashes(url, common) == expected
    assert finished < KILLS // 2


def _measure(url: str, end: str) -> tuple[int, float, list[Shape]]:
    """How many statements a migration has, how many seconds it takes, and what it leaves."""
    numbers = count(1)
    last = 0

    def note() -> None:
        nonlocal last
        last = next(numbers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migration, "Database", migration.Database)  # put back at the end
        dying.watch_statements(note)
        began = time.perf_counter()
        dying.migrate(url, end)
        seconds = time.perf_counter() - began
    assert last > 20
    return last, seconds, shapes_of(url)


def _kill_at_statement(url: str, end: str, statement: int) -> None:
    process = PROCESSES.Process(target=dying.migrate_and_die, args=(url, end, statement))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL


def _kill_after(url: str, end: str, seconds: float) -> None:
    is_ready = PROCESSES.Event()
    process = PROCESSES.Process(target=dying.migrate_when_told, args=(url, end, is_ready))
    process.start()
    assert is_ready.wait(60)
    process.join(seconds)
    process.kill()
    process.join(60)
