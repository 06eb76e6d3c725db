"""The monthly partitions of meter readings on PostgreSQL; SQLite keeps them in one table.

Readings of a month without a partition lie in the default one, so that nothing is ever refused for it; a job of the
night, and one that such readings ask for, makes the partition and moves them. A partition is a table of its own with a
wall of its own: whoever names it doesn't come past that of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import DDL, Connection, event, text

from portal.calculation.periods import month_after
from portal.store import row_security
from portal.store.meters import MeterReading

PARENT = "meter_reading"
DEFAULT = "meter_reading_rest"
_LAY_DEFAULT = "CREATE TABLE meter_reading_rest PARTITION OF meter_reading DEFAULT"
_NAMES = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'meter_reading'::regclass"
)
_MONTHS_IN_REST = text(
    "SELECT DISTINCT date_trunc('month', moment AT TIME ZONE 'UTC')::date FROM meter_reading_rest ORDER BY 1"
)

event.listen(
    MeterReading.__table__,
    "after_create",
    DDL(_LAY_DEFAULT).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]  # has no types there
)


def wall(name: str) -> list[str]:
    """The statements that wall a partition off as the whole is."""
    return row_security.wall_of(name, PARENT)


def is_partition(name: str) -> bool:
    """Whether a table is a part of the readings; its rows are seen in the whole already."""
    return name.startswith(f"{PARENT}_")


def names(connection: Connection) -> set[str]:
    """The partitions that there are."""
    return set() if connection.dialect.name == "sqlite" else set(connection.scalars(_NAMES))


def missing(connection: Connection, moments: Iterable[datetime]) -> list[date]:
    """The months of these moments that have no partition yet."""
    if connection.dialect.name == "sqlite":
        return []
    there = names(connection)
    months = {date(moment.year, moment.month, 1) for moment in moments}
    return sorted(month for month in months if name_of(month) not in there)


def waiting(connection: Connection) -> list[date]:
    """The months of the readings that lie in the default partition."""
    if connection.dialect.name == "sqlite":
        return []
    return list(connection.scalars(_MONTHS_IN_REST))


def lay(connection: Connection, month: date) -> bool:
    """Make the partition of a month and move what waits for it; whether it was not there yet.

    It keeps others from the readings for as long as its transaction lasts, so it has one of its own, which sees the
    rows of everybody. What is moved is not changed, so the guard against deleting is asked to stand aside for it.
    """
    name = name_of(month)
    if connection.dialect.name == "sqlite" or name in names(connection):
        return False
    start, end = (f"'{day.isoformat()} 00:00:00+00'" for day in (month, month_after(month)))
    within = f"moment >= {start} AND moment < {end}"
    connection.exec_driver_sql("LOCK TABLE meter_reading IN ACCESS EXCLUSIVE MODE")
    if name in names(connection):  # somebody else made it while we waited
        return False
    for statement in (
        f"CREATE TABLE {name} (LIKE {PARENT} INCLUDING ALL)",
        f"INSERT INTO {name} SELECT * FROM {DEFAULT} WHERE {within}",  # noqa: S608 -- names and days of ours
        f"ALTER TABLE {DEFAULT} DISABLE TRIGGER USER",
        f"DELETE FROM {DEFAULT} WHERE {within}",  # noqa: S608 -- names and days of ours
        f"ALTER TABLE {DEFAULT} ENABLE TRIGGER USER",
        f"ALTER TABLE {PARENT} ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})",
        *wall(name),
    ):
        connection.exec_driver_sql(statement)
    return True


def name_of(month: date) -> str:
    """What the partition of a month (of UTC) is called."""
    return f"{PARENT}_{month:%Y_%m}"
