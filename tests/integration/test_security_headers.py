"""What every answer of the whole application tells the browser, whoever asks and however it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from tests.browsers import ORIGIN, Browser
from tests.factories.suppliers import a_member, an_account, an_alliance

LogIn = Callable[..., Browser]
EVIL = {"Origin": "https://evil.example"}
TEXT = re.compile(r"text/|application/(javascript|json|xml)|.*\+xml")


def person(database: Database, role: Role) -> Account:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        is_supplier = role is Role.SIGNATORY
        member = a_member(session, alliance, "M001", sector="packaging") if is_supplier else None
        account = an_account(session, role, member)
        account.tf_primary_method, account.tf_totp_secret = "authenticator", "set"
        session.commit()
    return account


def addresses(app: Flask) -> Iterator[str]:
    """An address of every route that can be read; whether there is such a thing doesn't matter here."""

    def fill(match: re.Match[str]) -> str:
        return {"uuid:": str(uuid4()), "int:": "2025", "path:": "css/portal.css"}.get(
            match[1] or "", "word"
        )

    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            yield re.sub(r"<(\w+:)?\w+>", fill, rule.rule)


def answers(app: Flask, browser: Browser) -> Iterator[tuple[str, TestResponse]]:
    """What every page answers, and every kind of refusal."""
    for address in addresses(app):
        yield address, browser.get(address, headers=EVIL)
    yield "unknown", browser.get("/nothing/here", headers=EVIL)
    yield "query", browser.get("/verify?limit=1")
    yield "no token", browser.post("/login", {"csrf_token": "made up"})
    yield "too large", browser.post("/login", {"email": "x" * 2_000_000})
    yield "not taken", browser.post("/login", data="x", content_type="text/plain")  # type: ignore[arg-type]  # raw bytes
    for method in ("OPTIONS", "TRACE", "DELETE"):
        yield method, browser.client.open("/login", method=method, base_url=ORIGIN, headers=EVIL)


def faults(where: str, answer: TestResponse) -> Iterator[str]:
    """What an answer lacks."""
    policy = answer.headers.get("Content-Security-Policy", "")
    wanted = {
        "policy": "default-src 'none'" in policy and "frame-ancestors 'none'" in policy,
        "plug-ins and base": "sandbox" in policy
        or ("object-src 'none'" in policy and "base-uri 'none'" in policy)
        or "script-src" not in policy,
        "nothing unsafe": "unsafe" not in policy and "*" not in policy,
        "no sniffing": answer.headers.get("X-Content-Type-Options") == "nosniff",
        "https": answer.headers.get("Strict-Transport-Security")
        == "max-age=31536000; includeSubDomains",
        "referrer": answer.headers.get("Referrer-Policy") == "same-origin",
        "no other origin": not any(
            name.startswith("Access-Control-") for name, _ in answer.headers
        ),
        "charset": not answer.data
        or not TEXT.match(answer.content_type)
        or "charset=utf-8" in answer.content_type
        or answer.mimetype == "application/json",
        "type": not answer.data or bool(answer.content_type),
        "nothing kept": "no-store" in answer.headers.get("Cache-Control", "")
        or where.startswith(("/static/", "/log/")),
    }
    yield from (f"{where} ({answer.status}): {name}" for name, there in wanted.items() if not there)


@pytest.mark.parametrize("role", [None, Role.SIGNATORY, Role.ADMINISTRATOR])
def test_every_answer_carries_what_protects_it(
    app: Flask, browser: Browser, log_in: LogIn, database: Database, role: Role | None
) -> None:
    reader = browser if role is None else log_in(person(database, role))

    found = [(where, answer) for where, answer in answers(app, reader)]

    assert len(found) > 60
    assert {answer.status_code for _, answer in found} >= {200, 303, 400, 404, 413, 415}
    assert [fault for where, answer in found for fault in faults(where, answer)] == []


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.ADMINISTRATOR])
def test_every_page_of_whoever_is_logged_in_leads_out_again(
    app: Flask, log_in: LogIn, database: Database, role: Role
) -> None:
    browser = log_in(person(database, role))
    pages = {}
    for address in addresses(app):
        answer = browser.get(address)
        is_own = not address.startswith(("/verify", "/log", "/static", "/login"))
        if answer.status_code == 200 and answer.mimetype == "text/html" and is_own:
            pages[address] = answer.text

    assert len(pages) > 10
    assert [where for where, text in pages.items() if 'action="/logout"' not in text] == []


def test_looking_at_any_page_logs_nobody_out(app: Flask, log_in: LogIn, database: Database) -> None:
    browser = log_in(person(database, Role.SIGNATORY))
    out = []
    for address in addresses(app):
        browser.get(address, headers={"Sec-Fetch-Site": "cross-site"})
        if browser.get("/account/").status_code != 200:
            out.append(address)
            break

    assert out == []


def test_script_of_a_page_says_what_it_is(browser: Browser) -> None:
    types = {
        path: browser.get(f"/static/{path}").content_type
        for path in ("js/app.js", "css/portal.css", "img/none.png")
    }

    assert types["js/app.js"] == "text/javascript; charset=utf-8"
    assert types["css/portal.css"] == "text/css; charset=utf-8"
    assert types["img/none.png"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    ["/static/", "/static/js/", "/static/../config.py", "/static/%2e%2e/config.py", "/.git/HEAD",
     "/static/.git/HEAD", "/static/js/../../../setup.cfg", "/log/tile/", "/log/..%2flog.key"],
)  # fmt: skip
def test_no_folder_is_listed_and_nothing_outside_it_is_given(browser: Browser, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 404
    assert "app.js" not in answer.text
