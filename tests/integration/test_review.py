"""The main path below the pages: submit, return with questions, answer, submit again, approve."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal.domain.actors import AccountId, Actor, Role
from portal.domain.canonical import digest_of_bytes
from portal.domain.certificates import CODE_BYTES, code_text
from portal.domain.refusals import Conflict, Forbidden, NotFound
from portal.domain.submissions import Event, State, fold
from portal.services import (
    certificates,
    handed_in,
    inventories,
    journal,
    review,
    review_page,
    submissions,
    summaries,
)
from portal.services.submissions import Declaration
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory
from portal.store.jobs import Job
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from portal.store.messages import Message
from portal.store.submissions import Submission
from portal.store.summaries import LikeForLike, MemberSummary, MemberYear, UnitSummary
from tests.factories.suppliers import (
    MOMENT,
    a_member,
    a_site,
    an_account,
    an_alliance,
    work_of,
)
from tests.factories.years import a_line, a_year

SIGNED = Declaration("李雷", "总经理")


@dataclass
class Scene:
    session: Session
    member: Member
    site: Site
    signatory: Account
    coordinator: Account
    inventory: Inventory

    def as_supplier(self, minutes: int = 0) -> Work:
        return work_of(self.session, self.signatory, moment=MOMENT + timedelta(minutes=minutes))

    def as_coordinator(self, minutes: int = 0) -> Work:
        return work_of(self.session, self.coordinator, moment=MOMENT + timedelta(minutes=minutes))


def set_up(session: Session) -> Scene:
    alliance = an_alliance(session, years=(2024, 2025))
    member = a_member(session, alliance, "M001", sector="packaging")
    site = a_site(session, member, "S1")
    signatory = an_account(session, Role.SIGNATORY, member)
    coordinator = an_account(session, Role.COORDINATOR, None)
    inventory = a_year(work_of(session, signatory), member, site, 2025)
    return Scene(session, member, site, signatory, coordinator, inventory)


@pytest.fixture
def scene(session: Session) -> Scene:
    return set_up(session)


def test_submitting_freezes_content_that_matches_its_digest(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    content = submissions.content_of(scene.session, submitted)
    assert submitted.digest == digest_of_bytes(submitted.canonical_content())
    assert [line["category"] for line in content["lines"]] == [
        "electricity.grid",
        "electricity.grid",
        "stationary.natural_gas",
    ]
    assert content["lines"][0]["assessment"]["trace"][0]["formula"]
    total = scene.session.scalars(
        select(func.sum(ActivityLine.kg_co2e)).where(
            ActivityLine.inventory_id == scene.inventory.id
        )
    ).one()
    assert submitted.kg_total == total
    assert "李雷" not in json.dumps(content, ensure_ascii=False, default=str)


def test_frozen_submission_is_refused_any_change_by_the_database(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    for statement in (
        update(Submission).values(kg_scope1=0),
        update(Submission).values(content=b"x"),
        update(Submission).values(digest="0" * 64),
        text("DELETE FROM submission_event"),
        text("UPDATE submission_event SET reason = 'x'"),
        text("DELETE FROM submission"),
    ):
        with pytest.raises(DatabaseError, match="frozen"), scene.session.begin_nested():
            scene.session.execute(statement)
    scene.session.refresh(submitted)
    assert submitted.digest == digest_of_bytes(submitted.canonical_content())


def test_year_that_is_submitted_already_is_a_conflict(scene: Scene) -> None:
    submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    with pytest.raises(Conflict):
        submissions.submit(scene.as_supplier(1), scene.inventory, SIGNED)


def test_returned_year_keeps_everything_and_comes_back_as_the_next_version(scene: Scene) -> None:
    first = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    line = scene.session.scalars(select(ActivityLine).order_by(ActivityLine.position)).first()
    assert line is not None
    question = review.add_finding(
        scene.as_coordinator(5),
        first.uid,
        message="Is January complete?",
        visibility="supplier",
        line_key=line.key,
    )
    review.add_finding(
        scene.as_coordinator(5), first.uid, message="New site manager", visibility="internal"
    )
    review.return_submission(scene.as_coordinator(6), first.uid, "One question, see the line.")
    assert (first.state, scene.inventory.state) == (State.RETURNED, "returned")
    answered = review.answer_finding(
        scene.as_supplier(10), question.uid, "Yes, meter read on 31st."
    )
    a_line(
        scene.as_supplier(11),
        scene.inventory,
        scene.site,
        4,
        category="mobile.diesel",
        quantity="24150",
        unit="L",
    )
    second = submissions.submit(scene.as_supplier(12), scene.inventory, SIGNED)
    page = review_page.open_page(scene.as_coordinator(20), second.uid)
    assert answered.state == "answered"
    assert (second.number, page.before) == (2, first)
    assert [row.line.category for row in page.rows if page.before and row.change == "added"] == [
        "mobile.diesel"
    ]
    assert page.changed_count == 1
    assert [f.message for f in page.findings_on(str(line.key))] == ["Is January complete?"]


def test_approval_makes_the_totals_official_and_a_certificate_intended(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    review.approve_submission(scene.as_coordinator(5), submitted.uid)
    approved = scene.session.get_one(MemberYear, (scene.member.id, 2025))
    assert approved.kg_scope1 + approved.kg_scope2_location + approved.kg_scope3 == (
        submitted.kg_total
    )
    assert scene.session.scalars(select(func.sum(UnitSummary.kg_co2e))).one() == submitted.kg_total
    assert summaries.differences(scene.session, 2025) == []
    certificate = scene.session.scalars(select(Certificate)).one()
    assert (certificate.number, certificate.state) == ("DAIRY-2026-00001", "issuing")
    facts = json.loads(certificates.facts_of(scene.session, certificate))
    assert facts["verify_url"].endswith(f"/verify/{certificate.number}?c={certificate.code}")
    kinds = set(scene.session.scalars(select(Job.kind)))
    assert {"issue_certificate", "render_report", "send_message"} <= kinds
    assert "approved" in set(scene.session.scalars(select(Message.kind)))


def test_code_of_a_certificate_comes_by_chance_alone(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    drawn: list[bytes] = []

    def draw(size: int) -> bytes:
        drawn.append(bytes([len(drawn) + 1]) * size)
        return drawn[-1]

    deciding = scene.as_coordinator(1)
    deciding.random_bytes = draw
    review.approve_submission(deciding, submitted.uid)

    code = scene.session.scalars(select(Certificate.code)).one()
    assert code in [code_text(each) for each in drawn if len(each) == CODE_BYTES]


def test_years_are_compared_over_the_members_approved_in_both(scene: Scene) -> None:
    totals = {}
    for year, minutes in ((2024, 5), (2025, 15)):
        inventory = scene.inventory
        if year == 2024:
            inventory = a_year(scene.as_supplier(minutes), scene.member, scene.site, year)
        submitted = submissions.submit(scene.as_supplier(minutes), inventory, SIGNED)
        review.approve_submission(scene.as_coordinator(minutes + 1), submitted.uid)
        totals[year] = submitted.kg_total
    rows = scene.session.scalars(select(LikeForLike)).all()
    assert [(row.year, row.member_count, row.kg_co2e, row.kg_co2e_before) for row in rows] == [
        (2025, 1, totals[2025], totals[2024])
    ]


def test_year_that_is_approved_anew_takes_the_place_of_its_earlier_sums(scene: Scene) -> None:
    first = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    review.approve_submission(scene.as_coordinator(1), first.uid)
    review.reopen(scene.as_coordinator(2), first.uid, "A meter was read wrongly.")
    second = submissions.submit(scene.as_supplier(3), scene.inventory, SIGNED)
    review.approve_submission(scene.as_coordinator(4), second.uid)

    rows = scene.session.scalars(select(MemberSummary)).all()
    assert sum(row.kg_co2e for row in rows) == second.kg_total
    assert len({row.category for row in rows}) == len(rows)
    assert scene.session.scalars(select(MemberYear.kg_total)).all() == [second.kg_total]
    assert summaries.differences(scene.session, 2025) == []


def test_state_always_follows_from_the_events(scene: Scene) -> None:
    first = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    review.approve_submission(scene.as_coordinator(5), first.uid)
    review.reopen(scene.as_coordinator(6), first.uid, "The gas bill was corrected.")
    second = submissions.submit(scene.as_supplier(7), scene.inventory, SIGNED)
    submissions.withdraw(scene.as_supplier(8), second.uid)
    third = submissions.submit(scene.as_supplier(9), scene.inventory, SIGNED)
    review.approve_submission(scene.as_coordinator(10), third.uid)
    scene.session.flush()
    for submission, state in (
        (first, State.OUTDATED),
        (second, State.WITHDRAWN),
        (third, State.APPROVED),
    ):
        events = [Event(event.kind) for event in submissions.history(scene.session, submission)]
        assert fold(events) is state
        assert submission.state == state
    certificate_states = scene.session.execute(
        select(Certificate.number, Certificate.state).order_by(Certificate.id)
    ).all()
    assert [state for _, state in certificate_states] == ["superseded", "issuing"]


def test_reopened_year_tells_the_supplier_why_it_came_back(scene: Scene) -> None:
    approved = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    review.approve_submission(scene.as_coordinator(1), approved.uid)
    review.reopen(scene.as_coordinator(2), approved.uid, "The gas bill was corrected.")
    shown = handed_in.questions_page(scene.as_supplier(3), scene.inventory)
    assert shown.reason == "The gas bill was corrected."
    kinds = [event.kind for event in submissions.history(scene.session, approved)]
    assert kinds == ["submitted", "approved", "reopened"]
    assert approved.state == State.APPROVED


def test_decided_submission_can_be_decided_no_more(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    review.return_submission(scene.as_coordinator(1), submitted.uid, "Please check.")
    for act in (
        lambda: review.approve_submission(scene.as_coordinator(2), submitted.uid),
        lambda: review.return_submission(scene.as_coordinator(2), submitted.uid, "Again."),
        lambda: submissions.withdraw(scene.as_supplier(2), submitted.uid),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.values["state"] == "returned"


def test_return_needs_a_reason(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    with pytest.raises(Conflict):
        review.return_submission(scene.as_coordinator(1), submitted.uid, "   ")
    scene.session.refresh(submitted)
    assert submitted.state == "submitted"


def test_decider_is_never_the_submitter_by_rule_and_by_constraint(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    statement = update(Submission).values(
        state="approved", decided_by=scene.signatory.id, decided_at=MOMENT
    )
    with (
        pytest.raises(DatabaseError, match="decider_is_not_the_submitter"),
        scene.session.begin_nested(),
    ):
        scene.session.execute(statement)
    with pytest.raises(Forbidden):
        review.approve_submission(scene.as_supplier(), submitted.uid)


def test_whoever_submitted_is_refused_also_as_a_coordinator_by_now(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    changed_sides = Actor(
        AccountId(scene.signatory.id), "李雷", frozenset({Role.COORDINATOR}), None
    )
    decider = Work(scene.session, changed_sides, MOMENT, str(scene.signatory.uid))
    for decide in (
        lambda: review.approve_submission(decider, submitted.uid),
        lambda: review.return_submission(decider, submitted.uid, "Please check."),
    ):
        with pytest.raises(Forbidden, match=r"submission\.decision\.own"):
            decide()
    assert submitted.state == "submitted"


def test_foreign_submission_is_answered_like_an_unknown_one(scene: Scene) -> None:
    submitted = submissions.submit(scene.as_supplier(), scene.inventory, SIGNED)
    alliance = scene.member.alliance_id
    other = a_member(scene.session, type("A", (), {"id": alliance})(), "M002", sector="packaging")
    stranger = work_of(scene.session, an_account(scene.session, Role.SIGNATORY, other))
    with pytest.raises(NotFound):
        submissions.find(stranger, submitted.uid)
    with pytest.raises(NotFound):
        submissions.withdraw(stranger, submitted.uid)


def test_every_act_leaves_its_entry_in_an_unbroken_ledger(scene: Scene) -> None:
    supplier, coordinator = scene.as_supplier(), scene.as_coordinator(1)
    submitted = submissions.submit(supplier, scene.inventory, SIGNED)
    supplier.flush_ledger()
    review.approve_submission(coordinator, submitted.uid)
    coordinator.flush_ledger()
    kinds = [
        row.entry.kind for row in journal.list_entries(coordinator, journal.JournalFilter()).rows
    ]
    assert {"submission.submitted", "submission.approved", "certificate.intended"} <= set(kinds)
    assert journal.faults(scene.session) == []


def race(database: Database, acts: list[Callable[[Work], object]], people: list[int]) -> list[str]:
    """Do several things at the same moment, each in a transaction of its own; say how each ended."""
    barrier, ends = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int) -> None:
        with database.writing() as session:
            account = session.get_one(Account, people[place])
            work = work_of(session, account)
            session.rollback()
            barrier.wait()
            try:
                acts[place](work)
                work.commit()
                ends[place] = "done"
            except Conflict:
                session.rollback()
                ends[place] = "conflict"

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.mark.parametrize("round_", range(3))
def test_of_approvals_and_returns_at_once_exactly_one_wins(database: Database, round_: int) -> None:
    with database.writing() as session:
        scene = set_up(session)
        others = [an_account(session, Role.COORDINATOR, None).id for _ in range(4)]
        supplier = scene.as_supplier()
        submitted = submissions.submit(supplier, scene.inventory, SIGNED)
        supplier.commit()
        uid = submitted.uid

    def approve(work: Work) -> object:
        return review.approve_submission(work, uid)

    def send_back(work: Work) -> object:
        return review.return_submission(work, uid, "Please check.")

    ends = race(database, [approve, send_back, approve, send_back], others)
    assert ends == ["conflict", "conflict", "conflict", "done"]
    with database.reading() as session:
        found = session.scalars(select(Submission)).one()
        issued = session.scalars(select(func.count()).select_from(Certificate)).one()
        assert issued == (1 if found.state == "approved" else 0)
        assert fold([Event(e.kind) for e in submissions.history(session, found)]) == found.state
        assert journal.faults(session) == []


def test_nobody_edits_a_year_between_its_check_and_its_submission(database: Database) -> None:
    with database.writing() as session:
        scene = set_up(session)
        session.commit()
        inventory_id, signatory = scene.inventory.id, scene.signatory.id
    held = threading.Event()

    def check_and_submit(work: Work) -> object:
        inventory = work.session.get_one(Inventory, inventory_id)
        submissions.hold(work, inventory)
        held.set()
        time.sleep(0.3)  # long enough for the other one to try
        return submissions.submit(work, inventory, SIGNED)

    def edit(work: Work) -> object:
        assert held.wait(5)
        return inventories.begin_edit(work, work.session.get_one(Inventory, inventory_id))

    assert race(database, [check_and_submit, edit], [signatory, signatory]) == ["conflict", "done"]


def test_of_two_submissions_at_once_exactly_one_wins(database: Database) -> None:
    with database.writing() as session:
        scene = set_up(session)
        second = an_account(session, Role.SIGNATORY, scene.member).id
        session.commit()
        inventory_id, first = scene.inventory.id, scene.signatory.id

    def submit(work: Work) -> object:
        return submissions.submit(work, work.session.get_one(Inventory, inventory_id), SIGNED)

    assert race(database, [submit, submit], [first, second]) == ["conflict", "done"]
    with database.reading() as session:
        assert session.scalars(select(func.count()).select_from(Submission)).one() == 1
