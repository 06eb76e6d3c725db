"""The corpus of bad inputs, sent through the API: bodies as they are, and the value of each field in a line's column."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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
from tests.badinputs import (
    ACCEPTED,
    COLUMN_OF,
    FIELDS,
    PRODUCT,
    Came,
    Case,
    cases_of,
    columns_of,
    differences,
    value_of,
)
from tests.corpus import CORPUS
from tests.factories.meters import a_meter
from tests.factories.suppliers import a_member, a_site, actor_of, an_account, an_alliance
from tests.programs import JSON, Program, give_token, program

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus is not beside this checkout"
)
READINGS = "/v1/readings"
OUTPUTS = "/v1/inventories/2025/outputs"


@dataclass
class House:
    database: Database
    program: Program
    channels = frozenset({"json", "api"})

    def tries(self, field: str, cases: Sequence[Case]) -> Iterator[Came]:
        """Send the cases one after the other."""
        for case in cases:
            self.empty()
            yield self._product(case) if field == "text_short" else self._line(case)

    def _line(self, case: Case) -> Came:
        line = dict(case.line)
        if case.field == "percent":
            line["parameters"] = {"nitrogen_percent": line.pop(COLUMN_OF["percent"])}
        path = f"/v1/inventories/{case.year}/lines"
        answer = self.program.post(path, {"lines": [line]}, Content_Language=case.language)
        pointers = {f"/lines/0/{name.replace('.', '/')}" for name in columns_of(case)}
        return came(answer, case.kept(self.line()), pointers)

    def _product(self, case: Case) -> Came:
        answer = self.program.post(OUTPUTS, {**PRODUCT, "product": case.value})
        with self.database.reading() as session:
            stored = session.scalars(select(Output.product)).one_or_none()
        if stored is not None and answer.get_json()["product"] != stored:
            return Came(answer.status_code, is_taken=False, stored=stored)
        return came(answer, stored, {"/product"})

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


def came(answer: TestResponse, stored: object, pointers: Set[str]) -> Came:
    """What an answer is to a program that looks for what is said of its own field."""
    status, is_taken = answer.status_code, answer.status_code == 201
    if is_taken:
        return Came(status, is_taken, stored)
    if status not in (400, 413, 422) or answer.content_type != "application/problem+json":
        return Came(status, is_taken, stored, complaint=f"of another class: {answer.content_type}")
    if status != 422:
        # A body of another shape than the document says, or one that is too long.
        return Came(status, is_taken, stored)
    told = [each for each in answer.get_json()["problems"] if each["pointer"] in pointers]
    is_said = bool(told) and all(each["message"] for each in told)
    return Came(
        status,
        is_taken,
        stored,
        asks=bool(told) and bool(told[0]["readings"]),
        codes=frozenset(each["code"] for each in told),
        complaint="" if is_said else f"nothing is said of {pointers}: {answer.text[:300]}",
    )


@pytest.mark.parametrize("field", FIELDS)
def test_cases_through_the_api(house: House, field: str) -> None:
    assert differences(house, field) == []


def wrong(found: Iterator[str | None]) -> list[str]:
    return [each for each in found if each is not None]


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
        for case in cases_of("timestamp", metered.channels):
            reading = {"meter": "M1", "ts": case.value, "value": 1, "unit": "kWh"}
            answer = metered.program.post(READINGS, {"readings": [reading]})
            found = came(answer, None, {"/readings/0/ts"})
            if (
                found.is_taken != (case.expect in ACCEPTED)
                or found.complaint
                or readings_of(metered)
            ):
                yield f"{case.id}: {found}"

    assert wrong(sent()) == []
