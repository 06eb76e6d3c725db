"""Fixtures for tests that touch data: each such test runs on SQLite and on a real PostgreSQL.

`session` is the quick one: a session inside an outer transaction that is rolled back, whatever is committed.
`database` (and `database_url`, `engine`) is a private, migrated, empty database with real commits, for several
connections, workers and whole applications.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from portal.domain.ledger.merkle import EMPTY_ROOT
from portal.store import base, migration, row_security, tables, triggers
from portal.store.base import Database
from portal.store.ledger import LedgerHead
from tests import postgresql
from tests.scratch import folder_for_databases

_DIALECTS: dict[str, tuple[Any, Any]] = {}
_engine = base._engine


def _engine_that_knows(url: str, *more: Any) -> Engine:
    """Makes an engine that knows what any other of this process has compiled.

    Each test has engines of its own, and would compile the statements of every page again: a tenth of its time.
    """
    engine = _engine(url, *more)
    kept = _DIALECTS.setdefault(engine.dialect.name, (engine.dialect, LRUCache(5_000)))
    engine.dialect, engine._compiled_cache = kept
    return engine


base._engine = _engine_that_knows  # for tests alone


def lay_tables(url: str) -> None:
    """Lay the tables of an empty database as the store describes them now; test_migrations compares the migrations."""
    database = Database(url)
    tables.metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        dialect = database.url.get_backend_name()
        for statement in [*triggers.statements(dialect), *row_security.statements(dialect)]:
            connection.exec_driver_sql(statement)
        connection.execute(insert(LedgerHead).values(id=1, size=0, root=EMPTY_ROOT))
        MigrationContext.configure(connection).stamp(
            ScriptDirectory.from_config(migration.alembic_config()), "head"
        )
    database.dispose()


class Databases(Protocol):
    """Where one kind of database comes from: `shared` for all tests of this process, `new` for one test.

    Nobody may be connected to a database that is copied or restored.
    """

    shared: str

    def new(self, template: str | None = None) -> str: ...
    def drop(self, url: str) -> None: ...
    def copy(self, url: str) -> str: ...
    def restore(self, url: str, copied: str) -> None: ...
    def close(self) -> None: ...


class SqliteDatabases:
    """Files that are copied from one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = folder / "template.sqlite3"
        lay_tables(f"sqlite:///{self._template}")
        self.shared = self.new()

    def new(self, template: str | None = None) -> str:
        path = self._folder / f"portal-{next(self._numbers)}.sqlite3"
        shutil.copyfile(template or self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = Path(make_url(url).database)
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()

    def copy(self, url: str) -> str:
        return self.new(make_url(url).database)

    def restore(self, url: str, copied: str) -> None:
        self.drop(url)
        shutil.copyfile(make_url(copied).database, make_url(url).database)

    def close(self) -> None:
        shutil.rmtree(self._folder)


class PostgresqlDatabases:
    """Databases that are made from one migrated template, on a server of our own or on a named one."""

    def __init__(self) -> None:
        named = os.environ.get("PORTAL_TEST_PG_URL")
        self._server = None if named else postgresql.Server(postgresql.find_binaries()).start()
        url = make_url(named or self._server.url).set(drivername="postgresql+psycopg")
        self._url = url
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._numbers = count(1)
        self._made: set[str] = set()
        self._template = self._create("template", "template1")
        lay_tables(self._address(self._template))
        self.shared = self.new()

    def new(self, template: str | None = None) -> str:
        return self._address(self._create(str(next(self._numbers)), template or self._template))

    def drop(self, url: str) -> None:
        self._drop(make_url(url).database)

    def copy(self, url: str) -> str:
        return self.new(make_url(url).database)

    def restore(self, url: str, copied: str) -> None:
        name = make_url(url).database
        self._drop(name)
        self._make(name, make_url(copied).database)

    def close(self) -> None:
        if self._server is None:
            for name in sorted(self._made):
                self._drop(name)
        self._admin.dispose()
        if self._server is not None:
            self._server.stop()

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _create(self, suffix: str, template: str) -> str:
        name = f"portal_test_{os.getpid()}_{suffix}"
        self._make(name, template)
        return name

    def _make(self, name: str, template: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(
                text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
            )
        self._made.add(name)

    def _drop(self, name: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        self._made.discard(name)


@pytest.fixture(scope="session")
def _sqlite() -> Iterator[Databases]:
    folder = tempfile.mkdtemp(prefix="portal-tests-", dir=folder_for_databases())
    databases = SqliteDatabases(Path(folder))
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[Databases]:
    databases = PostgresqlDatabases()
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Name the database that this run of the test is about."""
    return request.param


@pytest.fixture
def databases(dialect: str, request: pytest.FixtureRequest) -> Databases:
    """Return the source of databases of this dialect; it starts with the first test that asks."""
    return request.getfixturevalue(f"_{dialect}")


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """Give this test a migrated, empty database of its own."""
    url = databases.new()
    yield url
    databases.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open this test's own database: commits are real, several connections may meet in it."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def engine(database: Database) -> Engine:
    """Return the engine of this test's own database."""
    return database.engine


@pytest.fixture
def session(databases: Databases) -> Iterator[Session]:
    """Open a session whose commits are only savepoints: everything is rolled back after the test."""
    opened = Database(databases.shared, pool_size=1)
    with opened.engine.connect() as connection:
        outer = connection.begin()
        with Session(
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        outer.rollback()
    opened.dispose()
