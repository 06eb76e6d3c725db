"""A year's other pages as a supplier's browser meets them: production, what does not apply, reasons, one line's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from lxml import html
from sqlalchemy import select

from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.inventories import Acknowledgement, NotApplicable, Output
from portal.store.lines import ActivityLine
from tests.browsers import Browser
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance

YEAR = "/supplier/inventories/2025"
POWER = {
    "category": "electricity.grid",
    "quantity": "400",
    "unit": "kWh",
    "period": "2025",
    "site": "S1",
}


@dataclass
class Scene:
    database: Database
    browser: Browser
    stranger: Browser
    viewer: Browser

    def rows(self, table: type) -> list[object]:
        with self.database.reading() as session:
            return list(session.scalars(select(table)))

    def line(self) -> ActivityLine:
        (line,) = self.rows(ActivityLine)
        assert isinstance(line, ActivityLine)
        return line


@pytest.fixture
def scene(database: Database, log_in: Callable[[Account], Browser]) -> Scene:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025))
        member = a_member(session, alliance, "M001", sector="packaging")
        other = a_member(session, alliance, "M002", sector="packaging")
        a_site(session, member, "S1")
        people = [an_account(session, Role.REPORTER, owner) for owner in (member, other)]
        viewer = an_account(session, Role.VIEWER, member)
        session.commit()
    made = Scene(database, *(log_in(person) for person in (*people, viewer)))
    for browser in (made.browser, made.stranger):
        browser.submit(f"{YEAR}/open", {}, page="/account/")
    data = {f"lines-0-{name}": value for name, value in POWER.items()}
    made.browser.submit(f"{YEAR}/lines", {**data, "act": "continue"})
    return made


def test_production_is_added_changed_and_removed(scene: Scene) -> None:
    path = f"{YEAR}/outputs"
    answer = scene.browser.submit(path, {"product": "纸箱", "quantity": "1,200", "unit": "吨"})
    assert answer.status_code == 303
    (output,) = scene.rows(Output)
    assert isinstance(output, Output)
    page = f"{path}/{output.uid}"
    assert 'value="1200"' in scene.browser.get(page).text
    changed = {"product": "瓦楞纸箱", "quantity": "1300", "unit": "t"}
    assert scene.browser.submit(page, changed).status_code == 303
    assert scene.browser.submit(f"{page}/remove", {}, page=path).status_code == 303
    assert scene.rows(Output) == []


def test_production_in_doubt_is_asked_about(scene: Scene) -> None:
    data = {"product": "boxes", "quantity": "12万", "unit": "t"}
    asked = scene.browser.submit(f"{YEAR}/outputs", data)
    assert asked.status_code == 422
    (choice,) = html.fromstring(asked.text).xpath('//input[@type="radio"]')
    answered = {**data, choice.get("name"): choice.get("value")}
    assert scene.browser.submit(f"{YEAR}/outputs", answered).status_code == 303


def test_foreign_output_is_not_found(scene: Scene) -> None:
    scene.browser.submit(f"{YEAR}/outputs", {"product": "a", "quantity": "1", "unit": "t"})
    (output,) = scene.rows(Output)
    assert isinstance(output, Output)
    assert scene.stranger.get(f"{YEAR}/outputs/{output.uid}").status_code == 404


def test_category_is_marked_with_its_reason_and_unmarked(scene: Scene) -> None:
    path = f"{YEAR}/not-applicable"
    data = {"category": "heat.steam", "reason": "no steam is bought"}
    assert scene.browser.submit(path, data).status_code == 303
    assert "no steam is bought" in scene.browser.get(path).text
    assert scene.browser.submit(f"{path}/heat.steam/remove", {}, page=path).status_code == 303
    assert scene.rows(NotApplicable) == []


def test_reported_category_can_not_be_marked(scene: Scene) -> None:
    data = {"category": "electricity.grid", "reason": "none"}
    answer = scene.browser.submit(f"{YEAR}/not-applicable", data)
    assert answer.status_code == 422
    assert scene.rows(NotApplicable) == []


def test_mark_without_reason_is_asked_for_it(scene: Scene) -> None:
    answer = scene.browser.submit(f"{YEAR}/not-applicable", {"category": "heat.steam"})
    assert answer.status_code == 422
    assert "data-error-summary" in answer.text


def test_reasons_are_kept_all_at_once(scene: Scene) -> None:
    tree = html.fromstring(scene.browser.get(f"{YEAR}/warnings").text)
    names = tree.xpath('//input[starts-with(@name, "reason-")]/@name')
    steam = next(name for name in names if "heat-steam" in name)
    bare = next(name for name in names if "evidence" in name)
    reasons = {steam: "no steam is bought", bare: "the bill is lost"}
    answer = scene.browser.submit(f"{YEAR}/warnings", reasons)
    assert answer.status_code == 303
    (mark,) = scene.rows(NotApplicable)
    assert isinstance(mark, NotApplicable)
    assert (mark.category, mark.reason) == ("heat.steam", "no steam is bought")
    (kept,) = scene.rows(Acknowledgement)
    assert isinstance(kept, Acknowledgement)
    assert kept.reason == "the bill is lost"
    assert "the bill is lost" in scene.browser.get(f"{YEAR}/warnings").text


def test_reason_that_can_not_be_kept_stays_in_its_box(scene: Scene) -> None:
    tree = html.fromstring(scene.browser.get(f"{YEAR}/warnings").text)
    name = tree.xpath('//input[starts-with(@name, "reason-")]/@name')[0]
    answer = scene.browser.submit(f"{YEAR}/warnings", {name: "x" * 300})
    assert answer.status_code == 422
    (box,) = html.fromstring(answer.text).xpath(f'//input[@name="{name}"]')
    assert box.get("value") == "x" * 300
    assert box.get("aria-invalid") == "true"


def test_viewer_reads_warnings_but_has_no_boxes(scene: Scene) -> None:
    page = scene.viewer.get(f"{YEAR}/warnings")
    assert page.status_code == 200
    assert "reason-" not in page.text


def details(scene: Scene, **changes: str) -> dict[str, str]:
    line = scene.line()
    return {
        "quantity": "400",
        "unit": "kWh",
        "period": "2025",
        "site": "S1",
        "version": str(line.version),
    } | changes


def test_line_takes_days_of_its_own_and_a_note(scene: Scene) -> None:
    path = f"{YEAR}/lines/{scene.line().key}"
    data = details(
        scene, period="other", start="2025/1/5", end="2025-02-04", note="new meter\r\nsince May"
    )
    answer = scene.browser.submit(path, data)
    assert answer.status_code == 303
    line = scene.line()
    assert (str(line.start_on), str(line.end_on)) == ("2025-01-05", "2025-02-05")
    assert line.note == "new meter\nsince May"
    page = html.fromstring(scene.browser.get(path).text)
    assert page.xpath('//input[@name="start"]/@value') == ["2025-01-05"]


def test_further_value_of_a_category_changes_the_result(scene: Scene) -> None:
    before = scene.line()
    path = f"{YEAR}/lines/{before.key}"
    data = details(scene, **{"parameters-green_certificates": "0.2"})
    assert scene.browser.submit(path, data).status_code == 303
    line = scene.line()
    assert line.parameters == {"green_certificates": "0.2"}
    assert line.kg_co2e_market is not None
    assert before.kg_co2e_market is not None
    assert line.kg_co2e_market < before.kg_co2e_market


def test_problems_of_a_lines_page_stand_beside_their_fields(scene: Scene) -> None:
    path = f"{YEAR}/lines/{scene.line().key}"
    answer = scene.browser.submit(path, details(scene, quantity="many", unit="L"))
    assert answer.status_code == 422
    tree = html.fromstring(answer.text)
    assert {found.get("name") for found in tree.xpath('//*[@aria-invalid="true"]')} == {
        "quantity",
        "unit",
    }


def test_stale_page_of_a_line_is_refused_with_the_newer_text(scene: Scene) -> None:
    path = f"{YEAR}/lines/{scene.line().key}"
    old = details(scene, quantity="500")
    scene.browser.submit(path, details(scene, quantity="450"))
    answer = scene.browser.submit(path, old)
    assert answer.status_code == 409
    assert "450" in answer.text
    assert 'value="500"' in answer.text
    assert scene.line().quantity == 450


def test_closed_year_leads_from_the_lines_page_to_its_trace(scene: Scene) -> None:
    answer = scene.viewer.get(f"{YEAR}/lines/{scene.line().key}")
    assert answer.headers["Location"].endswith("/trace")
