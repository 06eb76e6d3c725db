"""Invitations: sent, sent again, withdrawn, accepted once, and nothing that anybody can guess or reuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.domain.actors import Role
from portal.domain.members import Status
from portal.http import clock
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.invitations import Invitation
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.messages import Message
from tests.browsers import Browser
from tests.factories.suppliers import a_member, an_account, an_alliance

LogIn = Callable[..., Browser]
PASSWORD = "nine blue tractors sing at dawn"


@dataclass
class Scene:
    database: Database
    member: Member
    coordinator: Account
    administrator: Account

    @property
    def page(self) -> str:
        return f"/coordinator/members/{self.member.uid}/invitations/"

    def links(self) -> list[str]:
        """The links of all letters, oldest first."""
        with self.database.reading() as session:
            query = select(Message).where(Message.kind == "invitation").order_by(Message.id)
            return [letter.values["path"] for letter in session.scalars(query)]

    def facts(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.sequence)))


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        member = a_member(session, alliance, "M001", sector="packaging")
        member.status = Status.INVITED.value
        coordinator = an_account(session, Role.COORDINATOR, None)
        administrator = an_account(session, Role.ADMINISTRATOR, None)
        for account in (coordinator, administrator):
            account.tf_primary_method, account.tf_totp_secret = "authenticator", "set"
        session.commit()
    return Scene(database, member, coordinator, administrator)


@pytest.fixture
def coordinator(log_in: LogIn, scene: Scene) -> Browser:
    return log_in(scene.coordinator)


def invite(browser: Browser, scene: Scene, **changes: object) -> int:
    data = {"email": "han.mei@example.com", "roles": ["reporter", "signatory"], "language": "en"}
    return browser.submit(scene.page, data | changes).status_code


def accept(browser: Browser, link: str, **changes: str) -> int:
    data = {"name": "Han Mei", "language": "en", "password": PASSWORD, "again": PASSWORD}
    return browser.submit(link, data | changes).status_code


def test_invited_person_chooses_a_password_and_is_in(
    coordinator: Browser, browser: Browser, scene: Scene
) -> None:
    assert invite(coordinator, scene) == 303

    assert accept(browser, scene.links()[0]) == 303

    assert "Han Mei" in browser.get("/account/").text
    with scene.database.reading() as session:
        account = session.scalars(select(Account).where(Account.name == "Han Mei")).one()
        member = session.get_one(Member, scene.member.id)
    assert account.email == "han.mei@example.com"
    assert account.member_id == scene.member.id
    assert {role.name for role in account.roles} == {"reporter", "signatory"}
    assert member.status == Status.ACTIVE.value
    assert scene.facts() == [
        "invitation.sent",
        "account.created",
        "member.activated",
        "invitation.accepted",
    ]


def test_link_is_long_random_and_kept_as_a_digest(coordinator: Browser, scene: Scene) -> None:
    invite(coordinator, scene)
    invite(coordinator, scene, email="li.lei@example.com")

    tokens = [link.removeprefix("/invitation/") for link in scene.links()]

    assert len(set(tokens)) == 2
    assert all(len(token) == 43 for token in tokens)
    with scene.database.reading() as session:
        digests = list(session.scalars(select(Invitation.digest)))
    assert all(token.encode() not in digest for token in tokens for digest in digests)


def test_link_works_once(
    coordinator: Browser, new_browser: Callable[[], Browser], scene: Scene
) -> None:
    invite(coordinator, scene)
    link = scene.links()[0]
    accept(new_browser(), link)

    answer = new_browser().get(link)

    assert answer.status_code == 404
    assert 'name="password"' not in answer.text


def test_two_acceptances_at_once_make_one_account(
    app: Flask, coordinator: Browser, scene: Scene
) -> None:
    invite(coordinator, scene)
    link = scene.links()[0]
    browsers = [Browser(app.test_client()) for _ in range(4)]
    data = {"name": "Han Mei", "language": "en", "password": PASSWORD, "again": PASSWORD}
    tokens = [browser.token(link) for browser in browsers]

    def attempt(number: int) -> int:
        return browsers[number].post(link, {**data, "csrf_token": tokens[number]}).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(attempt, range(4)))

    assert statuses[0] == 303
    assert set(statuses[1:]) <= {404, 409}
    with scene.database.reading() as session:
        query = select(func.count()).select_from(Account).where(Account.name == "Han Mei")
        assert session.scalars(query).one() == 1


@pytest.mark.parametrize(("days", "status"), [(6.9, 200), (7.1, 404)])
def test_link_lives_seven_days(
    coordinator: Browser,
    browser: Browser,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    days: float,
    status: int,
) -> None:
    invite(coordinator, scene)
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(days=days))

    assert browser.get(scene.links()[0]).status_code == status


def uid_of(scene: Scene) -> str:
    with scene.database.reading() as session:
        return str(session.scalars(select(Invitation.uid)).one())


def test_sending_again_makes_the_earlier_link_useless(
    coordinator: Browser, browser: Browser, scene: Scene
) -> None:
    invite(coordinator, scene)

    answer = coordinator.submit(
        f"/coordinator/invitations/{uid_of(scene)}/resend", {}, page=scene.page
    )

    assert answer.status_code == 303
    old, new = scene.links()
    assert browser.get(old).status_code == 404
    assert accept(browser, new) == 303


def test_withdrawn_invitation_opens_nothing_and_cannot_be_sent_again(
    coordinator: Browser, browser: Browser, scene: Scene
) -> None:
    invite(coordinator, scene)
    uid = uid_of(scene)

    coordinator.submit(f"/coordinator/invitations/{uid}/revoke", {}, page=scene.page)

    assert browser.get(scene.links()[0]).status_code == 404
    again = coordinator.submit(f"/coordinator/invitations/{uid}/resend", {}, page=scene.page)
    assert again.status_code == 409


@pytest.mark.parametrize("state", ["bounced", "failed"])
def test_letter_that_came_back_is_shown(coordinator: Browser, scene: Scene, state: str) -> None:
    invite(coordinator, scene)
    with scene.database.writing() as session:
        session.execute(update(Message).values(state=state))
        session.commit()

    page = coordinator.get(scene.page).text

    assert "Could not be delivered" in page


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"email": "no address"}, 422, "error"),
        ({"email": ""}, 422, "error"),
        ({"roles": []}, 422, "Choose at least one role"),
        ({"roles": ["administrator"]}, 422, "error"),
        ({"language": "tlh"}, 422, "error"),
    ],
)
def test_invitation_that_makes_no_sense_is_not_sent(
    coordinator: Browser, scene: Scene, changes: dict[str, object], status: int, words: str
) -> None:
    assert invite(coordinator, scene, **changes) == status
    assert scene.links() == []


def test_person_who_has_an_account_is_not_invited_again(coordinator: Browser, scene: Scene) -> None:
    answer = coordinator.submit(
        scene.page,
        {"email": scene.administrator.email.upper(), "roles": ["viewer"], "language": "en"},
    )

    assert answer.status_code == 409
    assert "has an account already" in answer.text
    assert scene.administrator.email in answer.text


def test_second_invitation_to_one_person_is_refused_while_the_first_is_open(
    coordinator: Browser, scene: Scene
) -> None:
    assert [invite(coordinator, scene), invite(coordinator, scene)] == [303, 409]
    assert len(scene.links()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "short", "again": "short"},
        {"again": "something else entirely"},
        {"password": "han.mei@example.com", "again": "han.mei@example.com"},
        {"name": " "},
        {"language": ""},
    ],
)
def test_acceptance_that_is_not_right_keeps_the_invitation_open(
    coordinator: Browser, browser: Browser, scene: Scene, changes: dict[str, str]
) -> None:
    invite(coordinator, scene)
    link = scene.links()[0]

    assert accept(browser, link, **changes) == 422
    assert accept(browser, link) == 303


def test_address_of_the_invitation_cannot_be_swapped_for_another(
    coordinator: Browser, browser: Browser, scene: Scene
) -> None:
    invite(coordinator, scene)

    accept(
        browser,
        scene.links()[0],
        email="attacker@example.com",
        roles="administrator",
        member_id="999",
    )

    with scene.database.reading() as session:
        account = session.scalars(select(Account).where(Account.name == "Han Mei")).one()
    assert account.email == "han.mei@example.com"
    assert {role.name for role in account.roles} == {"reporter", "signatory"}


def test_person_who_is_logged_in_is_asked_to_log_out_first(
    coordinator: Browser, scene: Scene
) -> None:
    invite(coordinator, scene)

    answer = coordinator.get(scene.links()[0])

    assert answer.status_code == 409
    assert "Log out" in answer.text


def test_administrator_invites_people_of_the_alliance_and_coordinators_do_not(
    log_in: LogIn, coordinator: Browser, browser: Browser, scene: Scene
) -> None:
    administrator = log_in(scene.administrator)
    data = {"email": "new.verifier@example.com", "roles": ["verifier"], "language": "zh_Hans_CN"}

    sent = administrator.submit("/administrator/invitations/", data)
    refused = coordinator.get("/administrator/invitations/")

    assert (sent.status_code, refused.status_code) == (303, 403)
    assert accept(browser, scene.links()[0], language="zh_Hans_CN") == 303
    with scene.database.reading() as session:
        account = session.scalars(
            select(Account).where(Account.email == "new.verifier@example.com")
        ).one()
    assert account.member_id is None
    assert {role.name for role in account.roles} == {"verifier"}


def test_coordinator_cannot_handle_an_invitation_of_the_alliance(
    log_in: LogIn, coordinator: Browser, scene: Scene
) -> None:
    data = {"email": "new.verifier@example.com", "roles": ["verifier"], "language": "en"}
    log_in(scene.administrator).submit("/administrator/invitations/", data)

    answer = coordinator.submit(
        f"/coordinator/invitations/{uid_of(scene)}/revoke", {}, page=scene.page
    )

    assert answer.status_code == 404


def test_letter_says_who_invites_whom_to_what(coordinator: Browser, scene: Scene) -> None:
    invite(coordinator, scene, language="zh_Hans_CN")

    with scene.database.reading() as session:
        letter = session.scalars(select(Message).where(Message.kind == "invitation")).one()
    assert letter.language == "zh_Hans_CN"
    assert letter.values["member"] == scene.member.name_zh
    assert letter.values["inviter"] == scene.coordinator.name
    assert re.fullmatch(r"/invitation/[\w-]{43}", letter.values["path"])
