"""Nothing is changed by what another site's page sends, and nothing by reading."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from portal.domain.actors import Role
from portal.store import tables
from portal.store.accounts import Account
from portal.store.base import Database
from portal.web.access import ACCESS, Kind
from tests.browsers import Browser, hashed
from tests.factories.suppliers import an_account, an_alliance

LogIn = Callable[..., Browser]
READING = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def administrator(database: Database) -> Account:
    with database.writing() as session:
        an_alliance(session, years=(2025,))
        account = an_account(session, Role.ADMINISTRATOR, None)
        account.password = hashed()
        account.tf_primary_method, account.tf_totp_secret = "authenticator", "set"
        session.commit()
    return account


def address_of(rule: Rule) -> str:
    """Some address of a route; whether there is such a thing doesn't matter here."""

    def fill(match: re.Match[str]) -> str:
        converter = match[1] or ""
        return {"uuid:": str(uuid4()), "int:": "7"}.get(converter, "word")

    return re.sub(r"<(\w+:)?\w+>", fill, rule.rule)


def sending_rules(app: Flask) -> list[tuple[Rule, str]]:
    """Every route that takes something, with a method it takes it by."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - READING)
        if ACCESS[rule.endpoint].kind is not Kind.CLOSED
        and not ACCESS[rule.endpoint].changes_nothing
    ]


def test_only_forms_that_change_nothing_are_spared_their_token() -> None:
    spared = {endpoint for endpoint, row in ACCESS.items() if row.changes_nothing}
    assert spared == {"public.verify_start", "public.verify_file"}


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has; sessions and counters of attempts may grow by looking."""
    with database.reading() as session:
        return {
            table.name: session.scalars(select(func.count()).select_from(table)).one()
            for table in tables.metadata.sorted_tables
            if table.name not in ("web_session", "attempts")
        }


@pytest.mark.parametrize(
    ("name", "headers", "token"),
    [
        ("no token", {}, None),
        ("made-up token", {}, "IjEyMyI.aaaa.bbbb"),
        ("another session's token", {}, "another"),
        ("another site", {"Sec-Fetch-Site": "cross-site"}, "own"),
        ("a sister site", {"Sec-Fetch-Site": "same-site"}, "own"),
        ("an origin without name", {"Origin": "null"}, "own"),
        ("another origin", {"Origin": "https://evil.example"}, "own"),
        ("another port", {"Origin": "https://portal.example:8443"}, "own"),
    ],
)
def test_route_that_changes_something_wants_a_token_of_this_session_and_site(
    app: Flask,
    log_in: LogIn,
    administrator: Account,
    database: Database,
    name: str,
    headers: dict[str, str],
    token: str | None,
) -> None:
    browser, other = log_in(administrator), log_in(administrator)
    tokens = {"own": browser.token("/account/"), "another": other.token("/account/")}
    before = counts(database)
    accepted = []
    for rule, method in sending_rules(app):
        data = {} if token is None else {"csrf_token": tokens.get(token, token)}
        sent = {"Origin": "https://portal.example", "Referer": "https://portal.example/", **headers}
        answer = browser.client.open(
            address_of(rule),
            method=method,
            data=data,
            headers=sent,
            base_url="https://portal.example",
        )
        if answer.status_code not in (400, 403):
            accepted.append(f"{method} {rule}: {answer.status_code}")

    assert accepted == []
    assert counts(database) == before


def test_reading_every_page_changes_nothing(
    app: Flask, log_in: LogIn, administrator: Account, database: Database
) -> None:
    browser = log_in(administrator)
    before = counts(database)
    failed = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint != "static":
            answer = browser.get(address_of(rule))
            # No worker runs here, which is what /readyz says.
            if answer.status_code >= 500 and rule.endpoint != "public.readyz":
                failed.append(f"{rule}: {answer.status_code}")

    assert failed == []
    assert counts(database) == before


def test_text_that_looks_like_json_is_not_taken(browser: Browser) -> None:
    token = browser.token()
    answer = browser.post(
        "/login",
        data='{"email": "a@example.com", "password": "x"}',
        content_type="text/plain",
        headers={"X-CSRFToken": token},
    )

    assert answer.status_code == 415
