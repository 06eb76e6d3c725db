"""Lines, outputs, actions and files through the API: what is sent comes back exactly, and nothing of others is overwritten."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.config.settings import Settings
from portal.domain.tokens import Scope
from portal.services import plans
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.inventories import Inventory
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.tokens import KeptAnswer
from tests.factories.suppliers import work_of
from tests.programs import (
    LINE,
    LINES,
    Program,
    codes_of,
    count_of,
    give_token,
    program,
)


def test_year_is_begun_once(asking: Program, database: Database) -> None:
    again = asking.ask("PUT", "/v1/inventories/2025")

    assert again.status_code == 200
    assert again.get_json()["state"] == "draft"
    assert count_of(database, Inventory) == 1
    assert asking.ask("PUT", "/v1/inventories/2019").status_code == 404
    assert [each["year"] for each in asking.get("/v1/inventories").get_json()["items"]] == [2025]


def test_line_comes_back_as_it_was_sent(asking: Program) -> None:
    sent = {**LINE, "quantity": 1250.5, "note": "Meter 4"}
    answer = asking.post(LINES, {"lines": [sent]})

    assert answer.status_code == 201, answer.text
    (made,) = answer.get_json()["lines"]
    assert made["is_complete"]
    assert made["raw"] == {**sent, "quantity": {"number": "1250.5"}}
    assert made["values"]["quantity"] == "1250.5"
    assert made["result"]["scope"] == 2
    read = asking.get(f"{LINES}/{made['key']}")
    assert read.headers["ETag"] == '"v1"'
    assert {**read.get_json(), "changes": made["changes"]} == made


def test_all_lines_are_kept_or_none(asking: Program, database: Database) -> None:
    lines = [dict(LINE) for _ in range(100)]
    lines[57]["unit"] = "bushel"

    answer = asking.post(LINES, {"lines": lines})

    assert answer.status_code == 422
    assert codes_of(answer) == [("/lines/57/unit", "unit.unknown")]
    assert count_of(database, ActivityLine) == 0
    told = answer.get_json()["problems"][0]
    assert "kWh" in told["message"]


def test_problems_are_said_in_the_language_that_is_asked_for(asking: Program) -> None:
    line = {**LINE, "quantity": ""}
    english, chinese = (
        asking.post(LINES, {"lines": [line]}, Accept_Language=each).get_json()["problems"][0]
        for each in ("en", "zh-CN")
    )

    assert english["code"] == chinese["code"]
    assert english["message"].isascii()
    assert not chinese["message"].isascii()


def test_question_is_answered_by_sending_a_reading(asking: Program) -> None:
    line = {**LINE, "quantity": "12万"}
    asked = asking.post(LINES, {"lines": [line]})
    (question,) = asked.get_json()["problems"]
    assert (question["severity"], question["readings"]) == ("question", ["120000"])

    answer = asking.post(LINES, {"lines": [{**line, "confirmed": {"quantity": "120000"}}]})

    assert answer.status_code == 201
    assert answer.get_json()["lines"][0]["values"]["quantity"] == "120000"


def test_unfinished_line_is_kept_when_that_is_asked_for(asking: Program) -> None:
    answer = asking.post(LINES, {"lines": [{"quantity": "5"}], "keep_unfinished": True})

    (made,) = answer.get_json()["lines"]
    assert not made["is_complete"]
    assert made["result"] is None
    assert ("/lines/0/unit", "unit.missing") in [
        (each["pointer"], each["code"]) for each in made["problems"]
    ]
    finished = asking.ask(
        "PATCH", f"{LINES}/{made['key']}", {**LINE, "quantity": None}, If_Match='"v1"'
    )
    assert finished.status_code == 200, finished.text
    assert finished.get_json()["is_complete"]
    assert finished.headers["ETag"] == '"v2"'


def test_change_of_an_older_version_is_refused(asking: Program) -> None:
    key = asking.post(LINES, {"lines": [LINE]}).get_json()["lines"][0]["key"]
    path = f"{LINES}/{key}"

    assert asking.ask("PATCH", path, {"quantity": "1"}).status_code == 428
    assert asking.ask("PATCH", path, {"quantity": "1"}, If_Match='"v1"').status_code == 200
    stale = asking.ask("PATCH", path, {"quantity": "2"}, If_Match='"v1"')
    assert stale.status_code == 412
    assert stale.headers["ETag"] == '"v2"'
    assert asking.get(path).get_json()["values"]["quantity"] == "1"
    assert asking.ask("DELETE", path, If_Match='"v1"').status_code == 412
    assert asking.ask("DELETE", path, If_Match='"v2"').status_code == 204
    assert asking.get(path).status_code == 404


@pytest.mark.parametrize("field", ["parameters", "confirmed"])
def test_more_answers_than_any_category_asks_for_are_refused(
    asking: Program, database: Database, field: str
) -> None:
    sent = {**LINE, field: {f"p{number}": "1" for number in range(51)}}
    answer = asking.post(LINES, {"lines": [sent], "keep_unfinished": True})
    assert answer.status_code == 422
    assert [(each["code"], each["pointer"]) for each in answer.get_json()["problems"]] == [
        ("field.too_many", f"/lines/0/{field}")
    ]
    assert count_of(database, ActivityLine) == 0


def test_fields_that_nobody_may_set_are_refused(asking: Program, database: Database) -> None:
    names = ["id", "key", "version", "state", "is_complete", "kg_co2e", "scope", "inventory_id",
             "member_id", "changed_by", "company_id", "position", "__class__"]  # fmt: skip
    for name in names:
        answer = asking.post(LINES, {"lines": [{**LINE, name: "1"}]})
        assert answer.status_code == 422, name
        assert codes_of(answer) == [(f"/lines/0/{name}", "field.unknown")]
    assert count_of(database, ActivityLine) == 0


@pytest.mark.parametrize("name", ["a\x00b", "", "名", "x" * 81])
@pytest.mark.parametrize("place", ["confirmed", "parameters"])
def test_names_that_no_column_has_are_refused(
    asking: Program, database: Database, place: str, name: str
) -> None:
    sent = {"lines": [{**LINE, place: {name: "1"}}], "keep_unfinished": True}
    answer = asking.post(LINES, sent)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "body.misshapen")
    assert count_of(database, ActivityLine) == 0


def test_chosen_reading_is_kept_as_far_as_databases_can(asking: Program) -> None:
    sent = {"lines": [{**LINE, "confirmed": {"quantity": "1\x002" * 200}}], "keep_unfinished": True}
    answer = asking.post(LINES, sent)
    assert answer.status_code == 201, answer.text
    (line,) = answer.get_json()["lines"]
    assert line["confirmed"] == {"quantity": ("1\ufffd2" * 200)[:200]}


def test_list_is_read_page_by_page_and_stays_the_same_while_lines_come(asking: Program) -> None:
    asking.post(LINES, {"lines": [{**LINE, "quantity": str(n)} for n in range(1, 8)]})
    first = asking.get(f"{LINES}?limit=3").get_json()
    asking.post(LINES, {"lines": [{**LINE, "quantity": "99"}]})
    second = asking.get(f"{LINES}?limit=3&cursor={first['next']}").get_json()
    third = asking.get(f"{LINES}?limit=3&cursor={second['next']}").get_json()

    found = [
        each["values"]["quantity"] for page in (first, second, third) for each in page["items"]
    ]
    assert found == ["1", "2", "3", "4", "5", "6", "7", "99"]
    assert third["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1&limit=2",
        "cursor=abc",
        "offset=3",
        "dry_run=true",
        "limit=٣",
        "cursor=%00",
        "page_size=5",
        "%ff=1",
    ],
)
def test_query_that_cant_be_meant_is_refused(asking: Program, query: str) -> None:
    assert asking.get(f"{LINES}?{query}").status_code == 400


def test_cursor_tells_nobody_the_number_of_its_row(asking: Program, database: Database) -> None:
    asking.post(LINES, {"lines": [{**LINE, "quantity": str(n)} for n in range(1, 4)]})
    cursor = asking.get(f"{LINES}?limit=2").get_json()["next"]
    with database.reading() as session:
        number = session.scalars(select(ActivityLine.id).order_by(ActivityLine.id)).all()[1]
    inside = urlsafe_b64decode(cursor)
    assert len(inside) == 24
    assert number.to_bytes(8) not in inside
    spoilt = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    assert asking.get(f"{LINES}?limit=2&cursor={spoilt}").status_code == 400


def test_cursor_of_another_list_is_refused(asking: Program) -> None:
    asking.post(LINES, {"lines": [{**LINE, "quantity": str(n)} for n in range(1, 4)]})
    cursor = asking.get(f"{LINES}?limit=1").get_json()["next"]

    answer = asking.get(f"/v1/evidence?cursor={cursor}")

    assert answer.status_code == 400
    assert answer.get_json()["code"] == "cursor.refused"


def test_dry_run_says_everything_and_keeps_nothing(asking: Program, database: Database) -> None:
    before = count_of(database, LedgerEntry)

    answer = asking.post(f"{LINES}?dry_run=true", {"lines": [LINE]}, Idempotency_Key="k1")

    assert answer.status_code == 201
    assert answer.headers["Dry-Run"] == "true"
    assert answer.get_json()["lines"][0]["result"]["kg_co2e"]
    assert count_of(database, ActivityLine) == 0
    assert count_of(database, LedgerEntry) == before
    assert count_of(database, KeptAnswer) == 0


def test_two_changes_of_one_version_at_once_have_one_winner(
    asking: Program, app: Flask, database: Database
) -> None:
    path = "/v1/inventories/2025/outputs"
    made = asking.post(path, {"product": "Milk", "quantity": "10", "unit": "t"})
    assert made.status_code == 201, made.text
    one = f"{path}/{made.get_json()['uid']}"
    etag = made.headers["ETag"]
    assert asking.get(one).headers["ETag"] == etag
    barrier = Barrier(4)

    def change(place: int) -> int:
        barrier.wait()
        body = {"product": "Milk", "quantity": str(20 + place), "unit": "t"}
        return program(app, asking.token).ask("PUT", one, body, If_Match=etag).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(change, range(4)))

    assert statuses == [200, 412, 412, 412]


def test_output_is_added_changed_and_removed(asking: Program) -> None:
    path = "/v1/inventories/2025/outputs"
    made = asking.post(path, {"product": "Milk", "quantity": 10.5, "unit": "吨"})
    assert made.get_json()["quantity"] == "10.5"
    assert made.get_json()["unit"] == "t"
    again = asking.post(path, {"product": "Milk", "quantity": 1, "unit": "t"})
    assert codes_of(again) == [("/product", "output.product.taken")]
    one = f"{path}/{made.get_json()['uid']}"
    changed = asking.ask(
        "PUT",
        one,
        {"product": "Milk", "quantity": "11", "unit": "t"},
        If_Match=made.headers["ETag"],
    )
    assert changed.status_code == 200
    assert asking.ask("DELETE", one, If_Match=made.headers["ETag"]).status_code == 412
    assert asking.ask("DELETE", one, If_Match=changed.headers["ETag"]).status_code == 204
    assert asking.get(path).get_json() == {"items": [], "next": None}


def test_file_is_uploaded_attached_fetched_and_detached(asking: Program) -> None:
    content = b"month,kWh\n2025-03,1250.5\n"
    up = asking.ask(
        "POST", "/v1/evidence?name=bill.csv", data=content, content_type="application/octet-stream"
    )
    assert up.status_code == 201, up.text
    file = up.get_json()
    assert file["name"] == "bill.csv"
    assert asking.get(f"/v1/evidence/{file['uid']}/content").data == content
    key = asking.post(LINES, {"lines": [LINE]}).get_json()["lines"][0]["key"]
    link = f"{LINES}/{key}/evidence"
    assert asking.ask("PUT", f"{link}/{file['uid']}").status_code == 204
    assert [each["uid"] for each in asking.get(link).get_json()["items"]] == [file["uid"]]
    assert asking.ask("DELETE", f"/v1/evidence/{file['uid']}").status_code == 409
    assert asking.ask("DELETE", f"{link}/{file['uid']}").status_code == 204
    assert asking.ask("DELETE", f"/v1/evidence/{file['uid']}").status_code == 204


def test_dry_run_of_an_upload_leaves_no_bytes_behind(asking: Program, settings: Settings) -> None:
    answer = asking.ask(
        "POST",
        "/v1/evidence?name=bill.csv&dry_run=true",
        data=b"month,kWh\n2025-03,1250.5\n",
        content_type="application/octet-stream",
    )

    assert (answer.status_code, answer.headers["Dry-Run"]) == (201, "true")
    assert list(Blobs(settings.storage).digests()) == []
    assert asking.get("/v1/evidence").get_json()["items"] == []


def test_file_that_is_not_what_it_says_is_refused(asking: Program) -> None:
    answer = asking.ask(
        "POST", "/v1/evidence?name=bill.pdf", data=b"MZ", content_type="application/octet-stream"
    )

    assert answer.status_code == 422
    assert answer.get_json()["problems"][0]["code"].startswith("evidence.")


def test_action_is_added_changed_and_removed(
    asking: Program, database: Database, account: Account
) -> None:
    action = {
        "name": "LED lamps", "site": "S1", "area": "production", "category": "electricity.grid",
        "ledger": "inventory", "method": "stated", "stated_t": 4.5, "how": "Counted lamps",
        "start": "2026-01-01", "lifetime_years": 8, "status": "planned", "capex": "40,000",
        "milestones": [{"name": "Order", "due": "2025-12-01"}],
    }  # fmt: skip
    assert asking.post("/v1/actions", action).status_code == 409, "the plan has not been begun"
    _begin_plan(database, account)

    made = asking.post("/v1/actions", action)
    assert made.status_code == 201, made.text
    told = made.get_json()
    assert (told["capex"], told["kg_saving"], told["lifetime_years"]) == ("40000", "4500", 8)
    assert told["milestones"] == [{"name": "Order", "due_on": "2025-12-01", "done_on": None}]
    one = f"/v1/actions/{told['uid']}"
    assert asking.get(one).headers["ETag"] == made.headers["ETag"]
    wrong = asking.ask("PUT", one, {**action, "status": "stopped", "milestones": [{"name": "", "due": "2025-12-01"}]}, If_Match=made.headers["ETag"])  # fmt: skip
    assert set(codes_of(wrong)) == {
        ("/stopped_reason", "action.status.reason_missing"),
        ("/milestones/0/name", "milestone.name.missing"),
    }
    changed = asking.ask("PUT", one, {**action, "capex": 1}, If_Match=made.headers["ETag"])
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] != made.headers["ETag"]
    assert asking.ask("DELETE", one, If_Match=made.headers["ETag"]).status_code == 412
    assert asking.ask("DELETE", one, If_Match=changed.headers["ETag"]).status_code == 204
    assert asking.get("/v1/actions").get_json() == {"items": [], "next": None}


def _begin_plan(database: Database, account: Account) -> None:
    with database.writing() as session:
        work = work_of(session, account)
        plans.begin_plan(work, session.get_one(Member, account.member_id))
        work.commit()


def test_year_is_handed_in_once_nothing_is_missing(asking: Program, database: Database) -> None:
    path = "/v1/inventories/2025/submissions"
    check = asking.get("/v1/inventories/2025/check").get_json()
    blocked = asking.post(path, {"declared": True, "mark": check["mark"]})
    assert check["may_be_submitted"] is False
    assert blocked.status_code == 422
    assert {each["code"] for each in check["blocking"]} == {
        each["code"] for each in blocked.get_json()["problems"]
    }
    asking.post(LINES, {"lines": [LINE]})

    outdated = asking.post(path, {"declared": True, "mark": check["mark"]})
    assert outdated.status_code == 409
    assert outdated.get_json()["code"] == "submission.mark.outdated"
    assert count_of(database, Submission) == 0
    now = asking.get("/v1/inventories/2025/check").get_json()
    made = asking.post(path, {"declared": True, "mark": now["mark"]}, Idempotency_Key="hand-in")
    assert made.status_code == 201, made.text
    again = asking.post(path, {"declared": True, "mark": now["mark"]}, Idempotency_Key="hand-in")
    assert again.data == made.data
    assert count_of(database, Submission) == 1
    one = asking.get(made.headers["Location"].removeprefix("/api")).get_json()
    assert one["submission"] == made.get_json()
    assert [event["kind"] for event in one["history"]] == ["submitted"]
    content = asking.get(f"/v1/submissions/{made.get_json()['uid']}/content").data
    assert hashlib.sha256(content).hexdigest() == made.get_json()["digest"]
    assert asking.post(LINES, {"lines": [LINE]}).status_code == 409


@pytest.mark.parametrize(
    "body", [{"declared": False, "mark": "x"}, {"mark": "x"}, {"declared": True}]
)
def test_handing_in_needs_a_declaration(asking: Program, body: dict[str, Any]) -> None:
    answer = asking.post("/v1/inventories/2025/submissions", body)

    assert answer.status_code == 422
    assert answer.get_json()["code"] == "body.misshapen"


def test_token_for_reporting_cannot_hand_in(
    app: Flask, database: Database, account: Account
) -> None:
    writing = program(
        app, give_token(database, account, [Scope.LINES_WRITE, Scope.SUBMISSIONS_READ])
    )

    answer = writing.post("/v1/inventories/2025/submissions", {"declared": True, "mark": "x"})

    assert answer.status_code == 403
    assert "submissions:submit" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("content_type", "data", "status"),
    [
        ("text/plain", b"{}", 415),
        ("application/json; charset=latin-1", b"{}", 415),
        ("application/x-www-form-urlencoded", b"a=1", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("application/json", b"", 400),
        ("application/json", b"[]", 400),
        ("application/json", b" " * (1024 * 1024 + 1), 413),
        (None, b"{}", 415),
    ],
)
def test_body_of_another_kind_is_refused(
    asking: Program, content_type: str | None, data: bytes, status: int
) -> None:
    answer = asking.ask("POST", LINES, data=data, content_type=content_type)

    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(("more", "status"), [(0, 400), (1, 413)])
def test_readings_may_have_4_mib(
    app: Flask, database: Database, account: Account, more: int, status: int
) -> None:
    sending = program(app, give_token(database, account, [Scope.READINGS_WRITE]))
    body = b" " * (4 * 1024 * 1024 + more)

    answer = sending.ask("POST", "/v1/readings", data=body, content_type="application/json")

    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused(asking: Program, method: str) -> None:
    answer = asking.ask(method, LINES)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/v2/sites", "/v1/sites/", "/V1/sites", "/v1/inventories/2025.0", "/v1/inventories/99999999999999", "/v1/inventories/٢٠٢٥"])  # fmt: skip
def test_other_addresses_are_unknown(asking: Program, path: str) -> None:
    answer = asking.get(path)

    assert answer.status_code == 404
    assert answer.get_json()["code"] in ("address.unknown", "object.unknown")


def test_every_answer_carries_the_headers_of_the_portal(asking: Program) -> None:
    for answer in (asking.get("/v1/sites"), asking.get("/v1/nothing"), asking.post(LINES, {})):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers.getlist("Set-Cookie") == []


def test_ledger_names_who_acted_through_the_token(
    asking: Program, database: Database, account: Account
) -> None:
    asking.post(LINES, {"lines": [LINE]})

    with database.reading() as session:
        entry = session.scalars(select(LedgerEntry).order_by(LedgerEntry.sequence.desc())).first()
    assert entry is not None
    assert (entry.kind, entry.actor, entry.on_behalf_of) == (
        "lines.saved",
        str(account.uid),
        "M001",
    )
