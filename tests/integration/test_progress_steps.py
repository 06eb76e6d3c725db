"""Milestones are reached between plans: a report says when, and its approval brings it to the plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from lxml import html
from sqlalchemy import select

from portal.intake.typed import Typed
from portal.services import progress, review
from portal.services.submissions import content_of
from portal.store.actions import Milestone
from portal.store.base import Database
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberProgress
from tests.browsers import Browser
from tests.factories.plans import SIGNED, a_progress_report, an_approved_plan, first_action
from tests.factories.scenes import Scene

LogIn = Callable[..., Browser]
DAY = date(2026, 3, 2)


@pytest.fixture
def member(scene: Scene) -> Member:
    """A member whose only action has a milestone that is due in the middle of 2026."""
    made = scene.member("M-0001")
    for year in (2024, 2025):
        scene.approved(made, year)
    an_approved_plan(scene, made)
    return made


@pytest.fixture
def page(scene: Scene, member: Member) -> str:
    a_progress_report(scene, member, 2025)
    return f"/supplier/progress/2025/actions/{first_action(scene, member).uid}"


@pytest.fixture
def supplier(scene: Scene, page: str, log_in: LogIn) -> Browser:
    scene.session.commit()
    return log_in(scene.people["M-0001"])


def done_on(scene: Scene) -> date | None:
    scene.session.expire_all()
    return scene.session.scalars(select(Milestone.done_on)).one()


def test_milestone_of_a_report_is_done_in_the_plan_once_it_is_approved(
    scene: Scene, member: Member, page: str
) -> None:
    report = progress.begin_progress(scene.as_supplier("M-0001", 30), member, 2025)
    shown = progress.find_row(
        scene.as_supplier("M-0001", 30), report, first_action(scene, member).uid
    )
    work = scene.as_supplier("M-0001", 31)
    typed = Typed({"status": "in_progress", "reached-0": DAY.isoformat()})
    assert progress.save_row(work, report, shown.row, typed, shown.open_steps) == ()
    submitted = progress.submit_progress(work, report, SIGNED)
    work.commit()
    (action,) = content_of(scene.session, submitted)["actions"]
    assert [step["done"] for step in action["milestones"]] == [DAY.isoformat()]
    assert done_on(scene) is None
    deciding = scene.as_coordinator(32)
    review.approve_submission(deciding, submitted.uid)
    deciding.commit()
    assert done_on(scene) == DAY
    assert scene.session.scalars(select(MemberProgress.overdue_count)).one() == 0


def test_next_report_does_not_ask_again(scene: Scene, member: Member, page: str) -> None:
    scene.session.scalars(select(Milestone)).one().done_on = DAY
    scene.session.flush()
    report = progress.begin_progress(scene.as_supplier("M-0001", 30), member, 2024)
    (shown,) = progress.rows_of(scene.session, report)
    assert shown.open_steps == []
    (action,) = progress.check_progress(scene.as_supplier("M-0001", 30), report).content["actions"]
    assert [step["done"] for step in action["milestones"]] == [DAY.isoformat()]


def test_day_is_kept_and_shown_again(
    scene: Scene, page: str, supplier: Browser, database: Database
) -> None:
    assert (
        supplier.submit(page, {"status": "done", "reached-0": DAY.isoformat()}).status_code == 303
    )
    (box,) = html.fromstring(supplier.get(page).text).xpath("//input[@name='reached-0']")
    assert box.get("value") == DAY.isoformat()
    with database.reading() as session:
        assert session.scalars(select(Submission).filter_by(kind="progress")).all() == []


@pytest.mark.parametrize("typed", ["2999-01-01", "soon"])
def test_day_that_can_not_be_is_refused_beside_its_box(
    page: str, supplier: Browser, typed: str
) -> None:
    answer = supplier.submit(f"{page}?lang=en", {"status": "done", "reached-0": typed})
    assert answer.status_code == 422
    document = html.fromstring(answer.text)
    (box,) = document.xpath("//input[@name='reached-0']")
    assert box.get("value") == typed
    (error,) = document.xpath("//p[@id='reached-0-error']")
    assert error.text_content()
    assert box.get("aria-describedby") == "reached-0-error"
