"""Plain rows: every table of either database as lines of JSON that say the same, to be read by the other one too.

A line is one row, a list in the order of the columns' names. Whole numbers are numbers (booleans 0 and 1), everything else is
text: moments `2026-03-02T09:30:00.000000Z`, days `2026-03-02`, ids with dashes, bytes as hexadecimal digits, JSON as the
text that the database keeps. Rows stand in the order of the primary key, so a table's SHA-256 is that of its lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from operator import itemgetter
from typing import Any

from psycopg import sql
from sqlalchemy import (
    CHAR,
    JSON,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    case,
    cast,
    collate,
    column,
    func,
    insert,
    inspect,
    literal,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

from portal.store.meter_partitions import is_partition

# Of tables with documents in them few rows are held at a time: each may have megabytes.
ROWS_AT_ONCE, DOCUMENTS_AT_ONCE = 1000, 8
REVISION_TABLE = "alembic_version"
# Made once: for millions of rows the making is half of the work.
_WRITER, _READER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")), json.JSONDecoder()
_MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class Kind(StrEnum):
    """What a column holds, whatever the database calls it."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    UUID = "uuid"
    DAY = "day"
    MOMENT = "moment"
    JSON = "json"
    BYTES = "bytes"


# In the order in which they are asked: SQLite keeps an id as CHAR(32), which is a string as well.
_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (Boolean, Kind.BOOLEAN),
    (Uuid, Kind.UUID),
    (CHAR, Kind.UUID),
    (JSON, Kind.JSON),
    (DateTime, Kind.MOMENT),
    (Date, Kind.DAY),
    (Integer, Kind.INTEGER),
    (LargeBinary, Kind.BYTES),
    (String, Kind.TEXT),
)

Row = Sequence[str | int | None]


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns with their kinds, and the columns of its primary key."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]

    @property
    def rows_at_once(self) -> int:
        """How many rows may be held in memory at a time."""
        has_documents = any(kind is Kind.BYTES for _, kind in self.columns)
        return DOCUMENTS_AT_ONCE if has_documents else ROWS_AT_ONCE


def shapes(connection: Connection) -> list[Shape]:
    """Every table of the database as it is, whatever its revision, by name."""
    inspector = inspect(connection)
    return [
        Shape(
            name,
            tuple(
                (found["name"], _kind(name, found["name"], found["type"]))
                # By name, because a migrated table has its columns in another order than a new one.
                for found in sorted(inspector.get_columns(name), key=itemgetter("name"))
            ),
            tuple(inspector.get_pk_constraint(name)["constrained_columns"]),
        )
        for name in sorted(inspector.get_table_names())
        if name != REVISION_TABLE and not is_partition(name)
    ]


def read_rows(connection: Connection, shape: Shape) -> Iterator[Row]:
    """The rows of a table in the order of its key, a few in memory at a time."""
    is_sqlite = connection.dialect.name == "sqlite"
    asked = [_plainly(kind, column(name), is_sqlite) for name, kind in shape.columns]
    kinds = dict(shape.columns)
    # Each database sorts text by rules of its own unless told otherwise.
    order = [
        collate(column(name), "C") if kinds[name] is Kind.TEXT and not is_sqlite else column(name)
        for name in shape.key
    ]
    query = select(*asked).select_from(table(shape.name)).order_by(*order)
    found = connection.execute(query, execution_options={"yield_per": shape.rows_at_once})
    for row in found:
        yield tuple(row)


def line_of(row: Row) -> bytes:
    """A row as it stands in the backup."""
    return _WRITER.encode(list(row)).encode() + b"\n"


def row_of(line: bytes) -> list[Any]:
    """A row as it was written."""
    found: list[Any] = _READER.decode(line.decode())
    return found


def meaning_of(shape: Shape, row: Row) -> bytes:
    """A row as a line that doesn't depend on how a database spells JSON, to compare two databases by."""
    places = [place for place, (_, kind) in enumerate(shape.columns) if kind is Kind.JSON]
    values: list[object] = list(row)
    for place in places:
        if isinstance(text := values[place], str):
            values[place] = json.loads(text)
    return json.dumps(values, sort_keys=True).encode() + b"\n"


def load_rows(connection: Connection, shape: Shape, rows: Iterable[Row], *, engine: str) -> None:
    """Put rows of another database, or of the same `engine`, into a table.

    Their order doesn't matter while foreign keys are not watched.
    """
    if connection.dialect.name != "sqlite":
        _copy(connection, shape, rows)
    elif engine == "sqlite":
        _insert(connection, shape, rows)
    else:
        _insert(connection, shape, (_respelled(shape, row) for row in rows))


def _respelled(shape: Shape, row: Row) -> Row:
    """A row with its JSON as the portal spells it: SQLite keeps the text, and the ledger takes no other spelling."""
    return [
        json.dumps(json.loads(value)) if kind is Kind.JSON and isinstance(value, str) else value
        for (_, kind), value in zip(shape.columns, row, strict=True)
    ]


def _kind(table_name: str, name: str, found: TypeEngine[Any]) -> Kind:
    for known, kind in _KINDS:
        if isinstance(found, known):
            return kind
    raise TypeError(f"backups don't know the kind of {table_name}.{name}: {found!r}")


def _plainly(kind: Kind, value: ColumnElement[Any], is_sqlite: bool) -> ColumnElement[Any]:
    """The expression by which the database itself writes a value plainly."""
    match kind:
        case Kind.BYTES if is_sqlite:
            # hex() makes an empty text of nothing.
            return case((value.is_(None), None), else_=func.lower(func.hex(value)))
        case Kind.BYTES:
            return func.encode(value, "hex")
        case Kind.MOMENT if is_sqlite:
            return func.replace(value, " ", "T", type_=String) + literal("Z")
        case Kind.MOMENT:
            return func.to_char(func.timezone("UTC", value), _MOMENT)
        case Kind.UUID if is_sqlite:
            return _dashed(value)
        case Kind.UUID | Kind.DAY | Kind.JSON if not is_sqlite:
            return cast(value, Text)
        case Kind.BOOLEAN if not is_sqlite:
            return cast(value, Integer)
    return value


def _dashed(value: ColumnElement[Any]) -> ColumnElement[Any]:
    first: ColumnElement[Any]
    first, *others = [
        func.substr(value, start, length, type_=String)
        for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    ]
    for part in others:
        first = first + literal("-") + part
    return first


def _insert(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    statement = insert(table(shape.name, *[column(name) for name in shape.names]))
    written = (
        {
            name: value if value is None else _for_sqlite(kind, value)
            for (name, kind), value in zip(shape.columns, row, strict=True)
        }
        for row in rows
    )
    while batch := list(islice(written, shape.rows_at_once)):
        connection.execute(statement, batch)


def _for_sqlite(kind: Kind, value: Any) -> Any:
    match kind:
        case Kind.BYTES:
            return bytes.fromhex(value)
        case Kind.UUID:
            return value.replace("-", "")
        case Kind.MOMENT:
            return value.removesuffix("Z").replace("T", " ")
    return value


def _copy(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(shape.name), sql.SQL(", ").join(map(sql.Identifier, shape.names))
    )
    places = [place for place, (_, kind) in enumerate(shape.columns) if kind is Kind.BYTES]
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            values = list(row)
            for place in places:
                if values[place] is not None:
                    values[place] = f"\\x{values[place]}"
            copy.write_row(values)
