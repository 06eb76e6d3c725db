"""Requests with keys are done once, however often they come, and what is kept of their answers stays within bounds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.api import bodies, keys
from portal.domain.actors import Role
from portal.domain.tokens import MOST_ANSWER_BYTES, MOST_ANSWERS
from portal.http import clock
from portal.jobs.worker import drain
from portal.services.tokens import digest_of
from portal.store import tokens
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.tokens import ApiToken, KeptAnswer
from tests.factories.suppliers import an_account
from tests.programs import LINE, LINES, Program, count_of, give_token, program
from tests.workers import add_job, settings_for


def test_same_request_gets_the_same_answer(asking: Program, database: Database) -> None:
    first = asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    again = asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")

    assert again.status_code == first.status_code == 201
    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert count_of(database, ActivityLine) == 1


def test_same_key_for_another_request_is_refused(asking: Program, database: Database) -> None:
    asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    other = asking.post(LINES, {"lines": [LINE, LINE]}, Idempotency_Key="k1")

    assert other.status_code == 409
    assert other.get_json()["code"] == "key.reused"
    assert count_of(database, ActivityLine) == 1


def test_key_of_another_token_is_another_key(
    app: Flask, asking: Program, database: Database, account: Account
) -> None:
    second = program(app, give_token(database, account))
    for each in (asking, second):
        assert each.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1").status_code == 201
    assert count_of(database, ActivityLine) == 2


def test_request_that_was_refused_may_come_again(asking: Program, database: Database) -> None:
    wrong = asking.post(LINES, {"lines": [{**LINE, "unit": ""}]}, Idempotency_Key="k1")
    right = asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")

    assert (wrong.status_code, right.status_code) == (422, 201)
    assert count_of(database, ActivityLine) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "a b", "schlüssel"])
def test_key_that_is_none_is_refused(asking: Program, key: str) -> None:
    answer = asking.post(
        LINES, {"lines": [LINE]}, Idempotency_Key=key.encode("latin-1").decode("latin-1")
    )
    assert answer.status_code == 400


def test_key_is_forgotten_after_seven_days(
    asking: Program, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=6, hours=23))
    assert asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1").headers.get(
        "Idempotency-Replayed"
    )
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=7, seconds=1))
    late = asking.post(LINES, {"lines": [LINE, LINE]}, Idempotency_Key="k1")
    assert late.status_code == 201
    assert count_of(database, ActivityLine) == 3


def test_many_at_once_have_one_effect_and_equal_answers(
    asking: Program, app: Flask, database: Database
) -> None:
    count = 12
    barrier = Barrier(count)

    def send(_: int) -> tuple[int, bytes]:
        barrier.wait()
        answer = program(app, asking.token).post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
        return answer.status_code, answer.data

    with ThreadPoolExecutor(count) as pool:
        answers = set(pool.map(send, range(count)))

    assert len(answers) == 1, answers
    assert next(iter(answers))[0] == 201
    assert count_of(database, ActivityLine) == 1
    assert count_of(database, KeptAnswer) == 1


def test_no_account_keeps_more_answers_than_it_may(
    asking: Program,
    app: Flask,
    database: Database,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys, "MOST_ANSWERS", 2)
    second = program(app, give_token(database, account))
    with database.writing() as session:
        member = session.get_one(Member, account.member_id)
        colleague = an_account(session, Role.REPORTER, member)
        session.commit()
    for each in (asking, second):
        assert each.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1").status_code == 201

    refused = [
        each.post(LINES, {"lines": [LINE]}, Idempotency_Key="k2") for each in (asking, second)
    ]

    for answer in refused:
        assert answer.status_code == 429
        assert answer.get_json()["code"] == "key.no_room"
        assert 6 * 86_400 < int(answer.headers["Retry-After"]) <= 7 * 86_400 + 1
    assert count_of(database, KeptAnswer) == count_of(database, ActivityLine) == 2
    again = asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    assert again.headers["Idempotency-Replayed"] == "true", "what is kept is answered as before"
    assert asking.post(LINES, {"lines": [LINE]}).status_code == 201
    other = program(app, give_token(database, colleague))
    assert other.post(LINES, {"lines": [LINE]}, Idempotency_Key="k2").status_code == 201


def test_no_account_keeps_more_bytes_than_it_may(
    asking: Program, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    with database.reading() as session:
        assert session.scalars(select(KeptAnswer.size)).one() == len(first.data)
    monkeypatch.setattr(keys, "MOST_ANSWER_BYTES", len(first.data) + 1)
    assert asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k2").status_code == 201

    assert asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k3").status_code == 429
    assert count_of(database, KeptAnswer) == 2
    assert (MOST_ANSWERS, MOST_ANSWER_BYTES) == (20_000, 64 * 1024 * 1024)


def test_answers_of_a_token_go_with_it(
    asking: Program, app: Flask, database: Database, account: Account
) -> None:
    kept = program(app, give_token(database, account))
    for each in (asking, kept):
        each.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    digest = digest_of(asking.token or "")
    with database.writing() as session:
        uid = session.scalars(select(ApiToken.uid).where(ApiToken.digest == digest)).one()
        assert tokens.revoke(session, account.id, clock.now(), uid=uid) == 1
        session.commit()

    assert asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1").status_code == 401
    assert count_of(database, KeptAnswer) == 1
    again = kept.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("end", ["revoked_at", "expires_at"])
def test_sweep_takes_the_answers_of_tokens_that_open_nothing(
    end: str, asking: Program, database: Database, database_url: str, tmp_path: Any
) -> None:
    asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    settings, now = settings_for(database_url, tmp_path), clock.now()
    add_job(database, "sweep", moment=now)
    assert drain(settings, now=lambda: now) == 1
    assert count_of(database, KeptAnswer) == 1, "a token that is alive keeps its answers"
    with database.writing() as session:
        session.execute(update(ApiToken).values({end: now - timedelta(seconds=1)}))
        session.commit()

    assert asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1").status_code == 401
    add_job(database, "sweep", moment=now)
    assert drain(settings, now=lambda: now) == 1
    assert count_of(database, KeptAnswer) == 0


@pytest.mark.parametrize("key", ["k1", "k2"])
def test_token_that_is_revoked_meanwhile_neither_acts_nor_is_answered(
    key: str,
    asking: Program,
    database: Database,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    read_body = bodies.read_body

    def after_a_revocation(declared: Any) -> Any:
        with database.writing() as session:
            session.execute(update(ApiToken).values(revoked_at=clock.now()))
            session.commit()
        return read_body(declared)

    monkeypatch.setattr(bodies, "read_body", after_a_revocation)

    answer = asking.post(LINES, {"lines": [LINE]}, Idempotency_Key=key)

    assert answer.status_code == 401
    assert answer.get_json()["code"] == "token.refused"
    assert count_of(database, ActivityLine) == 1


def test_dry_run_under_a_key_is_answered_as_the_run_would_be(
    asking: Program, database: Database
) -> None:
    dry = f"{LINES}?dry_run=true"
    tried = asking.post(dry, {"lines": [LINE]}, Idempotency_Key="k1")
    assert (tried.status_code, tried.headers.get("Idempotency-Replayed")) == (201, None)
    done = asking.post(LINES, {"lines": [LINE]}, Idempotency_Key="k1")
    again = asking.post(dry, {"lines": [LINE]}, Idempotency_Key="k1")
    other = asking.post(dry, {"lines": [LINE, LINE]}, Idempotency_Key="k1")

    assert again.data == done.data
    assert again.headers["Idempotency-Replayed"] == again.headers["Dry-Run"] == "true"
    assert (other.status_code, other.get_json()["code"]) == (409, "key.reused")
    assert asking.post(dry, {"lines": [LINE]}, Idempotency_Key="x" * 256).status_code == 400
    assert count_of(database, ActivityLine) == 1
