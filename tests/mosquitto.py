"""A real MQTT broker for tests, on a port of its own, with its state in a folder of the test."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paho.mqtt.client import CallbackAPIVersion, Client

from tests.conventions.source import ROOT
from tests.serving import free_port

READY_SECONDS = 120
PROGRAM = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


@dataclass(slots=True)
class Broker:
    """A broker that runs in a process of its own."""

    folder: Path
    port: int
    options: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again with all that it kept where it ran before."""
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\npersistence true\npersistence_location {self.folder}/\n"
            f"autosave_interval 1\n{self.options}\n"
        )
        # As root it would become a user who may not write here.
        self.process = subprocess.Popen(
            [PROGRAM, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        ends_at = time.monotonic() + READY_SECONDS
        while time.monotonic() < ends_at:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the broker did not start")

    def stop(self) -> None:
        """End it; what nobody has acknowledged is kept for the next start."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(READY_SECONDS)

    def publish(self, messages: Iterable[tuple[str, Any]], **login: str) -> int:
        """Publish with QoS 1 and wait until the broker has taken each; how many it took."""
        client = Client(CallbackAPIVersion.VERSION2)
        if login:
            client.username_pw_set(login["username"], login["password"])
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        try:
            sent = [
                client.publish(topic, said if isinstance(said, bytes) else json.dumps(said), qos=1)
                for topic, said in messages
            ]
            for each in sent:
                each.wait_for_publish(READY_SECONDS)
            return sum(each.is_published() for each in sent)
        finally:
            client.disconnect()
            client.loop_stop()


@contextmanager
def a_broker(folder: Path, options: str = "allow_anonymous true\nuser root") -> Iterator[Broker]:
    """A broker that is ready, and is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    broker = Broker(folder, free_port(), options)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def start_subscriber(environ: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start `portal mqtt` as an operator would; what it says of itself goes into the log."""
    own = {"PATH": os.environ["PATH"], **environ}
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "portal", "mqtt"], env=own, cwd=ROOT, stderr=file
        )


@contextmanager
def portal_mqtt(environ: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A subscriber that has connected to its broker, and is gone afterwards."""
    before = _connections(log)
    process = start_subscriber(environ, log)
    try:
        ends_at = time.monotonic() + READY_SECONDS
        while _connections(log) == before:
            assert time.monotonic() < ends_at, log.read_text()[-3000:]
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _connections(log: Path) -> int:
    return log.read_text().count("mqtt.connected") if log.exists() else 0
