"""The corpus of bad inputs, sent through the API: bodies as they are, and the value of each field in a line's column."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from portal.domain.actors import Role
from portal.store.base import Database
from portal.store.inventories import Output
from portal.store.lines import ActivityLine
from portal.store.tokens import KeptAnswer
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance
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
# Bodies speak of readings of meters; until those have an address they are sent as lines, with these columns.
COLUMN_OF = {"value": "quantity", "unit": "unit", "meter": "note", "ts": "period"}


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


def test_bodies(house: House) -> None:
    """The forms of bodies that no reader may be given; what they say of meters is said of a line's columns."""

    def sent() -> Iterator[str | None]:
        for text in (CORPUS / "cases.jsonl").read_text(encoding="ascii").splitlines():
            raw = json.loads(text)
            if raw["field"] != "json_body" or raw["expect"] not in (
                "reject_request",
                "reject_field",
            ):
                continue
            if raw["why"] == "future":
                continue  # a moment of a reading; a line's period may lie ahead within its year
            house.empty()
            body = (
                as_line(base64.b64decode(raw["input_b64"]))
                if "input_b64" in raw
                else value_of(raw).encode()
            )
            answer = house.program.ask(
                "POST", "/v1/inventories/2025/lines", data=body, content_type=JSON
            )
            kept = house.line()
            if not 400 <= answer.status_code < 500 or kept is not None:
                yield f"{raw['id']} ({raw['why']}): {answer.status_code} {answer.text[:200]}"

    assert wrong(sent()) == []


def as_line(body: bytes) -> bytes:
    """The same body with a line's columns, in the list that lines come in."""
    mark = b"\xef\xbb\xbf" if body.startswith(b"\xef\xbb\xbf") else b""
    bare = body.removeprefix(mark)
    if not bare.startswith(b"{"):
        return body
    for name, column in COLUMN_OF.items():
        bare = bare.replace(f'"{name}":'.encode(), f'"{column}":'.encode())
    bare = bare.replace(b"2025-03-07T10:00:00Z", b"2025-03")
    rest = b'"category":"electricity.grid","site":"S1",'
    return mark + b'{"lines":[{' + rest + bare[1:] + b"]}"


def test_whole_body_of_the_corpus_is_taken_with_exact_numbers(house: House) -> None:
    for text in (CORPUS / "cases.jsonl").read_text(encoding="ascii").splitlines():
        raw = json.loads(text)
        if raw["field"] == "json_body" and raw["expect"].startswith("accept"):
            house.empty()
            body = as_line(base64.b64decode(raw["input_b64"]))
            answer = house.program.ask(
                "POST", "/v1/inventories/2025/lines", data=body, content_type=JSON
            )
            assert answer.status_code == 201, (raw["id"], answer.text)
            sent = json.loads(base64.b64decode(raw["input_b64"]), parse_float=Decimal)["value"]
            assert answer.get_json()["lines"][0]["values"]["quantity"] == str(sent)
