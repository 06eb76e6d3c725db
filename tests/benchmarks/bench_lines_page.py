"""How long the server takes for a page of fifty lines, beside a bare page of the same size: run me, I print the ratio.

The floor is a Flask page that renders a static string of the same size through Jinja and makes one indexed SELECT on
the same database. Both are called as a server calls them. A page that was shown before and has not changed is
gathered and drawn from memory; the ratio of a page that nobody has asked for yet stands beside it. Times are the processor's,
the median of many turns taken one after the other, so that other work on the machine disturbs neither.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

sys.path.insert(0, str(Path(__file__).parents[2]))

from portal.app import create_app
from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.services import inventories, kept_line_pages, line_copies
from portal.services.line_copies import ReadyLine
from portal.store import migration
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.web.forms import line_stencils
from tests.browsers import COOKIE, ORIGIN, SECRETS, give_session
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.statements import counted

TURNS = 60
MOST_RATIO = 4.0
PATH = "/supplier/inventories/2025/lines"


def filled(database: Database, count: int) -> Account:
    """A member whose two years have that many lines each, monthly and yearly, in several categories."""
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025))
        member = a_member(session, alliance, "M001", sector="packaging")
        for code in ("S1", "S2", "S3"):
            a_site(session, member, code)
        account = an_account(session, Role.REPORTER, member)
        work = work_of(session, account)
        for year in (2024, 2025):
            inventory = inventories.open_inventory(work, member, year)
            ready = [ready_line(year, place) for place in range(count)]
            recorded = line_copies.record_lines(work, inventory, ready)
            assert recorded.count == count, recorded.problems
        work.commit()
    return account


def ready_line(year: int, place: int) -> ReadyLine:
    category, unit = (
        ("electricity.grid", "kWh"),
        ("stationary.natural_gas", "m³"),
        ("mobile.diesel", "L"),
        ("water.supply", "m³"),
    )[place % 4]
    values = {
        "category": category,
        "quantity": str(1000 + place * 7 + (year - 2024) * 3),
        "unit": unit,
        "period": f"{year}-{place % 12 + 1:02d}",
        "site": f"S{place % 3 + 1}",
    }
    return ReadyLine(values)


def caller(app: Flask, path: str, cookie: str | None) -> Callable[[], bytes]:
    headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
    builder = EnvironBuilder(path=path, base_url=ORIGIN, headers=headers)
    environ = builder.get_environ()

    def call() -> bytes:
        statuses: list[str] = []

        def start(status: str, _headers: Any, _info: Any = None) -> Callable[[bytes], object]:
            statuses.append(status)
            return lambda _data: None

        body = app({**environ, "wsgi.input": BytesIO()}, start)
        try:
            page = b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        assert statuses == ["200 OK"], statuses
        return page

    return call


def floor_app(database: Database, page: str) -> Flask:
    """A page of the same size with one SELECT by primary key."""
    app = Flask("floor")
    app.jinja_env.loader = DictLoader({"page.html": "{% raw %}" + page + "{% endraw %}"})

    @app.get("/")
    def show() -> str:
        with database.reading() as session:
            year = session.scalars(select(Inventory.year).where(Inventory.id == 1)).one()
        return render_template("page.html", year=year)

    return app


def medians(*calls: Callable[[], bytes]) -> list[float]:
    """The median processor time of each call in milliseconds; they take turns, so that a busy machine slows all alike."""
    for call in calls:
        for _warm_up in range(5):
            call()
    times: list[list[float]] = [[] for _call in calls]
    for _turn in range(TURNS):
        for place, call in enumerate(calls):
            began = time.process_time()
            call()
            times[place].append((time.process_time() - began) * 1000)
    return [statistics.median(each) for each in times]


@dataclass(frozen=True)
class Measured:
    """Processor times in milliseconds, the page's size in bytes, and its statements, of a page seen before and a new one."""

    again: float
    anew: float
    floor: float
    size: int
    statements_again: int
    statements_anew: int


def forget() -> None:
    """Make the portal forget what it kept of pages."""
    kept_line_pages.forget()
    line_stencils._KEPT.clear()


def measured(folder: Path, count: int) -> Measured:
    """The page with that many lines in the year."""
    url = f"sqlite:///{folder}/bench-{count}.sqlite3"
    migration.upgrade(url)
    database = Database(url)
    account = filled(database, count)
    settings = Settings.from_environment(
        {
            **SECRETS,
            "PORTAL_BASE_URL": ORIGIN,
            "PORTAL_FOLDER": str(folder),
            "PORTAL_DATABASE_URL": url,
        }
    )
    page = caller(create_app(settings, database), PATH, give_session(database, account))
    drawn = page()
    floor = caller(floor_app(database, drawn.decode()), "/", None)

    def anew() -> bytes:
        forget()
        return page()

    with counted(database) as statements_anew:
        anew()
    with counted(database) as statements:
        page()
    again_ms, floor_ms = medians(page, floor)
    (anew_ms,) = medians(anew)
    database.dispose()
    return Measured(again_ms, anew_ms, floor_ms, len(drawn), len(statements), len(statements_anew))


def main() -> int:
    worst = 0.0
    for count in (50, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            found = measured(Path(folder), count)
        ratio = found.again / found.floor
        worst = max(worst, ratio)
        print(  # noqa: T201 -- a benchmark speaks to whoever runs it
            f"{count:>6} lines in the year, {found.size / 1000:.0f} kB: floor {found.floor:.1f} ms; "
            f"seen before {found.again:.1f} ms, {ratio:.1f} x, {found.statements_again} statements; "
            f"new {found.anew:.1f} ms, {found.anew / found.floor:.1f} x, {found.statements_anew} statements"
        )
    return 0 if worst <= MOST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
