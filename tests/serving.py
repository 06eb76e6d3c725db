"""Starts `portal serve` as an operator would, and asks it for pages."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.config.settings import Settings
from portal.store import migration
from tests.conventions.source import ROOT

READY_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal said."""

    status: int
    text: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Served:
    """A portal that runs in processes of its own."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    _children: set[int] = field(default_factory=set)

    def get(self, path: str, *, seconds: float = 30) -> Answer:
        """Ask for a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return Answer(
                response.status,
                response.read().decode("utf-8", "replace"),
                dict(response.getheaders()),
            )
        finally:
            connection.close()

    def children(self) -> dict[int, str]:
        """Return the processes that the server started, with their command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == self.process.pid:
                found[int(folder.name)] = command.strip()
        return found

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def served(
    python: Path,
    environ: Mapping[str, str],
    folder: Path,
    *arguments: str,
    port: int | None = None,
    is_quiet: bool = False,
) -> Iterator[Served]:
    """Serve until the block ends; it begins when the first page has been answered."""
    port, log = port or free_port(), folder / "serve.log"
    command = [
        str(python),
        "-m",
        "portal",
        "serve",
        "--port",
        str(port),
        "--workers",
        "2",
        *arguments,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**environ, "PORT": str(port)}, stdout=output, stderr=output
        )
    portal = Served(process, port, log)
    try:
        _wait_until_ready(portal)
        yield portal
    finally:
        if process.poll() is None:
            portal.stop()
        if not is_quiet:
            print(log.read_text("utf-8", "replace"))  # noqa: T201 -- what a failing test shows


def _wait_until_ready(portal: Served) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            portal.get("/")
        except OSError:
            if portal.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the portal did not start:\n{portal.log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


def is_alive(pid: int) -> bool:
    """Tell whether a process is still there and not only waiting to be forgotten."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@contextmanager
def served_demo(folder: Path) -> Iterator[Served]:
    """The portal of this checkout with the demo's secrets, on a database without any rows."""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PORTAL_DEMO": "1",
        "PORTAL_FOLDER": str(folder),
    }
    migration.upgrade(Settings.from_environment(environ).database_url)
    with served(Path(sys.executable), environ, folder) as running:
        yield running
