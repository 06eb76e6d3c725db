"""The lists of warnings as people use them: what they type is kept or comes back, and the list costs the same however long it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from lxml import html
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.alliance import Alliance
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.standing_warnings import StandingWarning
from tests.browsers import Browser
from tests.factories.suppliers import MOMENT, a_member
from tests.factories.warned import Warned, a_warned_member, correct
from tests.statements import counted
from tests.workers import settings_for

LIST, OFFICE = "/supplier/warnings/", "/coordinator/warnings/"
YEAR = "/supplier/inventories/2025/warnings"
# Rows of a list that is long, and those of one page.
LONG, PAGE = 10_000, 50


@dataclass
class Pages:
    """The scene after its first night, and the browsers of those who look at it."""

    scene: Warned
    supplier: Browser
    coordinator: Browser

    def typed(self, answer: str) -> str:
        """What stands in the box for the reason."""
        (box,) = html.fromstring(answer).xpath("//input[@name='reason']")
        return box.get("value", "")

    def ticked(self, answer: str) -> list[str]:
        """The warnings that are chosen."""
        return html.fromstring(answer).xpath("//input[@name='warning'][@checked]/@value")


@pytest.fixture
def pages(
    database: Database, database_url: str, tmp_path: Path, log_in: Callable[[Account], Browser]
) -> Pages:
    scene = a_warned_member(database, settings_for(database_url, tmp_path))
    scene.watch()
    with database.reading() as session:
        supplier, coordinator = (
            session.scalars(select(Account).where(Account.email.startswith(role.value))).first()
            for role in (Role.REPORTER, Role.COORDINATOR)
        )
    return Pages(scene, log_in(supplier), log_in(coordinator))


def test_pages_show_and_settle_warnings_without_scripts(
    pages: Pages,
) -> None:
    scene, supplier, coordinator = pages.scene, pages.supplier, pages.coordinator
    page = html.fromstring(supplier.get("/supplier/warnings/").text)
    boxes = page.xpath("//input[@name='warning']/@value")
    assert str(scene.slip().uid) in boxes
    assert "1,000" in page.text_content() or "1000" in page.text_content()
    empty = supplier.submit("/supplier/warnings/", {}, page="/supplier/warnings/")
    assert empty.status_code == 422
    sent = {"warning": str(scene.slip().uid), "reason": "Meter in MWh."}
    done = supplier.submit("/supplier/warnings/?state=open", sent, page="/supplier/warnings/")
    assert done.status_code == 303
    assert scene.slip().state == "explained"
    listed = coordinator.get("/coordinator/warnings/?state=explained").text
    assert "Meter in MWh." in listed
    sent = {"warning": str(scene.slip().uid), "reason": "Seen."}
    done = coordinator.submit("/coordinator/warnings/", sent, page="/coordinator/warnings/")
    assert (done.status_code, scene.slip().state) == (303, "resolved")


def test_reason_comes_back_when_the_warning_has_become_another_meanwhile(pages: Pages) -> None:
    uid = str(pages.scene.slip().uid)
    correct(pages.scene, "125000")
    sent = {"warning": uid, "reason": "Meter in MWh."}
    answer = pages.supplier.submit(LIST, sent, page=LIST)
    assert answer.status_code == 409
    assert pages.typed(answer.text) == "Meter in MWh."
    assert pages.ticked(answer.text) == [uid]
    assert YEAR in answer.text
    assert pages.scene.slip().state == "open"


def test_reason_comes_back_when_the_year_was_handed_in_meanwhile(pages: Pages) -> None:
    with pages.scene.database.writing() as session:
        session.query(Inventory).filter_by(year=2025).one().state = "submitted"
        session.commit()
    sent = {"warning": str(pages.scene.slip().uid), "reason": "Meter in MWh."}
    answer = pages.supplier.submit(LIST, sent, page="/supplier/sites/")
    assert (answer.status_code, pages.typed(answer.text)) == (409, "Meter in MWh.")


def reason_of_a_line(pages: Pages) -> str:
    """The name of the first box for a reason beside a line."""
    boxes = "//input[starts-with(@name, 'reason-warning-line')]/@name"
    (name, *_) = html.fromstring(pages.supplier.get(YEAR).text).xpath(boxes)
    return str(name)


def test_reasons_of_a_year_come_back_when_it_was_handed_in_meanwhile(pages: Pages) -> None:
    name = reason_of_a_line(pages)
    with pages.scene.database.writing() as session:
        session.query(Inventory).filter_by(year=2025).one().state = "submitted"
        session.commit()
    answer = pages.supplier.submit(YEAR, {name: "Meter in MWh."}, page="/supplier/sites/")
    assert answer.status_code == 409
    assert "Meter in MWh." in answer.text


def test_reason_for_what_is_seen_no_more_comes_back(pages: Pages) -> None:
    name = reason_of_a_line(pages)
    correct(pages.scene, "125000")
    answer = pages.supplier.submit(YEAR, {name: "Meter in MWh."}, page=YEAR)
    assert answer.status_code == 200
    assert "Meter in MWh." in answer.text


def test_reason_of_a_year_is_kept_though_the_figure_moved(pages: Pages) -> None:
    name = reason_of_a_line(pages)
    correct(pages.scene, "130")
    assert pages.supplier.submit(YEAR, {name: "Meter in MWh."}, page=YEAR).status_code == 303
    assert pages.scene.slip().state == "explained"


def test_word_that_goes_with_a_warning_up_is_kept(pages: Pages) -> None:
    uid = str(pages.scene.slip().uid)
    sent = {"warning": uid, "reason": "They do not answer.", "pass_on": "1"}
    assert pages.coordinator.submit(OFFICE, sent, page=OFFICE).status_code == 303
    row = pages.scene.slip()
    assert (row.state, row.level, row.reason) == ("open", 1, "They do not answer.")
    assert "They do not answer." in pages.coordinator.get(OFFICE).text
    # What the supplier answers takes its place.
    explained = {"warning": uid, "reason": "Meter in MWh."}
    assert pages.supplier.submit(LIST, explained, page=LIST).status_code == 303
    listed = pages.coordinator.get(f"{OFFICE}?state=explained").text
    assert "Meter in MWh." in listed
    assert "They do not answer." not in listed


def test_warning_goes_up_without_a_word_and_a_word_without_a_warning_comes_back(
    pages: Pages,
) -> None:
    sent = {"reason": "They do not answer.", "pass_on": "1"}
    answer = pages.coordinator.submit(OFFICE, sent, page=OFFICE)
    assert (answer.status_code, pages.typed(answer.text)) == (422, "They do not answer.")
    sent = {"warning": str(pages.scene.slip().uid), "reason": "", "pass_on": "1"}
    assert pages.coordinator.submit(OFFICE, sent, page=OFFICE).status_code == 303
    assert pages.scene.slip().level == 1
    resolving = {"warning": str(pages.scene.slip().uid), "reason": ""}
    assert pages.coordinator.submit(OFFICE, resolving, page=OFFICE).status_code == 422


def test_coordinator_chooses_the_unit_to_look_at_and_the_one_to_look_after(pages: Pages) -> None:
    with pages.scene.database.writing() as session:
        other = a_member_of_the_group(session)
        session.commit()
    listed = pages.coordinator.get(OFFICE).text
    assert other in listed
    page = html.fromstring(listed)
    assert "BASE" in page.xpath("//select[@name='unit']/option/@value")
    narrowed = pages.coordinator.get(f"{OFFICE}?unit=BASE").text
    assert "M001" in narrowed
    assert other not in narrowed
    kept = html.fromstring(narrowed).xpath("//form[@id='act']/@action")
    assert kept == [f"{OFFICE}?unit=BASE"]
    chosen = pages.coordinator.submit(f"{OFFICE}unit", {"after": "BASE"}, page=OFFICE)
    assert (chosen.status_code, chosen.headers["Location"]) == (303, f"{OFFICE}?unit=BASE")
    again = html.fromstring(pages.coordinator.get(OFFICE).text)
    assert again.xpath("//select[@name='after']/option[@selected]/@value") == ["BASE"]
    assert f"{OFFICE}?unit=BASE" in again.xpath("//ul[@class='saved-filters']//a/@href")
    assert pages.scene.kinds().count("account.unit_chosen") == 1
    assert pages.coordinator.submit(f"{OFFICE}unit", {"after": ""}, page=OFFICE).status_code == 303


def a_member_of_the_group(session: Session) -> str:
    """A further member with a warning, that belongs to no unit below the group; its code."""
    member = a_member(session, session.query(Alliance).one(), "M777", sector="packaging")
    session.execute(insert(StandingWarning), [a_row(member.id, 0)])
    return member.code


def a_row(member_id: int, number: int, **changes: object) -> dict[str, object]:
    return {
        "uid": uuid4(),
        "member_id": member_id,
        "year": 2025,
        "code": "series.month.missing",
        "subject": f"series/electricity.grid@S{number}",
        "address": f"series/electricity.grid@S{number}#m001",
        "weight": 2,
        "values": {"values": {"months": "2025-01"}, "lines": []},
        "state": "open",
        "level": 0,
        "turn": 1,
        "opened_at": MOMENT,
        "due_on": MOMENT.date(),
        "reason": "",
        "version": 1,
    } | changes


def test_list_of_ten_thousand_is_paged_and_costs_what_a_short_one_does(pages: Pages) -> None:
    asked = [
        (pages.supplier, LIST),
        (pages.coordinator, OFFICE),
        (pages.coordinator, f"{OFFICE}?unit=BASE&sort=due&page=2"),
    ]

    def costs() -> list[int]:
        found = []
        for browser, path in asked:
            browser.get(path)
            with counted(pages.scene.database) as statements:
                answer = browser.get(path)
            assert answer.status_code == 200
            assert len(html.fromstring(answer.text).xpath("//tbody/tr")) <= PAGE
            found.append(len(statements))
        return found

    with pages.scene.database.writing() as session:
        member_id = session.query(Member).one().id
        rows = [a_row(member_id, number) for number in range(2 * PAGE)]
        session.execute(insert(StandingWarning), rows)
        session.commit()
    few = costs()
    with pages.scene.database.writing() as session:
        rows = [a_row(member_id, number) for number in range(2 * PAGE, LONG)]
        session.execute(insert(StandingWarning), rows)
        session.commit()
    assert costs() == few
    assert max(few) <= 15
