"""What a night's watch over warnings costs: peers with 154 and 10,000 members, meters with and without news. I print ratios.

    python tests/benchmarks/bench_warnings.py [members of the large alliance, 10,000 by default]

Peers: reading the groups once and holding each member against its own must grow as the members do. Meters: a night
without news must read no readings at all, however many there are.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[2]))

import click
from sqlalchemy import insert

from portal.domain.actors import SYSTEM, Role
from portal.services.warning_meters import keep_look, look_at_meters
from portal.services.warning_peers import peers_now
from portal.services.work import Work, reading
from portal.store import migration
from portal.store.base import Database
from portal.store.members import Member
from portal.store.meters import MeterBatch, MeterReading
from portal.store.summaries import MemberOutput
from tests.benchmarks.alliances import YEARS, fill
from tests.factories.meters import a_meter
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.statements import counted

SMALL, LARGE = 154, 10_000
# Twice what the members alone would make it: sorting and a colder cache.
MOST_GROWTH_A_MEMBER = 2
TURNS = 5
METERS, HOURS = 4, 24 * 365 * 3
NIGHT = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
LEAST_GAIN = 20


def main() -> int:
    large = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else LARGE
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        faults += _peers(Path(folder), large)
        faults += _meters(Path(folder))
    for fault in faults:
        click.echo(f"TOO SLOW: {fault}")
    return bool(faults)


def _peers(folder: Path, large: int) -> list[str]:
    each = {}
    for count in (SMALL, large):
        database = _new(folder, f"peers-{count}")
        fill(database, count, _outputs)
        with counted(database) as statements, reading(database, SYSTEM, NIGHT) as work:
            said = _all_beside(work)
        seconds = _middle(lambda of=database: _night(of))
        each[count] = seconds / count * 1e6
        click.echo(
            f"peers of {count:,} members: {seconds * 1000:,.0f} ms, {each[count]:.0f} µs a member, "
            f"{len(statements)} statements, {said} warnings"
        )
        database.dispose()
    ratio = each[large] / each[SMALL]
    click.echo(f"a member of {large:,} costs {ratio:.2f} times one of {SMALL}")
    return [] if ratio < MOST_GROWTH_A_MEMBER else [f"peers cost {ratio:.1f} times a member"]


def _night(database: Database) -> None:
    with reading(database, SYSTEM, NIGHT) as work:
        _all_beside(work)


def _all_beside(work: Work) -> int:
    peers = peers_now(work)
    return sum(len(list(peers.said_of(member_id))) for member_id in peers.own)


def _outputs(session: Any, first: int, _unit: int, count: int) -> None:
    """What each member made in each year; the fill has approved summaries of all years but a third of the last."""
    session.execute(
        insert(MemberOutput),
        [
            {
                "member_id": first + place,
                "year": year,
                "product": "board",
                "unit": "t",
                "quantity": Decimal(1000 + place % 700),
            }
            for place in range(count)
            for year in YEARS
            if year < YEARS[-1] or place % 3 == 0
        ],
    )


def _meters(folder: Path) -> list[str]:
    database = _new(folder, "meters")
    member_id = _hourly(database)
    first = time.perf_counter()
    with database.writing() as session:
        work = Work(session, SYSTEM, NIGHT)
        seen = look_at_meters(work, session.get_one(Member, member_id))
        assert seen.look is not None
        keep_look(work, seen.look)
        session.commit()
    first = time.perf_counter() - first
    quiet = _middle(lambda: _quiet(database, member_id))
    click.echo(
        f"{METERS} hourly meters of {HOURS:,} readings: first night {first * 1000:,.0f} ms ({seen.read} read), "
        f"a night without news {quiet * 1000:.1f} ms, ratio {first / quiet:,.0f}"
    )
    database.dispose()
    return (
        []
        if first / quiet > LEAST_GAIN
        else [f"a quiet night saves only {first / quiet:.0f} times"]
    )


def _quiet(database: Database, member_id: int) -> None:
    with reading(database, SYSTEM, NIGHT + timedelta(days=1)) as work:
        seen = look_at_meters(work, work.session.get_one(Member, member_id))
        assert seen.read == 0


def _hourly(database: Database) -> int:
    """A member with hourly counters, their readings as rows."""
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        member = a_member(session, alliance, "M0001", sector="packaging")
        work = work_of(session, an_account(session, Role.REPORTER, member), moment=NIGHT)
        site = a_site(session, member, "S1")
        start = datetime(2023, 2, 1, tzinfo=UTC)
        batch = MeterBatch(
            uid=UUID(int=1),
            member_id=member.id,
            door="api",
            count=METERS * HOURS,
            digest="0" * 64,
            entered_at=NIGHT - timedelta(days=30),
        )
        session.add(batch)
        session.flush()
        for number in range(METERS):
            meter = a_meter(work, member, site, f"E{number}", starts_on=start.date(), zone="UTC")
            session.execute(
                insert(MeterReading),
                [
                    {
                        "member_id": member.id,
                        "meter_id": meter.id,
                        "moment": start + timedelta(hours=hour),
                        "number": 1,
                        "value": Decimal(hour * 3 + hour % 5),
                        "batch_id": batch.id,
                    }
                    for hour in range(HOURS)
                ],
            )
        session.commit()
        return member.id


def _new(folder: Path, name: str) -> Database:
    url = f"sqlite:///{folder / name}.sqlite"
    migration.upgrade(url)
    return Database(url)


def _middle(act: Callable[[], None]) -> float:
    spent = []
    for _ in range(TURNS):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


if __name__ == "__main__":
    sys.exit(main())
