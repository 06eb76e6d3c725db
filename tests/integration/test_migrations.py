"""Migrations lay exactly the tables that the store describes, keep what is in them, and run once at a time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.engine import make_url

from portal.store import migration, tables, triggers
from portal.store.base import Database
from portal.store.meter_partitions import is_partition
from portal.store.tokens import KeptAnswer
from tests.databases import Databases
from tests.programs import give_token, program, somebody_who_reports

STARTERS = 20
# The server imports once what twenty processes of their own would each take a second for.
STARTS = multiprocessing.get_context("forkserver")
STARTS.set_forkserver_preload(["tests.dying"])
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0 ORDER BY tgname",
}
CHECKS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version' ORDER BY name",
    "postgresql": "SELECT conname, conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 ORDER BY conname",
}


@pytest.fixture
def empty_url(dialect: str, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
        return
    url = databases.new(template="template1")
    yield url
    databases.drop(url)


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """The same database, open."""
    opened = Database(empty_url)
    yield opened
    opened.dispose()


def rows(connection: Connection, questions: dict[str, str]) -> list[tuple[str, str]]:
    return [tuple(row) for row in connection.execute(text(questions[connection.dialect.name]))]


def checks(connection: Connection) -> list[str]:
    """Return every CHECK with its name: the comparison of tables doesn't see them."""
    texts = [found for _, found in rows(connection, CHECKS) if found]
    if connection.dialect.name == "sqlite":
        texts = [
            line.strip(" ,") for table in texts for line in table.splitlines() if " CHECK (" in line
        ]
    assert len(texts) > 10
    return sorted(texts)


def test_migrations_lay_what_the_store_describes(
    empty_url: str, empty: Database, database: Database
) -> None:
    migration.upgrade(empty_url)
    with empty.engine.connect() as connection, database.engine.connect() as described:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                # Partitions: the store describes the table that they are parts of.
                "include_name": lambda name, kind, _: kind != "table" or not is_partition(name),
            },
        )
        assert compare_metadata(context, tables.metadata) == []
        assert checks(connection) == checks(described)
        assert rows(connection, TRIGGERS) == rows(described, TRIGGERS)
        assert len(rows(connection, TRIGGERS)) == len(
            [
                made
                for made in triggers.statements(connection.dialect.name)
                if "CREATE TRIGGER" in made
            ]
        )


def test_migrations_go_down_and_up_again(empty_url: str, empty: Database) -> None:
    migration.upgrade(empty_url)
    migration.downgrade(empty_url, "base")
    with empty.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
        assert rows(connection, TRIGGERS) == []
    migration.upgrade(empty_url)
    migration.require_head(empty)


def test_migrations_know_one_head_and_number_themselves() -> None:
    names = sorted(path.name for path in migration.MIGRATIONS.glob("versions/*.py"))
    assert [name[:5] for name in names] == [f"{number:04}_" for number in range(1, len(names) + 1)]
    assert migration.head_revision() == names[-1][:4]


def test_start_refused_when_the_database_is_of_another_release(database: Database) -> None:
    migration.require_head(database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migration.WrongRevision, match="at revision 9999, this release needs"):
        migration.require_head(database)


def test_start_refused_when_the_database_is_empty(empty: Database) -> None:
    with pytest.raises(migration.WrongRevision, match="portal init"):
        migration.require_head(empty)


def test_upgrade_leaves_nothing_when_it_fails(
    empty_url: str, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(migration.command, "upgrade", _upgrade_then(fail))
    with pytest.raises(RuntimeError, match="planted"):
        migration.upgrade(empty_url)
    with empty.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


def _upgrade_then(act):
    real = migration.command.upgrade

    def upgrade(*arguments: object) -> None:
        real(*arguments)
        act()

    return upgrade


def test_upgrade_done_once_when_several_start_together(empty_url: str, empty: Database) -> None:
    starters = [
        STARTS.Process(target=migration.upgrade, args=(empty_url,)) for _ in range(STARTERS)
    ]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join(300)
    assert [starter.exitcode for starter in starters] == [0] * STARTERS
    migration.require_head(empty)


def test_rebuilding_a_parent_keeps_its_children(tmp_path: Path) -> None:
    """SQLite rebuilds a table to change it; with foreign keys on, that deletes every child row without a word."""
    url = f"sqlite:///{tmp_path}/family.sqlite3"
    plain = create_engine(make_url(url))
    with plain.begin() as connection:
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(
            text("CREATE TABLE child (parent_id INTEGER REFERENCES parent ON DELETE CASCADE)")
        )
        connection.execute(text("INSERT INTO parent VALUES (1)"))
        connection.execute(text("INSERT INTO child VALUES (1)"))
    with migration.alone(url) as connection:
        connection.execute(text("CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT)"))
        connection.execute(text("INSERT INTO parent_new (id) SELECT id FROM parent"))
        connection.execute(text("DROP TABLE parent"))
        connection.execute(text("ALTER TABLE parent_new RENAME TO parent"))
    with plain.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM child")).scalar_one() == 1
    plain.dispose()


def test_migration_refused_when_rows_would_point_at_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/family.sqlite3"
    with migration.alone(url) as connection:
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (parent_id INTEGER REFERENCES parent)"))
    with pytest.raises(RuntimeError, match="1 rows that point at nothing, the first in child"):  # noqa: SIM117 -- the inner block is what raises
        with migration.alone(url) as connection:
            connection.execute(text("INSERT INTO child VALUES (7)"))
    plain = create_engine(make_url(url))
    with plain.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM child")).scalar_one() == 0
    plain.dispose()


def test_answers_that_are_kept_already_are_weighed(
    app: Flask, database: Database, database_url: str
) -> None:
    asking = program(app, give_token(database, somebody_who_reports(database)))
    answer = asking.ask("PUT", "/v1/inventories/2025", Idempotency_Key="k1")
    migration.downgrade(database_url, "0011")
    migration.upgrade(database_url)

    with database.reading() as session:
        assert session.scalars(select(KeptAnswer.size)).one() == len(answer.data) > 100
