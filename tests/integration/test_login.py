"""Logging in and out, and what becomes of the cookie on the way."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.messages import Message
from portal.store.sessions import WebSession
from tests.browsers import PASSWORD, Browser


def test_right_password_leads_to_the_start_page_and_my_account(
    browser: Browser, reporter: Account
) -> None:
    answer = browser.log_in(reporter)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    assert reporter.name in browser.get("/account/").text


def test_address_is_found_whatever_its_capitals(browser: Browser, reporter: Account) -> None:
    answer = browser.submit(
        "/login", {"email": f" {reporter.email.upper()} ", "password": PASSWORD}
    )

    assert answer.status_code == 302


@pytest.mark.parametrize("password", ["wrong but long enough", PASSWORD + " ", PASSWORD.upper()])
def test_wrong_password_opens_nothing(browser: Browser, reporter: Account, password: str) -> None:
    answer = browser.log_in(reporter, password)

    assert answer.status_code == 422
    assert browser.get("/account/").status_code == 303


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"email": "", "password": ""}, {"Enter your e-mail", "Enter your password"}),
        ({"email": "no address", "password": "x"}, {"is not an e-mail address"}),
        ({"email": "a@example.com", "password": "x"}, {"The e-mail or the password is not right."}),
    ],
)
def test_login_form_says_once_what_to_put_right(
    browser: Browser, reporter: Account, data: dict[str, str], words: set[str]
) -> None:
    page = browser.submit("/login?lang=en", data).text

    summary = page[page.index('role="alert"') : page.index("<h1")]
    assert {word for word in words if word in summary} == words
    assert summary.count("<li>") == len(words)


def test_disabled_account_is_answered_like_a_wrong_password(
    browser: Browser, reporter: Account, database: Database
) -> None:
    wrong = browser.log_in(reporter, "wrong but long enough")
    with database.writing() as session:
        session.get_one(Account, reporter.id).active = False
        session.commit()

    answer = browser.log_in(reporter)

    assert answer.status_code == wrong.status_code == 422
    assert without_tokens(answer.text) == without_tokens(wrong.text)


def test_id_of_the_session_is_new_after_the_login(browser: Browser, reporter: Account) -> None:
    browser.get("/login")
    before = browser.cookie

    browser.log_in(reporter)

    assert before is not None
    assert before.startswith("v.")
    assert browser.cookie is not None
    assert browser.cookie.startswith("s.")


def test_fixed_cookie_is_not_taken_over_by_whoever_logs_in(
    new_browser: Callable[[], Browser], reporter: Account
) -> None:
    victim, attacker = new_browser(), new_browser()
    attacker.get("/login")
    assert attacker.cookie is not None
    victim.cookie = attacker.cookie

    victim.log_in(reporter)

    assert attacker.get("/account/").status_code == 303
    assert victim.get("/account/").status_code == 200


def test_token_of_a_form_is_new_after_the_login(browser: Browser, reporter: Account) -> None:
    stale = browser.token("/login")

    browser.log_in(reporter)

    answer = browser.post("/account/sessions/end-others", {"csrf_token": stale})
    assert answer.status_code == 400


def test_cookie_is_bound_to_this_host_and_hidden_from_scripts(
    browser: Browser, reporter: Account
) -> None:
    cookies = browser.log_in(reporter).headers.getlist("Set-Cookie")
    (cookie,) = [each for each in cookies if each.startswith("__Host-session=")]

    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_copied_cookie_is_dead_after_the_logout(
    new_browser: Callable[[], Browser], reporter: Account
) -> None:
    browser, thief = new_browser(), new_browser()
    browser.log_in(reporter)
    assert browser.cookie is not None
    thief.cookie = browser.cookie
    assert thief.get("/account/").status_code == 200

    answer = browser.submit("/logout", {}, page="/account/")

    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert thief.get("/account/").status_code == 303


def test_logging_out_by_a_link_is_not_possible(browser: Browser, reporter: Account) -> None:
    browser.log_in(reporter)

    assert browser.get("/logout").status_code == 405
    assert browser.get("/account/").status_code == 200


def test_login_is_possible_by_json_with_the_token_in_a_header(
    browser: Browser, reporter: Account
) -> None:
    answer = browser.post(
        "/login",
        json={"email": reporter.email, "password": PASSWORD},
        headers={"X-CSRFToken": browser.token()},
    )

    assert answer.status_code == 200
    assert "authentication_token" not in answer.text
    assert browser.get("/account/").status_code == 200


def test_authentication_token_of_the_library_opens_nothing(
    app: Flask, new_browser: Callable[[], Browser], reporter: Account
) -> None:
    with app.test_request_context():
        token = app.extensions["security"].remember_token_serializer.dumps(
            {"ver": "5", "uid": reporter.fs_uniquifier, "fs_paa": 0, "exp": 0}
        )
    stranger = new_browser()

    by_header = stranger.get("/account/", headers={"Authentication-Token": token})
    by_address = stranger.get(f"/account/?auth_token={token}")

    assert by_header.status_code == by_address.status_code == 303


def test_session_that_somebody_forgot_is_kept_in_the_table_as_a_digest_only(
    browser: Browser, reporter: Account, database: Database
) -> None:
    browser.log_in(reporter)

    with database.reading() as session:
        row = session.scalars(select(WebSession)).one()
    assert browser.cookie is not None
    assert browser.cookie.encode() not in row.digest
    assert row.account_id == reporter.id


def test_letter_tells_of_a_login_from_a_new_kind_of_device(
    new_browser: Callable[[], Browser], reporter: Account, database: Database
) -> None:
    for agent in ("Firefox/140 Windows", "Firefox/141 Windows", "Chrome/150 Android"):
        browser = new_browser()
        browser.client.environ_base["HTTP_USER_AGENT"] = agent
        browser.log_in(reporter)

    with database.reading() as session:
        letters = session.scalars(select(Message).where(Message.kind == "new_device")).all()
    assert [letter.values["device"] for letter in letters] == ["Chrome · Android"]


def without_tokens(text: str) -> str:
    """A page without what differs between any two of its copies."""
    return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", text)
