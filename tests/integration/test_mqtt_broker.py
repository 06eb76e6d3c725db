"""The broker that the documentation shows keeps its clients apart."""

from __future__ import annotations

import hashlib
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import CallbackAPIVersion, Client

from tests.conventions.source import ROOT
from tests.mosquitto import Broker, a_broker

SHIPPED = ROOT / "docs/operations/mosquitto-portal.conf"
# What is different on each machine.
OWN = ("listener", "certfile", "keyfile", "password_file", "acl_file", "persistence ", "autosave")
USERS = ("portal", "0086")
PASSWORD = "grass-milk-wind"
WAIT_SECONDS = 120


def hashed(user: str) -> str:
    """A line of mosquitto's list of passwords: PBKDF2 with SHA-512."""
    salt = user.encode().ljust(12)
    found = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 101)
    return f"{user}:$7$101${b64encode(salt).decode()}${b64encode(found).decode()}"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    lines = SHIPPED.read_text().splitlines()
    options = [each for each in lines if each and not each.startswith(("#", *OWN))]
    acl = [
        each.removeprefix("#").strip() for each in lines if "topic " in each or "  user " in each
    ]
    for name, content in (("acl", acl), ("passwords", [hashed(user) for user in USERS])):
        file = tmp_path / name
        file.write_text("\n".join(content) + "\n")
        file.chmod(0o600)
        options.append(f"{name.replace('passwords', 'password')}_file {file}")
    with a_broker(tmp_path / "broker", "\n".join([*options, "user root"])) as started:
        yield started


def a_client(broker: Broker, user: str, *, is_clean: bool, on_message: Any = None) -> Client:
    """A connected client that gives itself the portal's name."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="portal-machine", clean_session=is_clean)
    client.username_pw_set(user, PASSWORD)
    client.on_message = on_message
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    wait_for(client.is_connected)
    return client


def wait_for(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.02)


def test_supplier_with_the_name_of_the_portal_does_not_throw_it_off(broker: Broker) -> None:
    heard: list[str] = []
    lost: list[object] = []
    portal = a_client(
        broker, "portal", is_clean=False, on_message=lambda *given: heard.append(given[2].topic)
    )
    subscribed: list[int] = []
    portal.on_subscribe = lambda *given: subscribed.append(given[2])
    portal.on_disconnect = lambda *given: lost.append(given[3])
    portal.subscribe("meters/+/+/readings", qos=1)
    wait_for(lambda: bool(subscribed))
    supplier = a_client(broker, "0086", is_clean=True)
    supplier.publish("meters/0087/E1/readings", b"{}", qos=1).wait_for_publish(WAIT_SECONDS)
    supplier.publish("meters/0086/E1/readings", b"{}", qos=1).wait_for_publish(WAIT_SECONDS)
    wait_for(lambda: bool(heard))
    assert (heard, lost) == (["meters/0086/E1/readings"], [])
    for client in (supplier, portal):
        client.disconnect()
        client.loop_stop()
