"""A supplier is told who of the alliance opened its figures."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from portal.domain.actors import Role
from portal.http import clock
from portal.jobs.worker import drain
from portal.services import readings
from portal.services.places import day_of
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.certificates import Certificate
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.readings import KINDS, Opened, Reading, count
from portal.web.access import ACCESS
from portal.web.readings import SHOWS
from tests.browsers import Browser
from tests.factories.scenes import Scene, staff
from tests.factories.suppliers import MOMENT, an_account, an_alliance
from tests.factories.things import MAKERS, YEARS, Shelf
from tests.workers import START, add_job, settings_for

LogIn = Callable[..., Browser]
PAGE = "/supplier/readings/"

# Pages about a member or a thing of it that show none of its figures, and why.
SHOWS_NO_FIGURES = {
    "coordinator.invitation_table": "names of invited people",
    "coordinator.certificate_revoke_form": "the number of a certificate",
    "coordinator.edition_trial": "a list of all members",
}


def noted(database: Database) -> list[tuple[str, UUID, int]]:
    with database.reading() as session:
        rows = session.scalars(select(Reading).order_by(Reading.first_at, Reading.kind))
        return [(row.kind, row.thing, row.count) for row in rows]


def test_every_page_about_one_member_is_noted_or_shows_no_figures(app: Flask) -> None:
    about_a_member = {"member", "submission", "certificate", "evidence", "frozen_line", "trial"}
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("coordinator.")
        and "GET" in (rule.methods or ())
        and about_a_member & set(ACCESS[rule.endpoint].objects.values())
    }

    assert pages - SHOWS.keys() - SHOWS_NO_FIGURES.keys() == set()
    assert {shows.kind for shows in SHOWS.values()} == set(KINDS)


def test_whatever_is_opened_is_noted_for_its_member(
    app: Flask, database: Database, log_in: LogIn, tmp_path: Path
) -> None:
    with database.writing() as session:
        shelf = Shelf(session, an_alliance(session, years=YEARS))
        verifier = staff(session, Role.VERIFIER)
        values = {kind: MAKERS[kind](shelf) for kind in ("member", "submission", "certificate")}
        values |= {"line": MAKERS["frozen_line"](shelf), "trial": MAKERS["trial"](shelf)}
        session.commit()
    browser = log_in(verifier)
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    opened = [name for name in SHOWS if name not in FILES | {"coordinator.submission_return_form"}]

    for endpoint in opened:
        address = rules[endpoint]
        for argument, value in values.items():
            address = address.replace(f"<uuid:{argument}>", value)
        assert browser.get(address).status_code == 200, address

    things = {name: UUID(value) for name, value in values.items()}
    expected = {
        ("member", things["member"], 2),
        ("submission", things["submission"], 2),
        ("certificate", things["certificate"], 1),
        ("report", things["certificate"], 1),
    }
    assert set(noted(database)) == expected


FILES = {"coordinator.evidence_file", "coordinator.submission_bundle"}


@pytest.fixture
def waiting(scene: Scene) -> str:
    """The review page of a year of M001."""
    uid = scene.waiting(scene.member("M001")).uid
    scene.session.commit()
    return f"/coordinator/submissions/{uid}"


def test_supplier_reads_who_opened_what_how_often(
    scene: Scene, waiting: str, coordinator: Browser, log_in: LogIn
) -> None:
    for _ in range(3):
        assert coordinator.get(waiting).status_code == 200

    page = log_in(scene.people["M001"]).get(PAGE).text

    assert scene.coordinator.name in page
    assert "Coordinator" in page
    assert "Activity data 2025, version 1" in page
    assert '<td role="cell" data-label="Times" class="number ">3</td>' in page


def test_other_supplier_sees_nothing_of_it(scene: Scene, waiting: str, log_in: LogIn) -> None:
    scene.member("M002")
    scene.session.commit()
    log_in(scene.coordinator).get(waiting)

    page = log_in(scene.people["M002"]).get(PAGE)

    assert page.status_code == 200
    assert scene.coordinator.name not in page.text
    assert "Nobody has looked yet" in page.text


def test_pages_are_turned(scene: Scene, log_in: LogIn) -> None:
    member = scene.member("M001")
    for number in range(51):
        moment = MOMENT + timedelta(days=number)
        opened = Opened(
            member.id, scene.coordinator.id, ("coordinator",), "member", member.uid, None
        )
        count(scene.session, opened, moment, day_of(moment))
    scene.session.commit()
    browser = log_in(scene.people["M001"])

    first, second = browser.get(PAGE).text, browser.get(f"{PAGE}?page=2").text

    assert (first.count('role="rowheader"'), second.count('role="rowheader"')) == (50, 1)


def test_neither_refusals_nor_own_people_nor_lists_are_noted(
    scene: Scene, waiting: str, coordinator: Browser, log_in: LogIn, database: Database
) -> None:
    supplier = log_in(scene.people["M001"])

    assert supplier.get(waiting).status_code == 403
    assert supplier.get("/supplier/inventories/2025/").status_code in (200, 404)
    assert coordinator.get(f"/coordinator/submissions/{uuid4()}").status_code == 404
    assert coordinator.get("/coordinator/members/").status_code == 200
    assert coordinator.get("/coordinator/submissions/").status_code == 200
    assert coordinator.client.head(waiting, base_url="https://portal.example").status_code == 200

    assert noted(database) == []


def test_own_people_of_a_member_are_never_noted_whatever_asks(
    scene: Scene, waiting: str, database: Database
) -> None:
    own: Account = scene.people["M001"]
    with database.writing() as session:
        member = session.scalars(select(Member)).one()
        readings.note(session, own.id, "member", member.uid, MOMENT)
        readings.note(session, scene.coordinator.id, "member", uuid4(), MOMENT)
        session.commit()

    assert noted(database) == []


def test_reading_leaves_no_entry_in_the_ledger_and_tells_of_the_role_of_that_day(
    scene: Scene, waiting: str, coordinator: Browser, database: Database
) -> None:
    with database.reading() as session:
        before = session.scalars(select(LedgerEntry.sequence)).all()

    coordinator.get(waiting)

    with database.reading() as session:
        assert session.scalars(select(LedgerEntry.sequence)).all() == before
        row = session.scalars(select(Reading)).one()
    assert (row.roles, row.year, row.on) == ("coordinator", 2025, day_of(row.first_at))


def test_next_day_has_a_row_of_its_own(
    scene: Scene,
    waiting: str,
    coordinator: Browser,
    database: Database,
    log_in: LogIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    coordinator.get(waiting)
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)

    log_in(scene.coordinator).get(waiting)

    assert [row[2] for row in noted(database)] == [1, 1]


def test_page_is_answered_and_the_log_keeps_it_when_nothing_can_be_noted(
    waiting: str,
    coordinator: Browser,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("locked"))

    monkeypatch.setattr(readings, "note", fail)
    with caplog.at_level(logging.ERROR, logger="portal.web"):
        assert coordinator.get(waiting).status_code == 200

    assert "reading.not_noted" in caplog.text
    assert noted(database) == []


def test_certificate_that_was_opened_stands_with_its_number_and_removed_file_without_name(
    scene: Scene, coordinator: Browser, log_in: LogIn, database: Database
) -> None:
    member = scene.member("M001")
    certificate = scene.certificate(scene.approved(member))
    scene.session.execute(update(Certificate).values(state="valid"))
    for kind, thing in (
        ("certificate", certificate.uid),
        ("report", certificate.uid),
        ("evidence", uuid4()),
        ("member", member.uid),
        ("bundle", scene.waiting(member).uid),
    ):
        opened = Opened(member.id, scene.coordinator.id, ("coordinator",), kind, thing, 2024)
        count(scene.session, opened, MOMENT, day_of(MOMENT))
    number = certificate.number
    scene.session.commit()

    page = log_in(scene.people["M001"]).get(PAGE).text

    for words in (
        f"Certificate {number}",
        f"Report beside certificate {number}",
        "An evidence file that has been removed since",
        "Your organisation’s page with its years and totals",
        "Evidence bundle: Activity data 2025, version 1",
    ):
        assert words in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REPORTER, Role.SIGNATORY])
def test_everybody_of_the_supplier_finds_the_page(scene: Scene, log_in: LogIn, role: Role) -> None:
    person = an_account(scene.session, role, scene.member("M001"))
    scene.session.commit()
    browser = log_in(person)

    assert browser.get(PAGE).status_code == 200
    assert PAGE in browser.get("/account/").text


def test_sweep_deletes_what_is_older_than_two_years(
    database: Database, database_url: str, scene: Scene, tmp_path: Path
) -> None:
    member = scene.member("M001")
    for days in (700, 732):
        moment = START - timedelta(days=days)
        opened = Opened(
            member.id, scene.coordinator.id, ("coordinator",), "member", member.uid, None
        )
        count(scene.session, opened, moment, day_of(moment))
    scene.session.commit()

    add_job(database, "sweep", moment=START)
    drain(settings_for(database_url, tmp_path), now=lambda: START)

    with database.reading() as session:
        kept = session.scalars(select(Reading.on)).all()
    assert kept == [day_of(START - timedelta(days=700))]
