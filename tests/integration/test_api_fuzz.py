"""Schemathesis asks every operation of the document with what it makes up: no failure of ours, nothing undocumented.

A few examples of each operation run with the other tests; `make fuzz` asks two thousand, with three seeds and four
tokens. Everything stays in this process, so nothing but the application can be reached.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from portal.api import bearers
from portal.domain.actors import Role
from portal.domain.tokens import Scope
from portal.store.base import Database
from tests.browsers import ORIGIN
from tests.factories.suppliers import an_account, an_alliance
from tests.factories.things import ANYTHING, MAKERS, YEARS, Shelf, nothing
from tests.programs import give_token, program

EXAMPLES = int(os.environ.get("PORTAL_TEST_FUZZ", "4"))
SEEDS = (1, 2, 3) if "PORTAL_TEST_FUZZ" in os.environ else (20261128,)
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
)
READS = tuple(
    scope for scope in Scope if scope.value.endswith(":read") and scope is not Scope.PORTFOLIO_READ
)
WRITES = tuple(scope for scope in Scope if scope is not Scope.PORTFOLIO_READ)
LINE = {"category": "electricity.grid", "quantity": 1250.5, "unit": "kWh", "site": "S1", "period": "2025-03"}  # fmt: skip
# Bodies that are right, by operation: of made-up texts alone nothing would ever be kept.
RIGHT: dict[str, Mapping[str, Any]] = {
    "lines_added": {"lines": [LINE]},
    "lines_changed": {"note": "Meter 4"},
    "outputs_added": {"product": "Milk", "quantity": 10, "unit": "t"},
    "outputs_changed": {"product": "Cream", "quantity": "10", "unit": "t"},
    "meters_taken": {
        "readings": [
            {"meter": "E1", "ts": "2025-03-01T00:00:00+08:00", "value": 48210, "unit": "kWh"}
        ]
    },
}
for _name in ("actions_added", "actions_changed"):
    RIGHT[_name] = {
        "name": "LED lamps", "site": "S1", "area": "production", "category": "electricity.grid", "ledger": "inventory",
        "method": "stated", "stated_t": 4.5, "how": "Counted lamps", "start": "2025-07-01", "lifetime_years": 8,
        "owner_name": "Han Mei", "owner_post": "Energy manager", "status": "planned",
    }  # fmt: skip


@dataclass(frozen=True)
class Target:
    """The tokens to ask with, and what addresses may name: a member's own things beside what is not there."""

    tokens: Mapping[str, str | None]
    things: Mapping[str, str]


@pytest.fixture
def target(database: Database) -> Target:
    """No token, one that opens nothing, one that reads, one that writes."""
    with database.writing() as session:
        shelf = Shelf(session, an_alliance(session, years=YEARS))
        account = an_account(session, Role.SIGNATORY, shelf.member)
        named = ["line", "output", "action", "evidence", "submission", "certificate"]
        named += ["member", "meter"]
        things = {name: MAKERS[name](shelf) for name in named}
        session.commit()
    tokens = {
        "none": None,
        "bad": "zcap_" + "x" * 49,
        "read": give_token(database, account, READS),
        "write": give_token(database, account, WRITES),
    }
    return Target(tokens, things | {"key": things["line"], "year": ANYTHING["year"]})


def aimed(document: dict[str, Any], things: Mapping[str, str]) -> dict[str, Any]:
    """The document with addresses and bodies that are often right: made-up ones would nearly all be refused.

    What may be sent stays the same; what is there, and what is kept, only comes up more often.
    """
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation["parameters"]:
                _aim(parameter, things)
            if body := RIGHT.get(operation["operationId"]):
                content = operation["requestBody"]["content"]["application/json"]
                content["schema"] = {"anyOf": [{"enum": [body]}, content["schema"]]}
    return document


def _aim(parameter: dict[str, Any], things: Mapping[str, str]) -> None:
    if parameter["name"] == "If-Match":
        parameter["schema"] = {"enum": ["*", '"v1"', '"v2"', "nonsense"]}
    if parameter["in"] == "path" and parameter["name"] == "year":
        parameter["schema"] = {"enum": [int(things["year"]), 2019]}
    elif parameter["in"] == "path":
        parameter["schema"]["enum"] = [things[parameter["name"]], nothing()]


@pytest.mark.parametrize("kind", ["none", "bad", "read", "write"])
@pytest.mark.parametrize("number", SEEDS)
def test_no_operation_fails_or_says_what_is_not_documented(
    app: Flask,
    database: Database,
    target: Target,
    kind: str,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bearers, "REQUESTS_A_MINUTE", 10**9)
    monkeypatch.setattr(bearers, "REQUESTS_OF_ACCOUNT", 10**9)
    monkeypatch.setattr(bearers, "REFUSED_A_MINUTE", 10**9)
    document = program(app).get("/v1/openapi.json").get_json()
    document["servers"] = [{"url": f"{ORIGIN}/api"}]
    loaded = schemathesis.openapi.from_dict(aimed(document, target.things))
    token = target.tokens[kind]
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    asked, statuses = 0, Counter[int]()
    for result in loaded.get_all_operations():
        asked += 1
        _ask(app, result.ok(), headers, number, statuses)
    told = f"{kind}, seed {number}: {statuses.total()} requests of {asked} operations, {dict(statuses)}"
    print(told)  # noqa: T201 -- for whoever wants to know how much was asked
    assert asked >= 35
    is_in = kind in ("read", "write")
    assert statuses[200] > 10 if is_in else statuses[401] > asked


def _ask(
    app: Flask, operation: Any, headers: dict[str, str], number: int, statuses: Counter[int]
) -> None:
    strategy = operation.as_strategy() | operation.as_strategy(
        generation_mode=schemathesis.GenerationMode.NEGATIVE
    )

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def check(case: Any) -> None:
        response = case.call(base_url=f"{ORIGIN}/api", app=app, headers=headers)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    check()
