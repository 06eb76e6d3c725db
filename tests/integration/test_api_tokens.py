"""The pages of tokens: made with a fresh password, shown once, listed without their text, revoked at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.actors import Role
from portal.domain.tokens import LONGEST_DAYS, MOST_TOKENS, is_spelled
from portal.services import erasure, personal_data
from portal.services.tokens import digest_of
from portal.store import tokens
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.messages import Message
from portal.store.tokens import ApiToken, KeptAnswer
from tests.browsers import Browser
from tests.factories.suppliers import a_member, an_account, an_alliance, work_of
from tests.programs import give_token, program

PAGE = "/account/tokens"
FORM = {"name": "ERP", "scopes": ["lines:read", "lines:write"], "days": "90"}


@pytest.fixture
def account(database: Database) -> Account:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        member = a_member(session, alliance, "M001", sector="packaging")
        made = an_account(session, Role.REPORTER, member)
        session.commit()
    return made


@pytest.fixture
def browser(log_in: Callable[..., Browser], account: Account) -> Browser:
    return log_in(account)


def made_token(answer_text: str) -> str:
    [found] = re.findall(r"zcap_[0-9A-Za-z]{49}", answer_text)
    return str(found)


def test_token_is_shown_once_and_kept_as_a_digest(
    browser: Browser, database: Database, app: Flask, account: Account
) -> None:
    answer = browser.submit(PAGE, FORM)
    text = made_token(answer.text)

    assert is_spelled(text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert text not in browser.get(PAGE).text
    with database.reading() as session:
        token = session.scalars(select(ApiToken)).one()
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "token.made")).one()
        letter = session.scalars(select(Message).where(Message.kind == "token_made")).one()
    assert token.digest == digest_of(text)
    assert token.scopes == ["lines:read", "lines:write"]
    assert (token.expires_at - token.created_at).days == 90
    assert entry.subject == f"account/{account.uid}"
    assert letter.to_email == account.email
    assert text not in str(letter.values)
    assert program(app, text).get("/v1/inventories").status_code == 200


def test_list_shows_what_each_may_do_and_when_it_was_used(browser: Browser, app: Flask) -> None:
    text = made_token(browser.submit(PAGE, FORM).text)
    before = browser.get(PAGE).text
    program(app, text).get("/v1/categories")
    after = browser.get(PAGE).text

    assert "ERP" in before
    assert f"…{text[-4:]}" in before
    assert "Add, change and remove activity lines and outputs" in before
    assert "never" in before
    assert "never" not in after.split("<tbody")[1].split("</tbody>")[0]


def test_revoked_token_opens_nothing_and_is_on_record(
    browser: Browser, app: Flask, database: Database
) -> None:
    text = made_token(browser.submit(PAGE, FORM).text)
    with database.reading() as session:
        uid = session.scalars(select(ApiToken.uid)).one()
    answer = browser.submit(f"{PAGE}/{uid}/revoke", {}, page=PAGE)

    assert answer.status_code == 303
    assert program(app, text).get("/v1/categories").status_code == 401
    assert "No token yet" in browser.get(PAGE).text
    with database.reading() as session:
        assert session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "token.revoked")).one()
    assert browser.submit(f"{PAGE}/{uid}/revoke", {}, page=PAGE).status_code == 404


def test_old_password_is_asked_for_again(log_in: Callable[..., Browser], account: Account) -> None:
    stale = log_in(account, fresh=False)

    answer = stale.get(PAGE)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/account/confirm")
    sent = stale.post(PAGE, {**FORM, "csrf_token": stale.token("/account/")})
    assert sent.status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"scopes": []},
        {"scopes": ["submissions:submit"]},
        {"scopes": ["portfolio:read"]},
        {"scopes": ["everything"]},
        {"days": "0"},
        {"days": str(LONGEST_DAYS + 1)},
        {"days": "ever"},
    ],
)
def test_token_that_is_not_offered_is_refused(
    browser: Browser, database: Database, change: dict[str, object]
) -> None:
    answer = browser.submit(PAGE, {**FORM, **change})

    assert answer.status_code == 422
    assert answer.text.count("data-error-summary") == 1
    with database.reading() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_no_more_than_twenty_tokens_at_a_time(
    browser: Browser, database: Database, account: Account
) -> None:
    for _ in range(MOST_TOKENS):
        give_token(database, account)

    answer = browser.submit(PAGE, FORM)

    assert answer.status_code == 422
    assert "twenty tokens" in answer.text


def test_page_of_tokens_is_empty_at_first_and_found_from_the_account(browser: Browser) -> None:
    assert "No token yet" in browser.get(PAGE).text
    assert f'href="{PAGE}"' in browser.get("/account/").text


def test_erased_person_leaves_no_token_and_no_answer(
    browser: Browser, app: Flask, database: Database, account: Account
) -> None:
    text = made_token(browser.submit(PAGE, FORM).text)
    opened = program(app, text).ask("PUT", "/v1/inventories/2025", Idempotency_Key="k")
    assert opened.status_code == 200
    with database.writing() as session:
        administrator = an_account(session, Role.ADMINISTRATOR, None)
        work = work_of(session, administrator)
        taken = personal_data.about(session, session.get_one(Account, account.id))
        erasure.erase(work, session.get_one(Account, account.id))
        work.commit()

    [told] = [section for section in taken if section.table == "api_token"]
    assert told.rows[0]["name"] == "ERP"
    assert "digest" not in told.rows[0]
    with database.reading() as session:
        assert session.scalars(select(ApiToken)).all() == []
        assert session.scalars(select(KeptAnswer)).all() == []
    assert program(app, text).get("/v1/categories").status_code == 401


def test_answers_are_kept_for_seven_days(browser: Browser, app: Flask, database: Database) -> None:
    text = made_token(browser.submit(PAGE, FORM).text)
    program(app, text).ask("PUT", "/v1/inventories/2025", Idempotency_Key="k")

    with database.writing() as session:
        kept = session.scalars(select(KeptAnswer)).one()
        assert kept.expires_at - kept.created_at == timedelta(days=7)
        assert tokens.purge_answers(session, kept.expires_at - timedelta(seconds=1)) == 0
        assert tokens.purge_answers(session, kept.expires_at) == 1
        session.rollback()
