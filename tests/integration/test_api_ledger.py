"""What a program did is on record with the token that it acted through: in the ledger, on its page, in the event log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select, update

from portal.domain.actors import Role
from portal.domain.ledger.facts import THROUGH
from portal.http import clock
from portal.services.ledger_audit import audit
from portal.services.tokens import digest_of
from portal.store import tokens
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.tokens import ApiToken
from tests.browsers import Browser
from tests.factories.scenes import staff
from tests.programs import LINE, LINES, Program, give_token, program, somebody_who_reports


@pytest.fixture
def account(database: Database) -> Account:
    return somebody_who_reports(database)


@pytest.fixture
def token(database: Database, account: Account) -> str:
    return give_token(database, account)


@pytest.fixture
def asking(app: Flask, token: str) -> Program:
    return program(app, token)


def uid_of(database: Database, token: str) -> str:
    with database.reading() as session:
        query = select(ApiToken.uid).where(ApiToken.digest == digest_of(token))
        return str(session.scalars(query).one())


def test_every_entry_of_a_program_names_its_token_and_the_ledger_still_holds(
    asking: Program, database: Database, account: Account, token: str
) -> None:
    assert asking.ask("PUT", "/v1/inventories/2025").status_code == 200
    assert asking.post(LINES, {"lines": [LINE]}).status_code == 201
    mark = asking.get("/v1/inventories/2025/check").get_json()["mark"]
    sent = {"declared": True, "mark": mark}
    assert asking.post("/v1/inventories/2025/submissions", sent).status_code == 201

    with database.reading() as session:
        entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.sequence)).all()
        found = audit(session, None)
    assert [entry.kind for entry in entries] == [
        "inventory.opened",
        "lines.saved",
        "submission.submitted",
    ]
    assert {entry.actor for entry in entries} == {str(account.uid)}
    assert {entry.detail[THROUGH] for entry in entries} == {uid_of(database, token)}
    assert found.faults == []


def test_entry_of_a_person_names_no_token(
    log_in: Callable[..., Browser], account: Account, database: Database
) -> None:
    opened = log_in(account).submit("/supplier/inventories/2025/open", {}, page="/account/")
    assert opened.status_code == 303

    with database.reading() as session:
        entries = session.scalars(select(LedgerEntry)).all()
    assert [each.kind for each in entries] == ["inventory.opened"]
    assert THROUGH not in entries[0].detail


def test_page_of_the_ledger_says_through_which_token(
    asking: Program, log_in: Callable[..., Browser], database: Database, token: str
) -> None:
    asking.ask("PUT", "/v1/inventories/2025")
    with database.writing() as session:
        session.execute(update(ApiToken).values(name="ERP <b>north</b>"))
        reader = staff(session, Role.COORDINATOR)
        session.commit()
    browser = log_in(reader)

    def who() -> str:
        page = html.fromstring(browser.get("/coordinator/ledger/").text)
        (cell,) = page.xpath("//td[@data-label='Who']")
        return " ".join(cell.text_content().split())

    assert who().endswith("through token ERP <b>north</b>")
    uid = uid_of(database, token)
    with database.writing() as session:
        assert tokens.revoke(
            session, session.scalars(select(ApiToken.account_id)).one(), clock.now()
        )
        assert tokens.purge(session, clock.now() + timedelta(days=1)) == 1
        session.commit()
    assert who().endswith(f"through token {uid}")


def test_events_of_a_program_name_its_token_also_when_it_is_refused(
    asking: Program,
    database: Database,
    account: Account,
    token: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    uid = uid_of(database, token)
    with caplog.at_level(logging.INFO, logger="portal.web"):
        assert asking.get("/v1/members").status_code == 403
        assert asking.get("/v1/inventories/2019").status_code == 404
        with database.writing() as session:
            tokens.revoke(session, account.id, clock.now())
            session.commit()
        assert asking.get("/v1/inventories").status_code == 401

    told = [json.loads(record.getMessage()) for record in caplog.records]
    assert [(each["event"], each["status"], each["token"]) for each in told] == [
        ("refused", 403, uid),
        ("refused", 404, uid),
        ("refused", 401, uid),
    ]
    assert [each.get("actor") for each in told] == [str(account.uid), str(account.uid), None]
    assert token not in caplog.text
