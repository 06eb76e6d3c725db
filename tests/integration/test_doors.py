"""One truth behind all doors: a line that comes as a form, as JSON or in a workbook makes the same draft and problems.

The lines stand in doors.yaml beside this file. Come with another door? Give it a runner here, and add it to DOORS: all lines
are sent through it and held against the form's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from flask import Flask
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from sqlalchemy import delete, select

from portal.domain.actors import Role
from portal.intake.raw import as_text
from portal.services.line_reading import CONFIRMED
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.lines import ActivityLine
from tests.browsers import Browser
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance
from tests.programs import Program, give_token, program

CASES = yaml.safe_load((Path(__file__).parent / "doors.yaml").read_text(encoding="utf-8"))
YEAR = 2025
READ = (
    "is_complete", "category", "quantity", "unit", "site_id", "start_on", "end_on", "parameters",
    "note", "scope", "kg_co2e", "kg_co2e_market", "kg_co2_biogenic", "quality", "factor",
)  # fmt: skip


@dataclass
class House:
    """A member with a year that is open, and its two ways in."""

    database: Database
    browser: Browser
    form_token: str
    program: Program

    def line(self) -> ActivityLine:
        """The one line that is kept."""
        with self.database.reading() as session:
            return session.scalars(select(ActivityLine)).one()

    def empty(self) -> None:
        """Take all lines out again."""
        with self.database.writing() as session:
            session.execute(delete(ActivityLine))
            session.commit()


@pytest.fixture
def house(app: Flask, database: Database, log_in: Callable[[Account], Browser]) -> House:
    with database.writing() as session:
        alliance = an_alliance(session, years=(YEAR,))
        member = a_member(session, alliance, "M001", sector="packaging")
        a_site(session, member, "S1")
        account = an_account(session, Role.REPORTER, member)
        session.commit()
    browser = log_in(account)
    browser.submit(f"/supplier/inventories/{YEAR}/open", {}, page="/account/")
    return House(
        database,
        browser,
        browser.token("/account/"),
        program(app, give_token(database, account)),
    )


def by_form(house: House, values: Mapping[str, Any], answers: Mapping[str, str]) -> int:
    """Send a line as the table does when somebody leaves it: unfinished rows are kept."""
    data = {f"lines-0-{name.replace('.', '-')}": as_text(value) for name, value in values.items()}
    data |= {f"lines-0-confirm-{name.replace('.', '-')}": each for name, each in answers.items()}
    note = data.pop("lines-0-note", None)
    sent = {**data, "act": "leave", "csrf_token": house.form_token}
    headers = {"Accept-Language": "en"}
    status = house.browser.post(
        f"/supplier/inventories/{YEAR}/lines", sent, headers=headers
    ).status_code
    if note is not None:  # a note has a page of its own
        status = _note_by_form(house, note)
    return status


def _note_by_form(house: House, note: str) -> int:
    line = house.line()
    shown = {
        "quantity": as_text(line.raw["quantity"]),
        "unit": line.raw["unit"],
        "site": line.raw["site"],
        "period": line.raw["period"],
        "note": note,
        "version": str(line.version),
        "csrf_token": house.form_token,
    }
    path = f"/supplier/inventories/{YEAR}/lines/{line.key}"
    return house.browser.post(path, shown, headers={"Accept-Language": "en"}).status_code


def by_json(house: House, values: Mapping[str, Any], answers: Mapping[str, str]) -> int:
    """Send a line as a program does that keeps unfinished ones."""
    line: dict[str, Any] = {CONFIRMED: dict(answers)}
    for name, value in values.items():
        place, _, below = name.partition(".")
        if below:
            line.setdefault(place, {})[below] = value
        else:
            line[name] = value
    body = {"lines": [line], "keep_unfinished": True}
    return house.program.post(f"/v1/inventories/{YEAR}/lines", body).status_code


DOORS: Mapping[str, Callable[..., int]] = {"form": by_form, "json": by_json}


def draft(line: ActivityLine) -> dict[str, Any]:
    """What was made of a line: what it reads as, and what is wrong with it; keys and versions are a door's own."""
    problems = [
        (each["field"], each["code"], each["severity"], tuple(each["readings"]))
        for each in line.problems or ()
    ]
    return {name: getattr(line, name) for name in READ} | {"problems": problems}


def typed(line: ActivityLine) -> dict[str, str]:
    """What is kept as typed, as text."""
    return {
        name: as_text(value)
        for name, value in line.raw.items()
        if name != CONFIRMED and as_text(value)
    }


def test_lines_are_enough_and_each_is_named_once() -> None:
    names = [case["is"] for case in CASES["lines"]]

    assert len(names) >= 60
    assert len(set(names)) == len(names)


def test_every_door_makes_the_same_draft_and_says_the_same_problems(house: House) -> None:
    different, kinds = [], set()
    for case in CASES["lines"]:
        if "note" in case and "\x07" in case["note"]:
            continue  # the page of a line keeps no note that it refuses: see the test below
        values = {**CASES["usual"], **case}
        name, answers = values.pop("is"), values.pop("confirm", {})
        made = {}
        for door, send in DOORS.items():
            house.empty()
            assert send(house, _numbers(values), answers) < 400, (name, door)
            line = house.line()
            made[door] = (draft(line), typed(line))
        kinds.add((made["form"][0]["is_complete"], bool(made["form"][0]["problems"])))
        if any(each != made["form"] for each in made.values()):
            different.append((name, made))

    assert not different, different
    assert kinds == {(True, False), (True, True), (False, True)}


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """YAML's numbers, which are exact up to fifteen digits."""
    return {
        name: Decimal(repr(value)) if isinstance(value, float) else value
        for name, value in values.items()
    }


def test_note_with_a_control_character_is_refused_by_every_door(house: House) -> None:
    values = {**CASES["usual"], "note": "a\x07b"}

    answer = house.program.post(f"/v1/inventories/{YEAR}/lines", {"lines": [values]})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.get_json()["problems"]] == ["/lines/0/note"]

    house.browser.post(
        f"/supplier/inventories/{YEAR}/lines",
        {
            **{f"lines-0-{k}": v for k, v in CASES["usual"].items()},
            "act": "leave",
            "csrf_token": house.form_token,
        },
    )
    assert _note_by_form(house, "a\x07b") == 422


def test_number_that_a_machine_sent_reads_the_same_again_in_every_language(house: House) -> None:
    line = {**CASES["usual"], "quantity": 1250.125}
    answer = house.program.post(f"/v1/inventories/{YEAR}/lines", {"lines": [line]})
    (made,) = answer.get_json()["lines"]
    assert made["raw"]["quantity"] == {"number": "1250.125"}

    # Read as German text it would be a million and a quarter, or a question.
    changed = house.program.ask(
        "PATCH",
        f"/v1/inventories/{YEAR}/lines/{made['key']}",
        {"note": "Zähler 4"},
        If_Match='"v1"',
        Content_Language="de",
    )

    assert changed.status_code == 200, changed.text
    assert changed.get_json()["values"]["quantity"] == "1250.125"
    assert changed.get_json()["raw"]["quantity"] == {"number": "1250.125"}


def test_workbook_makes_the_same_drafts_and_says_the_same_problems(house: House) -> None:
    """All lines as rows of one workbook; one that needs an answer, or that a sheet can't hold, is no row."""
    cases = [
        case
        for case in CASES["lines"]
        if "confirm" not in case and not ILLEGAL_CHARACTERS_RE.search(case.get("note", ""))
    ]
    rows = [_numbers({**CASES["usual"], **case}) for case in cases]
    names = [row.pop("is") for row in rows]
    wanted = []
    for row in rows:
        house.empty()
        assert by_form(house, row, {}) < 400
        wanted.append(draft(house.line()))
    house.empty()
    # The workbook has columns for what the categories of the year ask for.
    asking = {"lines": [{"category": "soils.fertiliser"}], "keep_unfinished": True}
    assert house.program.post(f"/v1/inventories/{YEAR}/lines", asking).status_code == 201
    by_workbook(house, rows)
    with house.database.reading() as session:
        lines = list(session.scalars(select(ActivityLine).order_by(ActivityLine.position)))
    made = [draft(line) for line in lines if line.raw.get("quantity") or len(line.raw) > 2]

    assert len(made) == len(rows) >= 60
    different = [
        (name, form, sheet)
        for name, form, sheet in zip(names, wanted, made, strict=True)
        if form != sheet
    ]
    assert not different, different


def by_workbook(house: House, rows: Sequence[Mapping[str, Any]]) -> None:
    """Download the year's workbook, write the rows below what is there, upload and apply it."""
    at = f"/supplier/inventories/{YEAR}/workbook"
    book = openpyxl.load_workbook(BytesIO(house.browser.get(f"{at}/file?language=en").data))
    sheet = book["Activity data"]
    places = {cell.value.removeprefix("lines."): cell.column for cell in sheet[1] if cell.value}
    for number, row in enumerate(rows, start=4):
        for column, value in row.items():
            cell = sheet.cell(number, places[column])
            cell.value = float(value) if isinstance(value, Decimal) else value or None
            if isinstance(value, str) and value:
                cell.data_type = "s"  # text, whatever it begins with
    out = BytesIO()
    book.save(out)
    data = {"file": (BytesIO(out.getvalue()), "year.xlsx"), "csrf_token": house.form_token}
    shown = house.browser.post(at, data, content_type="multipart/form-data")
    assert shown.status_code == 303, shown.text
    act = {"act": "apply", "csrf_token": house.form_token}
    applied = house.browser.post(f"{shown.headers['Location']}/apply", act)
    assert applied.status_code == 303, applied.text
