"""A new password for whoever forgot the old one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.actors import SYSTEM
from portal.http import clock
from portal.services import password_resets
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.jobs import Job
from portal.store.messages import Message
from tests.browsers import PASSWORD, Browser, hashed

LogIn = Callable[..., Browser]
NEW = "nine blue tractors sing at dawn"


def send_letters(database: Database) -> list[str]:
    """Do what the worker does with the jobs, and return the links of the letters."""
    with database.writing() as session:
        work = Work(session, SYSTEM, clock.now())
        for job in session.scalars(select(Job).where(Job.kind == "send_password_reset")):
            password_resets.send(work, job.arguments["email"], secrets.token_urlsafe(32))
            session.delete(job)
        work.commit()
        query = select(Message).where(Message.kind == "password_reset").order_by(Message.id)
        return [letter.values["path"] for letter in session.scalars(query)]


def ask(browser: Browser, database: Database, email: str) -> list[str]:
    browser.submit("/login/forgotten", {"email": email})
    return send_letters(database)


def choose(browser: Browser, link: str, password: str = NEW) -> int:
    return browser.submit(link, {"password": password, "again": password}).status_code


def test_link_of_the_letter_sets_a_new_password(
    browser: Browser, reporter: Account, database: Database
) -> None:
    link = ask(browser, database, reporter.email)[0]

    assert choose(browser, link) == 303
    assert browser.log_in(reporter, PASSWORD).status_code == 422
    assert browser.log_in(reporter, NEW).status_code == 302


def test_link_works_once(browser: Browser, reporter: Account, database: Database) -> None:
    link = ask(browser, database, reporter.email)[0]
    choose(browser, link)

    assert browser.get(link).status_code == 404


def test_link_used_twice_at_once_sets_one_password(
    app: Flask, reporter: Account, database: Database
) -> None:
    browsers = [Browser(app.test_client()) for _ in range(4)]
    link = ask(browsers[0], database, reporter.email)[0]
    tokens = [browser.token(link) for browser in browsers]

    def attempt(number: int) -> int:
        password = f"{NEW} {number}"
        data = {"password": password, "again": password, "csrf_token": tokens[number]}
        return browsers[number].post(link, data).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(attempt, range(4)))

    assert statuses == [303, 404, 404, 404]


@pytest.mark.parametrize("used_up", ["by another request", "by time"])
def test_link_is_asked_again_when_it_is_used_up(
    reporter: Account, database: Database, used_up: str
) -> None:
    """The page asked before the password was typed; by now the link may not work any more."""
    token = secrets.token_urlsafe(32)
    with database.writing() as session:
        work = Work(session, SYSTEM, clock.now())
        assert password_resets.send(work, reporter.email, token)
        if used_up == "by another request":
            assert password_resets.reset(work, token, hashed(NEW)) is not None
        else:
            work.moment += timedelta(minutes=password_resets.MINUTES)

        assert password_resets.reset(work, token, hashed("one more quiet evening")) is None


def test_every_older_link_dies_with_the_first_that_is_used(
    browser: Browser, reporter: Account, database: Database
) -> None:
    ask(browser, database, reporter.email)
    first, second = ask(browser, database, reporter.email)

    assert choose(browser, first) == 303
    assert browser.get(second).status_code == 404


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 404)])
def test_link_lives_half_an_hour(
    browser: Browser,
    reporter: Account,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int,
    status: int,
) -> None:
    link = ask(browser, database, reporter.email)[0]
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=minutes))

    assert browser.get(link).status_code == status


def test_reset_ends_every_session(
    log_in: LogIn, browser: Browser, reporter: Account, database: Database
) -> None:
    there = log_in(reporter)
    link = ask(browser, database, reporter.email)[0]

    choose(browser, link)

    assert there.get("/account/").status_code == 303
    assert browser.get("/account/").status_code == 303


def test_reset_does_not_pass_the_second_factor(
    browser: Browser, reporter: Account, database: Database
) -> None:
    with database.writing() as session:
        account = session.get_one(Account, reporter.id)
        account.tf_primary_method, account.tf_totp_secret = "authenticator", "kept"
        session.commit()
    link = ask(browser, database, reporter.email)[0]
    choose(browser, link)

    answer = browser.log_in(reporter, NEW)

    assert answer.headers["Location"].startswith("/login/code")


def test_owner_of_a_locked_account_gets_in_by_a_reset(
    new_browser: Callable[[], Browser], reporter: Account, database: Database
) -> None:
    attacker, owner = new_browser(), new_browser()
    owner.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for _ in range(10):
        attacker.log_in(reporter, "certainly not this one")
    assert owner.log_in(reporter).status_code == 429

    choose(owner, ask(owner, database, reporter.email)[0])

    assert owner.log_in(reporter, NEW).status_code == 302


def test_link_leads_to_the_configured_address_whatever_the_request_says(
    browser: Browser, reporter: Account, database: Database
) -> None:
    token = browser.token("/login/forgotten")
    data = {"email": reporter.email, "csrf_token": token}

    wrong = browser.post("/login/forgotten", data, headers={"Host": "evil.example"})
    forwarded = browser.post("/login/forgotten", data, headers={"X-Forwarded-Host": "evil.example"})

    assert (wrong.status_code, forwarded.status_code) == (400, 200)
    links = send_letters(database)
    assert [link.startswith("/login/reset/") for link in links] == [True]


@pytest.mark.parametrize("kind", ["unknown", "disabled"])
def test_no_letter_is_sent_where_nobody_may_log_in(
    browser: Browser, reporter: Account, database: Database, kind: str
) -> None:
    with database.writing() as session:
        session.get_one(Account, reporter.id).active = kind != "disabled"
        session.commit()
    email = "nobody@example.com" if kind == "unknown" else reporter.email

    assert ask(browser, database, email) == []


def test_account_that_is_disabled_meanwhile_gets_no_password(
    browser: Browser, reporter: Account, database: Database
) -> None:
    link = ask(browser, database, reporter.email)[0]
    with database.writing() as session:
        session.get_one(Account, reporter.id).active = False
        session.commit()

    assert browser.get(link).status_code == 404


@pytest.mark.parametrize("password", ["short", "password1234", "x" * 129, "123456789012"])
def test_weak_password_is_refused_and_the_link_stays_good(
    browser: Browser, reporter: Account, database: Database, password: str
) -> None:
    link = ask(browser, database, reporter.email)[0]

    assert choose(browser, link, password) == 422
    assert choose(browser, link) == 303


@pytest.mark.parametrize("token", ["x", "a" * 43, "../../etc/passwd", "%00" * 30, "é" * 43])
def test_made_up_link_opens_nothing(browser: Browser, token: str) -> None:
    assert browser.get(f"/login/reset/{token}").status_code == 404
