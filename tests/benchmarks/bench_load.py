"""Many people at once on the demo alliance: walks real pages over a real server and prints how long people wait.

    python tests/benchmarks/bench_load.py [--minutes 10] [--engine sqlite|postgresql] [--users 100]

Without --engine both: 20 people on SQLite, 100 on PostgreSQL. Each logs in, goes from page to page with two to five
seconds between them, suppliers save their lines, coordinators look into the queue. The floor is `/healthz`, asked
beside them in the same run: the same server and the same waiting line, without any work. Wants a quiet machine.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import create_engine, select, text

from portal.cli.demo import PASSWORD
from portal.cli.scenery.cast import LAST_YEAR
from portal.cli.scenery.stage import COORDINATORS
from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow
from portal.store.base import Database
from portal.store.inventories import Inventory
from tests.postgresql import Server, find_binaries
from tests.serving import served

ROOT = Path(__file__).parents[2]
USERS = {"sqlite": 20, "postgresql": 100}
THINKING = (2.0, 5.0)
WARMING_UP = 30.0  # people come one after the other, as they do
SHARE_OF_COORDINATORS = 10
TABLE = f"/supplier/inventories/{LAST_YEAR}/lines"


class Form(HTMLParser):
    """The controls of one form, as a browser would send them."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._wanted, self._inside, self._select, self._area = wanted, False, "", ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        have = dict(attributes)
        name = have.get("name") or ""
        if tag == "form":
            self._inside = self._wanted in (have.get("id"), have.get("action") or "")
        if not self._inside:
            return
        if tag == "input" and name and have.get("type") not in ("submit", "checkbox", "radio"):
            self.fields[name] = have.get("value") or ""
        elif tag == "input" and name and "checked" in have:
            self.fields[name] = have.get("value") or "on"
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in have or self._select not in self.fields:
                self.fields[self._select] = have.get("value") or ""
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._inside and self._area:
            self.fields[self._area] += data


def form_of(page: str, wanted: str) -> dict[str, str]:
    """Read the fields of a form."""
    reader = Form(wanted)
    reader.feed(page)
    return reader.fields


@dataclass(slots=True)
class Tally:
    """Seconds by kind of page, and everything that was not answered as it should be."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float, trouble: str = "") -> None:
        """Keep one answer."""
        with self.lock:
            self.seconds[kind].append(seconds)
            if trouble:
                self.errors.append(f"{kind}: {trouble}")


@dataclass(slots=True)
class Person:
    """Somebody with a browser of their own, at an address of their own."""

    port: int
    number: int
    tally: Tally
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, kind: str, method: str, path: str, data: dict[str, str] | None = None) -> str:
        """Send one request over a new connection, as the proxy in front does, and return the page."""
        body = urlencode(data) if data else None
        headers = {
            "X-Forwarded-For": f"10.1.{self.number // 250}.{self.number % 250 + 1}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            status, page = self._sent(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.tally.note(kind, time.perf_counter() - began, repr(error))
            return ""
        # A reader who is sent elsewhere is not logged in any more.
        is_right = status == 200 if method == "GET" else status in (200, 302, 303)
        trouble = "" if is_right else f"{method} {path} is answered {status}"
        self.tally.note(kind, time.perf_counter() - began, trouble)
        return page

    def _sent(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode("utf-8", "replace")
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, page
        finally:
            connection.close()

    def log_in(self, email: str) -> None:
        """Come in by the login page."""
        page = self.ask("login page", "GET", "/login")
        sent = {**form_of(page, ""), "email": email, "password": PASSWORD}
        self.ask("log in", "POST", "/login", sent)


Step = Callable[[Person], None]


def supplier_steps(may_write: bool) -> list[Step]:
    """What a supplier does all day."""

    def save(person: Person) -> None:
        page = person.ask("lines page", "GET", TABLE)
        sent = form_of(page, "lines")
        if sent:
            time.sleep(random.uniform(*THINKING))
            person.ask("save lines", "POST", TABLE, {**sent, "act": "continue"})

    reading: list[Step] = [
        lambda person: void(person.ask("supplier home", "GET", "/supplier/")),
        lambda person: void(person.ask("lines page", "GET", TABLE)),
        lambda person: void(person.ask("evidence list", "GET", "/supplier/evidence/")),
    ]
    return [*reading, save, save] if may_write else reading


def coordinator_steps() -> list[Step]:
    """What a coordinator does all day."""

    def review(person: Person) -> None:
        page = person.ask("queue", "GET", "/coordinator/submissions/")
        found = re.findall(r'href="(/coordinator/submissions/[0-9a-f-]{36})"', page)
        if found:
            time.sleep(random.uniform(*THINKING))
            person.ask("review", "GET", random.choice(found))

    return [
        lambda person: void(person.ask("overview", "GET", "/coordinator/")),
        lambda person: void(person.ask("member list", "GET", "/coordinator/members/")),
        review,
    ]


def void(_: object) -> None:
    """Forget an answer."""


def walk(person: Person, email: str, steps: list[Step], delay: float, until: float) -> None:
    """One person's day."""
    time.sleep(delay)
    person.log_in(email)
    while time.monotonic() < until:
        time.sleep(random.uniform(*THINKING))
        random.choice(steps)(person)


def watch_the_floor(person: Person, until: float) -> None:
    """Ask the floor page now and then."""
    while time.monotonic() < until:
        person.ask("floor /healthz", "GET", "/healthz")
        time.sleep(0.5)


def cast_of(url: str, users: int) -> Iterator[tuple[str, list[Step]]]:
    """Who they are: those who may write first, and every tenth a coordinator."""
    database = Database(url, pool_size=1)
    with database.reading() as session:
        query = (
            select(Account.email, Inventory.state)
            .join(Inventory, Inventory.member_id == Account.member_id)
            .where(Inventory.year == LAST_YEAR, Account.roles.any(RoleRow.name == Role.REPORTER))
            .order_by(Inventory.state.in_(("draft", "returned")).desc(), Account.id)
        )
        suppliers = [
            (email, state in ("draft", "returned")) for email, state in session.execute(query)
        ]
    database.dispose()
    for number in range(users):
        if number % SHARE_OF_COORDINATORS == 0:
            yield COORDINATORS[number // SHARE_OF_COORDINATORS % 2].email, coordinator_steps()
        else:
            email, may_write = suppliers[number % len(suppliers)]
            yield email, supplier_steps(may_write)


def run(environ: dict[str, str], folder: Path, users: int, seconds: float) -> Tally:
    """Serve, let everybody walk, and return what they met."""
    tally = Tally()
    people = list(cast_of(environ["PORTAL_DATABASE_URL"], users))
    with served(Path(sys.executable), environ, folder, is_quiet=True) as portal:
        until = time.monotonic() + WARMING_UP + seconds
        threads = [
            threading.Thread(
                target=walk,
                args=(
                    Person(portal.port, number, tally),
                    email,
                    steps,
                    number * WARMING_UP / users,
                    until,
                ),
            )
            for number, (email, steps) in enumerate(people)
        ]
        floor = Person(portal.port, 60_000, tally)
        threads.append(threading.Thread(target=watch_the_floor, args=(floor, until)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return tally


@contextmanager
def database_of(engine: str, folder: Path) -> Iterator[str]:
    """An empty database of the engine."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    server = Server(find_binaries()).start()
    try:
        admin = create_engine(server.url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE load"))
        admin.dispose()
        yield str(admin.url.set(database="load").render_as_string(hide_password=False))
    finally:
        server.stop()


def measure(engine: str, users: int, minutes: float) -> bool:
    """Load the demo into an engine, let people walk, print; whether nothing failed."""
    with tempfile.TemporaryDirectory(prefix="portal-load-") as name:
        folder = Path(name)
        with database_of(engine, folder) as url:
            environ = {
                **{
                    key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")
                },
                "PYTHONPATH": str(ROOT),
                "PORTAL_DEMO": "1",
                "PORTAL_FOLDER": name,
                "PORTAL_DATABASE_URL": url,
                "PORTAL_TRUSTED_PROXIES": "1",
                "PORTAL_BASE_URL": "http://127.0.0.1",
            }
            for command in ("init", "demo"):
                subprocess.run(
                    [sys.executable, "-m", "portal", command],
                    env=environ,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            before = os.getloadavg()[0]
            tally = run(environ, folder, users, minutes * 60)
    say(f"\n{engine}: {users} people, {minutes:g} min, load average {before:.1f} before")
    return report(tally)


def say(line: str) -> None:
    """Print a line at once: a run takes long."""
    print(line, flush=True)  # noqa: T201 -- a benchmark speaks to whoever runs it


def report(tally: Tally) -> bool:
    """Print the table."""
    say(f"{'page':<16}{'requests':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for kind, found in sorted(tally.seconds.items(), key=lambda each: each[0] != "floor /healthz"):
        ordered = sorted(found)
        shown = [
            ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.95, 0.99)
        ]
        figures = "".join(f"{seconds * 1000:>9.0f}" for seconds in (*shown, ordered[-1]))
        say(f"{kind:<16}{len(found):>9}{figures}")
    total = sum(map(len, tally.seconds.values()))
    say(f"{total} requests, {len(tally.errors)} errors")
    for error in tally.errors[:10]:
        say(f"  {error}")
    return not tally.errors


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--engine", choices=sorted(USERS))
    parser.add_argument("--users", type=int)
    asked = parser.parse_args()
    engines = [asked.engine] if asked.engine else list(USERS)
    sound = [measure(engine, asked.users or USERS[engine], asked.minutes) for engine in engines]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
