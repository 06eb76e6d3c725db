"""What people and operators see when something goes wrong."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal.domain.actors import SYSTEM
from portal.domain.refusals import Conflict
from portal.services import accounts
from portal.services.work import writing
from portal.store import ledger
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from tests.browsers import Browser
from tests.factories.suppliers import an_alliance

LogIn = Callable[..., Browser]
SECRET = "canary-that-must-not-be-logged"


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let the verb behind the account page fail after it has written something."""
    described = accounts.describe

    def describe(*args: object, **kwargs: object) -> None:
        described(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        raise error

    monkeypatch.setattr(accounts, "describe", describe)


def rename(browser: Browser) -> tuple[int, str, dict[str, str]]:
    answer = browser.submit("/account/", {"name": SECRET, "language": "en"})
    return answer.status_code, answer.text, dict(answer.headers)


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [
        json.loads(record.getMessage()) for record in caplog.records if record.name == "portal.web"
    ]


def test_bug_shows_a_reference_and_logs_it_once_without_what_was_typed(
    log_in: LogIn,
    reporter: Account,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = log_in(reporter)
    fail_with(monkeypatch, RuntimeError(f"could not handle {SECRET}"))

    with caplog.at_level(logging.INFO):
        status, text, _ = rename(browser)

    bugs = [event for event in events(caplog) if event["event"] == "bug"]
    assert status == 500
    assert len(bugs) == 1
    assert str(bugs[0]["request"]) in text
    assert bugs[0]["error"] == "RuntimeError"
    assert SECRET not in text
    assert SECRET not in caplog.text
    assert "Traceback" not in text
    with database.reading() as session:
        assert session.get_one(Account, reporter.id).name == reporter.name
        assert session.scalars(select(func.count()).select_from(LedgerEntry)).one() == 0


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(
            "select", {"secret": SECRET}, sqlite3.OperationalError("database is locked")
        ),
        PoolTimeout("no connection left"),
    ],
)
def test_database_that_is_away_is_answered_503_with_when_to_come_back(
    log_in: LogIn,
    reporter: Account,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    browser = log_in(reporter)
    fail_with(monkeypatch, error)

    status, _, headers = rename(browser)

    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert SECRET not in caplog.text


def test_refusal_undoes_what_was_written_and_says_why(
    log_in: LogIn, reporter: Account, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = log_in(reporter)
    fail_with(monkeypatch, Conflict("inventory.state.moved_on"))

    status, text, _ = rename(browser)

    assert status == 409
    assert "submitted or decided meanwhile" in text
    with database.reading() as session:
        assert session.get_one(Account, reporter.id).name == reporter.name


def test_nothing_is_kept_that_the_ledger_could_not_take(
    log_in: LogIn, reporter: Account, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no entry was written")

    browser = log_in(reporter)
    monkeypatch.setattr(ledger, "append", fail)

    status, _, _ = rename(browser)

    assert status == 500
    with database.reading() as session:
        assert session.get_one(Account, reporter.id).name == reporter.name


def test_transaction_of_the_portal_itself_is_kept_with_its_entries_or_not_at_all(
    reporter: Account, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no entry was written")

    monkeypatch.setattr(ledger, "append", fail)
    with (
        pytest.raises(RuntimeError),
        writing(database, SYSTEM, datetime(2026, 3, 2, tzinfo=UTC)) as work,
    ):
        accounts.describe(
            work, work.session.get_one(Account, reporter.id), name="Han Mei", language="en"
        )

    with database.reading() as session:
        assert session.get_one(Account, reporter.id).name == reporter.name


def test_error_of_the_database_holds_no_value_of_its_statement(database: Database) -> None:
    statement = text("SELECT :value FROM a_table_that_is_not_there")
    with database.reading() as session, pytest.raises(DBAPIError) as failed:
        session.execute(statement, {"value": SECRET})

    assert "a_table_that_is_not_there" in str(failed.value)
    assert SECRET not in str(failed.value)


def test_database_that_is_gone_is_answered_503_even_before_the_view(
    app: Flask, log_in: LogIn, reporter: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = log_in(reporter)
    wired = app.extensions["portal"].database

    def gone(*_sight: object) -> None:
        raise OperationalError("", {}, sqlite3.OperationalError("unable to open database file"))

    monkeypatch.setattr(wired, "reading", gone)

    answer = browser.get("/account/")

    assert answer.status_code == 503


def test_database_that_stops_answering_about_accounts_is_answered_503_too(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    browser = log_in(reporter)

    def locked(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "FROM account" in statement:
            raise OperationalError("", {}, sqlite3.OperationalError("database is locked"))

    event.listen(database.engine, "before_cursor_execute", locked)

    answer = browser.get("/account/")

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize(
    "path", ["/nothing", "/account", "/coordinator/members/7", "/static/none.css"]
)
def test_unknown_address_is_answered_in_the_portals_own_words(browser: Browser, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code in (404, 308)
    assert "werkzeug" not in answer.text.lower()
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("email", ["known", "nobody@example.com"])
def test_failed_login_is_one_event_that_names_no_address(
    browser: Browser, reporter: Account, caplog: pytest.LogCaptureFixture, email: str
) -> None:
    address = reporter.email if email == "known" else email

    with caplog.at_level(logging.INFO):
        browser.submit("/login", {"email": address, "password": SECRET})

    failed = [event for event in events(caplog) if event["event"] == "account.login_failed"]
    assert len(failed) == 1
    assert address not in caplog.text
    assert SECRET not in caplog.text


def test_refusal_is_one_event(
    log_in: LogIn, reporter: Account, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        log_in(reporter).get("/administrator/accounts/")

    refused = [event for event in events(caplog) if event["event"] == "refused"]
    assert [(event["status"], event["code"]) for event in refused] == [(403, "permission.lacking")]
    assert refused[0]["endpoint"] == "administrator.account_table"


def test_one_request_is_one_transaction(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    browser = log_in(reporter)

    assert rename(browser)[0] == 303

    with database.reading() as session:
        assert session.get_one(Account, reporter.id).name == SECRET
        facts = list(session.scalars(select(LedgerEntry.kind)))
    assert facts == ["account.described"]


def test_commit_that_fails_leaves_no_transaction_open_in_the_pool(database: Database) -> None:
    if not database.is_sqlite:
        return  # a reader keeps nobody from committing there
    with database.reading() as reader, database.writing() as writer:
        an_alliance(writer, years=(2025,))
        writer.execute(text("PRAGMA busy_timeout=10"))
        reader.scalars(select(Account.id)).all()
        with pytest.raises(OperationalError):
            writer.commit()

    with database.writing() as session:
        an_alliance(session, years=(2025,))
        session.commit()
