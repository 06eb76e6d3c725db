"""What a coordinator decides in the browser: remarks, returning, approving, and coming too late."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.actors import Role
from portal.services import review, submissions
from portal.store.base import Database
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory
from portal.store.submissions import Finding, Submission, SubmissionEvent
from tests.browsers import Browser, give_session
from tests.factories.scenes import SIGNED, Scene, staff, states

REVIEW = "/coordinator/submissions"
LogIn = Callable[..., Browser]


@pytest.fixture
def waiting(scene: Scene) -> Submission:
    submitted = scene.waiting(scene.member("M-0001"))
    scene.session.commit()
    return submitted


def address(submitted: Submission, act: str = "") -> str:
    return f"{REVIEW}/{submitted.uid}{act}"


def test_returning_without_a_reason_keeps_the_submission_waiting(
    coordinator: Browser, waiting: Submission, database: Database
) -> None:
    page = coordinator.submit(address(waiting, "/return"), {"reason": "  "})
    assert page.status_code == 422
    assert 'href="#reason"' in page.text
    assert states(database, waiting.uid) == ["submitted"]


def test_a_reason_that_is_refused_stays_in_the_box(
    coordinator: Browser, waiting: Submission, database: Database
) -> None:
    typed = "Line one <b>&amp; more\u202e, then line two"
    page = coordinator.submit(address(waiting, "/return"), {"reason": typed})
    assert page.status_code == 422
    assert "Line one &lt;b&gt;&amp;amp; more" in page.text
    assert states(database, waiting.uid) == ["submitted"]


def test_after_a_decision_the_next_of_the_same_list_comes_up(
    scene: Scene, coordinator: Browser, waiting: Submission, database: Database
) -> None:
    other = scene.waiting(scene.member("M-0002", "haulier"), minutes=1)
    third = scene.waiting(scene.member("M-0003"), minutes=2)
    scene.session.commit()
    path = address(waiting, "/approve?sector=packaging")
    answer = coordinator.submit(path, {}, page=address(waiting, "?sector=packaging"))
    assert answer.location == f"{REVIEW}/{third.uid}?sector=packaging"
    answer = coordinator.submit(
        address(third, "/approve?sector=packaging"), {}, page=answer.location
    )
    assert answer.location == f"{REVIEW}/?sector=packaging"
    assert states(database, waiting.uid, other.uid, third.uid) == [
        "approved",
        "submitted",
        "approved",
    ]


def test_questions_that_were_not_sent_are_asked_about_before_an_approval(
    scene: Scene, coordinator: Browser, waiting: Submission, database: Database
) -> None:
    first = scene.ask(waiting, "Why so much?")
    scene.session.commit()
    approve, page = address(waiting, "/approve?sector=packaging&lang=en"), address(waiting)
    asked = coordinator.submit(approve, {}, page=page)
    assert asked.status_code == 409
    assert "Why so much?" in asked.text
    assert "closes 1 question" in asked.text
    assert f'name="unsent" value="{first.uid}"' in asked.text
    second = scene.ask(waiting, "And since when?")
    scene.session.commit()
    for seen in ([str(first.uid)], [str(uuid4()), str(uuid4())], ["2"]):
        again = coordinator.submit(approve, {"unsent": seen}, page=page)
        assert "closes 2 questions" in again.text
    assert states(database, waiting.uid) == ["submitted"]
    done = coordinator.submit(approve, {"unsent": [str(first.uid), str(second.uid)]}, page=page)
    assert done.location == f"{REVIEW}/?sector=packaging"
    assert states(database, waiting.uid) == ["approved"]


def test_later_version_shows_what_became_of_those_before_it(
    scene: Scene, coordinator: Browser
) -> None:
    member = scene.member("M-0009")
    first = scene.waiting(member)
    review.return_submission(scene.as_coordinator(2), first.uid, "The bills are missing.")
    inventory = scene.session.get_one(Inventory, first.inventory_id)
    second = submissions.submit(scene.as_supplier(member.code, 3), inventory, SIGNED)
    scene.commit()
    page = coordinator.get(address(second)).text
    assert "The bills are missing." in page
    assert f'href="{address(first)}">Version 1</a>' in page
    assert "Version 2</a>" not in page
    assert "Version 2" not in coordinator.get(address(first)).text


def test_question_about_a_version_that_was_taken_back_is_asked_about_too(
    scene: Scene, coordinator: Browser, waiting: Submission, database: Database
) -> None:
    scene.ask(waiting, "Why so much?")
    submissions.withdraw(scene.as_supplier("M-0001", 2), waiting.uid)
    scene.commit()
    inventory = scene.session.get_one(Inventory, waiting.inventory_id)
    again = submissions.submit(scene.as_supplier("M-0001", 3), inventory, SIGNED)
    scene.commit()
    assert "Return with 1 question" in coordinator.get(address(again, "?lang=en")).text
    assert "Why so much?" in coordinator.get(address(again, "/return?lang=en")).text
    asked = coordinator.submit(address(again, "/approve?lang=en"), {}, page=address(again))
    assert (asked.status_code, "Why so much?" in asked.text) == (409, True)


def test_colleague_who_was_quicker_is_told_of_also_from_the_page_that_asks(
    scene: Scene, coordinator: Browser, waiting: Submission
) -> None:
    asked = scene.ask(waiting, "Why so much?")
    review.return_submission(scene.as_coordinator(1), waiting.uid, "Somebody else was first.")
    scene.session.commit()
    late = coordinator.submit(
        address(waiting, "/approve?lang=en"), {"unsent": str(asked.uid)}, page="/account/"
    )
    assert (late.status_code, "Somebody was quicker" in late.text) == (409, True)


def test_note_among_colleagues_does_not_hold_an_approval_up(
    scene: Scene, coordinator: Browser, waiting: Submission, database: Database
) -> None:
    review.add_finding(
        scene.as_coordinator(1), waiting.uid, message="Looks fine.", visibility="internal"
    )
    scene.session.commit()
    assert coordinator.submit(address(waiting, "/approve"), {}, page=address(waiting)).location
    assert states(database, waiting.uid) == ["approved"]


def test_place_in_the_queue_and_both_neighbours_are_shown(
    scene: Scene, coordinator: Browser, waiting: Submission
) -> None:
    second = scene.waiting(scene.member("M-0002"), minutes=1)
    third = scene.waiting(scene.member("M-0003"), minutes=2)
    scene.session.commit()
    page = coordinator.get(address(second, "?lang=en")).text
    assert "2 of 3" in page
    assert f'href="{address(waiting)}" rel="prev"' in page
    assert f'href="{address(third)}" rel="next"' in page


@pytest.mark.parametrize("act", ["approve", "return"])
def test_whoever_decides_too_late_sees_how_the_submission_stands(
    scene: Scene, coordinator: Browser, waiting: Submission, act: str, database: Database
) -> None:
    token = coordinator.token(address(waiting))
    review.return_submission(scene.as_coordinator(1), waiting.uid, "Somebody else was first.")
    scene.session.commit()

    late = coordinator.post(
        address(waiting, f"/{act}?lang=en"), {"csrf_token": token, "reason": "Mine."}
    )

    assert late.status_code == 409
    assert "Somebody was quicker" in late.text
    assert "Somebody else was first." in late.text
    assert 'class="tag tag-caution">Returned<' in late.text
    assert "decision-bar" not in late.text
    assert states(database, waiting.uid) == ["returned"]


def test_of_two_decisions_at_once_one_is_kept_and_one_is_answered_409(
    app: Flask, scene: Scene, waiting: Submission, database: Database
) -> None:
    people = [staff(scene.session, Role.COORDINATOR) for _ in range(2)]
    scene.session.commit()
    barrier, answers = threading.Barrier(2, timeout=120), {}

    def decide(place: int) -> None:
        browser = Browser(app.test_client())
        browser.cookie = give_session(database, people[place])
        token = browser.token(address(waiting))
        barrier.wait()
        act = ("/approve", "/return")[place]
        answer = browser.post(address(waiting, act), {"csrf_token": token, "reason": "No."})
        answers[place] = answer.status_code

    threads = [threading.Thread(target=decide, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers.values()) == [303, 409]
    with database.reading() as session:
        events = session.scalars(select(SubmissionEvent.kind)).all()
        issued = session.scalars(select(Certificate.id)).all()
    assert len(events) == 2
    assert len(issued) == (1 if answers[0] == 303 else 0)


def test_withdrawn_submission_can_be_decided_no_more(
    scene: Scene, coordinator: Browser, waiting: Submission, log_in: LogIn, database: Database
) -> None:
    token = coordinator.token(address(waiting))
    supplier = log_in(scene.people["M-0001"])
    page = "/supplier/inventories/2025/withdraw"
    assert supplier.submit(page, {}).status_code == 303
    assert coordinator.post(address(waiting, "/approve"), {"csrf_token": token}).status_code == 409
    assert states(database, waiting.uid) == ["withdrawn"]


def test_a_remark_is_kept_on_its_line_and_can_be_taken_back(
    scene: Scene, coordinator: Browser, waiting: Submission, database: Database
) -> None:
    key = str(scene.first_line(waiting).key)
    sent = {"line": key, "message": "Is workshop 2 in it?", "visibility": "supplier"}
    answer = coordinator.submit(address(waiting, "/findings?all=1"), sent, page=address(waiting))
    assert answer.location == address(waiting, f"?all=1#line-{key}")
    page = coordinator.get(address(waiting, "?lang=en")).text
    assert "Return with 1 question" in page
    assert "Is workshop 2 in it?" in page
    (remove,) = re.findall(r'action="([^"]+/remove)"', page)
    assert coordinator.submit(remove, {}, page=address(waiting)).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Finding)).all() == []


def test_a_remark_without_words_says_so_beside_its_box(
    scene: Scene, coordinator: Browser, waiting: Submission
) -> None:
    key = str(scene.first_line(waiting).key)
    page = coordinator.submit(
        address(waiting, "/findings"), {"line": key, "message": ""}, page=address(waiting)
    )
    assert page.status_code == 422
    assert f'href="#remark-{key}"' in page.text
    assert f'id="remark-{key}-error"' in page.text


def test_a_remark_on_a_line_of_somebody_else_is_answered_like_one_on_no_line(
    scene: Scene, coordinator: Browser, waiting: Submission, database: Database
) -> None:
    foreign = scene.first_line(scene.waiting(scene.member("M-0002")))
    scene.session.commit()
    answers = [
        coordinator.submit(
            address(waiting, "/findings"),
            {"line": str(key), "message": "Why?", "visibility": "supplier"},
            page=address(waiting),
        ).status_code
        for key in (foreign.key, uuid4())
    ]
    assert answers == [404, 404]
    garbage = {"line": "x' or 1=1", "message": "Why?", "visibility": "supplier"}
    page = coordinator.submit(address(waiting, "/findings"), garbage, page=address(waiting))
    assert page.status_code == 422
    with database.reading() as session:
        assert session.scalars(select(Finding)).all() == []


def test_a_remark_of_one_submission_cannot_be_removed_through_another(
    scene: Scene, coordinator: Browser, waiting: Submission
) -> None:
    other = scene.waiting(scene.member("M-0002"))
    finding = scene.ask(other, "Why?")
    scene.session.commit()
    for act in ("remove", "settle"):
        path = address(waiting, f"/findings/{finding.uid}/{act}")
        assert coordinator.submit(path, {}, page=address(waiting)).status_code == 404


def test_review_of_a_first_version_shows_odd_and_large_lines_first_and_all_on_demand(
    scene: Scene, coordinator: Browser
) -> None:
    submitted = scene.waiting(scene.member("M-0001"), lines=130)
    scene.session.commit()
    page = coordinator.get(address(submitted, "?lang=en")).text
    assert "Show all lines" in page
    assert page.count('class="review-line') < 130
    # Quantities rise from 100, so the last line is the largest.
    assert re.search(r">130 · S1 · ", page)
    assert "Version before" not in page
    first, second = (
        coordinator.get(address(submitted, f"?all=1&page={number}&lang=en")).text
        for number in (1, 2)
    )
    assert (first.count('class="review-line'), second.count('class="review-line')) == (100, 30)


def test_reopening_needs_a_reason_and_leaves_the_certificate_standing(
    scene: Scene, coordinator: Browser, database: Database
) -> None:
    approved = scene.approved(scene.member("M-0001"), 2025)
    scene.session.commit()
    assert (
        coordinator.submit(
            address(approved, "/reopen"), {"reason": ""}, page=address(approved, "/return")
        ).status_code
        == 422
    )
    answer = coordinator.submit(
        address(approved, "/reopen"),
        {"reason": "A meter was read wrongly."},
        page=address(approved, "/return"),
    )
    assert answer.status_code == 303
    assert states(database, approved.uid) == ["approved"]
    assert "A meter was read wrongly." in coordinator.get(answer.location).text
    with database.reading() as session:
        assert session.scalars(select(Certificate.state)).all() == ["issuing"]


def test_verifier_reads_the_review_but_finds_nothing_to_decide_with(
    scene: Scene, waiting: Submission, log_in: LogIn
) -> None:
    reader = staff(scene.session, Role.VERIFIER)
    scene.session.commit()
    browser = log_in(reader)
    page = browser.get(address(waiting))
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert "decision-bar" not in page.text
    token = browser.token("/account/")
    for act in ("approve", "return", "findings"):
        assert browser.post(address(waiting, f"/{act}"), {"csrf_token": token}).status_code == 403
