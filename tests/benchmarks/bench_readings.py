"""Meter readings in millions, on SQLite and on PostgreSQL in monthly partitions: run me, I print ratios and fail above them.

    python tests/benchmarks/bench_readings.py [readings, 1,000,000 by default] [sqlite|postgresql]

Taking readings in by the portal's own path (read, held against what is there, written, entered in the ledger) stands
beside the floor of the driver's plain `executemany` of the same rows into the same table. Looking at one meter-month
stands beside looking up one row by its key; the month of all meters is one pass over that month; letting a month go is
dropping a partition on PostgreSQL beside DELETE of as many rows.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

import click
from sqlalchemy import func, select, text

from portal.domain.actors import SYSTEM, Role
from portal.domain.meters import MOST_READINGS, Door
from portal.intake.raw import RawLine
from portal.services import meter_months, meter_readings
from portal.services.work import writing
from portal.store import meter_partitions
from portal.store.base import Database
from portal.store.members import Member
from portal.store.meters import Meter, MeterBatch, MeterReading
from tests.databases import PostgresqlDatabases, SqliteDatabases
from tests.factories.meters import a_meter
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of

METERS = 100
MONTHS = 12
START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TAKEN_IN = 50_000
TURNS = 15
PARTS = 50

# What the portal does to a reading beside writing it: two moments and two numbers read by the strict grammars, the
# batch's digest, and checks of type on the way to the driver. It is all Python, about 25 microseconds a reading.
MOST_OF_FLOOR = {"sqlite": 20, "postgresql": 8}
# One row by its key and its month's 8,000 beside it at most: a few thousand rows become values of Python.
MOST_MILLISECONDS_A_METER_MONTH = 400
# A partition goes with its file, a DELETE goes through all rows and their index.
LEAST_GAIN_OF_DROPPING = 5
LEAST_FOR_DROPPING = 5_000_000  # with fewer, the locks of a DROP take as long as the rows do


def main() -> int:
    count = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 1_000_000
    kinds = sys.argv[2:] or ["sqlite", "postgresql"]
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            databases = SqliteDatabases(Path(folder)) if kind == "sqlite" else PostgresqlDatabases()
            try:
                database = Database(databases.new())
                faults += _measure(kind, database, count)
                database.dispose()
            finally:
                databases.close()
    for fault in faults:
        click.echo(f"TOO SLOW: {fault}")
    return bool(faults)


def _measure(kind: str, database: Database, count: int) -> list[str]:
    click.echo(f"\n{kind}, {count:,} readings of {METERS} meters in {MONTHS} months")
    meters = _prepare(database)
    faults = []
    floor = _rate(lambda: _plainly(database, meters[-1], TAKEN_IN), TAKEN_IN)
    path = _rate(lambda: _by_the_path(database, meters[-2], TAKEN_IN), TAKEN_IN)
    click.echo(
        f"  taken in: {path:,.0f} readings/s, plain executemany {floor:,.0f}/s, ratio {floor / path:.1f}"
    )
    if floor / path > MOST_OF_FLOOR[kind]:
        faults.append(
            f"{kind}: taking in is {floor / path:.1f} times the floor, {MOST_OF_FLOOR[kind]} at most"
        )
    seconds = _fill(database, meters[:METERS], count)
    click.echo(f"  filled at {count / seconds:,.0f} rows/s")
    month = _looked_at(database, meters[METERS // 2])
    click.echo(
        f"  one meter-month worked out: {month:.1f} ms; its rows alone {_rows_of(database, meters[3]):.2f} ms"
    )
    if month > MOST_MILLISECONDS_A_METER_MONTH:
        faults.append(f"{kind}: a meter-month takes {month:.0f} ms")
    click.echo(f"  all meters of one month: {_all_of_a_month(database):.0f} ms")
    faults += _let_go(kind, database, is_large=count >= LEAST_FOR_DROPPING)
    return faults


def _prepare(database: Database) -> list[int]:
    """The meters to fill, and two more to take readings in for."""
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        member = a_member(session, alliance, "M0001", sector="packaging")
        work = work_of(session, an_account(session, Role.REPORTER, member), moment=NOW)
        site = a_site(session, member, "S1")
        made = [
            a_meter(work, member, site, f"E{n}", starts_on=date(2024, 12, 31), zone="UTC").id
            for n in range(METERS + 2)
        ]
        work.commit()
    for number in range(MONTHS):
        with database.writing() as session:
            meter_partitions.lay(session.connection(), date(2025, number + 1, 1))
            session.commit()
    return made


def _by_the_path(database: Database, meter_id: int, count: int) -> None:
    with writing(database, SYSTEM, NOW) as work:
        meter = work.session.get_one(Meter, meter_id)
        member = work.session.get_one(Member, meter.member_id)
        rows = (
            RawLine.of_json(
                "/0",
                {
                    "meter": meter.code,
                    "ts": (START + timedelta(minutes=n)).isoformat(),
                    "value": Decimal(n) / 2,
                    "unit": "kWh",
                },
            )
            for n in range(count)
        )
        rules = meter_readings.rules_of(work, member, locale="en", is_local=False)
        read = meter_readings.read_rows(rows, rules)
        found = meter_readings.record_file(work, member, read, door=Door.API)
        assert found.kept == count, found.problems[:3]


def _plainly(database: Database, meter_id: int, count: int) -> None:
    """The same rows through the driver, as values that it takes as they are."""
    with database.writing() as session:
        meter = session.get_one(Meter, meter_id)
        batch = _batch(session, meter)
        is_sqlite = database.is_sqlite
        rows = [
            (
                meter.member_id,
                meter_id,
                _moment(START + timedelta(minutes=n), is_sqlite=is_sqlite),
                1,
                n * 500_000,
                batch,
            )
            for n in range(count)
        ]
        mark = "?" if is_sqlite else "%s"
        statement = (
            "INSERT INTO meter_reading (member_id, meter_id, moment, number, value, batch_id) VALUES"
            f" ({', '.join([mark] * 6)})"
        )
        cursor = session.connection().connection.cursor()
        for first in range(0, count, MOST_READINGS):
            cursor.executemany(statement, rows[first : first + MOST_READINGS])
        session.commit()


def _moment(moment: datetime, *, is_sqlite: bool) -> Any:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else moment


def _batch(session: Any, meter: Meter) -> int:
    row = MeterBatch(
        uid=uuid4(), member_id=meter.member_id, door="api", count=1, digest="", entered_at=NOW
    )
    session.add(row)
    session.flush()
    return row.id


def _fill(database: Database, meters: list[int], count: int) -> float:
    """Readings at even distances, made by the database itself, part by part so that no statement takes too long."""
    each = count // len(meters)
    step = MONTHS * 30 * 86_400 // each
    part = -(-each // PARTS)
    began = time.perf_counter()
    for first in range(0, each, part):
        with database.writing() as session:
            meter = session.get_one(Meter, meters[0])
            told = {
                "member": meter.member_id,
                "batch": _batch(session, meter),
                "start": first,
                "end": min(first + part, each) - 1,
                "step": step,
                "first": meters[0],
                "last": meters[-1],
            }
            session.execute(text(_SERIES[database.is_sqlite]), told)
            session.commit()
    if not database.is_sqlite:
        with database.writing() as session:
            session.execute(text("ANALYZE meter_reading"))
            session.commit()
    return time.perf_counter() - began


_SERIES = {
    True: """
        WITH RECURSIVE n(i) AS (SELECT :start UNION ALL SELECT i + 1 FROM n WHERE i < :end)
        INSERT INTO meter_reading (member_id, meter_id, moment, number, value, batch_id)
        SELECT :member, m.id, strftime('%Y-%m-%d %H:%M:%S.000000', 1735689600 + i * :step, 'unixepoch'), 1,
               i * 500000, :batch
        FROM n CROSS JOIN meter m WHERE m.id BETWEEN :first AND :last
    """,
    False: """
        INSERT INTO meter_reading (member_id, meter_id, moment, number, value, batch_id)
        SELECT :member, m.id, to_timestamp(1735689600 + i * cast(:step as bigint)), 1, i * 500000, :batch
        FROM generate_series(cast(:start as bigint), cast(:end as bigint)) AS i CROSS JOIN meter m
        WHERE m.id BETWEEN :first AND :last
    """,
}


def _looked_at(database: Database, meter_id: int) -> float:
    """Milliseconds for the month of one meter, from its rows to what was used."""

    def look() -> None:
        with database.reading() as session:
            meter = session.get_one(Meter, meter_id)
            start, end = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
            readings = meter_months.readings_around(session, meter, start, end)
            assert readings

    return _median(look)


def _rows_of(database: Database, meter_id: int) -> float:
    def look() -> None:
        with database.reading() as session:
            query = select(func.count(), func.min(MeterReading.value)).where(
                MeterReading.member_id == 1,
                MeterReading.meter_id == meter_id,
                MeterReading.moment >= datetime(2025, 6, 1, tzinfo=UTC),
                MeterReading.moment < datetime(2025, 7, 1, tzinfo=UTC),
            )
            assert session.execute(query).one()[0]

    return _median(look)


def _all_of_a_month(database: Database) -> float:
    def look() -> None:
        with database.reading() as session:
            query = (
                select(
                    MeterReading.meter_id,
                    func.max(MeterReading.value) - func.min(MeterReading.value),
                )
                .where(
                    MeterReading.moment >= datetime(2025, 6, 1, tzinfo=UTC),
                    MeterReading.moment < datetime(2025, 7, 1, tzinfo=UTC),
                )
                .group_by(MeterReading.meter_id)
            )
            assert len(session.execute(query).all()) >= METERS

    return _median(look, turns=5)


def _let_go(kind: str, database: Database, *, is_large: bool) -> list[str]:
    """A month goes: by DELETE, for which the guard of the readings stands aside, and on PostgreSQL by its partition."""
    deleted = _timed(lambda: _delete(database))
    if database.is_sqlite:
        click.echo(f"  letting a month go: DELETE {deleted:.2f} s")
        return []
    dropped = _timed(lambda: _drop(database))
    click.echo(
        f"  letting a month go: DELETE {deleted:.2f} s, dropping the partition {dropped:.3f} s"
    )
    if is_large and deleted < dropped * LEAST_GAIN_OF_DROPPING:
        return [f"{kind}: dropping a partition gains only {deleted / dropped:.1f} times"]
    return []


def _delete(database: Database) -> None:
    within = {"start": "2025-03-01 00:00:00", "end": "2025-04-01 00:00:00"}
    with database.writing() as session:
        if database.is_sqlite:
            session.execute(text("DROP TRIGGER meter_reading_keeps_delete"))
            session.execute(
                text("DELETE FROM meter_reading WHERE moment >= :start AND moment < :end"), within
            )
        else:
            session.execute(text("ALTER TABLE meter_reading_2025_03 DISABLE TRIGGER USER"))
            session.execute(text("DELETE FROM meter_reading_2025_03"))
        session.commit()


def _drop(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("DROP TABLE meter_reading_2025_04"))
        session.commit()


def _rate(do: Callable[[], None], count: int) -> float:
    return count / _timed(do)


def _timed(do: Callable[[], None]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _median(do: Callable[[], None], turns: int = TURNS) -> float:
    do()
    return statistics.median(_timed(do) for _ in range(turns)) * 1000


if __name__ == "__main__":
    sys.exit(main())
