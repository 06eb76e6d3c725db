"""What every test gets: databases, no network, and an environment without the portal's own settings."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from portal.cli.processes import look_for_cycles_seldom
from tests.conventions import sizes

pytest_plugins = ("tests.databases", "tests.browsers", "tests.scenes", "tests.people")

ROOT = Path(__file__).parents[1]
LONGEST = {"journeys", "resilience", "test_access_matrix.py", "test_workbooks_web.py"}
LOOPBACK = ("127.", "localhost", "::1", "0.0.0.0")  # noqa: S104 -- recognised, not bound

# Two slow cores make a deadline per example a lottery; the number of examples stays.
settings.register_profile("portal", deadline=None)
settings.load_profile("portal")


def pytest_configure(config: pytest.Config) -> None:
    """Forget the settings of whoever runs the tests, and shut the network before anything is imported."""
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        if not name.startswith("PORTAL_TEST_"):
            del os.environ[name]
    sys.addaudithook(_refuse_the_network)
    look_for_cycles_seldom()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each browser journey by the folder that it lives in, and begin with the longest files.

    Begun last, one of them would run alone while the other processes wait.
    """
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)
    items.sort(key=lambda item: LONGEST.isdisjoint(item.path.parts))


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later look for cycles."""
    gc.collect()
    gc.freeze()


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    host: Any = None
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a unix socket
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    if host and not str(host).startswith(LOOPBACK):
        raise RuntimeError(
            f"a test tried to reach {host}: only this machine's own addresses are open"
        )


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return ROOT


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After a run with the conventions, print the longest things; they fail nothing."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    if any("tests/conventions/test_floors" in getattr(report, "nodeid", "") for report in reports):
        terminalreporter.section("sizes")
        for line in sizes.report():
            terminalreporter.write_line(line)
