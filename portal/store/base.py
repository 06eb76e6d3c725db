"""Engine, sessions and column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import partial
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from portal.store import sight
from portal.store.sight import EVERYBODY, NOBODY, Sight

MICRO = Decimal("0.000001")
LARGEST_STORED = Decimal("9000000000000")  # below 2**63 micro-units

# The WAL-reset corruption bug was mended in this release; older libraries keep the rollback journal.
SQLITE_WITH_SOUND_WAL = (3, 51, 3)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


AnySelect = Select[*tuple[Any, ...]]  # a query of whatever columns


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; a naive one is refused instead of guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone can't be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class MicroDecimal(TypeDecorator[Decimal]):
    """An exact decimal with six places, kept as an integer count of millionths on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("a float can't be stored as an exact decimal")
        scaled = Decimal(value).quantize(MICRO, rounding=ROUND_HALF_EVEN).scaleb(6)
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-6)


BigKey = BigInteger().with_variant(Integer, "sqlite")
Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Bytes = LargeBinary


class Base(DeclarativeBase):
    """The parent of every stored noun; relationships load only when a query asks for them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTCDateTime(), Decimal: MicroDecimal()}


def upserting(session: Session) -> Any:
    """The INSERT of the session's database that knows ON CONFLICT, which each dialect keeps for itself."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def table_of(model: type[Base]) -> Table:
    """The table of a stored noun, for statements that are told of columns alone."""
    return cast(Table, model.__table__)


def rows_changed(
    session: Session, statement: Executable, values: Mapping[str, Any] | None = None
) -> int:
    """Run an UPDATE or DELETE; how many rows it met, which is how the loser of a race finds out."""
    answer = session.execute(statement, values)
    return int(cast("CursorResult[Any]", answer).rowcount)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one statement may take, and how long it may wait for somebody else's lock on PostgreSQL.

    SQLite has one lock for everything, and waiting for it is most of what a statement does.
    """

    statement_seconds: int
    lock_seconds: int


LONGEST_QUEUE_SECONDS = 15  # for SQLite's one lock
PATIENT = Patience(statement_seconds=60, lock_seconds=10)
# Somebody waits for the page, and each process answers one request at a time.
HURRIED = Patience(statement_seconds=15, lock_seconds=5)


class Database:
    """One engine with a door for reading, which can't write, and a door for writing.

    Who comes through them sees the rows of everybody unless it says less.
    """

    def __init__(self, url: str, *, pool_size: int = 5, patience: Patience = PATIENT) -> None:
        self.url = make_url(url)
        self.engine = _engine(url, pool_size, patience)
        self._reading = self._sessions(write=False)
        self._writing = self._sessions(write=True)

    def _sessions(self, *, write: bool) -> sessionmaker[Session]:
        bind = self.engine.execution_options(write=write, sight=NOBODY)  # the session says it
        return sessionmaker(bind=bind, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def reading(self, sees: Sight = EVERYBODY) -> Session:
        """A session whose transaction the database itself keeps from writing."""
        return self._reading(info=sight.information(sees))

    def writing(self, sees: Sight = EVERYBODY) -> Session:
        """A session whose transaction holds the write lock from its first statement on SQLite."""
        return self._writing(info=sight.information(sees))

    def dispose(self) -> None:
        self.engine.dispose()


def _engine(url: str, pool_size: int, patience: Patience) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, pool_size=pool_size, pool_timeout=5)
        event.listen(engine, "do_connect", _make_file_for_us_alone)
        event.listen(engine, "connect", partial(_prepare_sqlite, patience))
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _leave_nothing_open)
        return engine
    if parsed.get_backend_name() == "postgresql" and parsed.drivername != "postgresql+psycopg":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed,
        hide_parameters=True,
        pool_size=pool_size,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c statement_timeout={patience.statement_seconds}s"
            f" -c lock_timeout={patience.lock_seconds}s -c timezone=UTC",
        },
    )
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _make_file_for_us_alone(
    dialect: Dialect, record: object, arguments: list[Any], options: dict[str, Any]
) -> None:
    # SQLite makes it readable for everybody on the machine; what lies beside it later takes the file's own mode.
    with suppress(OSError):  # it is there already, or SQLite says in a moment why it can't be
        os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare_sqlite(patience: Patience, connection: sqlite3.Connection, record: object) -> None:
    # SQLAlchemy sends BEGIN itself (below): sqlite3 would leave SELECTs outside any transaction.
    connection.isolation_level = None
    journal = "WAL" if sqlite3.sqlite_version_info >= SQLITE_WITH_SOUND_WAL else "DELETE"
    wait = min(patience.statement_seconds, LONGEST_QUEUE_SECONDS)
    for pragma in (
        f"busy_timeout={wait * 1000}",
        f"journal_mode={journal}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _leave_nothing_open(connection: sqlite3.Connection | None, record: object) -> None:
    # A COMMIT that fails because somebody reads leaves the transaction open, and the pool takes it for ended.
    if connection is not None and connection.in_transaction:
        connection.rollback()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that writes later fails at once under load, whatever the busy timeout.
    writes = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("write", True):
        # Several statements of one page see the same moment, as they do on SQLite.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    sees = options.get("sight", EVERYBODY)
    if sees != NOBODY:
        sight.apply(connection, sees)
