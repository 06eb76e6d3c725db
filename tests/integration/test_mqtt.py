"""Readings that meters publish, through a real broker: acknowledged once committed, each exactly once."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from paho.mqtt.client import MQTTMessage
from sqlalchemy import func, select

from portal.cli import mqtt_inbox
from portal.cli.mqtt import Subscriber
from portal.cli.mqtt_inbox import Arrived, Inbox
from portal.config.servers import Broker as MqttBroker
from portal.config.settings import Settings, SettingsError
from portal.domain.actors import Role
from portal.domain.members import Status
from portal.store.alliance import Alliance
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.meters import MeterReading, MeterTrouble
from tests.factories.meters import a_meter
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.mosquitto import Broker, a_broker, portal_mqtt, start_subscriber

START = datetime(2026, 1, 1, tzinfo=UTC)
TOPIC = "alliance/meters/M0001/E1/readings"
WAIT_SECONDS = 120


@dataclass
class Stand:
    database: Database
    database_url: str
    broker: Broker
    folder: Path

    def count(self, table: type) -> int:
        with self.database.reading() as session:
            return session.scalars(select(func.count()).select_from(table)).one()

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PORTAL_DEMO": "1",
            "PORTAL_FOLDER": str(self.folder),
            "PORTAL_DATABASE_URL": self.database_url,
            "PORTAL_MQTT_URL": f"mqtt://127.0.0.1:{self.broker.port}",
            "PORTAL_MQTT_PREFIX": "alliance/meters",
        }

    def start(self, name: str = "mqtt") -> subprocess.Popen[bytes]:
        return start_subscriber(self.environ, self.folder / f"{name}.log")

    def running(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return portal_mqtt(self.environ, self.folder / "mqtt.log")

    @property
    def log(self) -> str:
        file = self.folder / "mqtt.log"
        return file.read_text() if file.exists() else ""

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        ends_at = time.monotonic() + WAIT_SECONDS
        while not is_so():
            assert time.monotonic() < ends_at, self.log[-3000:]
            time.sleep(0.05)


def reading(number: int) -> dict[str, object]:
    moment = START + timedelta(minutes=number)
    return {"ts": moment.isoformat(), "value": 1000 + number, "unit": "kWh"}


@pytest.fixture
def stand(database: Database, database_url: str, tmp_path: Path) -> Iterator[Stand]:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2026,))
        member = a_member(session, alliance, "M0001", sector="packaging")
        work = work_of(session, an_account(session, Role.REPORTER, member))
        site = a_site(session, member, "S1")
        a_meter(work, member, site, "E1", starts_on=date(2026, 1, 1), serial="SN-1")
        work.commit()
    with a_broker(tmp_path / "broker") as broker:
        yield Stand(database, database_url, broker, tmp_path)


def test_published_readings_are_kept_and_bad_ones_shown_to_the_supplier(stand: Stand) -> None:
    with stand.running() as process:
        stand.broker.publish(
            [
                (TOPIC, reading(1)),
                (TOPIC, [reading(2), reading(3)]),
                ("alliance/meters/M0001/SN-1/readings", reading(4)),
                (TOPIC, reading(1)),
                (TOPIC, {**reading(5), "value": -5}),
                (TOPIC, b"secret-of-a-device"),
                ("alliance/meters/M9999/E1/readings", reading(6)),
                (TOPIC, {**reading(1), "value": 7}),
                (TOPIC, reading(8)),
            ]
        )
        stand.wait_for(lambda: stand.count(MeterReading) == 5 and stand.count(MeterTrouble) == 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_SECONDS) == 0
    assert "mqtt.stopped" in stand.log
    assert "secret-of-a-device" not in stand.log
    with stand.database.reading() as session:
        codes = {
            each["code"] for row in session.scalars(select(MeterTrouble)) for each in row.problems
        }
        assert codes == {"number.negative", "reading.message.not_json", "reading.conflict"}
        kinds = session.scalars(
            select(LedgerEntry.detail).where(LedgerEntry.kind == "readings.recorded")
        )
        assert sum(detail["count"] for detail in kinds) == 5


def test_every_acknowledged_reading_is_there_once_though_the_subscriber_is_killed(
    stand: Stand,
) -> None:
    with stand.running():
        pass  # from now on the broker keeps what comes while nobody is there
    published = 0
    for turn in range(4):
        first = turn * 100
        with stand.running():
            published += stand.broker.publish((TOPIC, reading(first + n)) for n in range(100))
            # In the middle of the work: some of it is committed, some acknowledged, some neither.
            stand.wait_for(lambda before=first: stand.count(MeterReading) > before)
    with stand.running():
        stand.wait_for(lambda: stand.count(MeterReading) == published == 400)
        time.sleep(1)
    assert stand.count(MeterReading) == 400
    assert stand.count(MeterTrouble) == 0


def test_subscriber_comes_back_after_the_broker_was_away(stand: Stand) -> None:
    with stand.running() as process:
        stand.broker.stop()
        stand.wait_for(lambda: "mqtt.lost" in stand.log)
        stand.broker.start()
        stand.wait_for(lambda: stand.log.count("mqtt.connected") == 2)
        stand.broker.publish([(TOPIC, reading(1))])
        stand.wait_for(lambda: stand.count(MeterReading) == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_SECONDS) == 0


def an_inbox(stand: Stand) -> Inbox:
    return Inbox(stand.database, "alliance/meters", lambda: START + timedelta(days=30))


def arrived(number: int, said: object, *, topic: str = TOPIC, qos: int = 1) -> Arrived:
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Arrived(topic, payload, number, qos)


def codes(stand: Stand) -> set[str]:
    with stand.database.reading() as session:
        rows = session.scalars(select(MeterTrouble))
        return {each["code"] for row in rows for each in row.problems}


@pytest.mark.parametrize("stumbling", ["record_readings", "read_message"])
def test_message_that_our_code_stumbles_over_is_told_and_the_others_kept(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, stumbling: str
) -> None:
    working = getattr(mqtt_inbox, stumbling)

    def planted(*given, **more):  # type: ignore[no-untyped-def]  # whatever it takes
        if "1002" in str(given):
            raise RuntimeError("planted")
        return working(*given, **more)

    monkeypatch.setattr(mqtt_inbox, stumbling, planted)
    an_inbox(stand).keep([arrived(n, reading(n)) for n in (1, 2, 3)])
    assert (stand.count(MeterReading), codes(stand)) == (2, {"reading.message.failed"})


def test_bad_message_of_one_member_leaves_those_of_others_together(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand.database.writing() as session:
        alliance = session.scalars(select(Alliance)).one()
        other = a_member(session, alliance, "M0002", sector="packaging")
        work = work_of(session, an_account(session, Role.REPORTER, other))
        a_meter(work, other, a_site(session, other, "S1"), "E1", starts_on=START.date())
        work.commit()
    alone: list[str] = []
    keep_alone = Inbox._keep_alone
    monkeypatch.setattr(
        Inbox,
        "_keep_alone",
        lambda inbox, letter: (alone.append(letter.member), keep_alone(inbox, letter)),
    )
    good = [arrived(n, reading(n), topic=TOPIC.replace("M0001", "M0002")) for n in range(1, 11)]
    an_inbox(stand).keep([*good, arrived(11, reading(1)), arrived(12, b"{}")])
    assert stand.count(MeterReading) == 11
    assert stand.count(MeterTrouble) == 1
    assert alone == ["M0001", "M0001"]


def test_fault_in_telling_a_fault_holds_up_nobody(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def planted(*_given: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(mqtt_inbox, "note_trouble", planted)
    an_inbox(stand).keep([arrived(1, b"{"), arrived(2, reading(2))])
    assert (stand.count(MeterReading), stand.count(MeterTrouble)) == (1, 0)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"value":1e9999999999999999999}', "reading.message.not_json"),
        (b'{"\\ud800":1}', "reading.message.not_json"),
        (b'{"\\u0000":1}', "reading.field.unknown"),
        (b"[" + b"{}," * 10_000 + b"{}]", "reading.too_many"),
    ],
)
def test_message_made_to_harm_is_told_to_its_supplier(
    stand: Stand, payload: bytes, code: str
) -> None:
    an_inbox(stand).keep([arrived(1, reading(1)), arrived(2, payload)])
    assert stand.count(MeterReading) == 1
    assert code in codes(stand)
    assert "reading.message.failed" not in codes(stand)


def test_messages_of_qos_0_are_all_kept_though_none_has_a_number(stand: Stand) -> None:
    other = another_member(stand, "M0002")
    an_inbox(stand).keep(
        [
            arrived(0, reading(1), qos=0),
            arrived(0, reading(1), topic=other, qos=0),
            arrived(0, reading(2), qos=0),
        ]
    )
    assert stand.count(MeterReading) == 3


def test_readings_of_a_member_that_has_left_are_not_taken(stand: Stand) -> None:
    other = another_member(stand, "M0002", status=Status.LEFT)
    an_inbox(stand).keep([arrived(1, reading(1)), arrived(2, reading(2), topic=other)])
    assert (stand.count(MeterReading), stand.count(MeterTrouble)) == (1, 0)


def another_member(stand: Stand, code: str, status: Status = Status.ACTIVE) -> str:
    """The topic of another member's meter."""
    with stand.database.writing() as session:
        alliance = session.scalars(select(Alliance)).one()
        member = a_member(session, alliance, code, sector="packaging")
        work = work_of(session, an_account(session, Role.REPORTER, member))
        a_meter(work, member, a_site(session, member, "S1"), "E1", starts_on=START.date())
        member.status = status.value
        work.commit()
    return f"alliance/meters/{code}/E1/readings"


@dataclass
class Wire:
    """Stands for a client that has messages at hand, one for each turn of its loop."""

    messages: list[MQTTMessage]
    subscriber: Subscriber
    acknowledged: list[int] = field(default_factory=list)

    def loop(self, _seconds: float) -> int:
        if self.messages:
            self.subscriber._on_message(cast(Any, self), None, self.messages.pop(0))
        return 0

    def ack(self, mid: int, _qos: int) -> None:
        self.acknowledged.append(mid)


def a_wire(stand: Stand, messages: list[tuple[bytes, bytes]]) -> Wire:
    made = [MQTTMessage(number, topic) for number, (topic, _) in enumerate(messages, 1)]
    for message, (_, payload) in zip(made, messages, strict=True):
        message.payload, message.qos = payload, 1
    broker = MqttBroker("127.0.0.1", 1883, is_tls=False)
    return Wire(made, Subscriber(broker, an_inbox(stand), "portal"))


def test_topic_that_is_no_text_is_acknowledged_and_forgotten(stand: Stand) -> None:
    said = json.dumps(reading(1)).encode()
    wire = a_wire(stand, [(b"alliance/meters/\xff/E1/readings", said), (TOPIC.encode(), said)])
    for _ in range(3):
        wire.subscriber._take(cast(Any, wire))
    assert (wire.acknowledged, stand.count(MeterReading)) == ([1, 2], 1)


def test_large_messages_are_kept_a_few_at_a_time(stand: Stand) -> None:
    wire = a_wire(stand, [(b"elsewhere", b" " * 1024 * 1024)] * 6)
    for _ in range(4):
        wire.subscriber._take(cast(Any, wire))
    assert wire.acknowledged == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "wrong",
    [
        {"PORTAL_MQTT_URL": "mqtt://broker.example.com:1883"},
        {"PORTAL_MQTT_URL": "http://127.0.0.1"},
        {"PORTAL_MQTT_URL": "mqtts://broker.example.com", "PORTAL_MQTT_PREFIX": "a/#"},
    ],
)
def test_setting_refused_when_passwords_would_travel_openly_or_the_topic_is_none(
    wrong: dict[str, str],
) -> None:
    with pytest.raises(SettingsError, match="PORTAL_MQTT"):
        Settings.from_environment({"PORTAL_DEMO": "1", **wrong})


def test_password_of_the_broker_stays_out_of_sight() -> None:
    url = "mqtts://portal:geheim%2F1@broker.example.com"
    settings = Settings.from_environment({"PORTAL_DEMO": "1", "PORTAL_MQTT_URL": url})
    assert settings.mqtt is not None
    assert (settings.mqtt.port, settings.mqtt.password) == (8883, "geheim/1")
    assert "geheim" not in repr(settings)
