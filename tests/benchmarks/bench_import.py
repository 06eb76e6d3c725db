"""How long a table of a supplier's own takes from file to stored lines, beside the least that any program must do.

    python tests/benchmarks/bench_import.py [--engine sqlite|postgresql] [--rows 100000] [--without-million]

The floor is measured in the same run: reading the same file (calamine, or the csv module) and writing the same finished
lines into the same table by one executemany of SQLAlchemy's Core for each five thousand. What is measured is all that
the portal does once the columns are settled: reading in its child process, judging every line, and keeping all of them in one transaction.
A million lines come as CSV; a line of them may cost little more than one of a hundred thousand, and no more memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

import python_calamine
import xlsxwriter
from sqlalchemy import create_engine, insert, make_url, select, text

from portal.cli.processes import look_for_cycles_seldom
from portal.domain.actors import Role
from portal.intake.tables.guessing import guess_columns, settle_texts
from portal.intake.tables.rows import seen_texts
from portal.services import inventories
from portal.services.line_reading import Desk, desk_of
from portal.services.line_saving import TABLE
from portal.services.tables.checks import check_open
from portal.services.tables.judging import Judgement, Take, mark_of
from portal.services.tables.keeping import Source, keep_lines
from portal.services.tables.reading import opened
from portal.store import migration
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.line_spool import LineSpool
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.postgresql import Server, find_binaries
from tests.scratch import folder_for_databases

MOST_RATIO = 4.0
MOST_MEGABYTES = 400
MOST_GROWTH = 1.3
TITLES = ("site_code", "period", "activity", "quantity", "unit", "note", "material")
KINDS = (
    ("electricity", "kWh", ""),
    ("外购电力", "MWh", ""),
    ("natural gas", "m³", ""),
    ("mobile.diesel", "L", ""),
    ("water", "m³", ""),
    ("steam", "GJ", ""),
    ("freight.road", "t·km", ""),
    ("purchased.materials", "t", "ldpe"),
)
SITES = 12


def table(count: int) -> Iterator[tuple[str, str, str, Any, str, str, str]]:
    """Monthly lines of many kinds and sites, each with the number of its bill; always the same."""
    chance = random.Random(20261128)
    for number in range(count):
        activity, unit, material = KINDS[number % len(KINDS)]
        month = chance.randint(1, 12)
        quantity = chance.randint(3_000, 90_000_000) / 100
        site = f"S{chance.randint(1, SITES):02d}"
        yield site, f"2025-{month:02d}", activity, quantity, unit, f"bill {number}", material


def write_csv(path: Path, count: int) -> None:
    """The table as CSV."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(TITLES)
        writer.writerows(table(count))


def write_xlsx(path: Path, count: int) -> None:
    """The table as a workbook."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Lines")
        sheet.write_row(0, 0, TITLES)
        for number, row in enumerate(table(count), start=1):
            sheet.write_row(number, 0, row)


def prepare(url: str) -> None:
    """An empty portal with one supplier and its year."""
    migration.upgrade(url)
    database = Database(url)
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        member = a_member(session, alliance, "M001", sector="packaging")
        for number in range(1, SITES + 1):
            a_site(session, member, f"S{number:02d}")
        account = an_account(session, Role.REPORTER, member)
        work = work_of(session, account)
        inventories.open_inventory(work, member, 2025)
        work.commit()
    database.dispose()


def desk(database: Database) -> tuple[Desk, int]:
    """What the year's lines are read against, and whose account reports."""
    with database.reading() as session:
        account = session.scalars(select(Account)).one()
        inventory = session.scalars(select(Inventory)).one()
        return desk_of(work_of(session, account), inventory, locale="en"), account.id


def judged(path: Path, found: Desk, take: Take) -> Judgement:
    """The file opened, and every row judged by what its first rows are taken for, as a person would have settled it."""
    with opened(path, path.name) as table:
        sample = table.sample()
        guess = guess_columns(sample, found.rules)
        guess = settle_texts(guess, seen_texts(guess.mapping, sample, most=100), found.rules)
        if guess.mapping.problems() or guess.open or guess.doubts:
            raise SystemExit(f"the table is doubtful: {guess}")
        judgement, _counts = check_open(found, table, guess.mapping, new_uid=uuid4, take=take)
    return judgement


def import_all(path: Path, url: str) -> dict[str, float]:
    """What the portal does; seconds for the whole, and those that the transaction which writes takes."""
    database = Database(url)
    began, spent = time.monotonic(), processor()
    found, account_id = desk(database)
    with tempfile.TemporaryFile() as room:
        spool = LineSpool(room, database.engine.dialect)
        judgement = judged(path, found, spool.add)
        was_judged = time.monotonic()
        with database.writing() as session:
            work = work_of(session, session.get_one(Account, account_id))
            inventory = session.scalars(select(Inventory)).one()
            source = Source("0" * 64, mark_of(found), account_id)
            keep_lines(work, inventory, spool, judgement, source)
            work.commit()
    ended = time.monotonic()
    database.dispose()
    return {
        "seconds": ended - began,
        "processor": processor() - spent,
        "writing": ended - was_judged,
        "lines": judgement.lines,
    }


def floor(path: Path, url: str) -> dict[str, float]:
    """Reading the file, and writing the same lines by plain executemany; judging them is not counted."""
    began, spent = time.monotonic(), processor()
    rows = sum(1 for _row in _raw_rows(path))
    read, spent = time.monotonic() - began, processor() - spent
    database = Database(url)
    found, account_id = desk(database)
    writing = 0.0
    waiting: list[dict[str, Any]] = []
    moment = datetime.now(UTC)
    with database.writing() as session:
        connection = session.connection()

        def write() -> None:
            nonlocal writing, spent
            started, before = time.monotonic(), processor()
            connection.execute(insert(TABLE), waiting)
            writing += time.monotonic() - started
            spent += processor() - before
            waiting.clear()

        def take(columns: Any) -> None:
            beside = {"inventory_id": 1, "position": len(waiting), "version": 1}
            waiting.append({**columns, **beside, "changed_at": moment, "changed_by": account_id})
            if len(waiting) >= 5000:
                write()

        judged(path, found, take)
        if waiting:
            write()
        started = time.monotonic()
        session.commit()
        writing += time.monotonic() - started
    database.dispose()
    return {"seconds": read + writing, "processor": spent, "reading": read, "lines": rows - 1}


def processor() -> float:
    """Seconds of this process and of the children that it waited for; a database server's are not among them."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _raw_rows(path: Path) -> Iterator[Any]:
    if path.suffix == ".xlsx":
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        yield from book.get_sheet_by_index(0).iter_rows()
        return
    with path.open(newline="", encoding="utf-8") as lines:
        yield from csv.reader(lines)


@dataclass(frozen=True)
class Measured:
    """What a child process measured, and the most memory that it and its own children took, in megabytes."""

    said: dict[str, float]
    megabytes: int

    @property
    def seconds(self) -> float:
        """Seconds for the whole."""
        return self.said["seconds"]


def measured(what: str, path: Path, url: str) -> Measured:
    """Run one of the two in a process of its own."""
    command = [sys.executable, __file__, "--child", what, str(path), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        said = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{what} of {path.name} ended with {child.returncode}")
    found = json.loads(said)
    return Measured(found, max(used.ru_maxrss, int(found.pop("child_kilobytes"))) // 1024)


def run_child(what: str, path: Path, url: str) -> None:
    """Measure one of the two, and say so as JSON."""
    look_for_cycles_seldom()  # as the worker does that imports tables
    does: dict[str, Callable[[Path, str], dict[str, float]]] = {
        "import": import_all,
        "floor": floor,
    }
    found = does[what](path, url)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    found["child_kilobytes"] = children.ru_maxrss
    sys.stdout.write(json.dumps(found))


class Engines:
    """Fresh databases, one for each measurement."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._folder, self._engine, self._count = folder, engine, 0
        self._server = Server(find_binaries()).start() if engine == "postgresql" else None

    def fresh(self) -> str:
        """A database that was just prepared."""
        self._count += 1
        if self._server is None:
            url = f"sqlite:///{self._folder}/import-{self._count}.sqlite3"
        else:
            url = self._database(self._server)
        prepare(url)
        return url

    def _database(self, server: Server) -> str:
        name = f"import_{self._count}"
        owner = create_engine(server.url, isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        owner.dispose()
        return make_url(server.url).set(database=name).render_as_string(hide_password=False)

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.stop()


def compared(engines: Engines, path: Path, name: str) -> tuple[Measured, bool]:
    """Import and floor of one file, one after the other, and whether the limits are kept."""
    least = measured("floor", path, engines.fresh())
    whole = measured("import", path, engines.fresh())
    ratio = whole.seconds / least.seconds
    busy = whole.said["processor"] / least.said["processor"]
    lines = whole.said["lines"]
    say(
        f"{name:<24} floor {least.seconds:6.1f} s (reading {least.said['reading']:.1f}); portal {whole.seconds:6.1f} s, "
        f"{lines / whole.seconds:7,.0f} lines/s, writing {whole.said['writing']:.1f} s; ratio {ratio:.2f} (at most {MOST_RATIO}), of the processor {busy:.2f}; "
        f"{whole.megabytes} MB (at most {MOST_MEGABYTES})"
    )
    return whole, ratio <= MOST_RATIO and whole.megabytes <= MOST_MEGABYTES


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def run(engine: str, folder: Path, rows: int, *, only: str | None, with_million: bool) -> bool:
    """All measurements on one engine; whether all limits are kept."""
    engines = Engines(folder, engine)
    try:
        is_good = True
        kinds = ((".xlsx", write_xlsx), (".csv", write_csv))
        for suffix, write in [each for each in kinds if only in (None, each[0])]:
            path = folder / f"table{suffix}"
            write(path, rows)
            whole, is_within = compared(engines, path, f"{engine} {rows:,} {suffix}")
            is_good &= is_within
        if with_million:
            path = folder / "million.csv"
            write_csv(path, 10 * rows)
            long = measured("import", path, engines.fresh())
            growth = long.seconds / 10 / whole.seconds
            say(
                f"{engine} {10 * rows:,} .csv: {long.seconds:.1f} s, {long.said['lines'] / long.seconds:,.0f} lines/s, "
                f"writing {long.said['writing']:.1f} s; a line costs {growth:.2f} x (at most {MOST_GROWTH}); "
                f"{long.megabytes} MB (at most {MOST_MEGABYTES})"
            )
            is_good &= growth <= MOST_GROWTH and long.megabytes <= MOST_MEGABYTES
        return is_good
    finally:
        engines.stop()


def main() -> int:
    """Measure, print, and answer 1 if a limit is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--without-million", action="store_true")
    parser.add_argument("--only", choices=(".xlsx", ".csv"))
    parser.add_argument("--child", nargs=3)
    asked = parser.parse_args()
    if asked.child:
        run_child(asked.child[0], Path(asked.child[1]), asked.child[2])
        return 0
    engines = [asked.engine] if asked.engine else ["sqlite", "postgresql"]
    is_good = True
    for engine in engines:
        with tempfile.TemporaryDirectory(dir=folder_for_databases()) as folder:
            is_good &= run(
                engine,
                Path(folder),
                asked.rows,
                only=asked.only,
                with_million=not asked.without_million,
            )
    return 0 if is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
