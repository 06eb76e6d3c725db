"""Programs that work with the portal through its API, with tokens made behind the page of tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.domain import tokens as rules
from portal.domain.actors import Role
from portal.domain.tokens import Scope
from portal.http import clock
from portal.services.tokens import digest_of
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.tokens import ApiToken
from tests.browsers import ORIGIN
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance

ALL_OF_A_MEMBER = tuple(scope for scope in Scope if scope is not Scope.PORTFOLIO_READ)
JSON = "application/json"
LINES = "/v1/inventories/2025/lines"
LINE = {"category": "electricity.grid", "quantity": "1250.5", "unit": "kWh", "site": "S1", "period": "2025-03"}  # fmt: skip


def somebody_who_reports(database: Database) -> Account:
    """A signatory of a member with one site, in an alliance that has opened two years."""
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025))
        member = a_member(session, alliance, "M001", sector="packaging")
        a_site(session, member, "S1")
        made = an_account(session, Role.SIGNATORY, member)
        session.commit()
    return made


def count_of(database: Database, table: Any) -> int:
    """How many rows a table has."""
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def give_token(
    database: Database,
    account: Account,
    scopes: Iterable[Scope] = ALL_OF_A_MEMBER,
    *,
    days: int = 30,
    secret: bytes | None = None,
) -> str:
    """Make a token for an account and give back its text."""
    text = rules.spell(secret or uuid4().bytes + uuid4().bytes)
    now = clock.now()
    with database.writing() as session:
        session.add(
            ApiToken(
                uid=uuid4(),
                account_id=account.id,
                name="Program of a test",
                hint=text[-4:],
                digest=digest_of(text),
                scopes=[scope.value for scope in scopes],
                created_at=now,
                expires_at=now + timedelta(days=days),
            )
        )
        session.commit()
    return text


@dataclass(frozen=True)
class Program:
    """A program with a token, or with none."""

    client: FlaskClient
    token: str | None = None
    language: str = "en"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        data: bytes | None = None,
        content_type: str | None = None,
        **headers: str,
    ) -> TestResponse:
        """Send one request; `body` is sent as JSON, `data` as it is."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Accept-Language", self.language)
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            data = json.dumps(body, default=float).encode()
            content_type = content_type or JSON
        return self.client.open(
            f"/api{path}",
            method=method,
            base_url=ORIGIN,
            data=data,
            content_type=content_type,
            headers=sent,
            buffered=True,
        )

    def get(self, path: str, **headers: str) -> TestResponse:
        """Read something."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Add something."""
        return self.ask("POST", path, body, **headers)


def program(app: Flask, token: str | None = None) -> Program:
    """A program with this token."""
    return Program(app.test_client(use_cookies=False), token)


def codes_of(answer: TestResponse) -> list[tuple[str, str]]:
    """Where something is wrong and what, of a refused body."""
    return [(each["pointer"], each["code"]) for each in answer.get_json()["problems"]]
