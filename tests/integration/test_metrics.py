"""Figures for Prometheus: added up over processes, kept when one is killed, and not to be had at the public address."""

from __future__ import annotations

import http.client
import os
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from portal.cli import exporting, main
from portal.cli.figures import Figures
from portal.config.settings import Settings, SettingsError
from portal.services import health
from portal.store import jobs, migration
from portal.store.base import Database
from portal.store.keys import KeyFolder
from portal.store.stamps import Stamp, Stamps
from tests.conventions.source import ROOT
from tests.readiness import make_ready
from tests.serving import Served, free_port, served
from tests.workers import wait_until

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Watched:
    """A portal that runs, and the port of its figures."""

    portal: Served
    port: int

    def figures(self) -> dict[str, float]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("GET", "/metrics")
            return read(connection.getresponse().read().decode())
        except ConnectionRefusedError:
            return {}
        finally:
            connection.close()

    def answered(self, group: str, status: str) -> float:
        name = f'portal_request_seconds_count{{group="{group}",status="{status}"}}'
        return self.figures().get(name, 0)


def read(exposed: str) -> dict[str, float]:
    """Every sample of the text format by its name and labels."""
    found = {}
    for family in text_string_to_metric_families(exposed):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def figures_of(settings: Settings) -> dict[str, float]:
    registry = CollectorRegistry()
    figures = Figures.of(settings, lambda: NOW)
    registry.register(figures)
    try:
        return read(generate_latest(registry).decode())
    finally:
        figures.database.dispose()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PORTAL_DEMO": "1",
        "PORTAL_FOLDER": str(tmp_path),
        "PORTAL_METRICS": str(port),
    }
    migration.upgrade(Settings.from_environment(environ).database_url)
    with served(Path(sys.executable), environ, tmp_path) as running:
        found = Watched(running, port)
        wait_until(lambda: bool(found.figures()))
        yield found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_counts_of_all_processes_are_added_up_and_outlive_a_process_that_is_killed(
    watched: Watched,
) -> None:
    before = watched.answered("security", "2xx")
    for _ in range(20):
        assert watched.portal.get("/login").status == 200
    assert watched.answered("security", "2xx") == before + 20

    web = {p for p, command in watched.portal.children().items() if "portal serve" in command}
    os.kill(min(web), signal.SIGKILL)

    assert watched.answered("security", "2xx") == before + 20
    starts = 'portal_process_starts_total{role="web"}'
    wait_until(lambda: watched.figures().get(starts) == 3)


def test_figures_are_not_to_be_had_at_the_public_address(watched: Watched) -> None:
    for path in ("/metrics", "/metrics/", "/portal/metrics", "/debug/metrics"):
        assert watched.portal.get(path).status == 404
    assert watched.port != watched.portal.port


def test_server_leaves_no_counts_behind(watched: Watched) -> None:
    pid = watched.portal.process.pid
    places = [exporting.MEMORY, Path("/tmp")]  # noqa: S108 -- looked into, not written to

    def left() -> list[Path]:
        return [each for place in places for each in place.glob(f"{exporting.PREFIX}{pid}-*")]

    assert len(left()) == 1
    watched.portal.stop()
    assert left() == []


def test_counts_of_a_killed_server_are_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    gone, alive = (tmp_path / f"{exporting.PREFIX}{pid}-x" for pid in (2**22 + 1, os.getpid()))
    gone.mkdir()
    alive.mkdir()
    settings = Settings.from_environment({"PORTAL_DEMO": "1", "PORTAL_METRICS": "9464"})

    with exporting.counting(settings):
        assert os.environ[exporting.VARIABLE].startswith(str(tmp_path))

    assert (gone.exists(), alive.exists()) == (False, True)


def test_figures_tell_of_queue_log_errands_and_signer(
    database: Database, settings: Settings
) -> None:
    settings = replace(settings, keys=settings.folder / "keys")
    make_ready(database, settings.storage, NOW - timedelta(minutes=2))
    KeyFolder(settings.keys).lay(settings.origin, NOW)
    Stamps(settings.folder).put(Stamp("backup", NOW - timedelta(hours=7), 3))
    with database.writing() as session:
        jobs.add(session, "sweep", {}, moment=NOW - timedelta(minutes=30))
        session.commit()

    found = figures_of(settings)

    assert found["portal_worker_silence_seconds"] == 120
    assert found["portal_oldest_due_job_seconds"] == 1800
    assert found['portal_jobs{state="ready"}'] == 1
    assert found['portal_jobs{state="dead"}'] == 0
    assert found['portal_mails{state="waiting"}'] == 0
    assert found['portal_check_ok{check="jobs"}'] == 0
    assert found['portal_check_ok{check="database"}'] == 1
    assert found['portal_errand_age_seconds{errand="backup"}'] == 7 * 3600
    assert found['portal_errand_faults{errand="backup"}'] == 3
    assert 3640 < found["portal_signer_days"] <= 3650
    assert found['portal_disk_free_bytes{folder="storage"}'] > 0
    assert ("portal_clock_difference_seconds" in found) is not database.is_sqlite


def test_a_process_that_died_before_its_first_count_hides_nothing(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(exporting.VARIABLE, str(tmp_path))
    (tmp_path / "counter_1.db").touch()
    counts = MmapedDict(str(tmp_path / "counter_2.db"))
    counts.write_value(mmap_key("portal_tries", "portal_tries_total", [], [], "Tries."), 7, 0)
    counts.close()

    assert figures_of(settings)["portal_tries_total"] == 7


def test_figures_of_the_machine_are_there_while_the_database_is_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    monkeypatch.setattr(health, "standing", away)

    found = figures_of(settings)

    assert found['portal_check_ok{check="database"}'] == 0
    assert "portal_oldest_due_job_seconds" not in found
    assert 'portal_disk_free_bytes{folder="folder"}' in found


def test_figures_are_printed_once_without_listening(settings: Settings, database: Database) -> None:
    database.dispose()
    environ = {
        "PORTAL_DEMO": "1",
        "PORTAL_FOLDER": str(settings.folder),
        "PORTAL_DATABASE_URL": settings.database_url,
    }
    answer = CliRunner().invoke(main, ["metrics", "--once"], env=environ)

    assert answer.exit_code == 0, answer.output
    assert read(answer.output)['portal_check_ok{check="database"}'] == 1


def test_command_says_what_is_missing_without_an_address() -> None:
    answer = CliRunner().invoke(main, ["metrics"], env={"PORTAL_DEMO": "1"})

    assert answer.exit_code == 1
    assert "PORTAL_METRICS is missing" in answer.output


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("9464", "127.0.0.1", 9464), ("10.0.0.5:9464", "10.0.0.5", 9464), ("[::1]:9464", "::1", 9464)],
)
def test_port_alone_is_for_this_machine_only(text: str, host: str, port: int) -> None:
    listening = Settings.from_environment({"PORTAL_DEMO": "1", "PORTAL_METRICS": text}).metrics

    assert listening is not None
    assert (listening.host, listening.port) == (host, port)


@pytest.mark.parametrize("text", ["no", "a:b", "99999", "0", "host:", "me@host:1", "9464/x"])
def test_address_that_cannot_be_listened_on_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"PORTAL_METRICS is {text!r}")):
        Settings.from_environment({"PORTAL_DEMO": "1", "PORTAL_METRICS": text})
