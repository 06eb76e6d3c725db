"""The table of activity data as a supplier's browser meets it, with and without its script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from lxml import html
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member
from tests.browsers import Browser
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance
from tests.statements import counted

TABLE = "/supplier/inventories/2025/lines"


@dataclass
class Scene:
    database: Database
    browser: Browser
    stranger: Browser
    viewer: Browser
    member: Member

    def lines(self) -> list[ActivityLine]:
        with self.database.reading() as session:
            return list(session.scalars(select(ActivityLine).order_by(ActivityLine.position)))

    def send(
        self, rows: list[dict[str, str]], *, act: str = "continue", **more: Any
    ) -> TestResponse:
        data = {
            f"lines-{index}-{column}": value
            for index, row in enumerate(rows)
            for column, value in row.items()
        }
        return self.browser.submit(TABLE, {**data, "act": act, **more}, page=TABLE)

    def autosave(self, rows: list[dict[str, str]], **more: str) -> TestResponse:
        data = {
            f"lines-{index}-{column}": value
            for index, row in enumerate(rows)
            for column, value in row.items()
        }
        data |= {"act": "autosave", "csrf_token": self.browser.token(TABLE), **more}
        headers = {"Accept": "application/json", "X-Portal-Autosave": "1"}
        return self.browser.post(TABLE, data, headers=headers)

    def table(self, **query: str) -> Page:
        return Page(self.browser.get(TABLE, query_string=query))

    def set_state(self, state: str) -> None:
        with self.database.writing() as session:
            session.execute(update(Inventory).values(state=state))
            session.commit()


class Page:
    """An answer with its form's controls at hand."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.tree = html.fromstring(answer.text)

    def value(self, name: str) -> str:
        (control,) = self.tree.xpath(f'//form[@id="lines"]//*[@name="{name}"]')
        if control.tag == "select":
            return str(control.xpath("./descendant::option[@selected]/@value")[0])
        return str(control.text or "") if control.tag == "textarea" else str(control.get("value"))

    def row(self, index: int) -> dict[str, str]:
        names = ("key", "version", "category", "quantity", "unit", "period", "site")
        return {name: self.value(f"lines-{index}-{name}") for name in names}

    def text(self, xpath: str) -> list[str]:
        return [" ".join(found.text_content().split()) for found in self.tree.xpath(xpath)]

    @property
    def summary(self) -> list[str]:
        return self.text("//*[@data-error-summary]//li")


@pytest.fixture
def scene(database: Database, log_in: Callable[[Account], Browser]) -> Scene:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025))
        member = a_member(session, alliance, "M001", sector="packaging")
        other = a_member(session, alliance, "M002", sector="packaging")
        for code in ("S1", "S2"):
            a_site(session, member, code)
        a_site(session, other, "X1")
        people = [an_account(session, Role.REPORTER, owner) for owner in (member, other)]
        viewer = an_account(session, Role.VIEWER, member)
        session.commit()
    made = Scene(database, *(log_in(person) for person in (*people, viewer)), member)
    for year in (2024, 2025):
        for browser in (made.browser, made.stranger):
            address = f"/supplier/inventories/{year}/open"
            assert browser.submit(address, {}, page="/account/").status_code == 303
    return made


def power(**changes: str) -> dict[str, str]:
    return {
        "category": "electricity.grid",
        "quantity": "12,500",
        "unit": "MWh",
        "period": "2025-03",
        "site": "S1",
    } | changes


def test_saved_line_comes_back_with_its_result_and_its_links(scene: Scene) -> None:
    answer = scene.send([power()])
    assert answer.status_code == 303
    page = scene.table()
    assert page.row(0) | {"key": "", "version": ""} == {
        **power(quantity="12500"),
        "key": "",
        "version": "",
    }
    (line,) = scene.lines()
    (link,) = page.tree.xpath('//*[@id="lines-0-result"]')
    assert link.get("href") == f"{TABLE}/{line.key}/trace"
    assert float(link.text.replace(",", "")) > 5000


def test_what_was_read_differently_is_told(scene: Scene) -> None:
    scene.send([power(quantity="１２　")])
    told = Page(scene.browser.get(TABLE)).text('//*[contains(@class, "notice")]')
    assert any("12" in each and "１２" in each for each in told)


def test_problems_head_the_page_and_nothing_typed_is_lost(scene: Scene) -> None:
    rows = [power(), power(quantity="2.450.000"), power(unit="L"), power(site="")]
    page = Page(scene.send(rows, note="from the March bills"))
    assert page.answer.status_code == 422
    assert [each.split(":")[0] for each in page.summary] == [
        "Line 2, Quantity",
        "Line 3, Unit",
        "Line 4, Site",
    ]
    for index, row in enumerate(rows):
        assert page.row(index) | {"key": "", "version": ""} == {**row, "key": "", "version": ""}
    assert page.value("note") == "from the March bills"
    (control,) = page.tree.xpath('//*[@id="lines-1-quantity"]')
    assert control.get("aria-invalid") == "true"
    assert page.tree.xpath(f'//*[@id="{control.get("aria-describedby").split()[0]}"]')
    assert page.tree.xpath("//title")[0].text.startswith("Error:")
    assert scene.lines() == []


def test_question_is_answered_by_a_choice_and_then_saved(scene: Scene) -> None:
    page = Page(scene.send([power(quantity="12万")]))
    assert page.answer.status_code == 422
    (choice,) = page.tree.xpath('//input[@type="radio"]')
    assert (choice.get("name"), choice.get("value")) == ("lines-0-confirm-quantity", "120000")
    answer = scene.send([{**power(quantity="12万"), "confirm-quantity": "120000"}])
    assert answer.status_code == 303
    assert [line.quantity for line in scene.lines()] == [120000]


def test_draft_is_kept_and_left(scene: Scene) -> None:
    answer = scene.send([power(quantity="")], act="leave")
    assert answer.headers["Location"] == "/supplier/?year=2025"
    page = scene.table()
    assert page.value("lines-0-category") == "electricity.grid"
    assert page.text('//*[@id="lines-0-quantity-error"]') != []
    assert not scene.lines()[0].is_complete


def test_needed_values_of_a_category_stand_under_its_line(scene: Scene) -> None:
    cooling = power(category="refrigerants.top_up", unit="kg", quantity="5", period="2025")
    page = Page(scene.send([cooling]))
    assert page.answer.status_code == 422
    assert page.value("lines-0-parameters-gas") == ""
    assert page.summary[0].startswith("Line 1, Gas")
    assert scene.send([{**cooling, "parameters-gas": "r-404a"}]).status_code == 303
    assert scene.table().value("lines-0-parameters-gas") == "r-404a"


def test_line_is_added_without_script(scene: Scene) -> None:
    answer = scene.send([power()], act="add")
    assert answer.headers["Location"] == f"{TABLE}?page=1&blank=1#lines-1"
    page = scene.table(page="1", blank="1")
    assert page.value("lines-1-quantity") == ""


def test_line_is_removed_without_script_after_a_question(scene: Scene) -> None:
    scene.send([power(), power(period="2025-04")])
    page = scene.table()
    answer = scene.send([page.row(0), page.row(1)], remove="0")
    (first, _second) = scene.lines()
    assert answer.headers["Location"] == f"{TABLE}/{first.key}/remove"
    address = answer.headers["Location"]
    assert "Line" in scene.browser.get(address).text
    assert scene.browser.submit(address, {}).status_code == 303
    (left,) = scene.lines()
    assert (left.position, left.start_on.month) == (1, 4)


def test_row_that_was_never_kept_is_dropped_at_once(scene: Scene) -> None:
    answer = scene.send([power(quantity="junk")], remove="0")
    assert answer.headers["Location"] == f"{TABLE}?page=1"
    assert scene.lines() == []


def test_stale_page_shows_the_newer_line_and_keeps_what_was_typed(scene: Scene) -> None:
    scene.send([power()])
    page = scene.table()
    scene.send([{**page.row(0), "quantity": "13000"}])
    late = Page(scene.send([{**page.row(0), "quantity": "14000"}]))
    assert late.answer.status_code == 409
    assert late.value("lines-0-quantity") == "14000"
    assert "13000 · MWh" in late.summary[0]
    assert late.value("lines-0-version") == "2"
    again = scene.send([late.row(0)])
    assert again.status_code == 303
    assert [line.quantity for line in scene.lines()] == [14000]


def test_submitted_year_is_listed_and_refuses_changes(scene: Scene) -> None:
    token = scene.browser.token(TABLE)
    scene.send([power()])
    scene.set_state("submitted")
    page = scene.browser.get(TABLE).text
    assert "data-lines" not in page
    assert "12500" in page
    answer = scene.browser.post(
        TABLE, {"lines-0-quantity": "1", "act": "leave", "csrf_token": token}
    )
    assert answer.status_code == 409


def test_viewer_sees_a_list_without_controls(scene: Scene) -> None:
    scene.send([power()])
    page = scene.viewer.get(TABLE)
    assert page.status_code == 200
    assert 'name="lines-0-quantity"' not in page.text
    assert "12500" in page.text


@pytest.mark.parametrize("path", ["", "/trace", "/remove", "/evidence"])
def test_foreign_line_is_answered_like_an_unknown_one(scene: Scene, path: str) -> None:
    scene.send([power()])
    (line,) = scene.lines()
    foreign = scene.stranger.get(f"{TABLE}/{line.key}{path}")
    unknown = scene.stranger.get(f"{TABLE}/00000000-0000-0000-0000-000000000000{path}")
    assert foreign.status_code == unknown.status_code == 404
    assert without_ids(foreign.text) == without_ids(unknown.text)


def without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)


def test_foreign_key_in_the_table_leaves_the_foreign_line_alone(scene: Scene) -> None:
    scene.send([power()])
    (line,) = scene.lines()
    data = {
        "lines-0-key": str(line.key),
        "lines-0-version": "1",
        "lines-0-quantity": "1",
        "lines-0-site": "X1",
        "act": "leave",
    }
    assert scene.stranger.submit(TABLE, data).status_code == 303
    mine = next(each for each in scene.lines() if each.key == line.key)
    assert mine.quantity == 12500


def test_autosave_keeps_a_draft_and_answers_by_control(scene: Scene) -> None:
    answer = scene.autosave([power(), power(quantity="many"), {"quantity": ""}])
    assert answer.status_code == 200
    told = json.loads(answer.text)
    first, second = scene.lines()
    assert told["fields"] == {
        "lines-0-key": str(first.key),
        "lines-0-version": "1",
        "lines-1-key": str(second.key),
        "lines-1-version": "1",
    }
    assert set(told["errors"]) == {"lines-1-quantity"}
    assert told["texts"]["lines-1-result"] == "–"
    assert float(told["texts"]["total-2"].replace(",", "")) > 5000
    assert re.fullmatch(r"\d\d:\d\d", told["saved"])


def test_autosave_answers_hostile_text_as_text(scene: Scene) -> None:
    typed = '"}, "fields": {"x": 1}, \\ </script><b>'
    answer = scene.autosave([power(quantity=typed)])
    told = json.loads(answer.text)
    assert answer.content_type == "application/json"
    assert told["fields"].keys() == {"lines-0-key", "lines-0-version"}
    assert typed in told["errors"]["lines-0-quantity"]
    assert "<b>" not in told.get("more", {}).get("lines-0", "")


def test_autosave_of_a_removed_line_forgets_its_key(scene: Scene) -> None:
    scene.send([power()])
    row = scene.table().row(0)
    told = json.loads(scene.autosave([{**row, "removed": "1"}]).text)
    assert told["fields"] == {"lines-0-key": "", "lines-0-version": ""}
    assert scene.lines() == []


def test_autosave_brings_what_a_category_needs(scene: Scene) -> None:
    told = json.loads(scene.autosave([power(category="livestock.enteric", unit="head")]).text)
    below = html.fromstring(f"<table>{told['more']['lines-0']}</table>")
    assert below.xpath("//select/@name") == ["lines-0-parameters-animal"]


def test_autosave_of_a_stale_row_stops_with_409(scene: Scene) -> None:
    scene.send([power()])
    old = scene.table().row(0)
    scene.send([{**old, "quantity": "13000"}])
    answer = scene.autosave([{**old, "quantity": "14000"}])
    assert answer.status_code == 409
    assert "13000" in json.loads(answer.text)["message"]
    assert [line.quantity for line in scene.lines()] == [13000]


def test_lines_are_saved_once_a_refused_note_is_shortened(scene: Scene) -> None:
    scene.send([power()])
    kept = scene.table().row(0)
    rows = [kept | {"quantity": "77"}, power(period="2025-04")]
    refused = scene.send(rows, note="x" * 6000)
    assert refused.status_code == 422
    assert [str(line.quantity) for line in scene.lines()] == ["12500.000000"]
    again = Page(refused)
    typed = [again.row(0), again.row(1)]
    assert scene.send(typed, note="short").status_code == 303
    assert [int(line.quantity or 0) for line in scene.lines()] == [77, 12500]


def test_note_of_a_page_that_did_not_touch_it_overwrites_nobodys(scene: Scene) -> None:
    scene.send([], act="leave", note="old", **{"note-before": ""})
    scene.send([], act="leave", note="newer", **{"note-before": "old"})
    scene.send([power()], act="leave", note="old", **{"note-before": "old"})
    assert scene.table().value("note") == "newer"


def test_second_page_holds_the_lines_behind_the_first_fifty(scene: Scene) -> None:
    rows = [power(quantity=str(100 + place), period="2025") for place in range(50)]
    assert scene.send(rows).status_code == 303
    scene.send([power(quantity="7", period="2025")], act="add")
    second = scene.table(page="2")
    assert second.value("lines-0-quantity") == "7"
    assert second.text("//*[@data-line-number]")[0] == "51"
    assert 'name="lines-50-quantity"' not in scene.table(page="1").answer.text


def test_trace_shows_factor_source_and_steps(scene: Scene) -> None:
    scene.send([power()])
    (line,) = scene.lines()
    page = scene.browser.get(f"{TABLE}/{line.key}/trace")
    assert page.status_code == 200
    assert line.factor in page.text
    assert "12500 MWh" in page.text
    part = scene.browser.get(f"{TABLE}/{line.key}/trace?part=1")
    (row,) = html.fromstring(f"<table>{part.text}</table>").xpath("//tr")
    assert row.get("id") == f"trace-{line.key}"
    assert line.factor in part.text


def test_last_years_lines_are_brought_over(scene: Scene) -> None:
    before = TABLE.replace("2025", "2024")
    data = {f"lines-0-{name}": value for name, value in power(period="2024-03").items()}
    assert scene.browser.submit(before, {**data, "act": "continue"}).status_code == 303
    assert scene.browser.submit(f"{TABLE}/copy", {}, page=TABLE).status_code == 303
    page = scene.table()
    assert page.row(0)["period"] == "2025-03"
    assert page.value("lines-0-quantity") == ""
    assert page.text('//*[@id="lines-0-last"]') == ["Last year: 12,500 MWh"]


def test_pasted_block_is_shown_before_it_is_kept(scene: Scene) -> None:
    block = "场所编码\t期间\t活动\t数量\t单位\nS1\t2025-01\t外购电力\t100\tkWh\nS9\t2025-02\t外购电力\t5\tkWh"
    address = f"{TABLE}/paste"
    preview = scene.browser.submit(address, {"block": block, "act": "preview"})
    assert preview.status_code == 200
    assert scene.lines() == []
    answer = scene.browser.submit(address, {"block": block, "act": "save"})
    assert answer.status_code == 303
    assert [line.is_complete for line in scene.lines()] == [True, False]


def test_table_page_costs_at_most_fifteen_statements(scene: Scene) -> None:
    rows = [power(quantity=str(100 + place), period="2025") for place in range(50)]
    scene.send(rows)
    with counted(scene.database) as statements:
        assert scene.table().answer.status_code == 200
    assert len(statements) <= 15, statements
