"""What the portal asks of a passkey's answer; tests/journeys/test_passkeys.py does it with a real browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from webauthn.helpers import base64url_to_bytes

from portal.domain.actors import SYSTEM, Role
from portal.services import passkeys
from portal.services.passkeys import NotAccepted, Site
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from tests.browsers import ORIGIN, Browser
from tests.factories.authenticators import Key
from tests.factories.suppliers import MOMENT, a_member, an_account, an_alliance

SITE = Site("portal.example", ORIGIN, "portal.example")
CHALLENGE = bytes(range(32))


@dataclass
class Owner:
    """Somebody with a key."""

    database: Database
    account: Account
    key: Key

    def opens(self, *, is_verified: bool, gave_password: Account | None = None) -> bool:
        answer = self.key.answer(SITE, CHALLENGE, is_verified=is_verified)
        with self.database.writing() as session:
            try:
                found = passkeys.owner_of(
                    Work(session, SYSTEM, MOMENT),
                    answer=answer,
                    site=SITE,
                    challenge=CHALLENGE,
                    account=gave_password,
                )
            except NotAccepted:
                return False
        return found is not None and found.id == self.account.id


@pytest.fixture
def owner_with(database: Database) -> Callable[[Role], Owner]:
    """Somebody who has a role and a key that never counts."""

    def made(role: Role) -> Owner:
        key = Key()
        with database.writing() as session:
            member = a_member(
                session, an_alliance(session, years=(2025,)), "M001", sector="packaging"
            )
            account = an_account(session, role, member if role is Role.REPORTER else None)
            session.add(key.row_of(account))
            session.commit()
        return Owner(database, account, key)

    return made


def test_key_stands_for_the_password_only_where_it_asked_for_the_person(
    owner_with: Callable[[Role], Owner],
) -> None:
    owner = owner_with(Role.REPORTER)
    assert owner.opens(is_verified=True)
    assert not owner.opens(is_verified=False)
    assert owner.opens(is_verified=False, gave_password=owner.account)


def test_key_of_somebody_else_is_no_second_step(owner_with: Callable[[Role], Owner]) -> None:
    owner = owner_with(Role.REPORTER)
    with owner.database.writing() as session:
        other = an_account(session, Role.COORDINATOR, None)
        session.commit()
    assert not owner.opens(is_verified=True, gave_password=other)


def test_key_of_an_administrator_always_asks_for_the_person(
    owner_with: Callable[[Role], Owner],
) -> None:
    owner = owner_with(Role.ADMINISTRATOR)
    assert owner.opens(is_verified=True, gave_password=owner.account)
    assert not owner.opens(is_verified=False, gave_password=owner.account)


def test_challenge_is_good_for_one_answer_whatever_that_is(
    owner_with: Callable[[Role], Owner], browser: Browser
) -> None:
    owner = owner_with(Role.REPORTER)

    def asked() -> bytes:
        token = browser.token("/login/passkey")
        options = browser.post("/login/passkey/options", {"csrf_token": token}).get_json()
        return base64url_to_bytes(options["challenge"])

    def answered(answer: str) -> int:
        data = {"credential": answer, "csrf_token": browser.token("/login/passkey")}
        return browser.post("/login/passkey", data).status_code

    challenge = asked()
    assert answered(Key().answer(SITE, challenge, is_verified=True)) == 422
    assert answered(owner.key.answer(SITE, challenge, is_verified=True)) == 422
    assert answered(owner.key.answer(SITE, asked(), is_verified=True)) == 303
