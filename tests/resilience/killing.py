"""Kills every process of the portal at random moments while eight people write, and counts what is lost.

`python -m tests.resilience.killing --kills 200` prints a table for both databases; `make resilience` calls it.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.config.settings import Settings
from portal.store.base import Database
from portal.store.blobs import Blobs
from tests.databases import Databases, PostgresqlDatabases, SqliteDatabases
from tests.resilience import acknowledged, invariants, leftovers, stage
from tests.resilience.clients import Client, Tally
from tests.resilience.notebook import Fate, Notebook
from tests.resilience.writers import Coordinator, Supplier, Writer
from tests.serving import Served, free_port

READY_SECONDS = 120
LIFE_SECONDS = (0.4, 4.0)
# A slow machine acknowledges nothing in that time; what nobody was promised can't be lost.
LEAST_WRITES = 2
WRITING_SECONDS = 180
WHILE_STARTING = 0.1  # of the kills hit a portal that is not ready yet


@dataclass(slots=True)
class Report:
    """What a run came to."""

    engine: str
    seed: int
    kills: int = 0
    ready_seconds: list[float] = field(default_factory=list)
    kept: int = 0
    unknown: int = 0
    refused: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    jobs_after: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def run(url: str, folder: Path, *, kills: int, seed: int, engine: str) -> Report:
    """Kill the portal so many times, let its jobs run out, and look at what it kept."""
    chance = random.Random(seed)
    database = Database(url)
    people = stage.set_up(database)
    report, notebook, tally = Report(engine, seed), Notebook(), Tally()
    environ = stage.environment(url, folder)
    portal = Portal(environ, folder, free_port())
    writers = writers_of(people, portal.port, notebook, tally, chance)
    with portal.killed_at_last(), acting(writers):
        for _ in range(kills):
            portal.start()
            if chance.random() < WHILE_STARTING:
                time.sleep(chance.uniform(0.05, 1.5))
            else:
                wanted = notebook.number_of(Fate.KEPT) + LEAST_WRITES
                report.ready_seconds.append(portal.wait_until_ready())
                time.sleep(chance.uniform(*LIFE_SECONDS))
                wait_for_writes(notebook, wanted, writers)
            portal.kill()
            report.kills += 1
        portal.start()
        report.ready_seconds.append(portal.wait_until_ready())
        wait_for_writes(notebook, notebook.number_of(Fate.KEPT) + 1, writers)
    settings = Settings.from_environment({**environ, "PORT": str(portal.port)})
    report.jobs_after = leftovers.finish_jobs(settings)
    _judge(report, database, settings, notebook, tally, writers)
    database.dispose()
    return report


def wait_for_writes(notebook: Notebook, wanted: int, writers: list[Writer]) -> None:
    """Wait until so many writes are acknowledged; a portal that takes none is as bad as one that loses some.

    Writers that have given up are judged at the end with what they saw.
    """
    until = time.monotonic() + WRITING_SECONDS
    while (missing := wanted - notebook.number_of(Fate.KEPT)) > 0:
        if all(writer.failure for writer in writers):
            return
        if time.monotonic() > until:
            failures = [writer.failure for writer in writers if writer.failure]
            raise RuntimeError(f"{missing} writes were not acknowledged; {failures}")
        time.sleep(0.02)


class Portal:
    """`portal serve` in a process group of its own, to be killed as a whole."""

    def __init__(self, environ: dict[str, str], folder: Path, port: int) -> None:
        self.port = port
        self._environ = {**environ, "PORT": str(port)}
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    @contextmanager
    def killed_at_last(self) -> Iterator[None]:
        """Leave nothing running, whatever happens in the block."""
        try:
            yield
        finally:
            if self._process is not None and self._process.poll() is None:
                self.kill()

    def start(self) -> None:
        """Start it without waiting for anything."""
        command = [sys.executable, "-m", "portal", "serve", "--port", str(self.port)]
        self._started = time.monotonic()
        with (self._folder / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--workers", "2"],
                cwd=self._folder,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> float:
        """Seconds from the start to the first page."""
        assert self._process is not None
        served = Served(self._process, self.port, self._folder / "serve.log")
        while True:
            try:
                if served.get("/login").status == 200:
                    return time.monotonic() - self._started
            except OSError:
                pass
            waited = time.monotonic() - self._started
            if waited > READY_SECONDS or self._process.poll() is not None:
                raise RuntimeError(
                    f"not ready after {waited:.1f} s:\n{served.log.read_text()[-3000:]}"
                )
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill every process of it at once, and wait until the last one is gone."""
        assert self._process is not None
        group = self._process.pid
        os.killpg(group, signal.SIGKILL)
        self._process.wait()
        until = time.monotonic() + 60
        while _is_any_left(group):
            assert time.monotonic() < until, "a process survived kill -9"
            time.sleep(0.01)


def _is_any_left(group: int) -> bool:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            return True
    return False


def writers_of(
    people: stage.Stage, port: int, notebook: Notebook, tally: Tally, chance: random.Random
) -> list[Writer]:
    """The eight people with their pages open, not acting yet."""
    stop = threading.Event()

    def own() -> random.Random:
        return random.Random(chance.random())

    suppliers = [
        Supplier(Client(port, email, tally), notebook, own(), stop, code=code, years=stage.YEARS)
        for code, email in people.suppliers.items()
    ]
    coordinators = [
        Coordinator(Client(port, email, tally), notebook, own(), stop)
        for email in people.coordinators
    ]
    return [*suppliers, *coordinators]


@contextmanager
def acting(writers: list[Writer]) -> Iterator[None]:
    """Let them act until the block ends."""
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        writers[0].stop.set()
        for thread in threads:
            thread.join()


def _judge(
    report: Report,
    database: Database,
    settings: Settings,
    notebook: Notebook,
    tally: Tally,
    writers: list[Writer],
) -> None:
    report.kept, report.unknown = notebook.number_of(Fate.KEPT), notebook.number_of(Fate.UNKNOWN)
    report.refused = notebook.number_of(Fate.REFUSED)
    report.statuses = dict(sorted(tally.statuses.items()))
    report.counts = {
        kind: number for (kind, fate), number in sorted(notebook.counts().items()) if fate == "kept"
    }
    report.violations += [writer.failure for writer in writers if writer.failure]
    report.violations += [f"answered 500: {what}" for what in tally.bad]
    with database.reading() as session:
        report.violations += acknowledged.lost(session, notebook)
        report.violations += invariants.violations(session, Blobs(settings.storage))
        report.violations += invariants.unfinished(session)


@contextmanager
def databases_of(engine: str) -> Iterator[Databases]:
    """Where databases of an engine come from, outside pytest."""
    made: Databases = (
        SqliteDatabases(Path(tempfile.mkdtemp(prefix="resilience-")))
        if engine == "sqlite"
        else PostgresqlDatabases()
    )
    try:
        yield made
    finally:
        made.close()


def table(report: Report) -> str:
    """The figures of a run, in lines."""
    ready = sorted(report.ready_seconds)
    kept = ", ".join(f"{number} {kind}" for kind, number in report.counts.items())
    rows = {
        "database": report.engine,
        "seed": report.seed,
        "kills": report.kills,
        "acknowledged writes": f"{report.kept} ({kept})",
        "without an answer": report.unknown,
        "refused": report.refused,
        "answers by status": report.statuses,
        "seconds to the first page": f"median {ready[len(ready) // 2]:.1f}, longest {ready[-1]:.1f}",
        "jobs done afterwards": report.jobs_after,
        "lost, half-written or doubled": len(report.violations),
    }
    lines = [f"  {name:32} {value}" for name, value in rows.items()]
    return "\n".join([*lines, *(f"    ! {each}" for each in report.violations[:40])])


def main() -> int:
    """Run from the command line; the exit code is 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    asked = parser.parse_args()
    violations = 0
    for engine in asked.engine or ["sqlite", "postgresql"]:
        with databases_of(engine) as databases, tempfile.TemporaryDirectory() as folder:
            report = run(
                databases.new(), Path(folder), kills=asked.kills, seed=asked.seed, engine=engine
            )
            print(table(report), flush=True)  # noqa: T201 -- a command's answer
            violations += len(report.violations)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
