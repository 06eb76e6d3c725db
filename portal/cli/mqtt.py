"""Takes readings that meters publish at an MQTT broker, and acknowledges each message once it is committed."""

from __future__ import annotations

import logging
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from portal import logs
from portal.cli.database import require_head_revision
from portal.cli.settings import read_settings
from portal.config.servers import Broker
from portal.config.settings import Settings

if TYPE_CHECKING:
    from paho.mqtt.client import Client

    from portal.cli.mqtt_inbox import Arrived, Inbox

# As many messages as go into one transaction; the broker sends no more than it may have under way anyway.
MOST_AT_ONCE = 500
# Readings take many times the room of the text that they came in.
MOST_BYTES_AT_ONCE = 4 * 1024 * 1024
LOOK_SECONDS = 0.5
KEEPALIVE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 60


@click.command()
def mqtt() -> None:
    """Take readings from the topics PREFIX/MEMBER/METER/readings of the broker at PORTAL_MQTT_URL.

    A message is a reading {"ts": "2026-03-07T10:00:00Z", "value": 12.5, "unit": "kWh"}, or a list of them. It is
    acknowledged when it is committed, so publish with QoS 1: what comes again is counted and not kept twice. What
    can't be taken is shown to the supplier on the page of its meters. One process is enough; SIGTERM ends it.
    """
    settings = read_settings()
    if settings.mqtt is None:
        raise click.ClickException(
            "PORTAL_MQTT_URL is missing: set it to the address of your broker, such as mqtts://user:password@broker:8883."
        )
    require_head_revision(settings)
    logs.write_lines(sys.stderr)
    _subscribe(settings, settings.mqtt)


def _subscribe(settings: Settings, broker: Broker) -> None:
    from portal import counters
    from portal.cli.mqtt_inbox import Inbox
    from portal.store.base import Database

    counters.STARTS.labels("mqtt").inc()
    database = Database(settings.database_url, pool_size=1)
    inbox = Inbox(database, broker.prefix, lambda: datetime.now(UTC))
    subscriber = Subscriber(broker, inbox, f"portal-{settings.host}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, subscriber.stop)
    try:
        subscriber.run()
    finally:
        database.dispose()


@dataclass(slots=True)
class Subscriber:
    """One connection to the broker, which keeps what comes while we are away: the session outlives the connection.

    Everything happens in one thread, so nothing is acknowledged by accident before its commit. A message that was not
    acknowledged comes again with the next connection.
    """

    broker: Broker
    inbox: Inbox
    client_id: str
    _waiting: list[Arrived] = field(default_factory=list)
    _is_stopping: bool = False
    _is_connected: bool = False
    _failures: int = 0

    def stop(self, *_signal: object) -> None:
        """Finish what has come and go."""
        self._is_stopping = True

    def run(self) -> None:
        """Take messages until we are told to stop."""
        client = self._client()
        while not self._is_stopping:
            if not self._connected(client):
                self._pause()
                continue
            self._take(client)
        if self._is_connected:
            self._keep(client)
            client.disconnect()
            client.loop(LOOK_SECONDS)
        logs.tell("mqtt.stopped")

    def _client(self) -> Client:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            clean_session=False,
            manual_ack=True,
        )
        if self.broker.username:
            client.username_pw_set(self.broker.username, self.broker.password)
        if self.broker.is_tls:
            client.tls_set(ca_certs=str(self.broker.ca) if self.broker.ca else None)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _connected(self, client: Client) -> bool:
        """Connect where we are not; what was waiting comes again with the new connection."""
        if self._is_connected:
            return True
        self._waiting.clear()
        try:
            client.connect(self.broker.host, self.broker.port, KEEPALIVE_SECONDS)
        except (OSError, ValueError) as error:
            logs.tell("mqtt.away", level=logging.WARNING, error=type(error).__name__)
            return False
        ends_at = time.monotonic() + KEEPALIVE_SECONDS
        while self._is_waiting() and time.monotonic() < ends_at:
            if client.loop(LOOK_SECONDS):
                return False
        return self._is_connected

    def _is_waiting(self) -> bool:
        return not (self._is_connected or self._is_stopping)

    def _take(self, client: Client) -> None:
        """Wait for messages, and keep them as soon as no more are on their way."""
        from portal.store.outages import outage_behind

        before = len(self._waiting)
        if client.loop(0 if self._waiting else LOOK_SECONDS):
            self._is_connected = False
            return
        is_arriving = len(self._waiting) > before
        if not self._waiting or (is_arriving and not self._is_full()):
            return
        try:
            self._keep(client)
        except Exception as error:
            if outage_behind(error) is None:
                raise
            # The broker keeps what we don't acknowledge, and sends it again once we are back.
            logs.tell("mqtt.database_away", level=logging.WARNING, error=type(error).__name__)
            client.disconnect()
            self._is_connected = False
            self._pause()

    def _is_full(self) -> bool:
        """Whether what has come is enough for one transaction."""
        return (
            len(self._waiting) >= MOST_AT_ONCE
            or sum(len(each.payload) for each in self._waiting) >= MOST_BYTES_AT_ONCE
        )

    def _keep(self, client: Client) -> None:
        if not self._waiting:
            return
        self.inbox.keep(self._waiting)
        for each in self._waiting:
            client.ack(each.mid, each.qos)
        self._waiting.clear()
        self._failures = 0

    def _pause(self) -> None:
        """Wait a little longer after each failure, but never so long that a stop is not heard."""
        ends_at = time.monotonic() + min(2**self._failures, LONGEST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 10)
        while not self._is_stopping and time.monotonic() < ends_at:
            time.sleep(LOOK_SECONDS / 5)

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            logs.tell("mqtt.refused", level=logging.ERROR, reason=str(reason))
            return
        self._is_connected = True
        self._failures = 0
        client.subscribe(f"{self.broker.prefix}/+/+/readings", qos=1)

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _more: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            logs.tell("mqtt.subscription_refused", level=logging.ERROR)
            return
        logs.tell("mqtt.connected", host=self.broker.host, port=self.broker.port)

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: Any, reason: Any, _more: Any
    ) -> None:
        if self._is_connected and not self._is_stopping:
            logs.tell("mqtt.lost", level=logging.WARNING, reason=str(reason))
        self._is_connected = False

    def _on_message(self, _client: Client, _data: Any, message: Any) -> None:
        from portal.cli.mqtt_inbox import Arrived

        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""  # no topic of ours; the inbox tells so and lets it be acknowledged
        self._waiting.append(Arrived(topic, bytes(message.payload), message.mid, message.qos))
