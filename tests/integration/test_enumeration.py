"""Nobody learns from the portal who has an account: not by words, status, headers or time."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.jobs import Job
from portal.store.messages import Message
from portal.web import throttle
from tests.browsers import Browser

UNKNOWN = "nobody-at-all@example.com"
PAIRS = 15
# Of the time that this thread works, which other programs on the machine don't stretch; a quiet one is held to 5 %.
TOLERANCE = 0.15

Shape = tuple[int, list[tuple[str, str]], str]


def shape(answer: TestResponse, email: str) -> Shape:
    """An answer without what differs between any two: tokens, cookies, and what was typed."""
    text = re.sub(r'value="[^"]{40,}"', "", answer.text).replace(email, "")
    headers = [
        (name, value)
        for name, value in answer.headers
        if name not in ("Set-Cookie", "Content-Length", "Date")
    ]
    return answer.status_code, sorted(headers), text


ATTEMPTS: dict[str, Callable[[Browser, str], TestResponse]] = {
    "login": lambda browser, email: browser.submit(
        "/login", {"email": email, "password": "certainly not this one"}
    ),
    "login by json": lambda browser, email: browser.post(
        "/login",
        json={"email": email, "password": "certainly not this one"},
        headers={"X-CSRFToken": browser.token()},
    ),
    "forgotten": lambda browser, email: browser.submit("/login/forgotten", {"email": email}),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_answer_is_the_same_with_and_without_an_account(
    new_browser: Callable[[], Browser], reporter: Account, attempt: str
) -> None:
    known = ATTEMPTS[attempt](new_browser(), reporter.email)
    unknown = ATTEMPTS[attempt](new_browser(), UNKNOWN)

    assert without_json_tokens(shape(known, reporter.email)) == without_json_tokens(
        shape(unknown, UNKNOWN)
    )


def test_asking_for_a_link_leaves_the_same_behind_with_and_without_an_account(
    new_browser: Callable[[], Browser], reporter: Account, database: Database
) -> None:
    """Who has an account is found out by the job, later: whatever the request did for some only could be measured."""
    for email in (reporter.email, UNKNOWN):
        ATTEMPTS["forgotten"](new_browser(), email)

    with database.reading() as session:
        queued = list(session.scalars(select(Job).order_by(Job.id)))
        letters = session.scalars(select(func.count()).select_from(Message)).one()
    assert [(job.kind, job.arguments) for job in queued] == [
        ("send_password_reset", {"email": reporter.email}),
        ("send_password_reset", {"email": UNKNOWN}),
    ]
    assert letters == 0


def without_json_tokens(found: Shape) -> Shape:
    return found[0], found[1], re.sub(r'"csrf_token":"[^"]*"', "", found[2])


def test_locked_account_looks_like_a_locked_address(
    new_browser: Callable[[], Browser], reporter: Account
) -> None:
    shapes = []
    for place, email in enumerate((reporter.email, UNKNOWN)):
        browser = new_browser()
        browser.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{place}"
        answers = [ATTEMPTS["login"](browser, email) for _ in range(11)]
        status, headers, text = shape(answers[-1], email)
        shapes.append((status, [pair for pair in headers if pair[0] != "Retry-After"], text))

    assert shapes[0] == shapes[1]
    assert shapes[0][0] == 429


@pytest.mark.parametrize("attempt", ["login", "forgotten"])
def test_answer_takes_the_same_time_with_and_without_an_account(
    new_browser: Callable[[], Browser],
    reporter: Account,
    attempt: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throttle, "COUNTED", {})
    browser = new_browser()
    times: dict[str, list[float]] = {reporter.email: [], UNKNOWN: []}
    ATTEMPTS[attempt](browser, UNKNOWN)
    for _ in range(PAIRS):
        for email in times:
            times[email].append(seconds(browser.client, attempt, email, browser.token()))

    known, unknown = (statistics.median(found) for found in times.values())
    assert abs(known - unknown) / max(known, unknown) < TOLERANCE


def seconds(client: FlaskClient, attempt: str, email: str, token: str) -> float:
    path = {"login": "/login", "forgotten": "/login/forgotten"}[attempt]
    data = {"email": email, "password": "certainly not this one", "csrf_token": token}
    began = time.thread_time()
    client.post(
        path,
        data=data,
        base_url="https://portal.example",
        headers={"Referer": "https://portal.example/"},
    )
    return time.thread_time() - began
