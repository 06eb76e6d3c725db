"""Every route of the API × nobody, wrong tokens, too small scopes, strangers' tokens, people who are out: as declared."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.api import door
from portal.api.bearers import REFUSED_A_MINUTE, REQUESTS_A_MINUTE, REQUESTS_OF_ACCOUNT
from portal.api.declarations import Kind, Match, Route
from portal.domain.actors import ALLIANCE_ROLES, Role
from portal.domain.permissions import GRANTS
from portal.domain.tokens import Scope
from portal.http import clock
from portal.services import accounts
from portal.services.tokens import digest_of
from portal.services.work import Work
from portal.store import tokens
from portal.store.accounts import Account
from portal.store.alliance import Alliance
from portal.store.base import Database
from portal.store.members import Member
from portal.store.readings import Reading
from portal.store.throttle import Attempts
from portal.store.tokens import ApiToken
from tests.browsers import Browser, give_session
from tests.factories.suppliers import actor_of, an_account, an_alliance
from tests.factories.things import ANYTHING, MAKERS, YEARS, Shelf, nothing
from tests.programs import ALL_OF_A_MEMBER, Program, give_token, program

EVERYTHING = tuple(Scope)
ROUTES = door.routes()
DECLARED = [declared for declared, _view in ROUTES.values()]
GUARDED = [declared for declared in DECLARED if declared.kind is not Kind.OPEN]
_ARGUMENT = re.compile(r"<\w+:(?P<name>\w+)>")


@pytest.fixture
def alliance(database: Database) -> Alliance:
    with database.writing() as session:
        made = an_alliance(session, years=YEARS)
        session.commit()
    return made


@dataclass(frozen=True)
class Things:
    """What a member has one of each of, by the words of addresses."""

    member_uid: str
    submission_uid: str
    named: Mapping[str, str]


def a_person(database: Database, alliance: Alliance, role: Role) -> tuple[Account, Things]:
    """Somebody with a role, and a member with one of each thing: their own, where they belong to one."""
    with database.writing() as session:
        shelf = Shelf(session, alliance)
        account = an_account(session, role, None if role in ALLIANCE_ROLES else shelf.member)
        account.tf_primary_method, account.tf_totp_secret = "authenticator", "set"
        kinds = {kind for declared in DECLARED for kind in declared.objects.values()}
        named = {kind: MAKERS[kind](shelf) for kind in sorted(kinds - {"year"})}
        named["year"] = ANYTHING["year"]
        made = Things(str(shelf.member.uid), str(shelf.submission.uid), named)
        session.commit()
    return account, made


def address(declared: Route, shelf: Things, *, is_missing: bool = False) -> str:
    """The address of a route, with a shelf's things in it or with ids that nothing has."""

    def filled(found: re.Match[str]) -> str:
        kind = declared.objects[found["name"]]
        return nothing() if is_missing and kind != "year" else shelf.named[kind]

    return _ARGUMENT.sub(filled, declared.path)


def send(asking: Program, declared: Route, path: str) -> TestResponse:
    headers = {"If_Match": '"v0"'} if declared.match is Match.NEEDED else {}
    if declared.takes_bytes:
        return asking.ask(
            declared.method,
            f"{path}?name=bill.csv",
            data=b"a,b\n",
            content_type="application/octet-stream",
        )
    body = {} if declared.takes is not None else None
    return asking.ask(declared.method, path, body, **headers)


def every(
    app: Flask, token: str | None, shelf: Things, routes: list[Route] = GUARDED, **more: bool
) -> Iterator[tuple[str, int, TestResponse]]:
    asking = program(app, token)
    for declared in routes:
        answer = send(asking, declared, address(declared, shelf, **more))
        yield declared.name, answer.status_code, answer


def test_every_thing_in_an_address_is_a_uuid_or_a_year() -> None:
    for declared in DECLARED:
        for found in re.finditer(r"<(\w+):(\w+)>", declared.path):
            assert found[1] == ("int" if found[2] == "year" else "uuid"), declared.path


def test_nobody_gets_in_without_a_token(app: Flask, database: Database, alliance: Alliance) -> None:
    _account, shelf = a_person(database, alliance, Role.SIGNATORY)

    for name, status, answer in every(app, None, shelf):
        assert status == 401, name
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="portal"'
        assert answer.get_json()["code"] == "token.missing"


def test_every_event_of_a_refusal_is_logged_without_the_token(
    app: Flask, database: Database, alliance: Alliance, caplog: pytest.LogCaptureFixture
) -> None:
    account, shelf = a_person(database, alliance, Role.SIGNATORY)
    wrong = give_token(database, account, [Scope.LINES_READ])[:-1] + "!"
    with caplog.at_level(logging.INFO, logger="portal.web"):
        count = len(list(every(app, wrong, shelf)))

    told = [json.loads(record.getMessage()) for record in caplog.records]
    refused = [each for each in told if each["event"] == "refused" and each["status"] == 401]
    assert len(refused) == count
    assert wrong[5:] not in caplog.text


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer ../..",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
        "Bearer zcap_" + "0" * 49,
        "Basic YTpi",
        "Token abc",
        "bearer  \x09",
    ],
)
def test_what_is_no_token_opens_nothing(app: Flask, header: str, alliance: Alliance) -> None:
    answer = program(app).get("/v1/categories", Authorization=header)

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_cookie_opens_nothing_and_is_no_token(
    app: Flask, database: Database, alliance: Alliance
) -> None:
    account, _shelf = a_person(database, alliance, Role.SIGNATORY)
    cookie = give_session(database, account)
    browser = Browser(app.test_client())
    browser.cookie = cookie

    assert browser.get("/api/v1/categories").status_code == 401
    assert program(app, cookie).get("/v1/categories").status_code == 401
    assert program(app).get("/v1/categories").headers.getlist("Set-Cookie") == []


def test_token_opens_no_page(app: Flask, database: Database, alliance: Alliance) -> None:
    account, _shelf = a_person(database, alliance, Role.SIGNATORY)
    token = give_token(database, account)

    answer = app.test_client().get("/supplier/", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code in (302, 303, 400, 401)


def test_every_scope_opens_what_it_names_and_nothing_else(
    app: Flask, database: Database, alliance: Alliance
) -> None:
    account, shelf = a_person(database, alliance, Role.SIGNATORY)
    wrong = []
    for scope in ALL_OF_A_MEMBER:
        token = give_token(database, account, [scope])
        asking = program(app, token)
        for declared in GUARDED:
            answer = send(asking, declared, address(declared, shelf, is_missing=True))
            is_named = declared.kind is Kind.ANY_TOKEN or _names(declared, scope)
            is_refused = (
                answer.status_code == 403 and answer.get_json()["code"] == "token.scope.lacking"
            )
            if is_refused == is_named or answer.status_code >= 500:
                wrong.append((scope.value, declared.name, answer.status_code))

    assert wrong == []


def _names(declared: Route, scope: Scope) -> bool:
    wider = {
        Scope.LINES_WRITE: Scope.LINES_READ,
        Scope.READINGS_WRITE: Scope.READINGS_READ,
        Scope.EVIDENCE_WRITE: Scope.EVIDENCE_READ,
        Scope.ACTIONS_WRITE: Scope.ACTIONS_READ,
        Scope.SUBMISSIONS_SUBMIT: Scope.SUBMISSIONS_READ,
    }
    return scope in declared.scopes or wider.get(scope) in declared.scopes


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_do_what_it_may_on_pages(
    app: Flask, database: Database, alliance: Alliance, role: Role
) -> None:
    """Each with all scopes, also those that it would never be offered."""
    account, shelf = a_person(database, alliance, role)
    token = give_token(database, account, EVERYTHING)
    wrong = []
    for name, status, answer in every(app, token, shelf):
        declared = ROUTES[name][0]
        is_held = declared.permission is None or declared.permission in GRANTS[role]
        lacks_member = declared.is_own and role in ALLIANCE_ROLES
        is_refused = status == 403 and answer.get_json()["code"] == "permission.lacking"
        if is_refused != (not is_held or lacks_member) or status >= 500 or status == 401:
            wrong.append((name, status, answer.text[:200]))

    assert wrong == []


def test_things_of_another_member_are_answered_like_what_is_not_there(
    app: Flask, database: Database, alliance: Alliance
) -> None:
    account, own = a_person(database, alliance, Role.SIGNATORY)
    _other, foreign = a_person(database, alliance, Role.SIGNATORY)
    assert own.named["year"] == foreign.named["year"]
    token = give_token(database, account)
    named = [
        d
        for d in GUARDED
        if set(d.objects.values()) - {"year"} and Scope.PORTFOLIO_READ not in d.scopes[:1]
    ]

    found = list(every(app, token, foreign, named))
    missing = list(every(app, token, foreign, named, is_missing=True))

    assert len(named) > 15
    for (name, status, answer), (_, _, unknown) in zip(found, missing, strict=True):
        assert status in (404, 422), (name, status, answer.text)
        assert _shape(answer) == _shape(unknown), name


def _shape(answer: TestResponse) -> Any:
    told = {key: each for key, each in answer.get_json().items() if key != "request"}
    headers = {k: v for k, v in answer.headers if not k.startswith("RateLimit")}
    return answer.status_code, told, headers


def test_lists_hold_what_is_ones_own(app: Flask, database: Database, alliance: Alliance) -> None:
    account, own = a_person(database, alliance, Role.SIGNATORY)
    _other, foreign = a_person(database, alliance, Role.SIGNATORY)
    asking = program(app, give_token(database, account))
    found = ""
    for declared in GUARDED:
        if declared.method == "GET" and declared.kind is Kind.SCOPED:
            answer = asking.get(address(declared, own))
            assert answer.status_code < 500, declared.path
            found += answer.text

    for kind, uid in own.named.items():
        assert kind in ("year", "member") or uid in found, kind
    assert own.submission_uid in found
    foreign_uids = {uid for kind, uid in foreign.named.items() if kind != "year"}
    assert not [uid for uid in foreign_uids if uid in found]
    assert foreign.member_uid not in found
    assert foreign.submission_uid not in found


def test_members_of_the_alliance_are_read_by_people_of_the_alliance_only(
    app: Flask, database: Database, alliance: Alliance
) -> None:
    coordinator, _ = a_person(database, alliance, Role.COORDINATOR)
    _someone, shelf = a_person(database, alliance, Role.SIGNATORY)
    asking = program(app, give_token(database, coordinator, [Scope.PORTFOLIO_READ]))

    assert asking.get(f"/v1/members/{shelf.member_uid}").status_code == 200
    assert asking.get(f"/v1/submissions/{shelf.submission_uid}").status_code == 200
    assert asking.get("/v1/members").get_json()["items"]
    assert asking.get("/v1/totals").status_code == 200
    assert asking.get(f"/v1/progress?year={YEARS[0]}").status_code == 200
    with database.reading() as session:
        opened = set(session.scalars(select(Reading.kind)))
    assert opened == {"member", "submission"}, "the member is told of it"


def test_people_of_the_alliance_need_a_second_factor(
    app: Flask, database: Database, alliance: Alliance
) -> None:
    coordinator, _ = a_person(database, alliance, Role.COORDINATOR)
    asking = program(app, give_token(database, coordinator, [Scope.PORTFOLIO_READ]))
    assert asking.get("/v1/totals").status_code == 200
    with database.writing() as session:
        session.execute(update(Account).values(tf_primary_method=None))
        session.commit()

    answer = asking.get("/v1/totals")

    assert answer.status_code == 403
    assert answer.get_json()["code"] == "second_factor.lacking"


@pytest.fixture
def account(database: Database, alliance: Alliance) -> Account:
    return a_person(database, alliance, Role.REPORTER)[0]


@pytest.fixture
def asking(app: Flask, database: Database, account: Account) -> Program:
    made = program(app, give_token(database, account))
    assert made.get("/v1/inventories").status_code == 200
    return made


@pytest.fixture
def administrator(database: Database, alliance: Alliance) -> Account:
    return a_person(database, alliance, Role.ADMINISTRATOR)[0]


def _change(database: Database, administrator: Account, change: Any) -> None:
    with database.writing() as session:
        work = Work(session, actor_of(administrator), clock.now(), str(administrator.uid))
        change(work)
        work.commit()


def test_token_is_dead_at_once_when_it_is_revoked(
    database: Database, account: Account, asking: Program
) -> None:
    with database.writing() as session:
        assert tokens.revoke(session, account.id, clock.now()) == 1
        session.commit()
    assert asking.get("/v1/inventories").status_code == 401


def test_token_is_dead_when_it_ran_out(database: Database, asking: Program) -> None:
    with database.writing() as session:
        session.execute(update(ApiToken).values(expires_at=clock.now() - timedelta(seconds=1)))
        session.commit()
    assert asking.get("/v1/inventories").status_code == 401


def test_token_is_dead_at_once_when_its_account_is_closed(
    database: Database, account: Account, asking: Program, administrator: Account
) -> None:
    def close(work: Work) -> None:
        accounts.disable(work, work.session.get_one(Account, account.id))

    _change(database, administrator, close)
    assert asking.get("/v1/inventories").status_code == 401


def test_token_is_dead_at_once_when_its_role_changes(
    database: Database, account: Account, asking: Program, administrator: Account
) -> None:
    def change(work: Work) -> None:
        mine = work.session.get_one(Account, account.id)
        accounts.change_roles(work, mine, [Role.VIEWER])
        accounts.change_roles(work, mine, [Role.REPORTER])

    _change(database, administrator, change)
    assert asking.get("/v1/inventories").status_code == 401


def test_token_is_dead_at_once_when_its_member_has_left(
    database: Database, account: Account, asking: Program
) -> None:
    with database.writing() as session:
        session.execute(update(Member).where(Member.id == account.member_id).values(status="left"))
        session.commit()
    assert asking.get("/v1/inventories").status_code == 401


def test_last_use_is_noted_by_the_hour(app: Flask, database: Database, alliance: Alliance) -> None:
    account, _shelf = a_person(database, alliance, Role.REPORTER)
    token = give_token(database, account)
    asking = program(app, token)

    def used() -> Any:
        with database.reading() as session:
            query = select(ApiToken.used_at).where(ApiToken.digest == digest_of(token))
            return session.scalars(query).one()

    assert used() is None
    asking.get("/v1/categories")
    first = used()
    asking.get("/v1/categories")
    assert first is not None
    assert used() == first


def test_minute_of_a_token_ends_for_this_token_alone(
    app: Flask, database: Database, alliance: Alliance
) -> None:
    account, _shelf = a_person(database, alliance, Role.REPORTER)
    first, second = (program(app, give_token(database, account)) for _ in range(2))
    answer = first.get("/v1/sites")
    assert answer.headers["RateLimit-Limit"] == str(REQUESTS_A_MINUTE) == "600"
    assert answer.headers["RateLimit-Remaining"] == "599"
    with database.writing() as session:
        session.execute(update(Attempts).values(count=REQUESTS_A_MINUTE))
        session.commit()
    refused = first.get("/v1/sites")

    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.get_json()["code"] == "limit.reached"
    assert second.get("/v1/sites").status_code == 200


def test_many_tokens_of_one_account_share_its_minute(
    app: Flask, database: Database, alliance: Alliance
) -> None:
    account, _shelf = a_person(database, alliance, Role.REPORTER)
    colleague, _ = a_person(database, alliance, Role.REPORTER)
    asking = [program(app, give_token(database, account)) for _ in range(3)]
    assert asking[0].get("/v1/sites").headers["RateLimit-Limit"] == str(REQUESTS_A_MINUTE)
    with database.writing() as session:
        of_account = Attempts.key == f"api-account:{account.uid}"
        used = update(Attempts).where(of_account).values(count=REQUESTS_OF_ACCOUNT - 2)
        assert session.execute(used).rowcount == 1
        session.commit()
    last = [each.get("/v1/sites") for each in asking[1:]]
    refused = [each.get("/v1/sites") for each in asking]

    assert [answer.status_code for answer in last] == [200, 200]
    assert {answer.headers["RateLimit-Limit"] for answer in last} == {"1200"}
    assert [answer.headers["RateLimit-Remaining"] for answer in last] == ["1", "0"]
    for answer in refused:
        assert answer.status_code == 429
        assert answer.headers["RateLimit-Limit"] == "1200"
        assert answer.headers["RateLimit-Remaining"] == "0"
        assert 1 <= int(answer.headers["Retry-After"]) <= 61
    with database.reading() as session:
        of_tokens = Attempts.key.startswith("api:")
        counted = session.scalars(select(Attempts.count).where(of_tokens)).all()
    assert list(counted) == [1, 1, 1], "what was refused counts nowhere"
    assert program(app, give_token(database, colleague)).get("/v1/sites").status_code == 200


def test_address_that_tries_tokens_is_slowed_down(app: Flask, alliance: Alliance) -> None:
    wrong = program(app, "zcap_nothing")
    answers = [wrong.get("/v1/sites") for _ in range(REFUSED_A_MINUTE + 5)]

    assert [each.status_code for each in answers] == [401] * REFUSED_A_MINUTE + [429] * 5
    assert answers[-1].headers["RateLimit-Limit"] == str(REFUSED_A_MINUTE)
