"""Passkeys in a real browser, which a virtual authenticator answers for."""

from __future__ import annotations

import base64
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from sqlalchemy import select, update

from portal.app import create_app
from portal.config.settings import Settings
from portal.domain.actors import SYSTEM, Role
from portal.services import passkeys
from portal.services.passkeys import NotAccepted, Site
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.messages import Message
from portal.store.passkeys import Passkey
from tests.browsers import PASSWORD, SECRETS, hashed
from tests.factories.suppliers import MOMENT, a_member, an_account, an_alliance
from tests.journeys.chromium import Watched, watched
from tests.journeys.server import serving

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class World:
    """A portal that a browser reaches by name, and somebody with a virtual authenticator."""

    base_url: str
    database: Database
    account: Account
    watched: Watched
    cdp: CDPSession
    authenticator: str

    @property
    def page(self) -> Page:
        return self.watched.page

    def go(self, path: str) -> None:
        self.page.goto(self.base_url + path)

    def give_password(self) -> None:
        self.go("/login")
        self.page.get_by_label("E-mail").fill(self.account.email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()

    def log_out(self) -> None:
        self.page.context.clear_cookies()

    def is_in(self) -> bool:
        self.go("/account/")
        return self.page.url == f"{self.base_url}/account/"

    def add(self, name: str = "Phone") -> None:
        self.go("/account/passkeys")
        self.page.get_by_label("Name of the passkey").fill(name)
        self.page.get_by_role("button", name="Add a passkey").click()
        self.page.get_by_text("The passkey has been added.").wait_for()

    def use(self) -> None:
        self.page.get_by_role("button", name="Use my passkey").click()
        self.page.wait_for_url(lambda url: "/login/passkey" not in url)

    def key(self) -> Passkey:
        with self.database.reading() as session:
            return session.scalars(select(Passkey)).one()

    def changes(self) -> list[str]:
        with self.database.reading() as session:
            letters = session.scalars(
                select(Message).where(Message.kind == "two_factor_changed").order_by(Message.id)
            )
            return [letter.values["change"] for letter in letters]

    def facts(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.sequence)))


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(locale="en-GB")
    yield opened
    opened.close()


@pytest.fixture
def world(
    database: Database, database_url: str, tmp_path: Path, context: BrowserContext
) -> Iterator[World]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    base_url = f"http://localhost:{port}"
    settings = Settings.from_environment(
        {
            **SECRETS,
            "PORTAL_BASE_URL": base_url,
            "PORTAL_FOLDER": str(tmp_path),
            "PORTAL_DATABASE_URL": database_url,
        }
    )
    with database.writing() as session:
        member = a_member(session, an_alliance(session, years=(2025,)), "M001", sector="packaging")
        account = an_account(session, Role.REPORTER, member)
        account.password = hashed()
        session.commit()
    with serving(create_app(settings, database), port):
        watch = watched(context)
        cdp = context.new_cdp_session(watch.page)
        cdp.send("WebAuthn.enable")
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        yield World(base_url, database, account, watch, cdp, made["authenticatorId"])


def test_passkey_is_added_asked_for_after_the_password_and_removed(world: World) -> None:
    world.give_password()
    world.add()
    assert world.page.get_by_role("rowheader", name="Phone").count() == 1
    world.log_out()

    world.give_password()
    assert world.page.url.startswith(f"{world.base_url}/login/passkey")
    assert not world.is_in()
    world.give_password()
    world.use()

    assert world.is_in()
    assert world.key().used_at is not None
    world.go("/account/passkeys")
    world.page.get_by_role("button", name="Remove Phone").click()
    world.page.get_by_text("The passkey has been removed.").wait_for()
    assert world.changes() == ["passkey_added", "passkey_removed"]
    assert "account.second_factor_passkey_added" in world.facts()
    world.log_out()
    world.give_password()
    assert world.is_in()
    assert world.watched.refused() == []


def test_passkey_that_asks_for_the_finger_opens_without_a_password(world: World) -> None:
    world.give_password()
    world.add()
    world.log_out()

    world.go("/login")
    world.page.get_by_role("link", name="Log in with a passkey").click()
    world.use()

    assert world.is_in()


def test_passkey_that_asks_for_nothing_opens_after_the_password_only(world: World) -> None:
    world.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": world.authenticator})
    plain = {**AUTHENTICATOR, "hasUserVerification": False, "isUserVerified": False}
    world.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": plain})
    world.give_password()
    world.add()
    world.log_out()

    world.go("/login/passkey")
    world.page.get_by_role("button", name="Use my passkey").click()
    world.page.get_by_text("That did not work.").wait_for()
    assert not world.is_in()
    world.give_password()
    world.use()

    assert world.is_in()


def test_copied_key_is_refused_and_its_owner_told(world: World) -> None:
    world.give_password()
    world.add()
    world.log_out()
    with world.database.writing() as session:
        session.execute(update(Passkey).values(sign_count=1000))
        session.commit()

    world.give_password()
    world.use()

    assert not world.is_in()
    assert world.changes() == ["passkey_added", "passkey_suspected"]
    assert world.facts()[-1] == "account.second_factor_passkey_suspected"


def test_recovery_code_opens_when_the_key_is_lost(world: World) -> None:
    world.give_password()
    world.add()
    world.page.get_by_role("link", name="Make recovery codes").click()
    world.page.get_by_role("button").last.click()
    code = world.page.locator("li code").first.inner_text()
    world.log_out()

    world.give_password()
    world.page.get_by_role("link", name="Use a recovery code").click()
    world.page.get_by_label("Recovery code").fill(code)
    world.page.get_by_role("button", name=re.compile("Continue|Log in|recovery")).first.click()
    world.page.wait_for_load_state()

    assert world.is_in()


def test_answer_is_good_once_and_for_this_portal_and_this_person_only(world: World) -> None:
    world.give_password()
    world.add()
    world.log_out()
    sent: list[str] = []
    world.page.on(
        "request",
        lambda request: (
            sent.append(request.post_data or "")
            if request.method == "POST" and request.url.endswith("/login/passkey")
            else None
        ),
    )
    world.go("/login/passkey")
    world.use()
    world.page.goto("about:blank")
    (body,) = sent
    answer = _field(body, "credential")
    challenge = _challenge(answer)
    site = Site("localhost", world.base_url, "localhost")

    def opens(
        site: Site = site, challenge: bytes = challenge, account: Account | None = None
    ) -> bool:
        with world.database.writing() as session:
            session.execute(update(Passkey).values(sign_count=0))
            work = Work(session, SYSTEM, MOMENT)
            try:
                found = passkeys.owner_of(
                    work, answer=answer, site=site, challenge=challenge, account=account
                )
            except NotAccepted:
                return False
            assert found is not None
            return found.id == world.account.id

    assert opens()
    assert not opens(challenge=b"another challenge")
    assert not opens(replace(site, origin="https://evil.example"))
    assert not opens(replace(site, host="evil.example"))
    with world.database.writing() as session:
        stranger = an_account(session, Role.COORDINATOR, None)
        session.commit()
    assert not opens(account=stranger)
    # The same answer again, with a token of its own: the challenge went with the first one.
    world.log_out()
    world.go("/login/passkey")
    again = world.page.evaluate(
        """async ([answer]) => {
            const form = document.querySelector("form[data-passkey]");
            const body = new FormData(form);
            body.set("credential", answer);
            return (await fetch(form.action, { method: "POST", body })).status;
        }""",
        [answer],
    )
    assert again == 422


def test_page_says_what_is_needed_where_no_script_runs(world: World, chromium: Browser) -> None:
    plain = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = plain.new_page()
    page.goto(f"{world.base_url}/login/passkey")

    assert page.get_by_text("Passkeys need a newer browser").is_visible()
    assert not page.get_by_role("button", name="Use my passkey").is_visible()
    assert page.get_by_role("link", name="Log in with your password").is_visible()
    plain.close()


def _field(body: str, name: str) -> str:
    return parse_qs(body)[name][0]


def _challenge(answer: str) -> bytes:
    client = json.loads(_bytes(json.loads(answer)["response"]["clientDataJSON"]))
    return _bytes(client["challenge"])


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
