"""The second factor: setting it up, logging in with it, losing it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from passlib.totp import TOTP
from sqlalchemy import select

from portal.domain.actors import Role
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.messages import Message
from tests.browsers import Browser, hashed
from tests.factories.suppliers import an_account

LogIn = Callable[..., Browser]
STEP = 30


class Phone:
    """An authenticator app: knows the key that the page showed, and the portal's clock."""

    def __init__(self, page: str) -> None:
        found = re.search(r'class="setup-key"[^>]*>([A-Z2-7 -]+)<', page)
        assert found is not None, "no key on the page"
        self._totp = TOTP(key=found[1].replace("-", "").replace(" ", ""))
        self._began = self._totp.now()

    def code(self, steps: int = 0) -> str:
        return str(self._totp.generate(self._began + steps * STEP).token)


def set_up(browser: Browser) -> tuple[Phone, object]:
    """Set up the second factor as a person does; the first code is used up by it."""
    page = browser.submit("/account/two-factor", {"setup": "authenticator"})
    phone = Phone(page.text)
    action = re.search(r'action="(/account/two-factor/[^"]+)"', page.text)
    assert action is not None
    done = browser.post(
        action[1], {"code": phone.code(), "csrf_token": browser.token("/account/two-factor")}
    )
    return phone, done


def second_step(browser: Browser, account: Account, code: str) -> int:
    browser.log_in(account)
    return browser.submit("/login/code", {"code": code}).status_code


def test_page_shows_key_and_drawn_code_without_any_image_from_elsewhere(
    log_in: LogIn, reporter: Account
) -> None:
    page = log_in(reporter).submit("/account/two-factor", {"setup": "authenticator"}).text

    assert "<svg" in page
    assert "data:image" not in page
    assert 'style="' not in page


def test_right_code_switches_it_on_and_tells_the_owner(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    _, done = set_up(log_in(reporter))

    assert done.status_code == 302
    with database.reading() as session:
        account = session.get_one(Account, reporter.id)
        letters = list(session.scalars(select(Message).where(Message.kind == "two_factor_changed")))
        facts = list(session.scalars(select(LedgerEntry.kind)))
    assert account.tf_primary_method == "authenticator"
    assert [letter.values["change"] for letter in letters] == ["on"]
    assert "account.second_factor_on" in facts


def test_key_is_not_readable_in_the_table(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    browser = log_in(reporter)
    page = browser.submit("/account/two-factor", {"setup": "authenticator"}).text
    phone = Phone(page)
    action = re.search(r'action="(/account/two-factor/[^"]+)"', page)
    assert action is not None
    browser.post(
        action[1], {"code": phone.code(), "csrf_token": browser.token("/account/two-factor")}
    )

    with database.reading() as session:
        kept = session.get_one(Account, reporter.id).tf_totp_secret
    assert kept is not None
    assert phone._totp.base32_key not in kept
    assert phone._totp.hex_key not in kept.lower()


def test_wrong_code_switches_nothing_on(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    browser = log_in(reporter)
    page = browser.submit("/account/two-factor", {"setup": "authenticator"}).text
    action = re.search(r'action="(/account/two-factor/[^"]+)"', page)
    assert action is not None

    browser.post(action[1], {"code": "000000", "csrf_token": browser.token("/account/two-factor")})

    with database.reading() as session:
        assert session.get_one(Account, reporter.id).tf_primary_method is None


def test_setting_it_up_asks_for_the_password_when_it_was_given_long_ago(
    log_in: LogIn, reporter: Account
) -> None:
    answer = log_in(reporter, fresh=False).get("/account/two-factor")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account/confirm?next=/account/two-factor"


def test_password_alone_no_longer_opens_the_account(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account
) -> None:
    set_up(log_in(reporter))
    browser = new_browser()

    answer = browser.log_in(reporter)

    assert answer.headers["Location"].startswith("/login/code")
    assert browser.get("/account/").status_code == 303


@pytest.mark.parametrize(
    ("steps", "written", "status"),
    [
        (1, "{}", 302),
        (1, "{:.3} {:.3}", 302),
        (1, " {} ", 302),
        (3, "{}", 422),
        (1, "{}0", 422),
        (1, "", 422),
    ],
)
def test_code_opens_within_one_step(
    log_in: LogIn,
    new_browser: Callable[[], Browser],
    reporter: Account,
    steps: int,
    written: str,
    status: int,
) -> None:
    phone, _ = set_up(log_in(reporter))
    code = phone.code(steps)
    typed = f"{code[:3]} {code[3:]}" if ".3" in written else written.format(code)

    assert second_step(new_browser(), reporter, typed) == status


def test_code_in_wide_digits_is_the_same_code(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account
) -> None:
    phone, _ = set_up(log_in(reporter))
    wide = phone.code(1).translate({ord("0") + n: ord("０") + n for n in range(10)})

    assert second_step(new_browser(), reporter, wide) == 302


@pytest.mark.parametrize("code", ["²²²²²²", "١٢٣٤٥٦", "12345a", "\x00" * 6, "9" * 5000, "’ OR 1"])
def test_what_is_no_code_is_a_wrong_code(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account, code: str
) -> None:
    set_up(log_in(reporter))

    assert second_step(new_browser(), reporter, code) == 422


def test_code_opens_once(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account
) -> None:
    phone, _ = set_up(log_in(reporter))
    code = phone.code(1)

    assert second_step(new_browser(), reporter, code) == 302
    assert second_step(new_browser(), reporter, code) == 422


def test_session_gets_a_new_id_with_the_second_step(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account
) -> None:
    phone, _ = set_up(log_in(reporter))
    browser, watcher = new_browser(), new_browser()
    browser.log_in(reporter)
    assert browser.cookie is not None
    watcher.cookie = browser.cookie

    browser.submit("/login/code", {"code": phone.code(1)})

    assert browser.get("/account/").status_code == 200
    assert watcher.get("/account/").status_code == 303


def test_sixth_code_in_five_minutes_is_not_looked_at(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account
) -> None:
    phone, _ = set_up(log_in(reporter))
    statuses = [second_step(new_browser(), reporter, "000000") for _ in range(5)]

    assert statuses == [422] * 5
    browser = new_browser()
    browser.log_in(reporter)
    token = browser.token("/login/code")
    answer = browser.post("/login/code", {"code": phone.code(1), "csrf_token": token})
    assert answer.status_code == 429


def test_codes_of_one_account_are_counted_wherever_they_come_from(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account
) -> None:
    phone, _ = set_up(log_in(reporter))
    answers = []
    for number in range(6):
        browser = new_browser()
        browser.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        code = "000000" if number < 5 else phone.code(1)
        browser.log_in(reporter)
        token = browser.token("/login/code")
        answers.append(browser.post("/login/code", {"code": code, "csrf_token": token}).status_code)

    assert answers == [422] * 5 + [429]


def recovery_codes(browser: Browser) -> list[str]:
    page = browser.submit("/account/recovery-codes", {"generate_new_codes": "yes"}).text
    return re.findall(r"<li><code>([^<]+)</code></li>", page)


def test_recovery_code_opens_once_and_its_owner_is_told(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account, database: Database
) -> None:
    owner = log_in(reporter)
    set_up(owner)
    codes = recovery_codes(owner)

    def use(code: str) -> int:
        browser = new_browser()
        browser.log_in(reporter)
        return browser.submit("/login/recovery", {"code": code}).status_code

    assert len(set(codes)) == 10
    assert [use(codes[0].upper()), use(codes[0]), use("aaaaa-bbbbb-ccccc")] == [302, 422, 422]
    with database.reading() as session:
        kept = session.get_one(Account, reporter.id).mf_recovery_codes
        letters = list(session.scalars(select(Message).where(Message.kind == "recovery_code_used")))
    assert kept is not None
    assert len(kept) == 9
    assert not any(code in digest for code in codes for digest in kept)
    assert [letter.values["left"] for letter in letters] == [9]


def test_recovery_codes_are_shown_only_when_they_are_made(log_in: LogIn, reporter: Account) -> None:
    owner = log_in(reporter)
    set_up(owner)
    codes = recovery_codes(owner)

    again = owner.get("/account/recovery-codes?show_codes=yes").text

    assert not any(code in again for code in codes)


def test_switching_it_off_takes_the_recovery_codes_along(
    log_in: LogIn, new_browser: Callable[[], Browser], reporter: Account, database: Database
) -> None:
    owner = log_in(reporter)
    set_up(owner)
    recovery_codes(owner)

    owner.submit("/account/two-factor", {"setup": "disable"})

    with database.reading() as session:
        account = session.get_one(Account, reporter.id)
        changes = [
            letter.values["change"]
            for letter in session.scalars(
                select(Message).where(Message.kind == "two_factor_changed").order_by(Message.id)
            )
        ]
    assert (account.tf_primary_method, account.tf_totp_secret) == (None, None)
    assert (account.mf_recovery_codes, account.tf_last_counter) == (None, None)
    assert changes == ["on", "codes", "off"]
    assert new_browser().log_in(reporter).headers["Location"] == "/"


def test_people_of_the_alliance_set_it_up_before_they_see_anything(
    app: Flask, new_browser: Callable[[], Browser], reporter: Account, database: Database
) -> None:
    with database.writing() as session:
        coordinator = an_account(session, Role.COORDINATOR, None)
        coordinator.password = hashed()
        session.commit()
    browser = new_browser()
    browser.log_in(coordinator)

    answer = browser.get("/administrator/jobs/")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account/two-factor"
    set_up(browser)
    assert browser.get("/administrator/jobs/").status_code == 200
