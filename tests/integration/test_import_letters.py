"""Whoever had a long file worked through is written to once, with what came of it, in their own language."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.jobs.queue import Queue
from portal.jobs.registry import KINDS
from portal.services import imports, workbook_imports
from portal.services.outbox import SEND_MESSAGE
from portal.services.tables import files
from portal.store.accounts import Account
from portal.store.imports import ImportFile
from portal.store.jobs import Job
from portal.store.messages import Message
from tests.factories.suppliers import unknown_uid
from tests.integration import test_workbooks_web as of_workbooks
from tests.integration.test_jobs_certificates import StubRenderer, StubSignatory
from tests.integration.test_tables_web import GOOD, Scene, scene

__all__ = ["book_scene", "scene"]
book_scene = of_workbooks.scene
BAD = GOOD.replace("1234.5", "much")


def work(scene: Scene | of_workbooks.Scene, *, minutes: int) -> None:
    """Let a worker do the jobs of imports, so many minutes after somebody asked for them."""
    with scene.database.reading() as session:
        asked = session.scalars(select(Job.created_at).order_by(Job.id.desc()).limit(1)).one()
    moment = asked + timedelta(minutes=minutes)
    queue = Queue(scene.database, scene.settings, StubRenderer(), StubSignatory(), KINDS, lambda: moment, 60, "one")  # fmt: skip
    while held := queue.take():
        if held.kind != SEND_MESSAGE:
            queue.run(held)


def letters(scene: Scene | of_workbooks.Scene) -> list[tuple[str, object, object]]:
    with scene.database.reading() as session:
        query = select(Message).where(Message.kind == "import_ended").order_by(Message.id)
        return [
            (each.to_email, each.values["outcome"], each.values["count"])
            for each in session.scalars(query)
        ]


def _address(scene: Scene, person: int) -> str:
    with scene.database.reading() as session:
        query = select(Account.email).where(Account.member_id == scene.member.id)
        return session.scalars(query.order_by(Account.id)).all()[person]


@pytest.fixture
def long(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Every table is long enough to be left to jobs."""
    monkeypatch.setattr(files, "MOST_BYTES_AT_ONCE", 10)
    return scene


def _checked(scene: Scene, content: str, *, minutes: int) -> str:
    uploaded = scene.upload(content)
    work(scene, minutes=minutes)
    preview = scene.settle(scene.browser.get(uploaded.location).location).location
    work(scene, minutes=minutes)
    return str(preview)


def test_who_asked_for_it_is_told_once_that_the_lines_are_kept(long: Scene) -> None:
    preview = _checked(long, GOOD, minutes=0)
    assert letters(long) == []
    assert long.colleague.submit(preview, {}, page=preview).status_code == 303
    work(long, minutes=5)
    work(long, minutes=6)
    assert letters(long) == [(_address(long, 1), "applied", 2)]
    with long.database.reading() as session:
        (letter,) = session.scalars(select(Message))
        colleague = session.scalars(select(Account).where(Account.email == letter.to_email)).one()
    assert letter.language == colleague.language
    assert long.browser.get(str(letter.values["path"])).status_code == 200


def test_what_was_soon_done_needs_no_letter(long: Scene) -> None:
    preview = _checked(long, GOOD, minutes=0)
    long.keep(preview)
    work(long, minutes=0)
    assert len(long.lines()) == 2
    assert letters(long) == []


@pytest.mark.parametrize(("content", "outcome"), [(GOOD, "ready"), (BAD, "problems")])
def test_who_has_to_go_on_is_told_what_waits(long: Scene, content: str, outcome: str) -> None:
    _checked(long, content, minutes=2)
    assert [each[1] for each in letters(long)] == ["ready", outcome]


def test_file_that_can_not_be_read_is_told_as_such(long: Scene) -> None:
    long.upload("site,quantity,Quantity\n1,2,3\n")
    work(long, minutes=2)
    assert [each[1] for each in letters(long)] == ["refused"]


def test_nobody_is_told_who_has_left_the_company(long: Scene) -> None:
    long.upload(GOOD)
    with long.database.writing() as session:
        session.execute(
            update(Account)
            .values(fs_uniquifier=unknown_uid().hex, active=False)
            .where(Account.email == _address(long, 0))
        )
        session.commit()
    work(long, minutes=2)
    assert letters(long) == []


def test_file_that_was_put_aside_meanwhile_is_told_of_to_nobody(long: Scene) -> None:
    uploaded = long.upload(GOOD)
    long.browser.submit(f"{uploaded.location}/remove", {}, page=uploaded.location)
    work(long, minutes=2)
    assert letters(long) == []


def test_work_that_was_given_up_is_told_however_soon(long: Scene, monkeypatch) -> None:
    long.upload(GOOD)
    monkeypatch.setattr("portal.jobs.import_tables.opened", _broken)
    with long.database.writing() as session:
        session.execute(update(Job).values(max_attempts=1))
        session.commit()
    work(long, minutes=0)
    assert [each[1] for each in letters(long)] == ["refused"]


def _broken(*_given: object, **_named: object) -> None:
    raise RuntimeError("the disk is gone")


def test_workbook_is_told_of_too(book_scene: of_workbooks.Scene, monkeypatch) -> None:
    monkeypatch.setattr(workbook_imports, "MOST_BYTES_AT_ONCE", 1000)
    monkeypatch.setattr(workbook_imports, "MOST_ROWS_AT_ONCE", 0)
    book = book_scene.book()
    of_workbooks.cells_of(book)["quantity"][0].value = 250
    address = book_scene.upload(book).headers["Location"]
    work(book_scene, minutes=2)
    book_scene.apply(address)
    work(book_scene, minutes=2)
    assert [each[1:] for each in letters(book_scene)] == [("ready", 1), ("applied", 1)]
    assert book_scene.quantities()[0] == "250"


def test_workbook_with_a_conflict_or_of_a_closed_year_is_told_as_such(
    book_scene: of_workbooks.Scene, monkeypatch
) -> None:
    monkeypatch.setattr(workbook_imports, "MOST_ROWS_AT_ONCE", 0)
    book = book_scene.book()
    of_workbooks.cells_of(book)["quantity"][0].value = "#DIV/0!"
    of_workbooks.cells_of(book)["quantity"][0].data_type = "e"
    monkeypatch.setattr(workbook_imports, "MOST_BYTES_AT_ONCE", 1000)
    book_scene.upload(book)
    work(book_scene, minutes=2)
    assert [each[1] for each in letters(book_scene)] == ["problems"]
    with book_scene.database.reading() as session:
        states = [row.state for row in session.scalars(select(ImportFile))]
    assert states == [imports.READY]
