"""The password once more: before what, how often, and that nothing which was typed is lost over it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.domain.actors import ALLIANCE_ROLES, Role
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.certificates import Certificate
from portal.store.sessions import WebSession
from portal.web import step_up
from portal.web.access import ACCESS, Kind
from tests.browsers import PASSWORD, Browser, hashed
from tests.factories.scenes import Scene, staff, states

LogIn = Callable[..., Browser]
MATTERS = {
    # issuing, revoking, and the rules that decide what is issued
    "coordinator.submission_approve",
    "coordinator.certificate_revoke",
    "coordinator.programme_change",
    "coordinator.edition_decide",
    "coordinator.edition_decide_rest",
    # everything of a supplier in one file
    "coordinator.submission_bundle",
    # who may do what
    "administrator.account_roles",
    "administrator.account_disable",
    "administrator.account_enable",
    "administrator.account_second_factor_remove",
    "administrator.invitation_send",
    "administrator.invitation_resend",
    "coordinator.invitation_send",
    "coordinator.invitation_resend",
    "security.mf_recovery_codes",
    "account.passkey_add",
    "account.passkey_remove",
    "account.end_session",
    "account.end_other_sessions",
}


@pytest.fixture
def stale(scene: Scene, log_in: LogIn) -> Browser:
    """The coordinator, whose password was given an hour ago."""
    scene.coordinator.password = hashed()
    scene.session.commit()
    return log_in(scene.coordinator, fresh=False)


def waiting(scene: Scene, *codes: str) -> list[UUID]:
    found = [scene.waiting(scene.member(code)).uid for code in codes]
    scene.session.commit()
    return found


def approve(browser: Browser, uid: UUID, **more: str) -> TestResponse:
    page = f"/coordinator/submissions/{uid}"
    return browser.submit(f"{page}/approve?sector=packaging", more, page=page)


def carried(page: str) -> dict[str, str]:
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in pairs}


def test_what_matters_asks_for_the_password() -> None:
    assert MATTERS - {name for name, access in ACCESS.items() if access.fresh} == set()


def test_approving_asks_once_in_ten_minutes_and_goes_on_by_itself(
    scene: Scene, stale: Browser, database: Database
) -> None:
    first, second, third = waiting(scene, "M001", "M002", "M003")

    asked = approve(stale, first)
    assert asked.status_code == 401
    assert states(database, first) == ["submitted"]
    action = f"/coordinator/submissions/{first}/approve?sector=packaging"
    done = stale.post(action, {**carried(asked.text), step_up.FIELD: PASSWORD})

    assert done.status_code == 303
    assert done.headers["Location"] == f"/coordinator/submissions/{second}?sector=packaging"
    assert [approve(stale, uid).status_code for uid in (second, third)] == [303, 303]
    assert states(database, first, second, third) == ["approved"] * 3


def test_wrong_password_does_nothing_and_still_keeps_what_was_typed(
    scene: Scene, stale: Browser, database: Database
) -> None:
    approved = scene.approved(scene.member("M001"))
    certificate = scene.certificate(approved)
    uid = certificate.uid
    scene.session.execute(update(Certificate).values(state="valid"))
    scene.session.commit()
    reason = 'Forged "bills" <b> & 伪造的\r\nsecond line'
    path = f"/coordinator/certificates/{uid}/revoke"
    sent = {"reason": reason, "csrf_token": stale.token("/account/")}

    asked = stale.post(path, sent)
    wrong = stale.post(path, {**carried(asked.text), step_up.FIELD: "not this one"})

    assert (asked.status_code, wrong.status_code) == (401, 422)
    assert carried(wrong.text)["reason"] == reason
    assert "not this one" not in wrong.text
    with database.reading() as session:
        assert session.scalars(select(Certificate.state)).all() == ["valid"]
    done = stale.post(path, {**carried(wrong.text), step_up.FIELD: PASSWORD})
    assert done.status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Certificate.reason)).all() == [reason.replace("\r\n", "\n")]


def test_page_that_asks_leads_back_to_where_one_was(scene: Scene, stale: Browser) -> None:
    (uid,) = waiting(scene, "M001")
    page = f"/coordinator/submissions/{uid}"
    came_from = {"Referer": f"https://portal.example{page}"}

    asked = stale.post(f"{page}/approve", {"csrf_token": stale.token(page)}, headers=came_from)

    assert asked.status_code == 401
    assert f'href="{page}"' in asked.text


def test_password_is_guessed_ten_times_at_most(scene: Scene, stale: Browser) -> None:
    (uid,) = waiting(scene, "M001")
    wrong = [approve(stale, uid, **{step_up.FIELD: "no"}).status_code for _ in range(10)]

    assert wrong == [422] * 10
    assert approve(stale, uid, **{step_up.FIELD: PASSWORD}).status_code == 429


def test_right_passwords_count_as_no_failure(
    scene: Scene, log_in: LogIn, stale: Browser, database: Database
) -> None:
    uids = waiting(scene, *(f"M{number:03}" for number in range(1, 13)))

    for uid in uids:
        browser = log_in(scene.coordinator, fresh=False)
        assert approve(browser, uid, **{step_up.FIELD: PASSWORD}).status_code == 303


def test_field_of_the_password_opens_no_way_around_the_limits_of_the_login(
    browser: Browser, scene: Scene, stale: Browser
) -> None:
    sent = {"email": scene.coordinator.email, "password": "no", step_up.FIELD: PASSWORD}

    answers = [browser.submit("/login", sent).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


@pytest.mark.parametrize("way", ["on the way", "on the library's page"])
def test_session_gets_a_new_id_but_no_longer_life_and_other_windows_go_on(
    scene: Scene, stale: Browser, database: Database, new_browser: Callable[[], Browser], way: str
) -> None:
    (uid,) = waiting(scene, "M001")
    watcher = new_browser()
    watcher.cookie = stale.cookie or ""
    other_window = stale.token("/account/")
    with database.reading() as session:
        ends = session.scalars(select(WebSession.expires_at)).one()

    if way == "on the way":
        assert approve(stale, uid, **{step_up.FIELD: PASSWORD}).status_code == 303
    else:
        stale.submit("/account/confirm?next=/account/", {"password": PASSWORD})

    assert (stale.get("/account/").status_code, watcher.get("/account/").status_code) == (200, 303)
    with database.reading() as session:
        living = select(WebSession.expires_at).where(WebSession.ended_at.is_(None))
        assert session.scalars(living).all() == [ends]
    sent = {"name": "李雷", "language": "en", "csrf_token": other_window}
    assert stale.post("/account/", sent).status_code == 303


@pytest.mark.parametrize("role", sorted(ALLIANCE_ROLES))
def test_nobody_of_the_alliance_opens_anything_without_a_second_factor(
    scene: Scene, log_in: LogIn, role: Role
) -> None:
    person = staff(scene.session, role)
    person.tf_primary_method = None
    scene.session.commit()
    browser = log_in(person)
    pages = [
        rule.rule
        for rule in browser.client.application.url_map.iter_rules()
        if ACCESS[rule.endpoint].kind is Kind.PERMITTED
        and "GET" in (rule.methods or ())
        and not rule.arguments
        and rule.endpoint.split(".")[0] != "supplier"
    ]

    opened = {path: browser.get(path) for path in pages}

    assert len(pages) > 8
    let_in = [path for path, answer in opened.items() if answer.status_code == 200]
    assert let_in == []
    ways = {answer.headers.get("Location") for answer in opened.values()} - {None}
    assert ways == {"/account/two-factor"}
    token = browser.token("/account/")
    assert browser.post("/coordinator/editions/", {"csrf_token": token}).status_code in (403, 405)


def test_people_of_suppliers_are_offered_a_second_factor_and_need_none(
    scene: Scene, log_in: LogIn
) -> None:
    scene.member("M001")
    scene.session.commit()
    supplier: Account = scene.people["M001"]

    browser = log_in(supplier)

    assert browser.get("/supplier/").status_code in (200, 303)
    assert "/account/two-factor" in browser.get("/account/").text
