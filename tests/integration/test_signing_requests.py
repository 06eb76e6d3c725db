"""A clerk who has filled something in asks the signatory by mail: once a day, and only while it can be handed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.domain.actors import Role
from portal.services import plans
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.messages import Message
from tests.browsers import Browser
from tests.factories.scenes import Scene
from tests.factories.suppliers import an_account

YEAR = "/supplier/inventories/2025"


@pytest.fixture
def member(scene: Scene) -> Member:
    made = scene.member("M-0001")
    scene.approved(made, 2024)
    scene.draft(made, 2025)
    scene.commit()
    return made


@pytest.fixture
def clerk(scene: Scene, member: Member, log_in: Callable[[Account], Browser]) -> Browser:
    account = an_account(scene.session, Role.REPORTER, member)
    scene.session.commit()
    return log_in(account)


def letters(database: Database) -> list[Message]:
    with database.reading() as session:
        return list(session.scalars(select(Message).where(Message.kind == "ready_to_sign")))


def test_signatory_gets_one_letter_with_the_way_to_the_check(
    scene: Scene, member: Member, clerk: Browser, database: Database
) -> None:
    assert "Ask the signatory by mail" in clerk.get(f"{YEAR}/check").text
    asked = clerk.submit(f"{YEAR}/ask-signatory", {}, page=f"{YEAR}/check")
    assert asked.location.endswith(f"{YEAR}/check")
    assert "1 signatory was asked by mail" in clerk.get(asked.location).text
    (letter,) = letters(database)
    assert letter.to_email == scene.people[member.code].email
    assert letter.values["path"] == f"{YEAR}/check"
    again = clerk.submit(f"{YEAR}/ask-signatory", {}, page=f"{YEAR}/check")
    assert again.status_code == 429
    assert len(letters(database)) == 1
    with database.reading() as session:
        kinds = list(session.scalars(select(LedgerEntry.kind)))
        assert kinds.count("signature.asked") == 1


def test_plan_is_asked_for_too(
    scene: Scene, member: Member, clerk: Browser, database: Database
) -> None:
    plans.begin_plan(scene.as_supplier(member.code, 5), member)
    scene.commit()
    page = "/supplier/plan/0/check"
    assert clerk.submit("/supplier/plan/0/ask-signatory", {}, page=page).status_code == 303
    (letter,) = letters(database)
    assert (letter.values["path"], letter.values["about"]) == (page, "plan")


def test_what_was_handed_in_is_asked_for_no_more(
    scene: Scene, member: Member, clerk: Browser, database: Database
) -> None:
    page = clerk.get(f"{YEAR}/check").text
    assert page
    inventory = scene.session.scalars(select(Inventory).where(Inventory.year == 2025)).one()
    inventory.state = "submitted"
    scene.session.commit()
    answer = clerk.submit(f"{YEAR}/ask-signatory", {}, page="/account/")
    assert answer.status_code == 409
    assert letters(database) == []


def test_whoever_signs_and_whoever_only_reads_is_offered_no_letter(
    scene: Scene, member: Member, log_in: Callable[[Account], Browser]
) -> None:
    viewer = an_account(scene.session, Role.VIEWER, member)
    scene.session.commit()
    for account in (scene.people[member.code], viewer):
        page = log_in(account).get(f"{YEAR}/check").text
        assert "Ask the signatory by mail" not in page
