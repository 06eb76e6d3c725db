"""Making an empty database ready to take rows in any order, and sound again when they are in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from psycopg import sql
from sqlalchemy import Connection, column, delete, inspect, table, text

from portal.store.backup.plain import REVISION_TABLE, Kind, Shape

_FOREIGN_KEYS = text(
    "SELECT relname, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c "
    "JOIN pg_class t ON t.oid = c.conrelid WHERE contype = 'f' AND conparentid = 0 AND relnamespace = current_schema()::regnamespace "
    "ORDER BY relname, conname"
)
_WALLED = text(
    "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relnamespace = current_schema()::regnamespace "
    "ORDER BY relname"
)


class ForeignKey(NamedTuple):
    """A foreign key of PostgreSQL, with the words that lay it."""

    table: str
    name: str
    definition: str


def is_empty(connection: Connection) -> bool:
    """Whether the database has no table at all."""
    return not inspect(connection).get_table_names()


def revision_of(connection: Connection) -> str | None:
    """The revision that the database is at, as a frozen look sees it; None for one without tables."""
    if REVISION_TABLE not in inspect(connection).get_table_names():
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def clear(connection: Connection, found: list[Shape]) -> None:
    """Delete the few rows that migrations put into new tables; the backup has them too."""
    for shape in found:
        connection.execute(delete(table(shape.name)))


def drop_foreign_keys(connection: Connection) -> list[ForeignKey]:
    """Leave PostgreSQL's foreign keys out while rows come in any order; SQLite's are off by a pragma."""
    if connection.dialect.name == "sqlite":
        return []
    kept = [ForeignKey(*row) for row in connection.execute(_FOREIGN_KEYS)]
    for key in kept:
        _alter(
            connection, key.table, sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(key.name))
        )
    return kept


def lay_foreign_keys(connection: Connection, kept: Iterable[ForeignKey]) -> None:
    """Lay foreign keys again, which checks every row."""
    for key in kept:
        name, definition = sql.Identifier(key.name), sql.SQL(key.definition)
        _alter(connection, key.table, sql.SQL("ADD CONSTRAINT {} {}").format(name, definition))


def lower_walls(connection: Connection) -> list[str]:
    """Let rows of everybody in on PostgreSQL, whose COPY refuses tables with a wall between members; name these tables."""
    if connection.dialect.name == "sqlite":
        return []
    walled = list(connection.scalars(_WALLED))
    for name in walled:
        _alter(connection, name, sql.SQL("NO FORCE ROW LEVEL SECURITY"))
    return walled


def raise_walls(connection: Connection, walled: Iterable[str]) -> None:
    """Wall the members of these tables off from each other again."""
    for name in walled:
        _alter(connection, name, sql.SQL("FORCE ROW LEVEL SECURITY"))


def move_sequences(connection: Connection, found: list[Shape]) -> None:
    """Let PostgreSQL number the next row of each table after its last one, as SQLite does by itself."""
    if connection.dialect.name == "sqlite":
        return
    for shape in found:
        for name, kind in shape.columns:
            if kind is Kind.INTEGER and name in shape.key:
                _move_sequence(connection, shape.name, name)


def _move_sequence(connection: Connection, table_name: str, name: str) -> None:
    sequence = connection.scalar(
        text("SELECT pg_get_serial_sequence(:table, :column)"),
        {"table": f'"{table_name}"', "column": name},
    )
    if sequence is None:
        return
    last = connection.scalar(
        table(table_name, column(name)).select().order_by(column(name).desc()).limit(1)
    )
    connection.execute(
        text("SELECT setval(cast(:sequence as regclass), :next, false)"),
        {"sequence": sequence, "next": (last or 0) + 1},
    )


def _alter(connection: Connection, table_name: str, change: sql.Composable) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute(sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(table_name), change))
