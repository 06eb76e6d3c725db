"""What costs much in a long year is counted, whether it was tried or done, and nothing is kept of what was refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from portal.services import effort, line_copies
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.submissions import Submission
from tests.browsers import Browser
from tests.factories.scenes import Scene
from tests.programs import count_of, give_token, program

YEAR = "/supplier/inventories/2025"


@pytest.fixture
def member(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Member:
    """A member with lines of two years, one act an hour of each kind in years of more than two lines."""
    made = scene.member("M-0001")
    scene.approved(made, 2024)
    scene.draft(made, 2025)
    scene.commit()
    monkeypatch.setattr(effort, "LONG_YEAR", 2)
    monkeypatch.setattr(effort, "MOST_AN_HOUR", 1)
    return made


@pytest.fixture
def browser(scene: Scene, member: Member, log_in: Callable[[Account], Browser]) -> Browser:
    return log_in(scene.people[member.code])


@pytest.mark.parametrize(
    ("address", "page"),
    [("submit", "check"), ("lines/copy", "lines")],
)
def test_act_on_a_long_year_is_refused_after_so_many(
    browser: Browser, address: str, page: str
) -> None:
    tried = browser.submit(f"{YEAR}/{address}", {}, page=f"{YEAR}/{page}")
    assert tried.status_code in (303, 422)
    refused = browser.submit(f"{YEAR}/{address}", {}, page=f"{YEAR}/{page}")
    assert refused.status_code == 429
    assert "asked for this 1 times within an hour" in refused.text
    assert 0 < int(refused.headers["Retry-After"]) <= 3601


def test_short_year_is_not_counted(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "LONG_YEAR", 100)
    for _ in range(3):
        answer = browser.submit(f"{YEAR}/submit", {}, page=f"{YEAR}/check")
        assert answer.status_code == 422


def test_dry_runs_are_counted_too(
    app: Flask, database: Database, scene: Scene, member: Member
) -> None:
    asking = program(app, give_token(database, scene.people[member.code]))
    mark = asking.get("/v1/inventories/2025/check").get_json()["mark"]
    sent = {"declared": True, "mark": mark}
    path = "/v1/inventories/2025/submissions"
    assert asking.post(f"{path}?dry_run=true", sent).status_code == 201
    before = count_of(database, Submission)
    refused = asking.post(path, sent)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "effort.too_often")
    assert 0 < int(refused.headers["Retry-After"]) <= 3601
    assert count_of(database, Submission) == before


def test_so_many_lines_are_brought_over_at_once(
    browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_copies, "MOST_COPIED", 2)
    before = count_of(database, ActivityLine)
    answer = browser.submit(f"{YEAR}/lines/copy", {}, page=f"{YEAR}/lines")
    assert answer.status_code == 409
    assert "Last year has more than 2 lines" in answer.text
    assert count_of(database, ActivityLine) == before


def test_key_of_a_request_is_no_worse_for_the_count(
    app: Flask,
    database: Database,
    scene: Scene,
    member: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(effort, "MOST_AN_HOUR", 10)
    asking = program(app, give_token(database, scene.people[member.code]))
    path = "/v1/inventories/2025/submissions"
    before = count_of(database, Submission)
    wrong = {"declared": True, "mark": "outdated"}
    for _ in range(2):
        assert asking.post(path, wrong, Idempotency_Key="k1").status_code == 409
    sent = {"declared": True, "mark": asking.get("/v1/inventories/2025/check").get_json()["mark"]}
    assert asking.post(f"{path}?dry_run=true", sent, Idempotency_Key="k2").status_code == 201
    assert count_of(database, Submission) == before
    assert asking.post(path, sent, Idempotency_Key="k2").status_code == 201
    again = asking.post(path, sent, Idempotency_Key="k2")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert count_of(database, Submission) == before + 1
