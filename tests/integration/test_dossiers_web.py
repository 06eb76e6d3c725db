"""Signing plans, progress reports and restatements on their pages: looking over, submitting, taking back, throwing away, answering."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import html
from sqlalchemy import select

from portal.domain.refusals import NotFound
from portal.intake.typed import Typed
from portal.services import dossiers, progress, restatements, review, submissions
from portal.services.work import Work
from portal.store.base import Database
from portal.store.dossiers import ActionProgress, Adjustment, Dossier, ProgressEvidence
from portal.store.evidence import Evidence
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.messages import Message
from portal.store.submissions import Finding, Submission
from tests.browsers import Browser
from tests.factories.plans import (
    SIGNED,
    a_plan,
    a_submitted_plan,
    an_approved_plan,
    an_approved_progress,
    first_action,
)
from tests.factories.scenes import Scene, states
from tests.factories.suppliers import a_file, work_of

PLAN = "/supplier/plan/0"
LogIn = Callable[..., Browser]


@pytest.fixture
def member(scene: Scene) -> Member:
    made = scene.member("M-1")
    scene.approved(made, 2024)
    scene.session.commit()
    return made


@pytest.fixture
def supplier(scene: Scene, member: Member, log_in: LogIn) -> Browser:
    return log_in(scene.people["M-1"])


def signature(browser: Browser, page: str) -> dict[str, str]:
    """The declaration for what the page shows now."""
    (seen,) = html.fromstring(browser.get(page).text).xpath("//input[@name='seen']/@value")
    return {"seen": seen, "declared": "y"}


def test_plan_is_signed_only_with_the_declaration(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    a_plan(scene, member)
    signed = signature(supplier, f"{PLAN}/check")
    undeclared = supplier.submit(
        f"{PLAN}/submit", {"seen": signed["seen"]}, page=f"{PLAN}/check?lang=en"
    )
    assert undeclared.status_code == 422
    assert 'href="#declared"' in undeclared.text
    answer = supplier.submit(f"{PLAN}/submit", signed, page=f"{PLAN}/check")
    assert (answer.status_code, answer.location) == (303, f"{PLAN}/history")
    with database.reading() as session:
        handed_in = session.scalars(select(Submission).where(Submission.kind == "plan")).one()
    assert handed_in.digest in supplier.get(f"{PLAN}/history").text


def test_plan_changed_since_it_was_looked_over_is_shown_again(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    plan = a_plan(scene, member)
    signed = signature(supplier, f"{PLAN}/check")
    plan.note = "Meanwhile"
    scene.session.commit()
    answer = supplier.submit(f"{PLAN}/submit", signed, page=f"{PLAN}/check?lang=en")
    assert answer.status_code == 409
    assert "Something has changed" in answer.text
    with database.reading() as session:
        assert session.get_one(Dossier, plan.id).state == "draft"


def test_waiting_plan_is_taken_back_after_one_more_question(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    submitted = a_submitted_plan(scene, member)
    assert supplier.get(f"{PLAN}/withdraw").status_code == 200
    assert states(database, submitted.uid) == ["submitted"]
    answer = supplier.submit(f"{PLAN}/withdraw", {})
    assert (answer.status_code, answer.location) == (303, "/supplier/plan")
    assert states(database, submitted.uid) == ["withdrawn"]
    assert supplier.submit(f"{PLAN}/withdraw", {}).status_code == 409


def test_question_about_an_action_is_answered_in_place(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    submitted = a_submitted_plan(scene, member)
    asking = scene.as_coordinator(12)
    key = first_action(scene, member).uid
    review.add_finding(
        asking, submitted.uid, message="Which meters?", visibility="supplier", line_key=key
    )
    review.return_submission(asking, submitted.uid, "One question.")
    asking.commit()
    page = supplier.get(f"{PLAN}/questions?lang=en").text
    assert "One question." in page
    (about,) = html.fromstring(page).xpath("//a[text()='Compressed air: mend leaks']/@href")
    assert supplier.get(about).status_code == 200
    (path,) = html.fromstring(page).xpath("//main//form//button/@formaction")
    (box,) = html.fromstring(page).xpath("//main//form//textarea/@name")
    assert supplier.submit(path, {box: " "}, page=f"{PLAN}/questions").status_code == 422
    assert "Something is still missing" in supplier.get(f"{PLAN}/check?lang=en").text
    assert supplier.submit(path, {box: "Hall 2."}, page=f"{PLAN}/questions").status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Finding.answer)).one() == "Hall 2."
    assert "Something is still missing" not in supplier.get(f"{PLAN}/check?lang=en").text


def test_question_about_an_action_that_is_gone_leads_nowhere(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    submitted = a_submitted_plan(scene, member)
    action = first_action(scene, member)
    asking = scene.as_coordinator(12)
    review.add_finding(
        asking, submitted.uid, message="Which meters?", visibility="supplier", line_key=action.uid
    )
    review.return_submission(asking, submitted.uid, "One question.")
    asking.commit()
    assert supplier.submit(f"/supplier/plan/actions/{action.uid}/remove", {}).status_code == 303
    page = html.fromstring(supplier.get(f"{PLAN}/questions?lang=en").text)
    (about,) = page.xpath("//ol[@class='questions']//p[@class='hint']")
    assert " ".join(about.text_content().split()) == "About: Compressed air: mend leaks Removed"
    assert about.xpath(".//a") == []


def test_letters_name_what_was_handed_in_and_lead_to_it(
    scene: Scene, member: Member, database: Database
) -> None:
    an_approved_plan(scene, member)
    an_approved_progress(scene, member, 2024)
    work = scene.as_supplier("M-1", 30)
    quarter = progress.begin_progress(work, member, 2026, 1)
    waiting = progress.submit_progress(work, quarter, SIGNED)
    review.return_submission(scene.as_coordinator(31), waiting.uid, "Please look again.")
    scene.session.commit()
    with database.reading() as session:
        letters = session.scalars(select(Message).order_by(Message.id)).all()
    told = [(m.kind, m.values["about"], m.values["path"]) for m in letters if "about" in m.values]
    assert told[2:] == [
        ("submission_received", "plan", "/supplier/plan/0/history"),
        ("approved", "plan", "/supplier/plan/0/history"),
        ("submission_received", "progress", "/supplier/progress/2024/history"),
        ("approved", "progress", "/supplier/progress/2024/history"),
        ("submission_received", "progress", "/supplier/progress/2026/q1/history"),
        ("returned", "progress", "/supplier/progress/2026/q1/questions"),
    ]


def test_dossier_that_was_not_begun_is_no_page(supplier: Browser) -> None:
    for path in (PLAN, "/supplier/progress/2024", "/supplier/baseline/2024"):
        assert supplier.get(f"{path}/check").status_code == 404


QUARTER = "/supplier/progress/2026/q1"


def a_quarter(scene: Scene, member: Member) -> Dossier:
    """The report of a quarter, begun and not handed in, with a file that proves what an action saved."""
    an_approved_plan(scene, member)
    work = scene.as_supplier("M-1", 30)
    report = progress.begin_progress(work, member, 2026, 1)
    row = progress.rows_of(scene.session, report)[0].row
    progress.link(work, report, row, a_file(scene.session, member.id))
    work.commit()
    return report


def test_report_that_was_never_handed_in_is_thrown_away_after_one_more_question(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    a_quarter(scene, member)
    assert f"{QUARTER}/discard" in supplier.get(QUARTER).text
    assert "Progress report 2026, quarter 1" in supplier.get(f"{QUARTER}/discard?lang=en").text
    answer = supplier.submit(f"{QUARTER}/discard", {})
    assert (answer.status_code, answer.location) == (303, "/supplier/progress")
    assert supplier.get(QUARTER).status_code == 404
    assert supplier.submit(f"{QUARTER}/discard", {}).status_code == 404
    with database.reading() as session:
        assert session.scalars(select(Dossier.kind)).all() == ["plan"]
        assert session.query(ActionProgress).count() == session.query(ProgressEvidence).count() == 0
        assert session.query(Evidence).count() == 1
        entry = session.scalars(select(LedgerEntry).order_by(LedgerEntry.sequence.desc())).first()
    assert entry is not None
    assert entry.kind == "dossier.discarded"
    assert entry.detail == {"kind": "progress", "year": 2026, "quarter": 1}


def test_recalculation_is_thrown_away_with_its_changes(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    work = scene.as_supplier("M-1", 30)
    begun = restatements.begin_restatement(work, member)
    typed = Typed({"year": "2024", "category": "heat.steam", "change_t": "5"})
    assert restatements.add_adjustment(work, begun, typed) == ()
    work.commit()
    address = f"/supplier/restatements/{begun.year}"
    assert f"/supplier/restatement/{begun.year}/discard" in supplier.get(address).text
    answer = supplier.submit(f"/supplier/restatement/{begun.year}/discard", {})
    assert (answer.status_code, answer.location) == (303, "/supplier/restatements")
    with database.reading() as session:
        assert session.query(Dossier).count() == session.query(Adjustment).count() == 0
    assert supplier.submit("/supplier/restatements/begin", {}).location == address


def test_what_was_handed_in_once_is_never_thrown_away(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    report = a_quarter(scene, member)
    work = scene.as_supplier("M-1", 31)
    progress.confirm_rest(work, report)
    waiting = progress.submit_progress(work, report, SIGNED)
    work.commit()
    for path in (QUARTER, PLAN):
        assert supplier.get(f"{path}/discard").status_code == 409
        assert supplier.submit(f"{path}/discard", {}).status_code == 409
    submissions.withdraw(scene.as_supplier("M-1", 32), waiting.uid)
    scene.commit()
    assert f"{QUARTER}/discard" not in supplier.get(QUARTER).text
    answer = supplier.submit(f"{QUARTER}/discard?lang=en", {})
    assert answer.status_code == 409
    assert "handed in before" in answer.text


def test_plan_stays_also_while_it_is_a_draft(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    a_plan(scene, member)
    answer = supplier.submit(f"{PLAN}/discard?lang=en", {}, page="/account/")
    assert (answer.status_code, "has one reduction plan" in answer.text) == (409, True)
    assert "has one reduction plan" in supplier.get(f"{PLAN}/discard?lang=en").text


@pytest.mark.parametrize("act", [submissions.hold, dossiers.begin_edit, dossiers.discard])
def test_draft_that_was_thrown_away_meanwhile_is_answered_like_an_unknown_one(
    scene: Scene, member: Member, database: Database, act: Callable[[Work, Dossier], object]
) -> None:
    report = a_quarter(scene, member)
    work = scene.as_supplier("M-1", 31)
    with database.writing() as other:
        mine = work_of(other, scene.people["M-1"])
        dossiers.discard(mine, other.get_one(Dossier, report.id))
        mine.commit()
    with pytest.raises(NotFound):
        act(work, report)


def test_home_leads_to_the_plan_and_then_to_the_report_that_can_be_written(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    def listed() -> list[list[str]]:
        page = html.fromstring(supplier.get("/supplier/?lang=en").text)
        found = page.xpath("//section[@aria-labelledby='reduction-heading']//li")
        return [" ".join(each.text_content().split()).rsplit(" ", 1) for each in found]

    assert [name for name, _state in listed()] == ["Reduction plan Not"]
    an_approved_plan(scene, member)
    scene.session.commit()
    plan, report = listed()
    assert plan == ["Reduction plan", "Approved"]
    assert report == ["Progress of 2024 Not", "started"]
