"""What people are told while database or disk are in trouble: the truth, and a way to go on without typing anew."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal.services import certificates, outputs
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.outages import Outage, outage_behind
from tests.browsers import PASSWORD, Browser
from tests.factories.scenes import Scene
from tests.resilience import trouble
from tests.resilience.trouble import Trouble

LINES = "/supplier/inventories/2025/lines"
ROW = {
    "lines-0-key": "11111111-1111-4111-8111-111111111111",
    "lines-0-version": "",
    "lines-0-category": "electricity.grid",
    "lines-0-quantity": "1201",
    "lines-0-unit": "MWh",
    "lines-0-period": "2025-01",
    "lines-0-site": "S1",
    "act": "leave",
}
LogIn = Callable[..., Browser]
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def supplier(scene: Scene, log_in: LogIn) -> Browser:
    member = scene.member("M001")
    scene.draft(member)
    scene.session.commit()
    return log_in(scene.people["M001"])


def at_commit(error: Callable[[], Exception] = trouble.database_away) -> Trouble:
    """Trouble at the first commit that comes."""
    return Trouble(1, lambda step: step == "COMMIT", error)


def quantities(database: Database) -> list[str]:
    with database.reading() as session:
        return [raw["quantity"] for raw in session.scalars(select(ActivityLine.raw))]


def given_back(page: str) -> dict[str, str]:
    """The form on a page that gives back what was sent."""
    return {unescape(name): unescape(value) for name, value in _HIDDEN.findall(page)}


def test_commit_that_fails_is_answered_503_with_the_form_to_be_sent_again(
    supplier: Browser, database: Database
) -> None:
    token = supplier.token(LINES)
    with trouble.in_database(database.engine, at_commit()):
        answer = supplier.post(LINES, {**ROW, "csrf_token": token})

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "was not kept" in answer.text
    assert "1201" not in quantities(database)

    again = supplier.post(LINES, given_back(answer.text))
    assert again.status_code == 303
    assert quantities(database).count("1201") == 1


def test_database_without_room_is_answered_507(supplier: Browser, database: Database) -> None:
    token = supplier.token(LINES)
    with trouble.in_database(database.engine, at_commit(trouble.database_full)):
        answer = supplier.post(LINES, {**ROW, "csrf_token": token})

    assert answer.status_code == 507
    assert "Retry-After" in answer.headers
    assert given_back(answer.text)["lines-0-quantity"] == "1201"
    assert supplier.get(LINES).status_code == 200


def test_connection_that_breaks_during_the_commit_is_not_said_to_have_kept_nothing(
    supplier: Browser, database: Database
) -> None:
    token = supplier.token(LINES)
    with trouble.in_database(database.engine, at_commit(trouble.connection_broken)):
        answer = supplier.post(LINES, {**ROW, "csrf_token": token})

    assert answer.status_code == 503
    assert "may have been kept or not" in answer.text
    assert given_back(answer.text) == {}


def test_failure_to_keep_a_message_does_not_deny_what_is_committed(
    supplier: Browser, database: Database
) -> None:
    token = supplier.token(LINES)

    def is_about_sessions(step: str) -> bool:
        return step.startswith("UPDATE web_session")

    with trouble.in_database(database.engine, Trouble(1, is_about_sessions)) as failed:
        answer = supplier.post(LINES, {**ROW, "csrf_token": token})

    assert failed.has_failed
    assert answer.status_code == 303
    assert "1201" in quantities(database)


def test_password_is_never_given_back(
    browser: Browser, scene: Scene, database: Database, app: Flask
) -> None:
    token = browser.token("/login")
    values = {"email": scene.coordinator.email, "password": PASSWORD, "csrf_token": token}
    with trouble.in_database(database.engine, Trouble(1)):
        answer = browser.post("/login", values)

    assert answer.status_code == 503
    assert PASSWORD not in answer.text
    assert given_back(answer.text) == {}


def test_autosave_is_told_in_its_own_format_that_nothing_was_kept(
    supplier: Browser, database: Database
) -> None:
    token = supplier.token(LINES)
    with trouble.in_database(database.engine, at_commit()):
        answer = supplier.post(
            LINES,
            {**ROW, "act": "autosave", "csrf_token": token},
            headers={"Accept": "application/json"},
        )

    assert answer.status_code == 503
    assert "not kept" in answer.json["message"]


def test_nobody_is_logged_out_by_a_database_that_is_away_for_a_moment(
    supplier: Browser, database: Database
) -> None:
    cookie = supplier.cookie
    with trouble.in_database(database.engine, Trouble(1)):
        assert supplier.get(LINES).status_code == 503

    assert supplier.cookie == cookie
    assert supplier.get(LINES).status_code == 200


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (errno.ENOSPC, 507),
        (errno.EDQUOT, 507),
        (errno.EROFS, 503),
        (errno.EIO, 503),
        (errno.EMFILE, 503),
    ],
)
def test_storage_in_trouble_is_answered_by_what_is_the_matter(
    supplier: Browser, database: Database, app: Flask, number: int, status: int
) -> None:
    path = evidence_path(database)
    token = supplier.token(path)

    def failing() -> Exception:
        return OSError(number, os.strerror(number), "/secret/path")

    with trouble.in_files(Trouble(3, error=failing)) as failed:
        answer = upload(supplier, path, token)

    assert failed.has_failed
    assert answer.status_code == status
    assert "Retry-After" in answer.headers
    assert "/secret/path" not in answer.text
    assert "Go back and send it again" in answer.text
    assert supplier.get(path).status_code == 200
    assert list(Blobs(app.extensions["portal"].settings.storage).digests()) == []

    assert upload(supplier, path, token).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(func.count()).select_from(Evidence)).one() == 1


def test_trouble_is_told_in_the_language_of_the_account(
    supplier: Browser, database: Database, scene: Scene
) -> None:
    path = evidence_path(database)
    token = supplier.token(path)
    scene.people["M001"].language = "zh_Hans_CN"
    scene.session.commit()
    file = (BytesIO(b"month,kWh\n2025-01,78\n"), "bill.csv")

    with trouble.in_files(Trouble(3, error=trouble.no_room)):
        answer = supplier.post(
            path, {"file": file, "csrf_token": token}, headers={"Accept-Language": "en"}
        )

    assert answer.status_code == 507
    assert '<html lang="zh-Hans"' in answer.text


def test_certificate_is_checked_while_the_database_takes_no_writing(
    scene: Scene, browser: Browser, database: Database
) -> None:
    member = scene.member("M001")
    made = scene.certificate(scene.approved(member, 2024))
    certificates.keep_document(scene.as_coordinator(9), made, "certificate", b"%PDF")
    scene.session.commit()

    def is_writing(step: str) -> bool:
        return step.startswith(("INSERT", "UPDATE", "DELETE"))

    with trouble.in_database(database.engine, Trouble(1, is_writing)) as failed:
        answer = browser.get(f"/verify/{made.number}?c={made.code}")

    assert failed.has_failed
    assert answer.status_code == 200
    assert made.number in answer.text


@pytest.mark.parametrize(
    ("cause", "outage"),
    [
        (psycopg.errors.DiskFull(), Outage.FULL),
        (psycopg.errors.ReadOnlySqlTransaction(), Outage.AWAY),
        (psycopg.errors.IdleInTransactionSessionTimeout(), Outage.AWAY),
        (psycopg.errors.QueryCanceled(), Outage.AWAY),
        (psycopg.errors.LockNotAvailable(), Outage.AWAY),
        (psycopg.errors.AdminShutdown(), Outage.AWAY),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.errors.InFailedSqlTransaction(), None),
        (psycopg.errors.UndefinedTable(), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_postgresql_says_is_told_from_a_fault_of_ours(
    cause: psycopg.Error, outage: Outage | None
) -> None:
    wrapped = DBAPIError.instance("", {}, cause, psycopg.Error)
    assert outage_behind(wrapped) is outage


def test_fault_of_our_own_stays_a_500(supplier: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "a file of ours")

    monkeypatch.setattr(outputs, "outputs_of", broken)

    assert supplier.get("/supplier/inventories/2025/outputs").status_code == 500
    assert outage_behind(FileNotFoundError(errno.ENOENT, "")) is None
    assert outage_behind(trouble.no_room()) is Outage.FULL


def evidence_path(database: Database) -> str:
    with database.reading() as session:
        query = select(ActivityLine.key).join(Inventory).where(Inventory.year == 2025)
        return f"{LINES}/{session.scalars(query.limit(1)).one()}/evidence"


def upload(browser: Browser, path: str, token: str) -> Any:
    file = (BytesIO(b"month,kWh\n2025-01,77\n"), "bill.csv")
    return browser.post(path, {"file": file, "csrf_token": token})
