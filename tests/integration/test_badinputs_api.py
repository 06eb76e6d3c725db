"""The corpus of bad inputs, sent through the API: bodies as they are, and the value of each field in a line's column."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from portal.domain.actors import Role
from portal.http import clock
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.inventories import Output
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from portal.store.meters import MeterReading
from portal.store.tokens import KeptAnswer
from tests.factories.meters import a_meter
from tests.factories.suppliers import a_member, a_site, actor_of, an_account, an_alliance
from tests.programs import JSON, Program, give_token, program

CORPUS = Path(__file__).parents[2] / "../shared/badinputs"
pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus is not beside this checkout"
)
ACCEPTED = {"accept", "accept_normalized", "accept_flagged", "accept_inert"}
LINE = {"category": "electricity.grid", "quantity": "1", "unit": "kWh", "site": "S1"}
CATEGORY_OF_UNIT = {
    "kg": "soils.urea", "t": "soils.urea", "m³": "water.supply", "µg": "soils.urea", "GJ": "heat.steam",
    "tce": "stationary.anthracite", "bbl": "stationary.diesel", "ton": "soils.urea", "斤": "soils.urea",
    "Nm3": "stationary.natural_gas", "gal": "stationary.diesel", "CNY": "soils.urea",
}  # fmt: skip
READINGS = "/v1/readings"


@dataclass(frozen=True)
class Case:
    """One case, with the value that JSON carries."""

    id: str
    locale: str
    expect: str
    value: Any
    stored: str | None


def cases(field: str) -> list[Case]:
    found = []
    for text in (CORPUS / "cases.jsonl").read_text(encoding="ascii").splitlines():
        raw = json.loads(text)
        if raw["field"] == field and {"json", "api"} & set(raw["channel"]):
            found.append(
                Case(raw["id"], raw["locale"], raw["expect"], value_of(raw), raw.get("stored"))
            )
    assert found, field
    return found


def value_of(raw: dict[str, Any]) -> Any:
    if "input_b64" in raw:
        return base64.b64decode(raw["input_b64"]).decode("utf-8", "surrogateescape")
    recipe = raw.get("recipe")
    if recipe is None:
        return raw.get("input")
    if "repeat" in recipe:
        return str(recipe["repeat"]) * int(recipe["count"])
    return (
        str(recipe["prefix"]) * int(recipe["count"])
        + str(recipe["middle"])
        + str(recipe["suffix"]) * int(recipe["count"])
    )


@dataclass
class House:
    database: Database
    program: Program

    def send(self, case: Case, year: int = 2025, **changes: Any) -> TestResponse:
        line = {**LINE, "period": f"{year}-03", **changes}
        language = case.locale if case.locale in ("de", "zh") else "en"
        return self.program.post(
            f"/v1/inventories/{year}/lines", {"lines": [line]}, Content_Language=language
        )

    def line(self) -> ActivityLine | None:
        with self.database.reading() as session:
            return session.scalars(select(ActivityLine)).one_or_none()

    def empty(self) -> None:
        with self.database.writing() as session:
            for table in (ActivityLine, Output, KeptAnswer):
                session.execute(delete(table))
            session.commit()


@pytest.fixture
def house(app: Flask, database: Database) -> House:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025, 2026))
        member = a_member(session, alliance, "M001", sector="packaging")
        a_site(session, member, "S1")
        account = an_account(session, Role.REPORTER, member)
        session.commit()
    made = House(database, program(app, give_token(database, account)))
    for year in (2025, 2026):
        assert made.program.ask("PUT", f"/v1/inventories/{year}").status_code == 200
    return made


def mismatch(case: Case, answer: TestResponse, stored: object, pointer: str) -> str | None:
    """What is wrong with an answer, or None."""
    where = f"{case.id} ({case.expect}, {str(case.value)[:30]!r}) {answer.status_code}"
    if answer.status_code >= 500:
        return where
    if case.expect in ACCEPTED:
        wanted = case.value if case.stored is None else case.stored
        if answer.status_code != 201:
            return f"{where}: {answer.text[:200]}"
        return None if same(stored, wanted) else f"{where}: stored {stored!r}, not {wanted!r}"
    if answer.status_code not in (400, 413, 422) or stored is not None:
        return f"{where}: stored {stored!r}"
    if answer.content_type != "application/problem+json":
        return f"{where}: {answer.content_type}"
    if answer.status_code != 422:
        return None
    told = [each for each in answer.get_json()["problems"] if each["pointer"] == pointer]
    if not told or not all(each["message"] for each in told):
        return f"{where}: nothing is said of {pointer}: {answer.text[:300]}"
    if case.expect == "ask" and not told[0]["readings"]:
        return f"{where}: no readings to choose from"
    return None


def same(stored: object, wanted: Any) -> bool:
    if isinstance(stored, Decimal):
        return stored == Decimal(wanted) and not (stored.is_zero() and stored.is_signed())
    return stored == unicodedata.normalize("NFC", wanted)


def wrong(found: Iterator[str | None]) -> list[str]:
    return [each for each in found if each is not None]


def test_numbers(house: House) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("number"):
            house.empty()
            answer = house.send(case, quantity=case.value)
            line = house.line()
            yield mismatch(case, answer, line and line.quantity, "/lines/0/quantity")

    assert wrong(sent()) == []


def test_units(house: House) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("unit"):
            house.empty()
            wanted = case.stored or case.value
            category = CATEGORY_OF_UNIT.get(
                case.value, CATEGORY_OF_UNIT.get(wanted, "electricity.grid")
            )
            answer = house.send(case, unit=case.value, category=category)
            line = house.line()
            yield mismatch(case, answer, line and line.unit, "/lines/0/unit")

    assert wrong(sent()) == []


def test_periods(house: House) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("period"):
            house.empty()
            year = 2026 if case.value.startswith("2026") else 2025
            answer = house.send(case, year, period=case.value)
            yield mismatch(case, answer, days_of(house.line()), "/lines/0/period")

    assert wrong(sent()) == []


def days_of(line: ActivityLine | None) -> str | None:
    if line is None or line.start_on is None or line.end_on is None:
        return None
    return f"{line.start_on.isoformat()}/{(line.end_on - timedelta(days=1)).isoformat()}"


def test_days(house: House) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("date"):
            house.empty()
            answer = house.send(case, period=None, start=case.value, end="2025-12-31")
            line = house.line()
            stored = line.start_on.isoformat() if line is not None and line.start_on else None
            yield period_mismatch(case, answer, stored)

    assert wrong(sent()) == []


def period_mismatch(case: Case, answer: TestResponse, stored: object) -> str | None:
    """A first day that can't be read is said of the first day, one behind the last of the period."""
    found = mismatch(case, answer, stored, "/lines/0/start")
    if found is None:
        return None
    return mismatch(case, answer, stored, "/lines/0/period")


def test_percentages(house: House) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("percent"):
            house.empty()
            answer = house.send(
                case,
                category="soils.fertiliser",
                unit="t",
                parameters={"nitrogen_percent": case.value},
            )
            line = house.line()
            stored = None if line is None else (line.parameters or {}).get("nitrogen_percent")
            yield mismatch(case, answer, stored, "/lines/0/parameters/nitrogen_percent")

    assert wrong(sent()) == []


def test_short_texts(house: House) -> None:
    def sent() -> Iterator[str | None]:
        path = "/v1/inventories/2025/outputs"
        for case in cases("text_short"):
            house.empty()
            body = {"product": case.value, "quantity": "1", "unit": "t"}
            answer = house.program.post(path, body)
            with house.database.reading() as session:
                stored = session.scalars(select(Output.product)).one_or_none()
            yield mismatch(case, answer, stored, "/product")
            if stored is not None and answer.get_json()["product"] != stored:
                yield f"{case.id}: answered {answer.get_json()['product']!r}"

    assert wrong(sent()) == []


def test_long_texts(house: House) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("text_long"):
            house.empty()
            answer = house.send(case, note=case.value)
            line = house.line()
            wanted = (case.stored or case.value).replace("\r\n", "\n").strip().lstrip("\ufeff")
            changed = Case(case.id, case.locale, case.expect, case.value, wanted)
            yield mismatch(changed, answer, line and line.note, "/lines/0/note")

    assert wrong(sent()) == []


@pytest.fixture
def metered(house: House) -> House:
    """The same house with the meter that the corpus speaks of."""
    with house.database.writing() as session:
        member = session.scalars(select(Member)).one()
        site = session.scalars(select(Site)).one()
        account = session.scalars(select(Account)).one()
        work = Work(session, actor_of(account), clock.now(), str(account.uid), "")
        a_meter(work, member, site, "M1", starts_on=date(2025, 1, 1))
        session.commit()
    return house


def readings_of(house: House) -> list[Decimal]:
    with house.database.reading() as session:
        return list(session.scalars(select(MeterReading.value).order_by(MeterReading.moment)))


def raw_cases(field: str) -> Iterator[dict[str, Any]]:
    for text in (CORPUS / "cases.jsonl").read_text(encoding="ascii").splitlines():
        raw = json.loads(text)
        if raw["field"] == field:
            yield raw


def in_batch(body: bytes) -> bytes:
    """The same reading in the list that readings come in; what is no object stays as it is."""
    mark = b"\xef\xbb\xbf" if body.startswith(b"\xef\xbb\xbf") else b""
    bare = body.removeprefix(mark)
    return mark + b'{"readings":[' + bare + b"]}" if bare.startswith(b"{") else body


def test_bodies_that_nobody_may_send_are_refused(metered: House) -> None:
    def sent() -> Iterator[str | None]:
        for raw in raw_cases("json_body"):
            if raw["expect"] not in ("reject_request", "reject_field"):
                continue
            is_whole = "input_b64" in raw
            body = in_batch(base64.b64decode(raw["input_b64"])) if is_whole else b""
            body = body or value_of(raw).encode()
            answer = metered.program.ask("POST", READINGS, data=body, content_type=JSON)
            kept = readings_of(metered)
            if not 400 <= answer.status_code < 500 or kept:
                yield f"{raw['id']} ({raw['why']}): {answer.status_code} {answer.text[:200]}"

    assert wrong(sent()) == []


def test_body_of_the_corpus_is_taken_with_exact_numbers(metered: House) -> None:
    taken = [raw for raw in raw_cases("json_body") if raw["expect"].startswith("accept")]
    assert taken
    for day, raw in enumerate(taken, start=1):
        body = base64.b64decode(raw["input_b64"]).replace(b"03-07T", f"03-{day:02d}T".encode())
        answer = metered.program.ask("POST", READINGS, data=in_batch(body), content_type=JSON)
        assert answer.status_code == 201, (raw["id"], answer.text)
        exact = json.loads(body, parse_float=Decimal)["value"]
        assert readings_of(metered)[-1] == Decimal(exact)
        if raw["expect"] == "accept_flagged":
            assert answer.get_json()["flags"], raw["id"]


def test_batches_are_kept_whole_or_not_at_all(metered: House) -> None:
    (raw,) = [raw for raw in raw_cases("json_body") if raw["expect"] == "partial_report"]
    recipe = raw["recipe"]
    rows = [json.loads(recipe["batch"]) for _ in range(recipe["count"])]
    for minute, row in enumerate(rows):
        row["ts"] = f"2025-03-07T{10 + minute // 60}:{minute % 60:02d}:00Z"
    bad = recipe["bad_row"]
    rows[bad]["value"] = -1
    refused = metered.program.post(READINGS, {"readings": rows})
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.get_json()["problems"]] == [
        f"/readings/{bad}/value"
    ]
    assert readings_of(metered) == []
    rows[bad]["value"] = 12.5
    assert metered.program.post(READINGS, {"readings": rows}).get_json()["kept"] == len(rows)
    again = metered.program.post(READINGS, {"readings": rows}).get_json()
    assert (again["kept"], again["repeated"]) == (0, len(rows))


def test_key_of_a_batch_answers_another_batch_with_conflict(metered: House) -> None:
    (raw,) = [raw for raw in raw_cases("json_body") if raw["expect"] == "conflict"]
    first = json.loads(raw["recipe"]["batch"])
    for value, status in ((first["value"], 201), (first["value"], 201), (99, 409)):
        body = {"readings": [{**first, "value": value}]}
        answer = metered.program.post(READINGS, body, Idempotency_Key="batch-1")
        assert answer.status_code == status
    assert readings_of(metered) == [Decimal(str(first["value"]))]


def test_moments(metered: House) -> None:
    def sent() -> Iterator[str | None]:
        for case in cases("timestamp"):
            reading = {"meter": "M1", "ts": case.value, "value": 1, "unit": "kWh"}
            answer = metered.program.post(READINGS, {"readings": [reading]})
            kept = readings_of(metered)
            yield mismatch(case, answer, kept[-1] if kept else None, "/readings/0/ts")

    assert wrong(sent()) == []
