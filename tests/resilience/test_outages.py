"""The database gone and back, disks that are full or take no writing, no handles left: pages say so, and it passes."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from portal.config.settings import Settings
from portal.store import jobs
from portal.store.base import Database
from portal.store.blobs import Blobs
from tests import postgresql
from tests.databases import SqliteDatabases, lay_tables
from tests.resilience import acknowledged, invariants, killing, stage
from tests.resilience.clients import Answer, Client, Tally
from tests.resilience.notebook import Fate, Notebook
from tests.serving import Served, served
from tests.workers import add_job, wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
YEAR = "/supplier/inventories/2025"
needs_mounts = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")


@pytest.fixture(scope="module")
def server() -> Iterator[postgresql.Server]:
    """A PostgreSQL of our own that may be stopped, and that writes what it has acknowledged."""
    found = postgresql.find_binaries()
    made = postgresql.Server(found, {"synchronous_commit": "on"}).start()
    lay_tables(made.url)
    yield made
    made.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for eight megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Fill a disk to the last byte until the block ends."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        room = shutil.disk_usage(folder).free
        file.write(b"\0" * room)
    yield
    filler.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let a disk take no writing until the block ends."""
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)


class Desk:
    """A supplier at work in front of a running portal."""

    def __init__(self, portal: Served, people: stage.Stage) -> None:
        self.client = Client(portal.port, people.suppliers["M001"])
        self._numbers = iter(range(1, 1000))

    def read(self) -> Answer:
        """Open the table of lines."""
        return self.client.get(f"{YEAR}/lines")

    def save(self, page: Answer) -> Answer:
        """Save a new line from a page that is open already."""
        number = next(self._numbers)
        row = {
            "key": f"11111111-1111-4111-8111-{number:012}",
            "version": "",
            "category": "electricity.grid",
            "quantity": str(number),
            "unit": "MWh",
            "period": "2025-01",
            "site": "S1",
        }
        values = {f"lines-0-{name}": value for name, value in row.items()}
        return self.client.send(f"{YEAR}/lines", page.text, {**values, "act": "leave"})

    def open_evidence(self) -> Answer:
        """Open the files of the first line."""
        return self.client.get(self._evidence)

    def upload(self, page: Answer) -> Answer:
        """Upload another bill each time."""
        content = f"month,kWh\n2025-01,{next(self._numbers)}\n".encode()
        return self.client.upload(self._evidence, page.text, "bill.csv", content)

    @property
    def _evidence(self) -> str:
        return f"{YEAR}/lines/11111111-1111-4111-8111-{1:012}/evidence"


def is_honest(answer: Answer, status: int) -> bool:
    """Whether it says what is the matter and when to come back."""
    is_clear = "was not kept" in answer.text or "may have been kept" in answer.text
    return answer.status == status and is_clear and "retry-after" in answer.headers


def on_disks(tmp_path: Path, database: Path, storage: Path) -> tuple[dict[str, str], stage.Stage]:
    """An environment with the database and the files where they are asked for, and the people in it."""
    (tmp_path / "template").mkdir()
    made = SqliteDatabases(tmp_path / "template")
    url = f"sqlite:///{database / 'portal.sqlite3'}"
    shutil.copyfile(make_url(made.shared).database, make_url(url).database)
    opened = Database(url)
    people = stage.set_up(opened)
    opened.dispose()
    return {**stage.environment(url, tmp_path), "PORTAL_STORAGE": str(storage)}, people


def test_postgresql_that_crashes_under_users_loses_nothing_and_is_waited_for(
    server: postgresql.Server, tmp_path: Path
) -> None:
    database = Database(server.url)
    people = stage.set_up(database)
    notebook, tally = Notebook(), Tally()
    environ = stage.environment(server.url, tmp_path)
    with served(Path(sys.executable), environ, tmp_path) as portal:
        writers = killing.writers_of(people, portal.port, notebook, tally, random.Random(1))
        with killing.acting(writers):
            time.sleep(3)
            kept = len(notebook.of_kind("line", Fate.KEPT))
            server.crash()
            time.sleep(2)
            assert portal.get("/static/css/portal.css").status == 200
            server.serve()
            wait_until(lambda: len(notebook.of_kind("line", Fate.KEPT)) > kept + 5)
        database.dispose()
        job = add_job(database, "sweep")
        wait_until(lambda: state_of(database, job) == "done")

    assert [writer.failure for writer in writers if writer.failure] == []
    assert tally.bad == []
    assert tally.statuses["503"] > 0
    settings = Settings.from_environment({**environ, "PORT": str(portal.port)})
    with database.reading() as session:
        assert acknowledged.lost(session, notebook) == []
        assert invariants.violations(session, Blobs(settings.storage)) == []
    database.dispose()


def state_of(database: Database, job_id: int) -> str:
    with database.reading() as session:
        return session.get_one(jobs.Job, job_id).state


@needs_mounts
def test_full_disk_of_the_database_is_answered_507_and_reading_goes_on(
    small_disk: Path, tmp_path: Path
) -> None:
    environ, people = on_disks(tmp_path, small_disk, tmp_path / "storage")
    with served(Path(sys.executable), environ, tmp_path) as portal:
        desk = Desk(portal, people)
        page = desk.read()
        assert desk.save(page).is_kept
        with full(small_disk):
            assert is_honest(desk.save(page), 507)
            assert desk.read().status == 200
            assert is_honest(desk.save(page), 507)
        assert desk.save(page).is_kept
        assert 'value="1"' in desk.read().text
    assert "Traceback" not in portal.log.read_text()


@needs_mounts
@pytest.mark.parametrize(("trouble", "status"), [(full, 507), (read_only, 503)])
def test_storage_in_trouble_keeps_no_file_and_everything_else_goes_on(
    small_disk: Path, tmp_path: Path, trouble: Callable[[Path], Iterator[None]], status: int
) -> None:
    environ, people = on_disks(tmp_path, tmp_path, small_disk)
    with served(Path(sys.executable), environ, tmp_path) as portal:
        desk = Desk(portal, people)
        page = desk.read()
        assert desk.save(page).is_kept
        files = desk.open_evidence()
        with trouble(small_disk):
            assert is_honest(desk.upload(files), status)
            assert desk.save(page).is_kept
            assert desk.open_evidence().status == 200
        assert desk.upload(files).is_kept


def test_process_without_file_handles_says_so_and_recovers(tmp_path: Path) -> None:
    environ, people = on_disks(tmp_path, tmp_path, tmp_path / "storage")
    with served(Path(sys.executable), environ, tmp_path) as portal:
        desk = Desk(portal, people)
        page = desk.read()
        assert desk.save(page).is_kept
        files = desk.open_evidence()
        web = [pid for pid, command in portal.children().items() if "portal serve" in command]
        before = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in web}
        for pid in web:
            used = max(int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir())
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 3, before[pid][1]))
        assert is_honest(desk.upload(files), 503)
        for pid in web:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before[pid])
        assert desk.upload(files).is_kept
