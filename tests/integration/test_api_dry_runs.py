"""A dry run is answered exactly what the run is answered, whatever becomes of it, and leaves no trace: every operation that may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.api import door
from portal.domain.actors import Role
from portal.http import clock
from portal.store import tables
from portal.store.base import Database
from portal.store.evidence import Evidence
from tests.factories.suppliers import an_account, an_alliance
from tests.factories.things import RETURNED_YEAR, SUBMITTED_YEAR, YEARS, Shelf, nothing
from tests.factories.years import a_year
from tests.populated import table_hashes
from tests.programs import Program, give_token, program

DECLARED = {declared.name: declared for declared, _view in door.routes().values()}
MAY_RUN_DRY = {name for name, declared in DECLARED.items() if declared.may_run_dry}
COUNTED = {
    "attempts",
    "api_token",
}  # what letting a program in writes, before anything is asked for
OPEN, CLOSED = f"/v1/inventories/{RETURNED_YEAR}", f"/v1/inventories/{SUBMITTED_YEAR}"
LINE = {"category": "electricity.grid", "quantity": "1250.5", "unit": "kWh", "site": "S1", "period": f"{RETURNED_YEAR}-03"}  # fmt: skip
OUTPUT = {"product": "Milk", "quantity": "10", "unit": "t"}
ACTION = {"name": "LED lamps", "site": "S1", "area": "production", "category": "electricity.grid", "ledger": "inventory", "method": "stated", "stated_t": 4.5, "how": "Counted lamps", "start": "2025-07-01", "lifetime_years": 8, "owner_name": "Han Mei", "owner_post": "Energy manager", "status": "planned"}  # fmt: skip
READING = {"meter": "E1", "ts": f"{RETURNED_YEAR}-03-01T00:00:00+08:00", "value": 48210, "unit": "kWh"}  # fmt: skip
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST = re.compile(r"\b[0-9a-f]{32,64}\b")


@dataclass(frozen=True)
class Try:
    """One request of an operation, and what both of its runs are answered."""

    route: str
    status: int
    send: Callable[..., TestResponse]
    path: str
    body: Any = None
    match: str | None = None


@dataclass(frozen=True)
class World:
    """A member with one of each thing, and another one that has begun nothing but a complete year."""

    own: Program
    other: Program
    things: Shelf
    loose: str


@pytest.fixture
def world(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    with database.writing() as session:
        alliance = an_alliance(session, years=YEARS)
        shelf, second = Shelf(session, alliance), Shelf(session, alliance)
        a_year(second._as_supplier(), second.member, second.site, RETURNED_YEAR)
        for needed in ("line", "output", "action", "evidence", "meter", "frozen_line"):
            assert getattr(shelf, needed)
        loose = Evidence(
            uid=uuid4(), member_id=shelf.member.id, sha256="0" * 64, size=5, media_type="text/csv",
            name="loose.csv", flags=[], uploaded_by=shelf.person.id,
            uploaded_at=now + timedelta(seconds=1),
        )  # fmt: skip
        session.add(loose)
        people = [an_account(session, Role.SIGNATORY, each.member) for each in (shelf, second)]
        session.commit()
    own, other = (program(app, give_token(database, account)) for account in people)
    return World(own, other, shelf, str(loose.uid))


def tries(world: World) -> Iterator[Try]:
    """Requests of every operation in an order in which each finds what it needs; what is answered stands beside."""
    yield from _tries_of_lines(world)
    yield from _tries_of_outputs(world)
    yield from _tries_of_evidence(world)
    yield from _tries_of_actions(world)
    yield from _tries_of_readings(world)
    yield from _tries_of_years(world)


def _tries_of_lines(world: World) -> Iterator[Try]:
    line, frozen = world.things.line, world.things.frozen_line
    add, lines = partial(Try, "lines_added", send=world.own.ask), f"{OPEN}/lines"
    yield add(201, path=lines, body={"lines": [LINE, LINE]})
    yield add(
        201, path=lines, body={"lines": [{**LINE, "unit": "bushel"}], "keep_unfinished": True}
    )
    yield add(422, path=lines, body={"lines": [LINE, {**LINE, "unit": "bushel"}]})
    yield add(422, path=lines, body={"lines": [{**LINE, "quantity": "12万"}]})
    yield add(422, path=lines, body={"lines": [{}]})
    yield add(422, path=lines, body={"lines": LINE})
    yield add(409, path=f"{CLOSED}/lines", body={"lines": [LINE]})
    yield add(404, path="/v1/inventories/2019/lines", body={"lines": [LINE]})
    for route, body in (("lines_changed", {"note": "Meter 4"}), ("lines_removed", None)):
        act = partial(Try, route, send=world.own.ask, body=body)
        one = f"{lines}/{line.key}"
        yield act(428, path=one)
        yield act(412, path=one, match='"v99"')
        yield act(404, path=f"{lines}/{nothing()}", match="*")
        yield act(409, path=f"{CLOSED}/lines/{frozen.key}", match="*")
        if body is not None:
            yield Try(route, 422, world.own.ask, one, {"unit": "bushel"}, "*")
        yield act(204 if body is None else 200, path=one, match="*")


def _tries_of_outputs(world: World) -> Iterator[Try]:
    add, outputs = partial(Try, "outputs_added", send=world.own.ask), f"{OPEN}/outputs"
    yield add(201, path=outputs, body=OUTPUT)
    yield add(422, path=outputs, body={**OUTPUT, "quantity": "much"})
    yield add(409, path=f"{CLOSED}/outputs", body=OUTPUT)
    for route, body in (
        ("outputs_changed", OUTPUT | {"product": "Cream"}),
        ("outputs_removed", None),
    ):
        act = partial(Try, route, send=world.own.ask, body=body)
        one = f"{outputs}/{world.things.output.uid}"
        yield act(428, path=one)
        yield act(412, path=one, match='"stale"')
        yield act(404, path=f"{outputs}/{nothing()}", match="*")
        yield act(404, path=f"{CLOSED}/outputs/{world.things.output.uid}", match="*")
        if body is not None:
            yield Try(route, 422, world.own.ask, one, {**OUTPUT, "unit": "kWh/x"}, "*")
        yield act(204 if body is None else 200, path=one, match="*")


def _tries_of_evidence(world: World) -> Iterator[Try]:
    def send(method: str, path: str, body: bytes, **headers: str) -> TestResponse:
        sent: dict[str, Any] = {"data": body, "content_type": "application/octet-stream"}
        return world.own.ask(method, path, **sent, **headers)

    upload = partial(Try, "evidence_uploaded", send=send)
    for name in ("bill.csv", "again.csv"):
        yield upload(201, path=f"/v1/evidence?name={name}", body=b"month,kWh\n2025-03,1250.5\n")
    yield upload(422, path="/v1/evidence?name=bill.pdf", body=b"MZ")
    yield upload(400, path="/v1/evidence", body=b"a,b\n")
    extra = world.own.get(f"{OPEN}/lines").get_json()["items"][-1]["key"]
    for route, status in (("evidence_linked", 204), ("evidence_unlinked", 204)):
        act = partial(Try, route, send=world.own.ask)
        file = world.things.evidence.uid
        yield act(status, path=f"{OPEN}/lines/{extra}/evidence/{file}")
        yield act(404, path=f"{OPEN}/lines/{extra}/evidence/{nothing()}")
        yield act(404, path=f"{OPEN}/lines/{nothing()}/evidence/{file}")
        yield act(409, path=f"{CLOSED}/lines/{world.things.frozen_line.key}/evidence/{file}")
    remove = partial(Try, "evidence_removed", send=world.own.ask)
    yield remove(404, path=f"/v1/evidence/{nothing()}")
    yield remove(409, path=f"/v1/evidence/{world.things.evidence.uid}")
    yield remove(204, path=f"/v1/evidence/{world.loose}")


def _tries_of_actions(world: World) -> Iterator[Try]:
    actions, one = "/v1/actions", f"/v1/actions/{world.things.action.uid}"
    add = partial(Try, "actions_added", path=actions)
    yield add(201, send=world.own.ask, body=ACTION)
    yield add(422, send=world.own.ask, body={**ACTION, "lifetime_years": "long"})
    yield add(409, send=world.other.ask, body=ACTION)
    for route, body in (("actions_changed", ACTION), ("actions_removed", None)):
        act = partial(Try, route, send=world.own.ask, body=body)
        yield act(428, path=one)
        yield act(412, path=one, match='"v99"')
        yield act(404, path=f"{actions}/{nothing()}", match="*")
        if body is not None:
            yield Try(route, 422, world.own.ask, one, {**ACTION, "status": "stopped"}, "*")
        yield act(204 if body is None else 200, path=one, match="*")


def _tries_of_readings(world: World) -> Iterator[Try]:
    take = partial(Try, "meters_taken", send=world.own.ask, path="/v1/readings")
    yield take(201, body={"readings": [READING]})
    yield take(201, body={"readings": [READING]})
    yield take(422, body={"readings": [{**READING, "value": 1}]})
    yield take(422, body={"readings": [{**READING, "meter": "none"}]})


def _tries_of_years(world: World) -> Iterator[Try]:
    begin = partial(Try, "inventories_opened", send=world.other.ask)
    yield begin(200, path=f"/v1/inventories/{YEARS[0]}")
    yield begin(200, path=f"/v1/inventories/{YEARS[0]}")
    yield begin(404, path="/v1/inventories/2019")
    hand_in, path = partial(Try, "inventories_handed_in"), f"{OPEN}/submissions"
    yield hand_in(422, send=world.own.ask, path=path, body={"declared": True, "mark": "x"})
    yield hand_in(409, send=world.other.ask, path=path, body={"declared": True, "mark": "x"})
    mark = world.other.get(f"{OPEN}/check").get_json()["mark"]
    for status in (201, 409):
        body = {"declared": True, "mark": mark}
        yield hand_in(status, send=world.other.ask, path=path, body=body)


def told(answer: TestResponse, address: str) -> dict[str, Any]:
    """What an answer says, without what is new in each: the number of the request, and ids of what it makes."""

    def known(found: re.Match[str]) -> str:
        return found[0] if found[0] in address else "new"

    text = _UUID.sub(known, answer.text)
    headers = {name: answer.headers.get(name, "") for name in ("ETag", "Location", "Allow")}
    if answer.status_code == 201:  # a digest over something new is a new one
        text = _DIGEST.sub("digest", text)
        headers = {name: _DIGEST.sub("digest", each) for name, each in headers.items()}
    return {
        "status": answer.status_code,
        "type": answer.content_type,
        "text": re.sub(r'"request": "\w+"', "", text),
        **{name: _UUID.sub(known, each) for name, each in headers.items()},
    }


def test_dry_run_says_what_the_run_says_and_leaves_no_trace(
    world: World, database: Database
) -> None:
    tried, before = set(), {}
    looked_at = [table for table in tables.metadata.sorted_tables if table.name not in COUNTED]
    for each in tries(world):
        method = DECLARED[each.route].method
        headers = {} if each.match is None else {"If_Match": each.match}
        before = before or table_hashes(database, looked_at)
        joint = "&" if "?" in each.path else "?"
        dry = each.send(method, f"{each.path}{joint}dry_run=true", each.body, **headers)
        assert table_hashes(database, looked_at) == before, each
        done = each.send(method, each.path, each.body, **headers)

        assert done.status_code == each.status, (each, done.text)
        assert told(dry, each.path) == told(done, each.path), each
        is_done = each.status < 300
        before = {} if is_done else before
        assert (dry.headers.get("Dry-Run"), done.headers.get("Dry-Run")) == (
            "true" if is_done else None,
            None,
        )
        tried.add(each.route)
    assert tried == MAY_RUN_DRY
