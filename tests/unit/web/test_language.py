"""Each reader gets a language: by link, by account, by browser, Chinese otherwise."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import get_locale

from portal.web import language


def client(setting: str | None = None) -> FlaskClient:
    app = Flask("probe")
    language.init_app(app, lambda: setting)
    app.add_url_rule("/", "home", lambda: str(get_locale()))
    return app.test_client()


@pytest.mark.parametrize(
    ("wish", "locale"),
    [
        ("", "zh_Hans_CN"),
        ("fr", "zh_Hans_CN"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW,en;q=0.5", "zh_Hans_CN"),
        ("de,en;q=0.8", "en"),
    ],
)
def test_a_stranger_gets_the_language_that_the_browser_asks_for(wish: str, locale: str) -> None:
    assert client().get("/", headers={"Accept-Language": wish}).text == locale


@pytest.mark.parametrize("setting", ["en", "en_GB"])
def test_the_accounts_setting_goes_before_the_browser(setting: str) -> None:
    assert client(setting).get("/", headers={"Accept-Language": "zh-CN"}).text == "en"


def test_a_followed_link_goes_before_the_accounts_setting_and_lasts() -> None:
    browser = client("zh")
    answer = browser.get("/language/en?next=/members?q=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/members?q=1")
    cookie = answer.headers["Set-Cookie"]
    assert "language=en" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser.get("/").text == "en"


def test_the_cookie_is_bound_to_this_host_where_there_is_https() -> None:
    cookie = client().get("/language/en", base_url="https://portal.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-language=en;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_a_link_on_a_public_page_needs_no_cookie() -> None:
    answer = client().get("/?lang=en")
    assert answer.text == "en"
    assert "Set-Cookie" not in answer.headers


def test_the_switch_does_not_lead_away_and_knows_only_its_languages() -> None:
    browser = client()
    assert browser.get("/language/en?next=//evil.example").headers["Location"] == "/"
    assert browser.get("/language/fr").status_code == 404
    assert client().get("/?lang=fr%00").text == "zh_Hans_CN"


def test_when_the_account_can_not_be_asked_the_error_page_still_has_a_language() -> None:
    app = Flask("probe")

    def broken() -> str:
        raise ConnectionError

    language.init_app(app, broken)
    app.add_url_rule("/", "home", lambda: str(get_locale()))
    app.register_error_handler(ConnectionError, lambda _: (str(get_locale()), 500))
    answer = app.test_client().get("/", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.text) == (500, "en")


def test_outside_a_request_the_language_is_chinese() -> None:
    assert language.choose(language.nobody) is language.CHINESE
