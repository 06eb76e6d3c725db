"""What a stranger can send to wear the portal out, to get round a limit, or to go unnoticed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.app import create_app
from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.throttle import Attempts
from tests.browsers import Browser
from tests.factories.suppliers import an_account, an_alliance

LogIn = Callable[..., Browser]
URLENCODED = "application/x-www-form-urlencoded"
MIB = 1024 * 1024
WRONG = "certainly not this one"


def test_form_of_a_hundred_thousand_fields_is_not_taken_apart(browser: Browser) -> None:
    body = b"a&" * 100_000

    for path in ("/verify/DAIRY-2026-00001", "/login"):
        answer = browser.post(path, data=body, content_type=URLENCODED)  # type: ignore[arg-type]  # raw bytes
        assert answer.status_code == 413, path


def test_only_a_file_may_be_as_large_as_a_file(browser: Browser) -> None:
    body = b"c=" + b"x" * (2 * MIB)

    answer = browser.post("/verify/DAIRY-2026-00001", data=body, content_type=URLENCODED)  # type: ignore[arg-type]  # raw bytes

    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["sector", "category"])
@pytest.mark.parametrize("page", ["/coordinator/members/", "/coordinator/submissions/"])
def test_query_with_a_character_that_no_word_has_is_refused(
    log_in: LogIn, database: Database, page: str, name: str
) -> None:
    with database.writing() as session:
        an_alliance(session, years=(2025,))
        coordinator = an_account(session, Role.COORDINATOR, None)
        coordinator.tf_primary_method = "authenticator"
        session.commit()

    statuses = {
        log_in(coordinator).get(f"{page}?{name}={sent}").status_code for sent in ("%00", "a%0A")
    }

    assert statuses <= {200, 400}


def test_address_spelt_in_many_ways_is_one_account_for_the_limits(
    browser: Browser, reporter: Account, database: Database
) -> None:
    local, _, domain = reporter.email.partition("@")
    wide = "".join(chr(ord(each) + 0xFEE0) for each in domain)
    spellings = [
        reporter.email,
        reporter.email.upper(),
        f"\u2003\ufeff{reporter.email}\u3000",
        f"{local}@{wide}",
        f"{local}@{domain.replace('.', '。')}",
    ]
    for spelling in spellings:
        browser.submit("/login", {"email": spelling, "password": WRONG})
        browser.submit("/login/forgotten", {"email": spelling})

    with database.reading() as session:
        counted = session.execute(select(Attempts.key, Attempts.count)).all()
    assert {key.partition(":")[0] for key, _ in counted if key.startswith(("account", "reset"))}
    for kind in ("account:", "reset:"):
        assert len([key for key, _ in counted if key.startswith(kind)]) == 1, kind


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [
        json.loads(record.getMessage()) for record in caplog.records if record.name == "portal.web"
    ]


@pytest.mark.parametrize("host", ["evil.example", "portal.example.evil.example", "10.0.0.1"])
@pytest.mark.parametrize("path", ["/", "/login", "/account/", "/nowhere"])
def test_request_under_another_name_is_refused(browser: Browser, host: str, path: str) -> None:
    answer = browser.client.get(path, base_url=f"https://{host}")

    assert answer.status_code == 400
    assert host not in answer.text


@pytest.mark.parametrize("proxies", [0, 1])
def test_host_that_a_proxy_forwards_is_not_believed(
    settings: Settings, database: Database, proxies: int
) -> None:
    app = create_app(replace(settings, trusted_proxies=proxies), database)
    browser = Browser(app.test_client())
    claims = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}

    answer = browser.get("/account/", headers=claims)

    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
    assert "evil" not in answer.text


def test_form_that_another_site_sends_stands_in_the_log(
    log_in: LogIn, reporter: Account, caplog: pytest.LogCaptureFixture
) -> None:
    browser = log_in(reporter)
    foreign = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}]

    with caplog.at_level(logging.INFO):
        statuses = [browser.post("/account/", {}, headers=each).status_code for each in foreign]

    assert statuses == [403, 403]
    assert [found["event"] for found in events(caplog)] == ["origin.refused"] * 2
