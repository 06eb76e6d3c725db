"""Reviewing plans, progress and restatements: what the coordinator sees, asks, returns and approves."""

from __future__ import annotations

import pytest
from lxml import html
from sqlalchemy import select

from portal.services import actions, plans, progress
from portal.store.base import Database
from portal.store.members import Member
from portal.store.submissions import Finding
from tests.browsers import Browser
from tests.factories.plans import (
    SIGNED,
    a_submitted_plan,
    an_approved_plan,
    an_approved_progress,
    first_action,
    reopen_plan,
    typed_action,
)
from tests.factories.scenes import Scene, states


@pytest.fixture
def member(scene: Scene) -> Member:
    """A member with two approved years."""
    made = scene.member("M-0001")
    scene.approved(made, 2024, minutes=1)
    scene.approved(made, 2025, minutes=3)
    scene.session.commit()
    return made


def text_of(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def test_plan_waits_in_the_queue_under_its_kind(
    scene: Scene, member: Member, coordinator: Browser
) -> None:
    a_submitted_plan(scene, member)
    page = coordinator.get("/coordinator/submissions/?kind=plan&lang=en").text
    assert "Reduction plan" in text_of(page)
    assert "M-0001" in page
    none = coordinator.get("/coordinator/submissions/?kind=progress&lang=en").text
    assert "Nothing here" in text_of(none)


def test_plan_is_shown_with_targets_actions_and_arithmetic(
    scene: Scene, member: Member, coordinator: Browser
) -> None:
    submitted = a_submitted_plan(scene, member)
    page = text_of(coordinator.get(f"/coordinator/submissions/{submitted.uid}?lang=en").text)
    for words in (
        "42 per cent less by 2030",
        "Compressed air: mend leaks",
        "4.2 % × (2030 − 2020) = 42 %",
        "Energy manager",
    ):
        assert words in page
    assert "韩梅梅" not in page


def test_question_about_an_action_goes_back_with_the_plan(
    scene: Scene, member: Member, coordinator: Browser, database: Database
) -> None:
    submitted = a_submitted_plan(scene, member)
    address = f"/coordinator/submissions/{submitted.uid}"
    key = str(first_action(scene, member).uid)
    scene.session.commit()
    asked = coordinator.submit(
        f"{address}/findings",
        {"line": key, "message": "Which meters?", "visibility": "supplier"},
        page=address,
    )
    assert asked.status_code == 303
    answer = coordinator.submit(f"{address}/return", {"reason": "One question."})
    assert answer.status_code == 303
    assert states(database, submitted.uid) == ["returned"]
    with database.reading() as session:
        assert str(session.scalars(select(Finding)).one().line_key) == key


def test_second_version_says_what_changed(
    scene: Scene, member: Member, coordinator: Browser
) -> None:
    an_approved_plan(scene, member)
    plan = reopen_plan(scene, member, 14)
    work = scene.as_supplier(member.code, 15)
    actions.change_action(work, plan, first_action(scene, member), typed_action(percent="20"))
    again = plans.submit_plan(work, plan, SIGNED)
    work.commit()
    page = text_of(coordinator.get(f"/coordinator/submissions/{again.uid}?lang=en").text)
    assert "1 part changed since version 1" in page
    assert "Saving, t CO₂e" in page


def test_progress_is_shown_with_why_the_year_changed(
    scene: Scene, member: Member, coordinator: Browser
) -> None:
    an_approved_plan(scene, member)
    work = scene.as_supplier(member.code, 20)
    report = progress.begin_progress(work, member, 2025)
    progress.confirm_rest(work, report)
    submitted = progress.submit_progress(work, report, SIGNED)
    work.commit()
    page = text_of(coordinator.get(f"/coordinator/submissions/{submitted.uid}?lang=en").text)
    for words in (
        "Why it changed since 2024",
        "Activity and intensity together",
        "Change since 2024",
        "Compressed air: mend leaks",
    ):
        assert words in page


def test_approving_progress_announces_the_certificate(
    scene: Scene, member: Member, coordinator: Browser
) -> None:
    an_approved_plan(scene, member)
    approved = an_approved_progress(scene, member, 2025)
    page = text_of(coordinator.get(f"/coordinator/submissions/{approved.uid}?lang=en").text)
    assert "Approved" in page
