"""Alliances of 154 and of 5,000 members with six years each, for benchmarks of what coordinators see.

Both sizes are measured in the same run, turn by turn; without a URL on SQLite files of their own, with one on two empty
databases of that server.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from portal import data
from portal.app import create_app
from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.store import migration
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import (
    LikeForLike,
    MemberSummary,
    MemberYear,
    UnitSummary,
)
from tests.browsers import ORIGIN, SECRETS, Browser, give_session
from tests.factories.scenes import staff
from tests.factories.suppliers import EDITION, a_member, an_alliance
from tests.statements import counted

SMALL, LARGE = 154, 5_000
YEARS = tuple(range(2020, 2026))
CATEGORIES_A_MEMBER = 10
TIMES = 40
# What puts further rows into an alliance: its session, the first member's id and unit, how many members there are.
More = Callable[[Session, int, int, int], None]
BEGINNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KG = Decimal("1234567.891")


def rows_of(count: int, first_member: int) -> dict[type[Any], list[dict[str, Any]]]:
    """An alliance of a size as rows: of the last year's inventories every third waits and every third is approved."""
    found: dict[type[Any], list[dict[str, Any]]] = {
        kind: [] for kind in (Inventory, Submission, MemberYear, MemberSummary)
    }
    categories = list(data.load_categories().values())
    for place in range(count):
        for year in YEARS:
            number = place * len(YEARS) + year - YEARS[0] + 1
            state = (
                "approved" if year < YEARS[-1] else ("approved", "submitted", "draft")[place % 3]
            )
            member = first_member + place
            at = BEGINNING + timedelta(minutes=number)
            named = {"id": number, "uid": UUID(int=number), "member_id": member, "year": year}
            found[Inventory].append(named | {"state": state, "created_at": at, "changed_at": at})
            if state != "draft":
                found[Submission].append(named | {"inventory_id": number} | handed_in(state, at))
            if state == "approved":
                totals = dict.fromkeys(SCOPES, KG)
                found[MemberYear].append(
                    {"member_id": member, "year": year, "submission_id": number}
                    | totals
                    | {"quality": Decimal("2.5"), "approved_at": at}
                )
                found[MemberSummary] += [
                    summary(category, year) | {"member_id": member, "line_count": 12}
                    for category in categories[place % 5 :][:CATEGORIES_A_MEMBER]
                ]
    return found


SCOPES = ("kg_scope1", "kg_scope2_location", "kg_scope2_market", "kg_scope3", "kg_biogenic")


def handed_in(state: str, at: datetime) -> dict[str, Any]:
    """A submission's columns; nobody opens it here, so its content is a stand-in."""
    return dict.fromkeys(SCOPES, KG) | {
        "kind": "baseline",
        "number": 1,
        "content": b"{}",
        "digest": "0" * 64,
        "line_count": 90,
        "evidenced_count": 60,
        "warning_count": 3,
        "quality": Decimal("2.5"),
        "edition": EDITION,
        "gwp_set": "GBT",
        "signed_name": "李雷",
        "signed_post": "总经理",
        "submitted_at": at,
        "state": state,
        "decided_at": at if state == "approved" else None,
    }


def summary(category: Any, year: int) -> dict[str, Any]:
    """A row of either roll-up."""
    sums = {"kg_co2e": KG, "kg_co2e_market": KG, "kg_co2_biogenic": Decimal(0)}
    return {"category": category.id, "year": year, "scope": category.scope, **sums}


@dataclass
class Filled:
    """A portal with an alliance of one size, and a browser in which its coordinator is logged in."""

    count: int
    database: Database
    browser: Browser

    def milliseconds(self, path: str) -> float:
        began = time.perf_counter()
        answer = self.browser.get(path)
        spent = time.perf_counter() - began
        assert answer.status_code == 200, answer.status
        return spent * 1000

    def statements(self, path: str) -> int:
        with counted(self.database) as found:
            self.browser.get(path)
        return len(found)


def filled(url: str, folder: Path, count: int, more: More | None = None) -> Filled:
    """Lay the tables and put the rows in."""
    migration.upgrade(url)
    database = Database(url)
    coordinator = fill(database, count, more)
    settings = Settings.from_environment(
        {
            **SECRETS,
            "PORTAL_BASE_URL": ORIGIN,
            "PORTAL_FOLDER": str(folder),
            "PORTAL_DATABASE_URL": url,
        }
    )
    browser = Browser(create_app(settings, database).test_client())
    browser.cookie = give_session(database, coordinator)
    return Filled(count, database, browser)


def fill(database: Database, count: int, more: More | None) -> Account:
    """Members by their factory, everything about them as rows."""
    with database.writing() as session:
        alliance = an_alliance(session, years=YEARS)
        first = a_member(session, alliance, "M-00000", sector="packaging")
        like = {name: getattr(first, name) for name in FOR_EVERY_MEMBER}
        session.execute(
            insert(Member),
            [
                like
                | {"id": first.id + place, "uid": UUID(int=10**9 + place), "code": f"M-{place:05d}"}
                for place in range(1, count)
            ],
        )
        for kind, rows in rows_of(count, first.id).items():
            session.execute(insert(kind), rows)
        session.execute(
            insert(UnitSummary),
            [
                summary(category, year) | {"unit_id": first.unit_id, "member_count": count}
                for year in YEARS
                for category in list(data.load_categories().values())[: CATEGORIES_A_MEMBER + 4]
            ],
        )
        session.execute(
            insert(LikeForLike),
            [
                {
                    "unit_id": first.unit_id,
                    "year": year,
                    "member_count": count,
                    "kg_co2e": KG,
                    "kg_co2e_before": KG,
                }
                for year in YEARS[1:]
            ],
        )
        if more is not None:
            more(session, first.id, first.unit_id, count)
        coordinator = staff(session, Role.COORDINATOR)
        session.commit()
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return coordinator


FOR_EVERY_MEMBER = (
    "alliance_id",
    "unit_id",
    "name_zh",
    "name_en",
    "sector",
    "joined_on",
    "status",
    "created_at",
)


def urls(given: str | None, folder: Path) -> Iterator[str]:
    """An empty database for each size."""
    for count in (SMALL, LARGE):
        if given is None:
            yield f"sqlite:///{folder}/bench-{count}.sqlite3"
            continue
        server, name = make_url(given), f"portal_bench_{count}"
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        yield server.set(database=name).render_as_string(hide_password=False)


def medians(acts: list[Callable[[], float]]) -> list[float]:
    """Each act's median; they take turns, so that a busy moment hits both."""
    found: list[list[float]] = [[] for _ in acts]
    for _ in range(TIMES):
        for place, act in enumerate(acts):
            found[place].append(act())
    return [statistics.median(each[TIMES // 10 :]) for each in found]


def growth(pages: Mapping[str, str], more: More | None = None) -> dict[str, float]:
    """Print what each page costs at both sizes, and give back how many times the small one's time the large one takes."""
    given = sys.argv[1] if len(sys.argv) > 1 else None
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        small, large = (
            filled(url, Path(folder), count, more)
            for url, count in zip(urls(given, Path(folder)), (SMALL, LARGE), strict=True)
        )
        for name, path in pages.items():
            few, many = medians(
                [lambda p=path: small.milliseconds(p), lambda p=path: large.milliseconds(p)]
            )  # type: ignore[misc]  # each has its own path
            found[name] = many / few
            print(  # noqa: T201 -- a benchmark speaks to whoever runs it
                f"{name}: {SMALL} members {few:.1f} ms, {LARGE} members x {len(YEARS)} years {many:.1f} ms, "
                f"{found[name]:.2f} x; {small.statements(path)} and {large.statements(path)} statements"
            )
        small.database.dispose()
        large.database.dispose()
    return found
