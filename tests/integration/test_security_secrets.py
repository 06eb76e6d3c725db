"""Signed cookies and tokens, and the pages where passwords are typed: each good for what it was made for, and no longer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask_wtf.csrf import generate_csrf
from itsdangerous import Signer, URLSafeTimedSerializer
from lxml import html
from sqlalchemy import func, select, update

from portal.app import create_app
from portal.config.settings import Settings
from portal.http import clock
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.sessions import WebSession
from portal.web.sessions import VISITOR
from tests.browsers import SECRETS, Browser

LogIn = Callable[..., Browser]
NewBrowser = Callable[[], Browser]
KEY = SECRETS["PORTAL_SECRET_KEY"]
WRONG = {"email": "a@example.com", "password": "certainly not this one"}


def is_taken(browser: Browser, token: str) -> bool:
    """Whether a form with this token comes as far as the password."""
    return browser.post("/login", {**WRONG, "csrf_token": token}).status_code == 422


def forged(app: Flask, *, salt: str, key: str = KEY, method: object = hashlib.sha256) -> str:
    """What a visitor's cookie holds, signed in another way."""
    text = app.session_interface.tags.dumps({"csrf_token": "known to the forger"})  # type: ignore[attr-defined]  # ours
    signer = URLSafeTimedSerializer(key, salt=salt, signer_kwargs={"digest_method": method})
    return f"v.{signer.dumps(text)}"


@pytest.mark.parametrize(
    ("salt", "key", "method", "is_good"),
    [
        ("visitor", KEY, hashlib.sha256, True),
        ("visitor", KEY, hashlib.sha1, False),
        ("visitor", KEY, hashlib.md5, False),
        ("visitor", KEY[::-1], hashlib.sha256, False),
        ("wtf-csrf-token", KEY, hashlib.sha256, False),
        ("cookie-session", KEY, hashlib.sha256, False),
    ],
)
def test_cookie_of_a_visitor_is_taken_as_it_was_signed_here_only(
    app: Flask, browser: Browser, salt: str, key: str, method: object, is_good: bool
) -> None:
    browser.cookie = forged(app, salt=salt, key=key, method=method)
    token = URLSafeTimedSerializer(KEY, salt="wtf-csrf-token").dumps("known to the forger")

    assert is_taken(browser, str(token)) is is_good


def test_everything_is_signed_with_sha_256(app: Flask) -> None:
    with app.test_request_context():
        token = generate_csrf()

    signature = Signer(KEY, salt="wtf-csrf-token").get_signature(token.rpartition(".")[0])
    assert token.rpartition(".")[2].encode() == signature
    assert len(signature) == 43  # 256 bits in base64url; SHA-1 would be 27


def test_cookie_without_signature_is_none(app: Flask, browser: Browser) -> None:
    whole = forged(app, salt="visitor")
    text = whole.split(".")[1]
    for cookie in (f"v.{text}", f"v.{text}..", f"v.{text}.{'A' * 6}.", whole[:-1], whole + "A"):
        browser.cookie = cookie
        token = URLSafeTimedSerializer(KEY, salt="wtf-csrf-token").dumps("known to the forger")
        assert not is_taken(browser, str(token)), cookie


def test_cookie_of_a_visitor_ends(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    token = browser.token()
    assert is_taken(browser, token)
    made = int(clock.now().timestamp())
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: made + VISITOR.total_seconds() + 60)

    assert not is_taken(browser, token)


def test_earlier_key_is_taken_for_as_long_as_it_is_named(
    settings: Settings, database: Database, browser: Browser
) -> None:
    token, cookie = browser.token(), browser.cookie
    for fallbacks, is_good in (((KEY,), True), ((), False)):
        app = create_app(
            replace(settings, secret_key=KEY[::-1], secret_key_fallbacks=fallbacks), database
        )
        later = Browser(app.test_client())
        assert cookie is not None
        later.cookie = cookie
        assert is_taken(later, token) is is_good


def test_id_of_a_session_has_256_random_bits(
    new_browser: NewBrowser, reporter: Account, database: Database
) -> None:
    cookies = []
    for _ in range(5):
        browser = new_browser()
        browser.log_in(reporter)
        cookies.append(str(browser.cookie))

    assert len(set(cookies)) == 5
    assert all(re.fullmatch(r"s\.[\w-]{43}", cookie) for cookie in cookies)
    with database.reading() as session:
        digests = set(session.scalars(select(WebSession.digest)))
    assert {hashlib.sha256(cookie.encode()).digest() for cookie in cookies} == digests


def test_fresh_installation_knows_nobody(database: Database, browser: Browser) -> None:
    with database.reading() as session:
        assert session.scalars(select(func.count()).select_from(Account)).one() == 0
    for email in ("admin@example.com", "root@localhost", "administrator@portal.example"):
        assert browser.submit("/login", {"email": email, "password": "admin"}).status_code == 422


def test_password_stays_good_for_years(
    browser: Browser, reporter: Account, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        session.execute(update(Account).values(created_at=clock.now() - timedelta(days=5000)))
        session.commit()

    assert browser.log_in(reporter).headers["Location"] == "/"
    page = browser.get("/account/")
    assert page.status_code == 200
    assert "expire" not in page.text


def boxes(text: str) -> list[html.HtmlElement]:
    """Every box of a page that somebody types into."""
    return list(html.fromstring(text).xpath("//form//input[not(@type='hidden')]"))


def test_password_boxes_hide_what_is_typed_and_let_managers_fill_them(
    browser: Browser, log_in: LogIn, reporter: Account
) -> None:
    inside = log_in(reporter)
    pages = {
        "/login": browser.get("/login").text,
        "/account/password": inside.get("/account/password").text,
        "/account/confirm": inside.get("/account/confirm").text,
    }
    kinds = {}
    for path, text in pages.items():
        found = [box for box in boxes(text) if "password" in box.get("name")]
        kinds[path] = [(box.get("type"), box.get("autocomplete")) for box in found]
        assert not any(box.get("value") for box in found)
        assert {box.get("maxlength") for box in found} <= {None, "1024"}, (
            "128 count, and all of them"
        )
        assert not re.search(r"onpaste|oncopy|readonly", text)

    now, new = ("password", "current-password"), ("password", "new-password")
    assert kinds == {
        "/login": [now],
        "/account/password": [now, new, new],
        "/account/confirm": [now],
    }


def test_forgotten_password_is_asked_about_by_the_address_alone(browser: Browser) -> None:
    assert [box.get("name") for box in boxes(browser.get("/login/forgotten").text)] == ["email"]
    columns = " ".join(column.name for column in Account.__table__.columns)
    assert not re.search(r"hint|question|answer|birth|maiden", columns)


def test_secrets_are_sent_in_the_body_and_never_in_an_address(
    app: Flask, browser: Browser, log_in: LogIn, reporter: Account
) -> None:
    inside = log_in(reporter)
    for path in ("/login", "/login/forgotten", "/account/password", "/account/confirm"):
        page = html.fromstring((browser if path.startswith("/login") else inside).get(path).text)
        for form in page.xpath("//form[.//input[@type='password' or @type='email']]"):
            assert form.get("method") == "post", path
            assert "?" not in (form.get("action") or "") or "next=" in form.get("action"), path
    by_address = browser.get(f"/login?email={reporter.email}&password=x")
    assert by_address.status_code == 200
    assert browser.get("/account/").status_code == 303
    assert reporter.email not in by_address.text
