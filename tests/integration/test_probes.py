"""`/healthz` and `/readyz` as a monitor meets them: cheap, the same for everybody, and telling nothing else."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from portal.config.settings import Settings
from portal.domain.actors import SYSTEM, Role
from portal.http import clock
from portal.services import health, work
from portal.services.health import Check
from portal.store import jobs
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.schedules import ScheduledRun
from portal.web.public.probes import Probe
from tests.browsers import Browser
from tests.factories.suppliers import a_member, an_account, an_alliance
from tests.readiness import make_ready

LogIn = Callable[..., Browser]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def reporter(database: Database) -> Account:
    with database.writing() as session:
        member = a_member(session, an_alliance(session, years=(2025,)), "M001", sector="packaging")
        account = an_account(session, Role.REPORTER, member)
        session.commit()
    return account


def lose(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    def gone() -> None:
        raise OperationalError("", {}, sqlite3.OperationalError("/secret/place can't be opened"))

    monkeypatch.setattr(database, "reading", gone)


def checks(browser: Browser) -> tuple[int, dict[str, Any]]:
    answer = browser.get("/readyz")
    return answer.status_code, answer.get_json()["checks"]


def test_process_is_alive_even_without_database_and_with_a_session(
    app: Flask,
    log_in: LogIn,
    reporter: Account,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = log_in(reporter)
    lose(monkeypatch, app.extensions["portal"].database)

    answer = browser.get("/healthz")

    assert (answer.status_code, answer.get_json()) == (200, {"alive": True})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_portal_is_ready_when_a_worker_was_there_and_evidence_can_be_written(
    browser: Browser, database: Database, settings: Settings
) -> None:
    make_ready(database, settings.storage, clock.now())

    answer = browser.get("/readyz")

    assert answer.status_code == 200
    assert answer.get_json()["ready"] is True
    assert answer.get_json()["checks"].keys() == {
        "database", "revision", "worker", "jobs", "log", "storage", "disk",
    }  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def say_nothing(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        [run] = session.scalars(select(ScheduledRun))
        run.queued_at = clock.now() - health.LONGEST_SILENCE - MINUTE
        session.commit()


def leave_a_job(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        due = clock.now() - health.LONGEST_WAIT_OF_A_JOB - MINUTE
        jobs.add(session, "sweep", {}, moment=due)
        session.commit()


def sign_nothing(database: Database, settings: Settings) -> None:
    with work.writing(database, SYSTEM, clock.now() - health.LONGEST_UNSIGNED - MINUTE) as writing:
        writing.record("account.described", "account/1")


def take_the_storage(database: Database, settings: Settings) -> None:
    settings.storage.rmdir()


def lay_another_release(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        session.commit()


@pytest.mark.parametrize(
    ("trouble", "check"),
    [
        (say_nothing, "worker"),
        (leave_a_job, "jobs"),
        (sign_nothing, "log"),
        (take_the_storage, "storage"),
        (lay_another_release, "revision"),
    ],
)
def test_portal_is_not_ready_and_says_which_check_fails(
    browser: Browser,
    database: Database,
    settings: Settings,
    trouble: Callable[[Database, Settings], None],
    check: str,
) -> None:
    make_ready(database, settings.storage, clock.now())
    trouble(database, settings)

    status, found = checks(browser)

    assert status == 503
    assert [name for name, said in found.items() if not said["ok"]] == [check]


def test_full_disk_is_not_ready(
    browser: Browser, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ready(database, settings.storage, clock.now())
    monkeypatch.setattr(health, "free_bytes", lambda folder: 5_000)

    status, found = checks(browser)

    assert status == 503
    assert found["disk"] == {"ok": False, "free_bytes": 5_000}


def test_database_that_is_gone_is_named_without_its_message(
    app: Flask, browser: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(monkeypatch, app.extensions["portal"].database)

    answer = browser.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["checks"]["database"] == {"ok": False}
    assert "secret" not in answer.text
    assert str(settings.folder) not in answer.text


def test_whoever_asks_is_answered_while_the_database_hangs() -> None:
    hanging, looks = threading.Event(), []

    def look() -> list[Check]:
        looks.append(1)
        hanging.wait(30)
        return [Check("database", True)]

    probe = Probe(look, lambda: [Check("database", False)], patience=0.01)

    assert [probe.ask()[0].is_sound for _ in range(3)] == [False, False, False]
    assert len(looks) == 1  # nobody piles up behind the one that hangs
    hanging.set()


def test_probe_looks_once_however_often_it_is_asked_within_a_second() -> None:
    now, looks = [100.0], []

    def look() -> list[Check]:
        looks.append(now[0])
        return [Check("database", True)]

    probe = Probe(look, list, steady=lambda: now[0])
    for moment in (100.0, 100.5, 101.0, 101.5):
        now[0] = moment
        assert probe.ask()[0].is_sound

    assert looks == [100.0, 101.5]


def test_static_file_opens_no_session(
    app: Flask, log_in: LogIn, reporter: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = log_in(reporter)
    lose(monkeypatch, app.extensions["portal"].database)

    assert browser.get("/static/img/favicon.svg").status_code == 200
