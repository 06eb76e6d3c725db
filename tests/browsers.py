"""The whole application on a test's own database, and browsers that fill in its forms.

`app` is the application as it is served by https; `browser` a new browser of it, `log_in` a way past the login page.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from pathlib import Path
from types import CodeType
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.config.settings import Settings
from portal.http import clock
from portal.services import passwords
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.sessions import WebSession
from portal.web.sessions import ABSOLUTE, DatabaseSessions, digest_of
from tests.keys import shared_keys

ORIGIN = "https://portal.example"
COOKIE = "__Host-session"
PASSWORD = "forty-two cows on a quiet meadow"
SECRETS = {
    "PORTAL_SECRET_KEY": "for-tests-only-0123456789-abcdefghij",
    "PORTAL_PASSWORD_SALT": "for-tests-only-abcdefghij-0123456789",
    "PORTAL_TOTP_SECRET": "for-tests-only-9876543210-jihgfedcba",
}
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(slots=True)
class Browser:
    """One browser: keeps its cookies, sends a form with the token of its session.

    The token holds for every form of a session, so a page is opened for it only when the session is a new one.
    """

    client: FlaskClient
    _token: tuple[str | None, str] = (None, "")  # the session's cookie, its token

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=ORIGIN, buffered=True, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send without looking at any page first, so without a token unless `data` has one."""
        headers = {"Origin": ORIGIN, "Referer": f"{ORIGIN}/", **options.pop("headers", {})}
        return self.client.post(
            path, data=data, base_url=ORIGIN, headers=headers, buffered=True, **options
        )

    def submit(self, path: str, data: dict[str, Any], *, page: str | None = None) -> TestResponse:
        """Send a form; its page is opened first if no form of this session was sent before."""
        if self.cookie is None or self._token[0] != self.cookie:
            self.know_token(self.token(page or path))
        return self.post(path, {**data, "csrf_token": self._token[1]})

    def token(self, page: str = "/login") -> str:
        """The token of a form that stands on this page."""
        found = _TOKEN.search(self.get(page).text)
        assert found is not None, f"{page} has no form"
        return unescape(found[1])

    def know_token(self, token: str) -> None:
        """Take the token of this session from elsewhere than one of its pages."""
        self._token = (self.cookie, token)

    def log_in(self, account: Account, password: str = PASSWORD, **more: str) -> TestResponse:
        """Log in on the page, as a person does."""
        return self.submit("/login", {"email": account.email, "password": password, **more})

    @property
    def cookie(self) -> str | None:
        """The value of the session's cookie."""
        kept = self.client.get_cookie(COOKIE, domain="portal.example")
        return kept.value if kept else None

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.client.set_cookie(COOKIE, value, domain="portal.example", secure=True)


@lru_cache
def hashed(password: str = PASSWORD) -> str:
    """The password as an account of this application keeps it."""
    return passwords.hash_password(password, SECRETS["PORTAL_PASSWORD_SALT"])


def give_session(
    database: Database, account: Account, *, fresh: bool = True, raw_token: str | None = None
) -> str:
    """Log an account in behind the login page's back, and return its cookie; `raw_token` is what forms' tokens sign."""
    moment = clock.now()
    name = f"s.{secrets.token_urlsafe(32)}"
    data = {
        "_user_id": account.fs_uniquifier,
        "_fresh": True,
        "csrf_token": raw_token or secrets.token_hex(20),
        "fs_paa": moment.timestamp() - (0 if fresh else 3600),
    }
    with database.writing() as session:
        session.add(
            WebSession(
                uid=uuid4(),
                digest=digest_of(name),
                account_id=account.id,
                data=DatabaseSessions.tags.dumps(data),
                device="Firefox · Linux",
                idle_minutes=30,
                created_at=moment,
                seen_at=moment,
                expires_at=moment + ABSOLUTE,
            )
        )
        session.commit()
    return name


def signed_token(app: Flask, raw_token: str) -> str:
    """The token that a form of this session would have."""
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(raw_token))


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The settings of an installation that is reached by https."""
    return Settings.from_environment(
        {
            **SECRETS,
            "PORTAL_BASE_URL": ORIGIN,
            "PORTAL_FOLDER": str(tmp_path),
            "PORTAL_KEYS": str(shared_keys()),
            "PORTAL_DATABASE_URL": database_url,
        }
    )


class CompiledOnce(BytecodeCache):
    """Keeps compiled templates for all applications of this process, which would each compile them again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


COMPILED = CompiledOnce()
_BUILDERS: dict[object, Callable[..., Any]] = {}
_compile_builder = Rule._compile_builder


def _builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    """Writes the function that builds a rule's addresses once for all applications of this process.

    Of the half second that each of thousands of applications would take to begin, two thirds go into these.
    """
    defaults = tuple(sorted((rule.defaults or {}).items()))
    key = (repr(rule), rule.subdomain, rule.host, tuple(rule._trace), defaults, append_unknown)
    if key not in _BUILDERS:
        _BUILDERS[key] = _compile_builder(rule, append_unknown)
    return _BUILDERS[key]


Rule._compile_builder = _builder  # type: ignore[method-assign]  # for tests alone


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """The application on this test's own database."""
    made = create_app(settings, database)
    made.jinja_env.bytecode_cache = COMPILED
    made.testing = False  # failures are answered as they are in earnest
    return made


@pytest.fixture
def new_browser(app: Flask) -> Callable[[], Browser]:
    """Open one browser after the other."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    """One browser that knows nobody yet."""
    return new_browser()


@pytest.fixture
def log_in(
    app: Flask, database: Database, new_browser: Callable[[], Browser]
) -> Callable[[Account], Browser]:
    """Open a browser in which an account is logged in already."""

    def logged_in(account: Account, *, fresh: bool = True) -> Browser:
        opened = new_browser()
        raw_token = secrets.token_hex(20)
        opened.cookie = give_session(database, account, fresh=fresh, raw_token=raw_token)
        opened.know_token(signed_token(app, raw_token))
        return opened

    return logged_in
