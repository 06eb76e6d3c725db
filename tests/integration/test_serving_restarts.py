"""Restarting `portal serve` while people use it: no answer is lost, and what has begun is finished."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.cli.processes import GRACE_SECONDS
from tests.serving import Served, served_demo
from tests.workers import wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

READERS = 8


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Served]:
    with served_demo(tmp_path) as running:
        yield running


@dataclass(slots=True)
class Crowd:
    """Readers who ask for page after page, each time over a new connection, as the proxy in front does."""

    port: int
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _readers: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Crowd:
        self._readers = [threading.Thread(target=self._read) for _ in range(READERS)]
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for reader in self._readers:
            reader.join()

    def _read(self) -> None:
        while not self._ended.is_set():
            trouble = self._ask()
            with self._lock:
                if trouble:
                    self.failed.append(trouble)
                else:
                    self.answered += 1

    def _ask(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", "/login")
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            return repr(error)
        finally:
            connection.close()
        return "" if answer.status == 200 else str(answer.status)


def web_processes(portal: Served) -> set[int]:
    return {pid for pid, command in portal.children().items() if "portal serve" in command}


def test_no_request_fails_while_every_process_is_renewed_under_load(portal: Served) -> None:
    before = web_processes(portal)
    with Crowd(portal.port) as crowd:
        portal.process.send_signal(signal.SIGHUP)
        wait_until(
            lambda: len(web_processes(portal)) == 2 and not before & web_processes(portal), 60
        )

    assert crowd.failed == []
    assert crowd.answered > 100


def test_request_that_has_begun_is_answered_after_the_server_was_told_to_end(
    portal: Served,
) -> None:
    head = (
        f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{portal.port}\r\nContent-Length: 20\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=ada"
    )
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60) as slow:
        slow.sendall(head.encode())
        time.sleep(0.5)  # it lies with a web process now
        began = time.monotonic()
        portal.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        slow.sendall(b"%40example.")
        answer = slow.recv(65536)

    assert answer.startswith(b"HTTP/1.1 400")  # a form without its token
    assert portal.process.wait(60) == 0
    assert time.monotonic() - began < GRACE_SECONDS, "somebody had to be killed"
