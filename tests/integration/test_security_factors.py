"""What is kept of second factors: sealed keys, and recovery codes that a stolen table doesn't give away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable

import pytest
from argon2.low_level import Type, hash_secret_raw
from passlib.totp import TOTP, AppWallet
from sqlalchemy import update

from portal.store.accounts import Account
from portal.store.base import Database
from tests.browsers import SECRETS, Browser

LogIn = Callable[..., Browser]
NewBrowser = Callable[[], Browser]
STEP = 30
SALT = SECRETS["PORTAL_PASSWORD_SALT"].encode()


def set_up(browser: Browser) -> TOTP:
    """Set up the app as a person does, and return what the phone then knows."""
    page = browser.submit("/account/two-factor", {"setup": "authenticator"}).text
    [key] = re.findall(r'class="setup-key"[^>]*>([A-Z2-7 -]+)<', page)
    [action] = re.findall(r'action="(/account/two-factor/[^"]+)"', page)
    phone = TOTP(key=key.replace("-", "").replace(" ", ""))
    token = browser.token("/account/two-factor")
    browser.post(action, {"code": phone.generate().token, "csrf_token": token})
    return phone


def next_code(phone: TOTP) -> str:
    return str(phone.generate(phone.now() + STEP).token)


def second_step(browser: Browser, account: Account, code: str, page: str = "/login/code") -> int:
    browser.log_in(account)
    return browser.submit(page, {"code": code}).status_code


def kept(database: Database, account: Account) -> Account:
    with database.reading() as session:
        return session.get_one(Account, account.id)


def keep(database: Database, account: Account, **values: object) -> None:
    with database.writing() as session:
        session.execute(update(Account).where(Account.id == account.id).values(**values))
        session.commit()


def test_changed_key_opens_nothing_and_stands_in_the_log(
    log_in: LogIn,
    new_browser: NewBrowser,
    reporter: Account,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    phone = set_up(log_in(reporter))
    whole = json.loads(str(kept(database, reporter).tf_totp_secret))
    sealed = bytearray(base64.b64decode(whole["enckey"]["k"]))
    sealed[20] ^= 1
    whole["enckey"]["k"] = base64.b64encode(sealed).decode()
    keep(database, reporter, tf_totp_secret=json.dumps(whole))

    with caplog.at_level(logging.INFO):
        assert second_step(new_browser(), reporter, next_code(phone)) == 422

    assert "account.second_factor_changed" in caplog.text


def test_same_key_is_sealed_differently_each_time(log_in: LogIn, reporter: Account) -> None:
    from portal.web.security.totp import Wallet

    wallet = Wallet({"1": SECRETS["PORTAL_TOTP_SECRET"]})
    sealed = [wallet.encrypt_key(b"k" * 20) for _ in range(2)]

    assert sealed[0]["k"] != sealed[1]["k"]
    assert [wallet.decrypt_key(each) for each in sealed] == [(b"k" * 20, False)] * 2


def test_key_of_an_earlier_release_opens_once_more_and_is_sealed_then(
    log_in: LogIn, new_browser: NewBrowser, reporter: Account, database: Database
) -> None:
    phone = set_up(log_in(reporter))
    earlier = TOTP.using(wallet=AppWallet({"1": SECRETS["PORTAL_TOTP_SECRET"]}))
    keep(database, reporter, tf_totp_secret=earlier(phone.key, format="raw").to_json(encrypt=True))

    assert second_step(new_browser(), reporter, next_code(phone)) == 302

    assert json.loads(str(kept(database, reporter).tf_totp_secret))["enckey"]["v"] == 2


def recovery_codes(browser: Browser) -> list[str]:
    page = browser.submit("/account/recovery-codes", {"generate_new_codes": "yes"}).text
    return re.findall(r"<li><code>([^<]+)</code></li>", page)


def meant(account: Account, code: str) -> bytes:
    return f"recovery:{account.uid}:{code.replace('-', '')}".encode()


def test_recovery_codes_are_kept_under_a_slow_hash_with_a_salt_of_their_own(
    log_in: LogIn, reporter: Account, database: Database
) -> None:
    owner = log_in(reporter)
    set_up(owner)
    salts = set()
    for _ in range(2):
        codes = recovery_codes(owner)
        found = kept(database, reporter).mf_recovery_codes or []
        [salt] = {each.partition("$")[0] for each in found}
        keyed = [hmac.new(SALT, meant(reporter, code), hashlib.sha512).digest() for code in codes]
        slow = [
            hash_secret_raw(each, bytes.fromhex(salt), 2, 19 * 1024, 1, 32, Type.ID)
            for each in keyed
        ]
        assert found == [f"{salt}${each.hex()}" for each in slow]
        assert all(re.fullmatch(r"([2-9a-hjkmnp-z]{5}-){2}[2-9a-hjkmnp-z]{5}", c) for c in codes)
        salts.add(salt)

    assert len(salts) == 2
    assert all(len(bytes.fromhex(salt)) == 16 for salt in salts)


def test_recovery_code_of_an_earlier_release_opens_once(
    log_in: LogIn, new_browser: NewBrowser, reporter: Account, database: Database
) -> None:
    set_up(log_in(reporter))
    code = "abcde-fghjk-mnpqr"
    digest = hmac.new(SALT, meant(reporter, code), hashlib.sha256).hexdigest()
    keep(database, reporter, mf_recovery_codes=[digest])

    statuses = [
        second_step(new_browser(), reporter, typed, "/login/recovery")
        for typed in ("abcde-fghjk-mnpqs", code, code)
    ]

    assert statuses == [422, 302, 422]
