"""How long a session lives, who can end it, and that its cookie is worth nothing afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from portal.app import create_app
from portal.config.settings import Settings
from portal.domain.actors import SYSTEM, Role
from portal.http import clock
from portal.services import accounts
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.messages import Message
from portal.store.sessions import WebSession, living_of
from tests.browsers import COOKIE, PASSWORD, Browser
from tests.factories.suppliers import an_account
from tests.people import person

LogIn = Callable[..., Browser]
NEW_PASSWORD = "nine blue tractors sing at dawn"


@pytest.fixture
def administrator(database: Database) -> Account:
    return person(database, Role.ADMINISTRATOR)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Set the portal's clock forward."""
    began: datetime = clock.now()

    def wait(span: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: began + span)

    return wait


def is_in(browser: Browser) -> bool:
    return browser.get("/account/").status_code == 200


@pytest.mark.parametrize("minutes", [29, 31])
def test_session_dies_after_half_an_hour_without_use(
    browser: Browser, reporter: Account, later: Callable[[timedelta], None], minutes: int
) -> None:
    browser.log_in(reporter)

    later(timedelta(minutes=minutes))

    assert is_in(browser) == (minutes < 30)


@pytest.mark.parametrize("minutes", [14, 16])
def test_session_of_an_administrator_dies_after_a_quarter_of_an_hour(
    browser: Browser, administrator: Account, later: Callable[[timedelta], None], minutes: int
) -> None:
    browser.log_in(administrator)

    later(timedelta(minutes=minutes))

    assert is_in(browser) == (minutes < 15)


def test_session_dies_after_twelve_hours_however_busy(
    browser: Browser, reporter: Account, later: Callable[[timedelta], None]
) -> None:
    browser.log_in(reporter)

    stood = []
    for quarter in range(1, 50):
        later(timedelta(minutes=15 * quarter))
        stood.append(is_in(browser))

    assert all(stood[:47])
    assert not stood[48]


def test_reading_notes_the_use_of_a_session_at_most_once_a_minute(
    browser: Browser, reporter: Account, database: Database, later: Callable[[timedelta], None]
) -> None:
    browser.log_in(reporter)
    seen = []
    for seconds in (10, 50, 70, 100):
        later(timedelta(seconds=seconds))
        browser.get("/account/sessions")
        with database.reading() as session:
            seen.append(session.scalars(select(WebSession.seen_at)).one())

    assert seen[0] == seen[1] < seen[2] == seen[3]


def test_stranger_on_a_public_page_gets_neither_cookie_nor_row(
    browser: Browser, database: Database
) -> None:
    answer = browser.get("/verify")

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert rows(database) == 0


def test_stranger_on_the_login_page_gets_a_cookie_but_no_row(
    browser: Browser, database: Database
) -> None:
    browser.get("/login")

    assert browser.cookie is not None
    assert browser.cookie.startswith("v.")
    assert rows(database) == 0


@pytest.mark.parametrize(
    "cookie", ["", "x" * 8000, "s.", "v.", "s." + "A" * 43, "v.eyJhIjoxfQ.x.y", "None"]
)
def test_cookie_that_is_not_ours_is_as_good_as_none(browser: Browser, cookie: str) -> None:
    sent = {"Cookie": f"{COOKIE}={cookie}"}

    assert browser.get("/login", headers=sent).status_code == 200
    assert browser.get("/account/", headers=sent).status_code == 303


def test_visitor_cannot_bring_more_than_a_visitor_may_hold(
    app: object, browser: Browser, reporter: Account
) -> None:
    sessions = app.session_interface  # type: ignore[attr-defined]  # a Flask application
    forged = sessions.tags.dumps({"_user_id": reporter.fs_uniquifier, "fs_paa": 2**31})
    browser.cookie = "v." + sessions._signer.dumps(forged)

    assert not is_in(browser)


def test_own_sessions_are_listed_and_each_can_be_ended(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    here, there = log_in(reporter), log_in(reporter)
    with database.reading() as session:
        uids = list(session.scalars(select(WebSession.uid).order_by(WebSession.id)))
    assert f"/account/sessions/{uids[1]}/end" in here.get("/account/sessions").text

    answer = here.submit(f"/account/sessions/{uids[1]}/end", {}, page="/account/sessions")

    assert answer.status_code == 303
    assert is_in(here)
    assert not is_in(there)


def test_session_of_somebody_else_cannot_be_ended(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    with database.writing() as session:
        other = an_account(session, Role.VERIFIER, None)
        session.commit()
    mine, theirs = log_in(reporter), log_in(other)
    with database.reading() as session:
        uid = session.scalars(select(WebSession.uid).where(WebSession.account_id == other.id)).one()

    answer = mine.submit(f"/account/sessions/{uid}/end", {}, page="/account/sessions")

    assert answer.status_code == 404
    assert is_in(theirs)


def test_all_other_sessions_can_be_ended_at_once(log_in: LogIn, reporter: Account) -> None:
    browsers = [log_in(reporter) for _ in range(3)]

    browsers[0].submit("/account/sessions/end-others", {}, page="/account/sessions")

    assert [is_in(browser) for browser in browsers] == [True, False, False]


def test_new_password_ends_every_other_session_and_tells_the_owner(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account, database: Database
) -> None:
    here, there, thief = log_in(reporter), log_in(reporter), new_browser()
    assert here.cookie is not None
    thief.cookie = here.cookie

    answer = here.submit(
        "/account/password",
        {"password": PASSWORD, "new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD},
    )

    assert answer.status_code == 302
    assert [is_in(browser) for browser in (here, there, thief)] == [True, False, False]
    assert new_browser().log_in(reporter, NEW_PASSWORD).status_code == 302
    assert new_browser().log_in(reporter, PASSWORD).status_code == 422
    with database.reading() as session:
        kinds = list(session.scalars(select(Message.kind).where(Message.kind.like("password%"))))
        facts = list(session.scalars(select(LedgerEntry.kind)))
        alive = living_of(session, reporter.id, clock.now())
    assert kinds == ["password_changed"]
    assert "account.password_changed" in facts
    # The one that goes on here, and the one that logged in since: the others are over, not only locked out.
    assert len(alive) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"password": "not the present one at all"},
        {"new_password": "short", "new_password_confirm": "short"},
        {"new_password_confirm": "something else entirely"},
        {"new_password": PASSWORD, "new_password_confirm": PASSWORD},
    ],
)
def test_password_stays_when_the_form_is_wrong(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account, change: dict[str, str]
) -> None:
    data = {
        "password": PASSWORD,
        "new_password": NEW_PASSWORD,
        "new_password_confirm": NEW_PASSWORD,
    }

    answer = log_in(reporter).submit("/account/password", data | change)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert new_browser().log_in(reporter).status_code == 302


def test_disabled_account_is_out_with_its_next_request(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    browser = log_in(reporter)

    with database.writing() as session:
        work = Work(session, SYSTEM, clock.now())
        accounts.disable(work, session.get_one(Account, reporter.id))
        work.commit()

    assert not is_in(browser)


def test_account_that_is_switched_off_in_the_table_is_out_too(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    browser = log_in(reporter)

    with database.writing() as session:
        session.execute(update(Account).values(active=False))
        session.commit()

    assert not is_in(browser)


def rows(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(WebSession)).one()


def test_nobody_is_logged_out_by_a_new_key_while_the_earlier_one_is_still_accepted(
    browser: Browser, reporter: Account, settings: Settings, database: Database
) -> None:
    browser.log_in(reporter)
    renewed = replace(settings, secret_key="n" * 40, secret_key_fallbacks=(settings.secret_key,))
    app = create_app(renewed, database)
    app.testing = False
    after = Browser(app.test_client())
    after.cookie = browser.cookie
    assert after.get("/account/").status_code == 200
    # Forms of before ask to be opened again; what is opened now is taken.
    sent = after.submit("/account/", {"name": "韩梅梅", "language": "en"})
    assert sent.status_code == 303
