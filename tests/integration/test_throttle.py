"""Guessing is limited: across workers, after a restart, whatever a client claims to be."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.app import create_app
from portal.config.settings import Settings
from portal.http import clock
from portal.http.networks import network_of
from portal.store import throttle
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.jobs import Job
from portal.store.throttle import Attempts, Limit
from portal.web import throttle as limits
from tests.attempts import FIVE_MINUTES, MOMENT, try_often
from tests.browsers import PASSWORD, Browser

WRONG = "certainly not this one"


def test_four_workers_with_fifty_tries_each_get_ten_places_together(
    database: Database, database_url: str
) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, mp_context=spawn) as workers:
        passed = list(workers.map(try_often, [database_url] * 4, [50] * 4))

    assert sum(passed) == 10
    with database.reading() as session:
        counted = dict(session.execute(select(Attempts.key, Attempts.count)).all())
    assert counted == {"all": 10, "account:x": 10}


def test_last_place_is_given_once_though_two_ask_at_the_same_moment(database: Database) -> None:
    limit = Limit("account:x", 2, FIVE_MINUTES)
    with database.writing() as session:
        assert throttle.reserve(session, [limit], MOMENT) is None
        session.commit()

    def second() -> Limit | None:
        with database.writing() as session:
            reached = throttle.reserve(session, [limit], MOMENT)
            session.commit()
            return reached

    with ThreadPoolExecutor(1) as pool, database.writing() as first:
        assert throttle.reserve(first, [limit], MOMENT) is None
        waiting = pool.submit(second)
        time.sleep(0.3)  # long enough to come to the row that the first one holds
        first.commit()
        assert waiting.result() == limit


def test_attempt_that_one_limit_refuses_counts_under_no_other(database: Database) -> None:
    limits = [Limit("a", 1, FIVE_MINUTES), Limit("b", 5, FIVE_MINUTES)]
    refused = []
    for _ in range(3):
        with database.writing() as session:
            reached = throttle.reserve(session, limits, MOMENT)
            refused.append(reached and reached.key)
            session.rollback() if reached else session.commit()

    with database.reading() as session:
        counted = dict(session.execute(select(Attempts.key, Attempts.count)).all())
    assert refused == [None, "a", "a"]
    assert counted == {"a": 1, "b": 1}


def test_counting_begins_anew_when_the_window_is_over(database: Database) -> None:
    limit = Limit("a", 2, FIVE_MINUTES)

    def attempt(after: timedelta) -> bool:
        with database.writing() as session:
            passed = throttle.reserve(session, [limit], MOMENT + after) is None
            session.commit()
        return passed

    minutes = [0, 1, 2, 4.99, 5, 6, 7, 10]
    assert [attempt(timedelta(minutes=after)) for after in minutes] == [
        True, True, False, False, True, True, False, True,
    ]  # fmt: skip


def test_eleventh_wrong_password_is_not_looked_at_and_neither_is_the_right_one(
    browser: Browser, reporter: Account
) -> None:
    statuses = [browser.log_in(reporter, WRONG).status_code for _ in range(12)]

    answer = browser.log_in(reporter)

    assert statuses == [422] * 10 + [429] * 2
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 301


def test_right_passwords_count_as_no_failure(
    new_browser: Callable[[], Browser], reporter: Account
) -> None:
    statuses = {new_browser().log_in(reporter).status_code for _ in range(12)}

    assert statuses == {302}


def test_limit_of_an_address_holds_over_many_accounts(browser: Browser, reporter: Account) -> None:
    statuses = [
        browser.submit(
            "/login", {"email": f"nobody-{number}@example.com", "password": WRONG}
        ).status_code
        for number in range(11)
    ]

    assert statuses == [422] * 10 + [429]
    assert browser.log_in(reporter).status_code == 429


def test_failures_of_strangers_keep_nobody_out_whose_browser_is_known(
    new_browser: Callable[[], Browser],
    reporter: Account,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known, strange = new_browser(), new_browser()
    answer = known.log_in(reporter)
    assert answer.status_code == 302
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if "known=" in each)
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    known.submit("/logout", {}, page="/account/")
    monkeypatch.setattr(limits, "FAILURES_IN_ALL", 2)
    for number in range(2):
        sent = {"email": f"nobody-{number}@example.com", "password": WRONG}
        assert strange.submit("/login", sent).status_code == 422

    assert strange.log_in(reporter).status_code == 429
    assert known.log_in(reporter, WRONG).status_code == 422
    assert known.log_in(reporter).status_code == 302
    known.submit("/logout", {}, page="/account/")
    other = {"email": "nobody@example.com", "password": WRONG}
    assert known.submit("/login", other).status_code == 429


def test_forged_cookie_knows_no_browser(
    browser: Browser, reporter: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FAILURES_IN_ALL", 0)
    for value in ("x", "W10.aaaa.bbbb", "a" * 3000):
        browser.client.set_cookie("__Host-known", value, domain="portal.example", secure=True)
        assert browser.log_in(reporter).status_code == 429


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_network_of_version_6_is_counted_as_one_address(address: str, counted: str) -> None:
    assert network_of(address) == counted


def test_client_cannot_choose_its_address(browser: Browser, reporter: Account) -> None:
    def attempt(number: int) -> int:
        data = {"email": reporter.email, "password": WRONG, "csrf_token": browser.token()}
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        return browser.post("/login", data, headers=headers).status_code

    assert [attempt(number) for number in range(11)] == [422] * 10 + [429]


def test_client_that_claims_many_addresses_has_one(browser: Browser, reporter: Account) -> None:
    def attempt(number: int) -> int:
        data = {"email": f"nobody-{number}@example.com", "password": WRONG}
        claims = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        return browser.post(
            "/login", {**data, "csrf_token": browser.token()}, headers=claims
        ).status_code

    assert [attempt(number) for number in range(11)] == [422] * 10 + [429]


def test_trusted_proxy_tells_clients_apart(
    settings: Settings, database: Database, reporter: Account
) -> None:
    app = create_app(replace(settings, trusted_proxies=1), database)
    app.testing = False
    browser = Browser(app.test_client())

    def attempt(client: str, number: int) -> int:
        data = {"email": f"{number}@example.com", "password": WRONG, "csrf_token": browser.token()}
        # The proxy puts the real address last; what stands before it is the client's own claim.
        headers = {
            "X-Forwarded-For": f"198.51.100.{number}, {client}",
            "X-Forwarded-Proto": "https",
        }
        return browser.post("/login", data, headers=headers).status_code

    first = [attempt("203.0.113.1", number) for number in range(11)]
    second = attempt("203.0.113.2", 11)

    assert first == [422] * 10 + [429]
    assert second == 422


def test_limit_outlives_a_restart(
    settings: Settings, database: Database, browser: Browser, reporter: Account
) -> None:
    for _ in range(10):
        browser.log_in(reporter, WRONG)
    restarted = create_app(settings, database)
    restarted.testing = False

    assert Browser(restarted.test_client()).log_in(reporter).status_code == 429


def test_ten_of_twenty_passwords_at_once_are_looked_at(app: Flask, reporter: Account) -> None:
    browsers = [Browser(app.test_client()) for _ in range(20)]
    tokens = [browser.token() for browser in browsers]

    def attempt(number: int) -> int:
        data = {"email": reporter.email, "password": WRONG, "csrf_token": tokens[number]}
        return browsers[number].post("/login", data).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(attempt, range(20)))

    assert sorted(statuses) == [422] * 10 + [429] * 10


def test_password_given_again_is_limited_as_well(
    log_in: Callable[[Account], Browser], reporter: Account
) -> None:
    browser = log_in(reporter)

    statuses = [
        browser.submit("/account/confirm", {"password": WRONG}).status_code for _ in range(11)
    ]

    assert statuses == [422] * 10 + [429]


def test_letters_for_a_new_password_are_limited_by_address(
    browser: Browser, database: Database
) -> None:
    statuses = [
        browser.submit("/login/forgotten", {"email": "Someone@example.com"}).status_code
        for _ in range(6)
    ]

    assert statuses == [200] * 5 + [429]
    with database.reading() as session:
        jobs = session.scalars(
            select(func.count()).select_from(Job).where(Job.kind == "send_password_reset")
        ).one()
    assert jobs == 5


def test_lock_ends_after_five_minutes(
    browser: Browser, reporter: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = clock.now()
    for _ in range(10):
        browser.log_in(reporter, WRONG)
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=6))

    assert browser.log_in(reporter, PASSWORD).status_code == 302


def test_login_is_closed_when_nothing_can_be_counted(
    app: Flask, browser: Browser, reporter: Account, database: Database
) -> None:
    token = browser.token()
    Attempts.__table__.drop(database.engine)

    answer = browser.post(
        "/login", {"email": reporter.email, "password": PASSWORD, "csrf_token": token}
    )

    assert answer.status_code in (500, 503)
    assert browser.get("/account/").status_code == 303


@pytest.mark.parametrize("is_logged_in", [False, True])
def test_certificate_codes_can_be_guessed_sixty_times_a_minute(
    browser: Browser,
    log_in: Callable[[Account], Browser],
    reporter: Account,
    is_logged_in: bool,
) -> None:
    guesser = log_in(reporter) if is_logged_in else browser

    statuses = [guesser.get(f"/verify/DAIRY-2026-{n:06}?c=guess").status_code for n in range(61)]

    assert statuses == [404] * 60 + [429]
