"""Tests reach nothing but this machine, and see none of the settings of whoever runs them."""

from __future__ import annotations

import os
import socket

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443)])
def test_network_refused_when_a_test_reaches_out(address: tuple[str, int]) -> None:
    with pytest.raises(RuntimeError, match="only this machine's own addresses"):
        socket.create_connection(address, timeout=1)


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_settings_of_the_environment_are_gone() -> None:
    own = [name for name in os.environ if name.startswith("PORTAL_")]
    assert [name for name in own if not name.startswith("PORTAL_TEST_")] == []
