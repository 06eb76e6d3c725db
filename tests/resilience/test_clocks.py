"""The clock of the machine jumps: by two hours either way, or back by ten years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from portal.http import clock
from portal.services import journal
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.submissions import Submission
from portal.web import step_up
from tests.browsers import Browser
from tests.factories.scenes import Scene
from tests.resilience import actions
from tests.resilience.actions import YEAR, People

JUMPS = {
    "two hours on": timedelta(hours=2),
    "two hours back": timedelta(hours=-2),
    "ten years back": timedelta(days=-3653),
}


def set_clock(monkeypatch: pytest.MonkeyPatch, jump: timedelta) -> None:
    plain = clock.now

    def now() -> datetime:
        return plain() + jump

    monkeypatch.setattr(clock, "now", now)


@pytest.fixture
def people(
    scene: Scene, log_in: Callable[..., Browser], new_browser: Callable[[], Browser]
) -> People:
    return People(scene, scene.member("M001"), log_in, new_browser)


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_writing_goes_on_in_the_order_of_the_ledger_when_the_clock_jumps(
    people: People, database: Database, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    assert actions.save_lines(people)().status_code == 303
    set_clock(monkeypatch, jump)
    browser = people.signatory  # whoever was logged out by the jump logs in again
    row = {"lines-0-category": "electricity.grid", "lines-0-quantity": "77", "lines-0-unit": "MWh"}
    row |= {"lines-0-period": "2025-07", "lines-0-site": "S1", "lines-0-version": ""}
    row |= {"lines-0-key": "22222222-2222-4222-8222-222222222222", "act": "leave"}
    assert actions.sending(browser, f"{YEAR}/lines", row)().status_code == 303

    with database.reading() as session:
        assert journal.faults(session) == []
        kinds = session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.sequence)).all()
    assert kinds == ["lines.saved", "lines.saved"]


def test_session_ends_when_the_clock_jumps_over_its_idle_time(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.scene.draft(people.member)
    browser = people.signatory
    set_clock(monkeypatch, timedelta(hours=2))

    answer = browser.get(f"{YEAR}/lines")

    assert answer.status_code == 303
    assert answer.location.startswith("/login")


@pytest.mark.parametrize("back", [timedelta(hours=-2), timedelta(days=-3653)])
def test_session_stays_and_the_password_is_asked_for_again_when_the_clock_is_set_back(
    people: People, monkeypatch: pytest.MonkeyPatch, back: timedelta
) -> None:
    attempt = actions.revoke_certificate(people)
    reader = people.signatory
    set_clock(monkeypatch, back)

    assert reader.get("/supplier/").status_code == 200
    answer = attempt()
    assert answer.status_code == 401
    assert f'name="{step_up.FIELD}"' in answer.text


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_year_handed_in_before_the_clock_jumped_is_approved_after_it(
    people: People, database: Database, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    assert actions.submit_inventory(people)().status_code == 303
    set_clock(monkeypatch, jump)
    with database.reading() as session:
        page = f"/coordinator/submissions/{session.scalars(select(Submission.uid)).one()}"

    answer = actions.sending(people.coordinator, f"{page}/approve", {}, page=page)()

    assert answer.status_code == 303
    with database.reading() as session:
        assert journal.faults(session) == []
