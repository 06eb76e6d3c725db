"""What the operator reads about logging in and about what was refused: who, what, when, from where, by which means."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from passlib.totp import TOTP

from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from tests.browsers import PASSWORD, Browser
from tests.people import person

LogIn = Callable[..., Browser]
NewBrowser = Callable[[], Browser]
NEW_PASSWORD = "nine blue tractors sing at dawn"
STEP = 30


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [
        json.loads(record.getMessage()) for record in caplog.records if record.name == "portal.web"
    ]


def told(caplog: pytest.LogCaptureFixture, *names: str) -> list[tuple[object, ...]]:
    return [tuple(found.get(name) for name in names) for found in events(caplog)]


def test_login_and_logout_are_told_with_who_when_where_and_how(
    browser: Browser, reporter: Account, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        browser.log_in(reporter)
        browser.submit("/logout", {}, page="/account/")

    assert told(caplog, "event", "account", "means") == [
        ("account.logged_in", str(reporter.uid), "password"),
        ("account.logged_out", str(reporter.uid), None),
    ]
    for found in events(caplog):
        assert datetime.fromisoformat(str(found["at"])).utcoffset() == timedelta(0)
        assert re.fullmatch(r"[0-9a-f]{12}", str(found["request"]))
        assert found["address"] == "127.0.0.1"
        assert str(found["endpoint"]).startswith("security.")
        assert found["method"] == "POST"


def test_both_steps_of_a_login_are_told(
    log_in: LogIn,
    new_browser: NewBrowser,
    reporter: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    owner = log_in(reporter)
    page = owner.submit("/account/two-factor", {"setup": "authenticator"}).text
    [key] = re.findall(r'class="setup-key"[^>]*>([A-Z2-7 -]+)<', page)
    [action] = re.findall(r'action="(/account/two-factor/[^"]+)"', page)
    phone = TOTP(key=key.replace("-", "").replace(" ", ""))
    token = owner.token("/account/two-factor")
    owner.post(action, {"code": phone.generate().token, "csrf_token": token})
    browser = new_browser()

    with caplog.at_level(logging.INFO):
        browser.log_in(reporter)
        browser.submit("/login/code", {"code": "000000"})
        browser.submit("/login/code", {"code": phone.generate(phone.now() + STEP).token})

    assert told(caplog, "event", "means", "second_factor", "endpoint") == [
        ("account.login_failed", "code", True, "security.two_factor_token_validation"),
        ("account.logged_in", "second_factor", None, "security.two_factor_token_validation"),
    ]


def test_new_password_and_wrong_one_are_told(
    log_in: LogIn, reporter: Account, caplog: pytest.LogCaptureFixture
) -> None:
    browser = log_in(reporter)
    new = {"new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD}

    with caplog.at_level(logging.INFO):
        browser.submit("/account/confirm", {"password": "certainly not this one"})
        browser.submit("/account/password", {"password": PASSWORD, **new})

    assert told(caplog, "event", "means")[-1] == ("account.logged_in", "change")
    assert "account.login_failed" in {event for (event,) in told(caplog, "event")}


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/coordinator/members/"), ("post", "/account/sessions/end-others")]
)
def test_stranger_who_wants_in_is_told(
    browser: Browser, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    token = browser.token()
    with caplog.at_level(logging.INFO):
        browser.get(path) if method == "get" else browser.post(path, {"csrf_token": token})

    assert told(caplog, "event", "status", "code") == [("refused", 401, "login.lacking")]


def test_person_without_the_second_factor_is_told(
    log_in: LogIn, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    browser = log_in(person(database, Role.COORDINATOR))

    with caplog.at_level(logging.INFO):
        browser.get("/coordinator/members/")

    assert told(caplog, "event", "status", "code") == [("refused", 403, "second_factor.lacking")]


def test_thing_of_somebody_else_is_told(
    log_in: LogIn, reporter: Account, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        log_in(reporter).get("/supplier/sites/00000000-0000-4000-8000-000000000000")

    assert told(caplog, "event", "status", "actor") == [("refused", 404, str(reporter.uid))]


def ask(browser: Browser, what: str) -> int:
    match what:
        case "query":
            return browser.get("/verify?limit=1").status_code
        case "method":
            return browser.post("/healthz", {"csrf_token": browser.token()}).status_code
        case "size":
            return browser.post("/login", {"email": "x" * 2_000_000}).status_code
        case "type":
            sent = {"X-CSRFToken": browser.token()}
            kind = "text/plain"
            return browser.post("/login", data="x", content_type=kind, headers=sent).status_code  # type: ignore[arg-type]  # raw bytes
        case "host":
            return browser.client.get("/login", base_url="https://evil.example").status_code
        case _:
            return browser.post(
                "/login",
                data="[1]",
                content_type="application/json",  # type: ignore[arg-type]  # raw bytes
            ).status_code


@pytest.mark.parametrize(
    ("what", "status"),
    [("query", 400), ("method", 405), ("size", 413), ("type", 415), ("host", 400), ("json", 400)],
)
def test_request_that_no_page_of_ours_sends_is_told(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture, what: str, status: int
) -> None:
    with caplog.at_level(logging.INFO):
        assert ask(browser, what) == status

    assert told(caplog, "event", "status") == [("request.refused", status)]
