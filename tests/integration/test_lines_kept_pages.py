"""A page of the table that is kept in memory: whatever changes what it shows, the next look at it shows the change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.refusals import NotFound
from portal.services import evidence, inventories, kept_line_pages, lines, review, warnings
from portal.services.line_page import LinePage
from portal.services.line_saving import SubmittedLine, save_lines
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.members import Site
from portal.store.submissions import Finding
from tests.factories.scenes import a_scene
from tests.factories.suppliers import a_file, a_member, an_account, work_of
from tests.statements import counted

POWER = {
    "category": "electricity.grid",
    "quantity": "7",
    "unit": "kWh",
    "period": "2025",
    "site": "S1",
}


@dataclass
class Scene:
    """A supplier whose year 2025 came back with a question; each step is a transaction of its own, as requests are."""

    database: Database
    reporter: Account
    stranger: Account
    coordinator: Account

    def look(self, number: int = 1, *, by: Account | None = None) -> LinePage:
        with self.database.reading() as session:
            work = work_of(session, by or self.reporter)
            page = kept_line_pages.kept_page(work, 2025, number)[1]
            session.expunge(page.inventory)
            session.rollback()  # as after every request: nothing that was kept may hang on this session
        return page

    def do(self, act: Callable[[Work, Inventory], object], year: int = 2025) -> None:
        with self.database.writing() as session:
            work = work_of(session, self.reporter)
            act(work, inventories.own_year(work, year)[1])
            work.commit()


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    kept_line_pages.forget()
    with database.writing() as session:
        scene = a_scene(session)
        member = scene.member("M001")
        stranger = a_member(session, scene.alliance, "M002", sector="packaging")
        scene.draft(member, 2024, lines=1)
        scene.returned(member)
        found = Scene(
            database,
            an_account(session, Role.REPORTER, member),
            an_account(session, Role.REPORTER, stranger),
            scene.coordinator,
        )
        session.commit()
    yield found
    kept_line_pages.forget()


def test_second_look_asks_only_whether_something_changed(scene: Scene) -> None:
    with counted(scene.database) as first:
        before = scene.look()
    with counted(scene.database) as second:
        after = scene.look()
    assert (len(first), len(second)) == (10, 1)
    assert after.lines is before.lines
    assert [each.message for each in after.questions[after.lines[0].key]] == ["Why so much?"]


def save(work: Work, inventory: Inventory) -> None:
    line = first_line(work, inventory)
    saved = save_lines(
        work,
        inventory,
        [SubmittedLine(0, POWER, line.key, line.version)],
        locale="zh",
        keep_unfinished=False,
    )
    assert saved.is_kept, [each.problems for each in saved.blocked]


def first_line(work: Work, inventory: Inventory) -> lines.ActivityLine:
    (key,) = work.session.scalars(
        select(lines.ActivityLine.key)
        .where(lines.ActivityLine.inventory_id == inventory.id)
        .order_by(lines.ActivityLine.position)
        .limit(1)
    )
    return lines.find_line(work, inventory, key)


def remove(work: Work, inventory: Inventory) -> None:
    lines.remove_line(work, inventory, first_line(work, inventory).key)


def prove(work: Work, inventory: Inventory) -> None:
    file = a_file(work.session, inventory.member_id)
    evidence.link(work, inventory, [first_line(work, inventory).key], file)


def answer(work: Work, _inventory: Inventory) -> None:
    uid = work.session.scalars(select(Finding.uid)).one()
    review.answer_finding(work, uid, "A new hall.")


def rename_site(work: Work, _inventory: Inventory) -> None:
    site = work.session.scalars(select(Site)).one()
    site.name_zh = "新厂"


def write_note(work: Work, inventory: Inventory) -> None:
    inventories.write_note(work, inventory, "The hall is new.")


SHOWN: dict[str, tuple[Callable[[Work, Inventory], object], int, Callable[[LinePage], object]]] = {
    "a saved line": (save, 2025, lambda page: page.lines[0].quantity == 7),
    "a removed line": (remove, 2025, lambda page: page.line_count == 2),
    "a file": (prove, 2025, lambda page: page.files[page.lines[0].key][0].name == "bill.pdf"),
    "an answer": (
        answer,
        2025,
        lambda page: page.questions[page.lines[0].key][0].state == "answered",
    ),
    "a site's name": (rename_site, 2025, lambda page: page.sites[0].name_zh == "新厂"),
    "a note": (write_note, 2025, lambda page: page.inventory.note == "The hall is new."),
    "last year's lines": (remove, 2024, lambda page: not page.can_copy),
}


@pytest.mark.parametrize("what", SHOWN)
def test_next_look_shows_what_changed(scene: Scene, what: str) -> None:
    act, year, is_shown = SHOWN[what]
    assert not _holds(is_shown, scene.look())
    scene.do(act, year)
    assert _holds(is_shown, scene.look())


def _holds(is_shown: Callable[[LinePage], object], page: LinePage) -> bool:
    try:
        return bool(is_shown(page))
    except KeyError:  # no file stands beside the line yet
        return False


def test_next_look_shows_the_reason_of_a_warning(scene: Scene) -> None:
    scene.do(save)
    scene.do(add_twin)
    noticed = last_notice(scene.look())
    assert (noticed.warning.code, noticed.reason) == ("line.duplicate", "")
    warning = noticed.warning
    scene.do(
        lambda work, inventory: warnings.explain(
            work, inventory, warning.code, warning.address, "two meters"
        )
    )
    assert last_notice(scene.look()).reason == "two meters"


def add_twin(work: Work, inventory: Inventory) -> None:
    saved = save_lines(
        work, inventory, [SubmittedLine(3, POWER)], locale="zh", keep_unfinished=False
    )
    assert saved.is_kept, [each.problems for each in saved.blocked]


def last_notice(page: LinePage) -> warnings.Noticed:
    return page.notices[page.lines[-1].key][-1]


def test_what_was_rolled_back_is_not_kept(scene: Scene) -> None:
    before = scene.look()
    with scene.database.writing() as session:
        work = work_of(session, scene.reporter)
        save(work, inventories.own_year(work, 2025)[1])
        session.rollback()
    assert scene.look().lines is before.lines


def test_kept_page_is_still_only_the_members(scene: Scene) -> None:
    scene.look()
    with pytest.raises(NotFound):
        scene.look(by=scene.stranger)
    with pytest.raises(NotFound):
        scene.look(by=scene.coordinator)


def test_memory_does_not_grow_without_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_line_pages, "MOST_PAGES", 2)
    for number in range(1, 8):
        scene.look(number)
    assert len(kept_line_pages._PAGES) <= 2
    assert scene.look().lines[0].quantity > Decimal(0)


def test_work_of_another_session_sees_its_own_inventory(scene: Scene, database: Database) -> None:
    scene.look()
    with database.reading() as session:
        page = kept_line_pages.kept_page(work_of(session, scene.reporter), 2025, 1)[1]
        assert Session.object_session(page.inventory) is session
