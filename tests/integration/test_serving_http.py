"""What the served portal makes of bytes that no browser sends."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.config.settings import Settings
from portal.store import migration
from tests.conventions.source import ROOT
from tests.serving import Served, served

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("portal")
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PORTAL_DEMO": "1",
        "PORTAL_FOLDER": str(folder),
        "PORTAL_WORKERS": "1",
    }
    migration.upgrade(Settings.from_environment(environ).database_url)
    with served(Path(sys.executable), environ, folder) as running:
        yield running


def speak(portal: Served, raw: str, *, host: str | None = None) -> int:
    """Send bytes as they are and return the status, 0 when the connection is closed without one."""
    text = raw.replace("HOST", host or f"127.0.0.1:{portal.port}").replace("\n", "\r\n")
    answer = b""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60) as connection:
        try:
            connection.sendall(text.encode())
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            pass  # hung up on us, which is an answer too
    return int(answer.split()[1]) if answer.startswith(b"HTTP/") else 0


REFUSED = {0, 400, 405, 411, 413, 501}


@pytest.mark.parametrize(
    "raw",
    [
        "POST /login HTTP/1.1\nHost: HOST\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\nGET /x",
        "POST /login HTTP/1.1\nHost: HOST\nTransfer-Encoding: xchunked\n\n0\n\n",
        "POST /login HTTP/1.1\nHost: HOST\nContent-Length: 5\nContent-Length: 6\n\n12345",
        "POST /login HTTP/1.1\nHost: HOST\nContent-Length: -1\n\n",
        "GET /login HTTP/1.1\nHost: HOST\nX-Folded: a\n b\n\n",
        "GET /login HTTP/1.1\n\n",
        "GET /login HTTP/1.1\nHost: a\nHost: b\n\n",
        "TRACE / HTTP/1.1\nHost: HOST\n\n",
        "GET /login\x00 HTTP/1.1\nHost: HOST\n\n",
        "NONSENSE\n\n",
    ],
)
def test_request_that_two_servers_could_read_differently_is_refused(
    portal: Served, raw: str
) -> None:
    assert speak(portal, raw) in REFUSED
    assert portal.get("/login").status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:evil", "127.0.0.1@evil.example", "", "a b"]
)
def test_name_that_is_not_ours_is_refused(portal: Served, host: str) -> None:
    assert speak(portal, "GET /login HTTP/1.1\nHost: HOST\n\n", host=host) in REFUSED


def test_question_about_the_server_itself_does_no_harm(portal: Served) -> None:
    assert speak(portal, "OPTIONS * HTTP/1.1\nHost: HOST\n\n") < 500
    assert portal.get("/login").status == 200


def test_answer_names_no_product_and_no_version(portal: Served) -> None:
    headers = portal.get("/login").headers

    assert "X-Powered-By" not in headers
    assert not any(sign in headers.get("Server", "") for sign in "0123456789")


def test_body_without_end_is_cut_off(portal: Served) -> None:
    with socket.create_connection(("127.0.0.1", portal.port), timeout=20) as connection:
        connection.sendall(
            b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        sent = 0
        try:
            while sent < 256 * 1024 * 1024:
                connection.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            pass

    assert sent < 64 * 1024 * 1024
    assert portal.get("/login").status == 200
