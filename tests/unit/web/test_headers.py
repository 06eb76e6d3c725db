"""Every answer tells the browser what it may run, keep and frame."""

from __future__ import annotations

import pytest
from flask import Flask, Response, abort
from flask.testing import FlaskClient

from portal.resources import STATIC
from portal.web import headers
from portal.web.assets import asset_url


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("probe", static_folder=str(STATIC))
    headers.init_app(app)
    app.add_url_rule("/page", "page", lambda: "x")
    app.add_url_rule("/broken", "broken", lambda: abort(500))
    app.add_url_rule("/file", "file", send_file)
    return app.test_client()


def send_file() -> Response:
    return Response("x", headers={"Content-Security-Policy": headers.FILE_POLICY})


@pytest.mark.parametrize("path", ["/page", "/broken", "/nowhere", "/static/css/portal.css"])
def test_every_answer_carries_the_policy_and_the_other_headers(
    client: FlaskClient, path: str
) -> None:
    answer = client.get(path, buffered=True)
    assert answer.headers["Content-Security-Policy"] == headers.POLICY
    for name, value in headers.ALWAYS.items():
        assert answer.headers[name] == value


def test_the_policy_allows_nothing_inline_nothing_foreign_and_nothing_else() -> None:
    directives = dict(part.split(" ", 1) for part in headers.POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    assert set(directives.values()) == {"'none'", "'self'"}
    assert directives["script-src"] == directives["style-src"] == directives["img-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"


def test_a_file_keeps_its_stricter_policy(client: FlaskClient) -> None:
    assert client.get("/file").headers["Content-Security-Policy"].startswith("sandbox")


def test_transport_security_is_announced_over_https_only(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/page").headers
    announced = client.get("/page", base_url="https://portal.example").headers[
        "Strict-Transport-Security"
    ]
    assert announced == "max-age=31536000; includeSubDomains"


def test_pages_are_not_kept_and_files_only_under_a_name_of_their_bytes(client: FlaskClient) -> None:
    with client.application.test_request_context():
        named = asset_url("css/portal.css")
        vendored = asset_url("vendor/htmx-4.0.1/htmx.min.js")
    kept = {
        path: client.get(path, buffered=True).headers["Cache-Control"]
        for path in ("/page", "/nowhere", "/static/css/portal.css", named, vendored)
    }
    assert kept["/page"] == kept["/nowhere"] == "no-store"
    assert kept["/static/css/portal.css"] == "no-cache"
    assert kept[named] == kept[vendored] == "public, max-age=31536000, immutable"
    assert client.get("/static/css/gone.css?v=1").headers["Cache-Control"] == "no-cache"


def test_an_asset_that_is_not_there_is_a_bug(client: FlaskClient) -> None:
    with client.application.test_request_context(), pytest.raises(FileNotFoundError):
        asset_url("css/gone.css")
