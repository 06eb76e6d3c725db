"""Every route × every role × own, foreign, mixed and missing things: the answer is the one of the access table.

The routes come from the application itself, so a route that is added later is tried without being named here; the
things that its address names come from tests/factories/things.py.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.domain.actors import ALLIANCE_ROLES, Role
from portal.domain.permissions import GRANTS
from portal.store.accounts import Account
from portal.store.alliance import Alliance
from portal.store.base import Database
from portal.web.access import ACCESS, Access, Kind
from tests.browsers import Browser, give_session, signed_token
from tests.factories.suppliers import an_account, an_alliance
from tests.factories.things import ANYTHING, MAKERS, YEARS, Shelf, nothing

RAW_TOKEN = "0123456789abcdef0123456789abcdef01234567"
LEAST_CELLS = 150  # of each person; fewer would mean that routes were not found


class Which(StrEnum):
    """Whose things the address names; in a mixed one the first is one's own and the others are foreign."""

    MISSING = "missing"
    MIXED = "mixed"
    FOREIGN = "foreign"
    OWN = "own"


class Answer(StrEnum):
    """What an answer comes to."""

    ALLOWED = "allowed"
    LOGIN = "to the login"
    NOT_LOGGED_IN = "not logged in"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not found"


@dataclass(frozen=True)
class Person:
    """Somebody who tries; `role` is None for a stranger."""

    name: str
    role: Role | None
    is_disabled: bool = False

    @property
    def is_in(self) -> bool:
        return self.role is not None and not self.is_disabled


PEOPLE = [
    Person("stranger", None),
    Person("disabled", Role.REPORTER, is_disabled=True),
    Person("disabled administrator", Role.ADMINISTRATOR, is_disabled=True),
    *(Person(role.value, role) for role in Role),
]


def test_table_and_makers_know_every_kind_of_thing(app: Flask) -> None:
    named = {kind for access in ACCESS.values() for kind in access.objects.values()}

    assert named - MAKERS.keys() - ANYTHING.keys() == set()
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == ACCESS.keys()


def test_ids_in_addresses_are_uuids_unless_they_are_no_secret(app: Flask) -> None:
    loose = [
        str(rule)
        for rule in app.url_map.iter_rules()
        for argument, kind in ACCESS[rule.endpoint].objects.items()
        if kind in MAKERS and kind != "job" and f"<uuid:{argument}>" not in rule.rule
    ]

    assert loose == []


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name.replace(" ", "_"))
def test_every_route_answers_this_person_as_the_table_says(
    app: Flask, database: Database, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as session:
        alliance = an_alliance(session, years=YEARS)
        session.commit()
    with caplog.at_level(logging.INFO, logger="portal.web"):
        cells = list(_cells(app, database, alliance, person))

    mismatches = [
        f"{cell.where}: {cell.found}, not {cell.wanted}" for cell in cells if cell.is_wrong
    ]
    assert not mismatches, "\n".join(mismatches)
    assert len(cells) >= LEAST_CELLS
    told = [json.loads(record.getMessage()) for record in caplog.records]
    refused = [each for each in told if each["event"] == "refused" and each["status"] == 403]
    assert len(refused) == [cell.found for cell in cells].count(Answer.FORBIDDEN)


@dataclass(frozen=True)
class Cell:
    """One request of the matrix."""

    where: str
    wanted: Answer
    found: str

    @property
    def is_wrong(self) -> bool:
        return self.found != self.wanted


def _cells(app: Flask, database: Database, alliance: Alliance, person: Person) -> Iterator[Cell]:
    with database.writing() as session:
        shelves = Shelves(session, alliance, person)
        for rule in sorted(app.url_map.iter_rules(), key=str):
            access = ACCESS[rule.endpoint]
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield from _cells_of(app, database, shelves, person, rule, method, access)


class Shelves:
    """The things of the addresses: made once for a person who only looks at them, anew where a request may change them."""

    def __init__(self, session: Session, alliance: Alliance, person: Person) -> None:
        self.session = session
        self._alliance = alliance
        self._person = person
        self._kept = self._new(), self._new()

    def _new(self) -> Shelf:
        return Shelf(self.session, self._alliance)

    def pair(self, method: str, access: Access) -> tuple[Shelf, Shelf]:
        """The person's own things and somebody else's."""
        own, foreign = (
            self._new() if method != "GET" and self._may(method, access, which) else kept
            for which, kept in zip((Which.OWN, Which.FOREIGN), self._kept, strict=True)
        )
        return own, foreign

    def _may(self, method: str, access: Access, which: Which) -> bool:
        return _wanted(self._person, access, method, which) is Answer.ALLOWED

    def account(self, own: Shelf) -> Account | None:
        """Who has these own things."""
        is_kept = own is self._kept[0]
        account = self._kept_account if is_kept else _account(self.session, self._person, own)
        if account is not None:
            _hand_over(own, account)
        return account

    @cached_property
    def _kept_account(self) -> Account | None:
        return _account(self.session, self._person, self._kept[0])


def _cells_of(
    app: Flask,
    database: Database,
    shelves: Shelves,
    person: Person,
    rule: Rule,
    method: str,
    access: Access,
) -> Iterator[Cell]:
    """Own things come last, because what is allowed may change them."""
    own, foreign = shelves.pair(method, access)
    addresses = dict(_addresses(rule, access, own, foreign))
    account = shelves.account(own)
    shelves.session.commit()
    answers: dict[Which, TestResponse] = {}
    for which, address in addresses.items():
        answers[which] = _send(app, database, account, method, address)
        wanted = _wanted(person, access, method, which)
        yield Cell(f"{method} {rule} ({which})", wanted, _found(answers[which], access))
    if person.is_in and Which.FOREIGN in answers and _is_of_a_supplier(person):
        shapes = [
            _shape(answers[which], addresses[which]) for which in (Which.FOREIGN, Which.MISSING)
        ]
        alike = shapes[0] == shapes[1]
        yield Cell(
            f"{method} {rule} foreign like missing",
            Answer.ALLOWED,
            Answer.ALLOWED if alike else "told apart",
        )


def _send(
    app: Flask, database: Database, account: Account | None, method: str, address: str
) -> TestResponse:
    browser = Browser(app.test_client())
    if account is None:
        token = browser.token()
    else:
        browser.cookie = give_session(database, account, raw_token=RAW_TOKEN)
        token = signed_token(app, RAW_TOKEN)
    if method == "GET":
        return browser.get(address)
    return browser.post(address, {"csrf_token": token})


def _addresses(
    rule: Rule, access: Access, own: Shelf, foreign: Shelf
) -> Iterator[tuple[Which, str]]:
    named = [argument for argument, kind in access.objects.items() if kind in MAKERS]
    for which in Which:
        if (which is not Which.OWN and not named) or (which is Which.MIXED and len(named) < 2):
            continue
        values = {}
        for argument in rule.arguments:
            kind = access.objects.get(argument, "filename")
            if kind in ANYTHING:
                values[argument] = ANYTHING[kind]
            elif which is Which.MISSING:
                values[argument] = "999999" if kind == "job" else nothing()
            else:
                is_own = which is Which.OWN or (which is Which.MIXED and argument == named[0])
                values[argument] = MAKERS[kind](own if is_own else foreign)
        _demand_alike(set(access.objects.values()), own, foreign)
        address = rule.rule
        for argument, filled in values.items():
            address = re.sub(rf"<(?:\w+:)?{argument}>", filled, address)
        yield which, address


def _demand_alike(kinds: set[str], own: Shelf, foreign: Shelf) -> None:
    """A year is somebody's only when it was begun, so both members must have begun the same ones."""
    if "year" in kinds:
        assert own.inventory.year == foreign.inventory.year
    if "progress_year" in kinds:
        assert own.report.year == foreign.report.year
    if "dossier_kind" in kinds:
        assert own.plan.kind == foreign.plan.kind
    if "restatement_year" in kinds:
        assert own.restatement.year == foreign.restatement.year


def _account(session: Session, person: Person, own: Shelf) -> Account | None:
    if person.role is None:
        return None
    account = an_account(
        session, person.role, None if person.role in ALLIANCE_ROLES else own.member
    )
    account.active = not person.is_disabled
    account.tf_primary_method, account.tf_totp_secret = "authenticator", "set"
    return account


def _hand_over(own: Shelf, account: Account) -> None:
    """Make what is a person's own this person's."""
    for name in ("passkey", "token", "web_session"):
        if name in own.__dict__:
            getattr(own, name).account_id = account.id


def _is_of_a_supplier(person: Person) -> bool:
    return person.role is not None and person.role not in ALLIANCE_ROLES


def _wanted(person: Person, access: Access, method: str, which: Which) -> Answer:
    match access.kind:
        case Kind.CLOSED:
            return Answer.NOT_FOUND
        case Kind.PUBLIC:
            return Answer.ALLOWED
        case Kind.LOGGED_IN | Kind.PERMITTED if not person.is_in:
            return Answer.LOGIN if method == "GET" else Answer.NOT_LOGGED_IN
        case Kind.LOGGED_IN:
            return Answer.ALLOWED if which is Which.OWN else Answer.NOT_FOUND
        case Kind.PERMITTED:
            return _wanted_of_permission(person, access, which)


def _wanted_of_permission(person: Person, access: Access, which: Which) -> Answer:
    assert person.role is not None
    assert access.permission is not None
    if access.permission not in GRANTS[person.role]:
        return Answer.FORBIDDEN
    if access.permission.value.startswith("member:") and not _is_of_a_supplier(person):
        return Answer.FORBIDDEN  # pages about one's own member, which these people don't have
    is_own = access.permission.value.startswith("own:")
    reaches_all = not _is_of_a_supplier(person) and not is_own
    is_reached = which is Which.OWN or (which is Which.FOREIGN and reaches_all)
    return Answer.ALLOWED if is_reached else Answer.NOT_FOUND


def _found(answer: TestResponse, access: Access) -> str:
    status, location = answer.status_code, answer.headers.get("Location", "")
    if status == 303 and location.startswith("/login?next="):
        return Answer.LOGIN
    if status == 404 and access.kind is Kind.PUBLIC:
        return Answer.ALLOWED  # it may not know a number or a secret, which is no refusal
    if status == 503 and access.kind is Kind.PUBLIC and answer.is_json:
        return Answer.ALLOWED  # the portal may not be ready, and says so to anybody
    known = {401: Answer.NOT_LOGGED_IN, 403: Answer.FORBIDDEN, 404: Answer.NOT_FOUND}
    if status in known:
        return known[status]
    return Answer.ALLOWED if status < 500 else str(status)


def _shape(answer: TestResponse, address: str) -> tuple[int, list[tuple[str, str]], str]:
    """An answer without the address that was asked for."""
    headers = [pair for pair in answer.headers if pair[0] not in ("Set-Cookie", "Content-Length")]
    return answer.status_code, sorted(headers), answer.text.replace(address, "")
