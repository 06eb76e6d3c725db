"""Recalculating years: small changes are kept until they matter, and what was reported stays beside what is restated."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.rounding import as_result
from portal.domain.refusals import Conflict, NotFound
from portal.intake.typed import Typed
from portal.services import restatements, review, submissions
from portal.services.series import series_of
from portal.store.base import Database
from portal.store.dossiers import Adjustment, Dossier
from portal.store.inventories import Inventory
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberPath, UnitPath
from tests.browsers import Browser
from tests.factories.plans import SIGNED, an_approved_plan
from tests.factories.scenes import Scene

POWER = "electricity.grid"
LIST = "/supplier/restatements"
LogIn = Callable[..., Browser]


@pytest.fixture
def member(scene: Scene) -> Member:
    made = scene.member("M-1")
    made.base_year = 2024
    scene.approved(made, 2024)
    scene.approved(made, 2025, minutes=3)
    scene.session.commit()
    return made


def tonnes(session: Session, member: Member, percent: str, year: int = 2024) -> str:
    """So many percent of a year, as typed."""
    kg = series_of(session, member.id).kg(year, as_reported=True)
    return f"{kg * Decimal(percent) / 100_000:.6f}"


def a_restatement(
    scene: Scene, member: Member, percent: str, *, minutes: int = 20, year: int = 2024
) -> Dossier:
    """A recalculation of one year by a share of it, not handed in yet."""
    work = scene.as_supplier(member.code, minutes)
    dossier = restatements.begin_restatement(work, member)
    cause = Typed({"trigger": "error", "reason": "A meter was read wrongly."})
    assert restatements.describe(work, dossier, cause) == ()
    change = tonnes(scene.session, member, percent, year)
    typed = Typed({"year": str(year), "category": POWER, "change_t": change, "reason": "Meter 4"})
    assert restatements.add_adjustment(work, dossier, typed) == ()
    work.commit()
    return dossier


def approve(scene: Scene, member: Member, dossier: Dossier, minutes: int) -> Submission:
    work = scene.as_supplier(member.code, minutes)
    submitted = restatements.submit_restatement(work, dossier, SIGNED)
    work.commit()
    deciding = scene.as_coordinator(minutes + 1)
    review.approve_submission(deciding, submitted.uid)
    deciding.commit()
    return submitted


def test_restated_year_stands_beside_the_reported_one(scene: Scene, member: Member) -> None:
    before = series_of(scene.session, member.id).kg(2024)
    dossier = a_restatement(scene, member, "6")
    change = restatements.adjustments_of(scene.session, dossier.id)[0].kg_change
    approve(scene, member, dossier, 21)
    series = series_of(scene.session, member.id)
    assert series.kg(2024, as_reported=True) == before
    assert series.kg(2024) == before + change
    assert set(series.restated) == {2024}


def test_change_below_the_threshold_restates_nothing(scene: Scene, member: Member) -> None:
    dossier = a_restatement(scene, member, "3")
    arithmetic = restatements.content_of_restatement(scene.as_supplier("M-1", 21), dossier)[
        "arithmetic"
    ]
    assert not arithmetic["is_due"]
    assert "< 5 %" in arithmetic["formula"]
    approve(scene, member, dossier, 21)
    assert not series_of(scene.session, member.id).is_restated


def a_reopened_restatement(scene: Scene, member: Member) -> Dossier:
    """A recalculation that was approved and came back to be corrected."""
    dossier = a_restatement(scene, member, "6")
    first = approve(scene, member, dossier, 21)
    work = scene.as_coordinator(30)
    review.reopen(work, first.uid, "Meter 4 is not the only one.")
    work.commit()
    return dossier


def test_corrected_recalculation_takes_the_place_of_its_earlier_version(
    scene: Scene, member: Member
) -> None:
    before = series_of(scene.session, member.id).kg(2024)
    dossier = a_reopened_restatement(scene, member)
    work = scene.as_supplier("M-1", 31)
    more = Typed({"year": "2024", "category": "heat.steam", "change_t": "10", "reason": "Meter 5"})
    assert restatements.add_adjustment(work, dossier, more) == ()
    work.commit()
    changes = [row.kg_change for row in restatements.adjustments_of(scene.session, dossier.id)]
    approve(scene, member, dossier, 32)
    assert series_of(scene.session, member.id).kg(2024) == before + sum(changes)


def test_year_that_the_corrected_version_leaves_alone_counts_as_reported_again(
    scene: Scene, member: Member
) -> None:
    dossier = a_reopened_restatement(scene, member)
    work = scene.as_supplier("M-1", 31)
    (wrong,) = restatements.adjustments_of(scene.session, dossier.id)
    restatements.remove_adjustment(work, dossier, wrong.uid)
    change = tonnes(scene.session, member, "7", 2025)
    right = Typed({"year": "2025", "category": POWER, "change_t": change, "reason": "Meter 4"})
    assert restatements.add_adjustment(work, dossier, right) == ()
    work.commit()
    approve(scene, member, dossier, 32)
    series = series_of(scene.session, member.id)
    assert set(series.restated) == {2025}


def reopened(scene: Scene, member: Member, year: int) -> Submission:
    """A year that was approved, handed in once more."""
    inventory = scene.session.scalars(select(Inventory).filter_by(year=year)).one()
    work = scene.as_coordinator(40)
    latest = select(Submission).filter_by(inventory_id=inventory.id)
    review.reopen(work, scene.session.scalars(latest).one().uid, "A bill was missing.")
    work.commit()
    work = scene.as_supplier(member.code, 41)
    again = submissions.submit(work, inventory, SIGNED)
    work.commit()
    return again


def test_year_approved_anew_counts_as_it_is_reported_then(
    scene: Scene, member: Member, log_in: LogIn
) -> None:
    approve(scene, member, a_restatement(scene, member, "6"), 21)
    again = reopened(scene, member, 2024)
    coordinator = log_in(scene.coordinator)
    path = f"/coordinator/submissions/{again.uid}?lang=en"
    scene.session.commit()
    page = coordinator.get(path).text
    assert "Sets a recalculation aside" in page
    work = scene.as_coordinator(42)
    review.approve_submission(work, again.uid)
    work.commit()
    assert not series_of(scene.session, member.id).is_restated
    entry = scene.session.scalars(
        select(LedgerEntry).where(LedgerEntry.kind == "restatement.set_aside")
    ).one()
    assert (entry.on_behalf_of, entry.detail) == ("M-1", {"year": 2024})
    scene.session.rollback()
    assert "Sets a recalculation aside" not in coordinator.get(path).text


def test_year_that_was_never_recalculated_sets_nothing_aside(
    scene: Scene, member: Member, log_in: LogIn
) -> None:
    approve(scene, member, a_restatement(scene, member, "6"), 21)
    again = reopened(scene, member, 2025)
    page = log_in(scene.coordinator).get(f"/coordinator/submissions/{again.uid}?lang=en").text
    assert "Sets a recalculation aside" not in page
    work = scene.as_coordinator(42)
    review.approve_submission(work, again.uid)
    assert set(series_of(scene.session, member.id).restated) == {2024}


def test_recalculated_base_year_moves_the_target_path(scene: Scene, member: Member) -> None:
    an_approved_plan(scene, member)
    goal = select(MemberPath.kg_target).filter_by(member_id=member.id, year=2030)
    before = scene.session.scalars(goal).one()
    approve(scene, member, a_restatement(scene, member, "6"), 21)
    after = scene.session.scalars(goal).one()
    assert after > before
    unit = select(UnitPath.kg_target).filter_by(unit_id=member.unit_id, year=2030)
    assert scene.session.scalars(unit).one() == after


def test_threshold_is_reached_by_ups_and_downs_alike(scene: Scene, member: Member) -> None:
    dossier = a_restatement(scene, member, "3")
    work = scene.as_supplier("M-1", 21)
    typed = {"year": "2024", "category": "heat.steam"}
    up = Typed({**typed, "change_t": tonnes(scene.session, member, "3")})
    assert restatements.add_adjustment(work, dossier, up) == ()
    content = restatements.content_of_restatement(work, dossier)
    assert content["arithmetic"]["is_due"]
    year = next(each for each in content["years"] if each["year"] == 2024)
    changes = sum(row["kg_change"] for row in content["adjustments"])
    assert year["after"] == as_result(year["before"] + changes)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"change_t": "-999999"}, "adjustment.below_zero", "change_t"),
        ({"year": "2019"}, "choice.not_offered", "year"),
        ({"category": "nothing"}, "choice.not_offered", "category"),
        ({"change_t": "a lot"}, "number.not_a_number", "change_t"),
    ],
)
def test_change_refused_with_the_field(
    scene: Scene, member: Member, changes: dict[str, str], code: str, field: str
) -> None:
    work = scene.as_supplier("M-1", 20)
    dossier = restatements.begin_restatement(work, member)
    typed = {"year": "2024", "category": POWER, "change_t": "1", **changes}
    problems = restatements.add_adjustment(work, dossier, Typed(typed))
    assert (code, field) in [(p.code, p.field) for p in problems]
    assert restatements.adjustments_of(scene.session, dossier.id) == []


def test_submitted_recalculation_can_not_be_edited(scene: Scene, member: Member) -> None:
    dossier = a_restatement(scene, member, "6")
    work = scene.as_supplier("M-1", 21)
    restatements.submit_restatement(work, dossier, SIGNED)
    adjustment = restatements.adjustments_of(scene.session, dossier.id)[0]
    with pytest.raises(Conflict):
        restatements.remove_adjustment(work, dossier, adjustment.uid)


def test_adjustment_of_another_member_is_answered_like_an_unknown_one(
    scene: Scene, member: Member
) -> None:
    dossier = a_restatement(scene, member, "6")
    other = scene.member("M-2")
    work = scene.as_supplier("M-2", 21)
    own = restatements.begin_restatement(work, other)
    foreign = restatements.adjustments_of(scene.session, dossier.id)[0]
    with pytest.raises(NotFound):
        restatements.remove_adjustment(work, own, foreign.uid)


@pytest.fixture
def supplier(scene: Scene, member: Member, log_in: LogIn) -> Browser:
    return log_in(scene.people["M-1"])


def page_of(browser: Browser) -> str:
    """Begin a recalculation; the address of its page."""
    begun = browser.submit(f"{LIST}/begin", {}, page=f"{LIST}?lang=en")
    assert begun.status_code == 303
    return str(begun.location)


def test_recalculation_is_entered_and_signed_on_its_pages(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    assert "5 per cent" in supplier.get(f"{LIST}?lang=en").text
    page = page_of(supplier)
    cause = {"trigger": "structure", "reason": "We bought a plant."}
    assert supplier.submit(page, cause).status_code == 303
    change = {
        "change-year": "2024",
        "change-category": POWER,
        "change-change_t": tonnes(scene.session, member, "10"),
        "change-reason": "The plant’s power",
    }
    scene.session.rollback()
    assert supplier.submit(f"{page}/adjustments", change, page=page).status_code == 303
    shown = supplier.get(f"{page}?lang=en").text
    assert "The plant’s power" in shown
    assert "The years are restated" in shown
    check = f"/supplier/restatement/{page.rsplit('/', 1)[1]}"
    (seen,) = html.fromstring(supplier.get(f"{check}/check").text).xpath(
        "//input[@name='seen']/@value"
    )
    signed = supplier.submit(
        f"{check}/submit", {"seen": seen, "declared": "y"}, page=f"{check}/check"
    )
    assert (signed.status_code, signed.location) == (303, f"{check}/history")
    with database.reading() as session:
        kinds = session.scalars(select(Submission.kind).where(Submission.state == "submitted"))
        assert kinds.all() == ["restatement"]


def test_faulty_answers_stay_in_their_boxes(supplier: Browser, database: Database) -> None:
    page = page_of(supplier)
    nothing = supplier.submit(page, {"reason": " "}, page=f"{page}?lang=en")
    assert nothing.status_code == 422
    assert 'href="#reason"' in nothing.text
    change = {"change-year": "2024", "change-category": POWER, "change-change_t": "a lot"}
    refused = supplier.submit(f"{page}/adjustments", change, page=f"{page}?lang=en")
    assert refused.status_code == 422
    assert 'href="#change-change_t"' in refused.text
    assert 'value="a lot"' in refused.text
    with database.reading() as session:
        assert session.scalars(select(Adjustment)).all() == []


def test_change_is_removed_again(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    dossier = a_restatement(scene, member, "6")
    page = f"{LIST}/{dossier.year}"
    (path,) = html.fromstring(supplier.get(page).text).xpath("//table//button/@formaction")
    typed = {"trigger": "error", "reason": "Typed and not saved yet."}
    assert supplier.submit(path, typed, page=page).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Adjustment)).all() == []
        assert session.get_one(Dossier, dossier.id).detail == typed


def test_cause_and_change_that_are_typed_together_are_both_kept(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    dossier = restatements.begin_restatement(scene.as_supplier("M-1", 20), member)
    scene.session.commit()
    page = f"{LIST}/{dossier.year}"
    cause = {"trigger": "error", "reason": "A meter was read wrongly."}
    change = {
        "change-year": "2024",
        "change-category": POWER,
        "change-change_t": "12",
        "change-reason": "Meter 4",
    }
    kept = supplier.submit(page, {**cause, **change})
    assert kept.status_code == 200  # the change below was typed and is not added by this button
    assert 'value="12"' in kept.text
    added = supplier.submit(f"{page}/adjustments", {"reason": "Meter 4.", **change}, page=page)
    assert added.status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Adjustment.year)).all() == [2024]
        assert session.get_one(Dossier, dossier.id).detail["reason"] == "Meter 4."


def test_reported_and_restated_years_are_listed_side_by_side(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    dossier = a_restatement(scene, member, "6")
    approve(scene, member, dossier, 21)
    table = html.fromstring(supplier.get(f"{LIST}?lang=en").text).xpath("//table")[-1]
    rows = {
        row.xpath("./th")[0].text_content(): [c.text_content().strip() for c in row.xpath("./td")]
        for row in table.xpath(".//tbody/tr")
    }
    assert rows["2024 · Base year"][0] != rows["2024 · Base year"][1] != "–"
    assert rows["2025"][1] == "–"


def test_nothing_is_recalculated_before_a_year_is_approved(scene: Scene, log_in: LogIn) -> None:
    scene.member("M-3")
    scene.session.commit()
    newcomer = log_in(scene.people["M-3"])
    assert newcomer.submit(f"{LIST}/begin", {}, page=LIST).status_code == 409
