"""Other machines are asked at the address that was named, and believed no longer and no further than that."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.error import HTTPError

import pytest

from portal.outside import fetched


class Elsewhere(BaseHTTPRequestHandler):
    """Another machine: answers by the path, and remembers what it was asked for."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status = 302 if self.path == "/moved" else 200
        content = b"x" * 100 if self.path == "/long" else b"right"
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/inside")
        self.send_header("Content-Length", "500" if self.path == "/broken" else str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the test looks at what was asked."""


@pytest.fixture
def address() -> Iterator[str]:
    Elsewhere.asked = []
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("body", [None, b"asked"])
def test_answer_is_what_the_named_address_says(address: str, body: bytes | None) -> None:
    assert fetched(f"{address}/here", seconds=5, most=10, body=body) == b"right"


@pytest.mark.parametrize("body", [None, b"asked"])
def test_answer_that_points_elsewhere_is_not_followed(address: str, body: bytes | None) -> None:
    with pytest.raises(OSError, match="302"):
        fetched(f"{address}/moved", seconds=5, most=10, body=body)
    assert Elsewhere.asked == ["/moved"]


def test_refused_answer_holds_no_connection(address: str) -> None:
    with pytest.raises(HTTPError) as refused:
        fetched(f"{address}/moved", seconds=5, most=10)
    assert refused.value.closed


@pytest.mark.parametrize("path", ["/long", "/broken"])
def test_answer_that_is_too_long_or_breaks_off_is_refused(address: str, path: str) -> None:
    with pytest.raises(OSError, match=r"more than|broke off"):
        fetched(f"{address}{path}", seconds=5, most=50)


@pytest.mark.parametrize("other", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "/etc"])
def test_nothing_but_http_is_asked(other: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        fetched(other, seconds=5, most=10)
