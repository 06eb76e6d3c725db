"""What a supplier might try to look better than it is, or to stop others: amounts, levels, proofs, removals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.domain.levels import Measure
from portal.domain.refusals import Conflict
from portal.intake.typed import Typed
from portal.services import actions, members, plans, progress, progress_outcome, review, targets
from portal.services.submissions import content_of
from portal.store.actions import Action
from portal.store.certificates import Certificate
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberPath, MemberPlan, MemberProgress
from tests.browsers import Browser
from tests.factories.plans import (
    SIGNED,
    a_plan,
    a_progress_report,
    an_approved_plan,
    an_approved_progress,
    first_action,
    reopen_plan,
    typed_action,
    typed_target,
)
from tests.factories.scenes import Scene
from tests.factories.suppliers import a_file

LogIn = Callable[..., Browser]
BEYOND = "10000001"


@pytest.fixture
def member(scene: Scene) -> Member:
    """A member with two approved years and an approved plan."""
    made = scene.member("M-0001")
    made.base_year = 2024
    for year in (2024, 2025):
        scene.approved(made, year)
    an_approved_plan(scene, made)
    return made


@pytest.fixture
def supplier(scene: Scene, member: Member, log_in: LogIn) -> Browser:
    scene.session.commit()
    return log_in(scene.people["M-0001"])


def frozen(scene: Scene, kind: str, year: int) -> dict[str, object]:
    query = select(Submission).filter_by(kind=kind, year=year).order_by(Submission.number.desc())
    return dict(content_of(scene.session, scene.session.scalars(query).first()))


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "stated", "stated_t": BEYOND, "how": "Metered"},
        {"method": "quantity", "quantity": "999999999999", "unit": "GWh"},
        {"method": "quantity", "quantity": "10", "unit": "kWh", "leakage_t": BEYOND},
        {"capex": "10000000001"},
        {"opex": "-10000000001"},
    ],
)
def test_amount_that_no_supplier_has_is_refused_at_its_field(
    scene: Scene, member: Member, changes: dict[str, str]
) -> None:
    plan = reopen_plan(scene, member, 30)
    saved = actions.add_action(scene.as_supplier("M-0001", 31), plan, typed_action(**changes))
    assert saved.action is None
    assert {p.field for p in saved.problems} & {
        "stated_t",
        "quantity",
        "leakage_t",
        "capex",
        "opex",
    }


def test_milestone_beyond_the_last_place_is_refused(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    reopen_plan(scene, member, 30)
    scene.session.commit()
    steps = {
        f"milestones-{place}-{name}": value
        for place in range(13)
        for name, value in (("name", f"Step {place}"), ("due", "2026-12-01"))
    }
    typed = {
        name: value for name, value in typed_action().values.items() if name != "may_be_copied"
    }
    path = "/supplier/plan/actions/new"
    answer = supplier.submit(f"{path}?lang=en", {**typed, **steps})
    assert answer.status_code == 422
    assert "An action has at most 12 milestones." in answer.text


@pytest.mark.parametrize("measured", [BEYOND, f"-{BEYOND}"])
def test_measured_saving_that_no_supplier_has_is_refused(
    scene: Scene, member: Member, measured: str
) -> None:
    work = scene.as_supplier("M-0001", 20)
    report = progress.begin_progress(work, member, 2025)
    row = progress.rows_of(scene.session, report)[0].row
    typed = Typed({"status": "done", "measured_t": measured, "measured_how": "x"})
    (found,) = progress.save_row(work, report, row, typed)
    assert found.field == "measured_t"


def test_base_year_on_its_own_path_reaches_no_level_beyond_the_plan(
    scene: Scene, member: Member
) -> None:
    an_approved_progress(scene, member, 2024)
    row = scene.session.get_one(MemberProgress, (member.id, 2024))
    found = progress_outcome.measures(scene.session, member, row, frozen(scene, "progress", 2024))
    assert found[Measure.ON_PATH] is None
    assert row.level == "committed"


def test_progress_of_an_older_year_takes_the_place_of_nothing(scene: Scene, member: Member) -> None:
    an_approved_progress(scene, member, 2025, minutes=30)
    an_approved_progress(scene, member, 2024, minutes=40)
    query = select(Certificate).filter_by(kind="progress").order_by(Certificate.year)
    older, newer = scene.session.scalars(query)
    assert (older.year, older.state, older.superseded_by) == (2024, "superseded", newer.id)
    assert (newer.year, newer.state) == (2025, "issuing")


def test_older_report_does_not_undo_what_a_later_one_said(scene: Scene, member: Member) -> None:
    an_approved_progress(scene, member, 2025, minutes=30)
    assert first_action(scene, member).status == "done"
    work = scene.as_supplier("M-0001", 40)
    report = progress.begin_progress(work, member, 2024)
    row = progress.rows_of(scene.session, report)[0].row
    assert progress.save_row(work, report, row, Typed({"status": "planned"})) == ()
    submitted = progress.submit_progress(work, report, SIGNED)
    work.commit()
    high = select(MemberPath.kg_high).filter_by(member_id=member.id, year=2030)
    before = scene.session.scalars(high).one()
    deciding = scene.as_coordinator(41)
    review.approve_submission(deciding, submitted.uid)
    deciding.commit()
    assert first_action(scene, member).status == "done"
    assert scene.session.scalars(high).one() == before


@pytest.mark.parametrize(
    ("status", "measured", "is_proven"),
    [
        ("done", "10", True),
        ("in_progress", "10", True),
        ("idea", "10", False),
        ("planned", "10", False),
        ("done", "-10", False),
        ("done", "9999999", False),
    ],
)
def test_file_proves_only_a_saving_that_can_have_come_about(
    scene: Scene, member: Member, status: str, measured: str, is_proven: bool
) -> None:
    work = scene.as_supplier("M-0001", 20)
    report = progress.begin_progress(work, member, 2025)
    row = progress.rows_of(scene.session, report)[0].row
    typed = Typed({"status": status, "measured_t": measured, "measured_how": "Meters"})
    assert progress.save_row(work, report, row, typed) == ()
    progress.link(work, report, row, a_file(scene.session, member.id))
    (action,) = progress.check_progress(work, report).content["actions"]
    assert action["is_verified"] is is_proven


def test_increase_of_one_action_makes_no_other_saving_better_proven() -> None:
    def action(measured: str, is_verified: bool) -> dict[str, object]:
        return {
            "ledger": "inventory",
            "status": "done",
            "kg_expected": "0",
            "kg_measured": measured,
            "is_verified": is_verified,
        }

    content = {"actions": [action("50", True), action("-40", False), action("50", False)]}
    assert progress_outcome.verified_share(content) == Decimal(50)


def test_action_of_a_report_that_was_handed_in_is_stopped_not_removed(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    an_approved_progress(scene, member, 2025)
    plan = reopen_plan(scene, member, 40)
    action = first_action(scene, member)
    path = f"/supplier/plan/actions/{action.uid}/remove"
    with pytest.raises(Conflict, match=r"action\.reported"):
        actions.remove_action(scene.as_supplier("M-0001", 41), plan, action)
    scene.session.commit()
    answer = supplier.submit(path, {}, page=f"{path}?lang=en")
    assert answer.status_code == 409
    assert "A progress report speaks of this action." in answer.text
    assert scene.session.scalars(select(Action)).one().uid == action.uid


def test_action_that_only_a_draft_speaks_of_can_be_removed(scene: Scene, member: Member) -> None:
    a_progress_report(scene, member, 2025)
    plan = reopen_plan(scene, member, 40)
    actions.remove_action(scene.as_supplier("M-0001", 41), plan, first_action(scene, member))
    assert scene.session.scalars(select(Action)).all() == []


def test_target_of_nothing_is_refused(scene: Scene, member: Member) -> None:
    plan = reopen_plan(scene, member, 30)
    saved = targets.add_target(scene.as_supplier("M-0001", 31), plan, typed_target(percent="0"))
    assert [p.field for p in saved.problems] == ["percent"]


@pytest.mark.parametrize(
    ("changes", "is_weaker"),
    [
        ({"percent": "42", "target_year": "2030"}, False),
        ({"percent": "20", "target_year": "2030"}, True),
        ({"percent": "42", "target_year": "2050"}, True),
        ({"percent": "90", "target_year": "2030", "scopes": "2"}, True),
    ],
)
def test_leading_target_below_the_alliances_is_told_to_the_reviewer(
    scene: Scene, member: Member, changes: dict[str, str], is_weaker: bool
) -> None:
    plan = reopen_plan(scene, member, 30)
    work = scene.as_supplier("M-0001", 31)
    saved = targets.add_target(work, plan, typed_target(**changes))
    assert saved.target is not None, saved.problems
    targets.lead(work, plan, saved.target)
    warned = [w["code"] for w in plans.check_plan(work, plan).content["warnings"]]
    assert ("target.below_programme" in warned) is is_weaker


def test_base_year_of_a_plan_that_was_handed_in_stays(scene: Scene, member: Member) -> None:
    work = scene.as_supplier("M-0001", 40)
    with pytest.raises(Conflict, match=r"member\.base_year\.in_use"):
        members.describe(work, member, {"base_year": 2025})
    members.describe(work, member, {"base_year": 2024, "signatory_post": "厂长"})
    other = scene.member("M-0002")
    other.base_year = 2024
    scene.approved(other, 2024)
    a_plan(scene, other, minutes=50)
    members.describe(scene.as_supplier("M-0002", 51), other, {"base_year": 2025})
    assert (member.base_year, other.base_year) == (2024, 2025)


def test_page_of_an_approved_report_shows_what_was_approved(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    an_approved_progress(scene, member, 2025, measured_t="7.25")
    report = scene.session.scalars(select(Dossier).filter_by(kind="progress")).one()
    row = progress.rows_of(scene.session, report)[0].row
    assert "measured 7.25 t" in supplier.get("/supplier/progress/2025?lang=en").text
    row.kg_measured = Decimal(99_000)  # as a later change of anything live would
    scene.session.commit()
    assert "measured 7.25 t" in supplier.get("/supplier/progress/2025?lang=en").text


def test_one_bill_for_many_savings_is_told(scene: Scene, member: Member) -> None:
    plan = reopen_plan(scene, member, 30)
    work = scene.as_supplier("M-0001", 31)
    for name in ("Pumps", "Fans"):
        assert actions.add_action(work, plan, typed_action(name=name)).action
    submitted = plans.submit_plan(work, plan, SIGNED)
    work.commit()
    deciding = scene.as_coordinator(32)
    review.approve_submission(deciding, submitted.uid)
    deciding.commit()
    work = scene.as_supplier("M-0001", 33)
    report = progress.begin_progress(work, member, 2025)
    file = a_file(scene.session, member.id)
    for each in progress.rows_of(scene.session, report):
        typed = Typed({"status": "done", "measured_t": "1", "measured_how": "Bill"})
        assert progress.save_row(work, report, each.row, typed) == ()
        progress.link(work, report, each.row, file)
    warnings = progress.check_progress(work, report).content["warnings"]
    (shared,) = (w for w in warnings if w["code"] == "progress.evidence.shared")
    assert shared["values"]["count"] == "3"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/supplier/plan/actions/new", "milestones-²-name"),
        ("/supplier/plan/actions/new", f"milestones-{'9' * 5000}-name"),
        ("/supplier/plan/actions/new", "milestones-٣-name"),
    ],
)
def test_place_in_a_list_that_is_no_number_is_refused(
    scene: Scene, supplier: Browser, path: str, field: str
) -> None:
    reopen_plan(scene, scene.session.get_one(Member, scene.people["M-0001"].member_id), 30)
    scene.session.commit()
    assert supplier.submit(path, {field: "x"}).status_code == 400


@pytest.mark.parametrize(
    "typed", [{"year": "9" * 5000, "quarter": "1"}, {"year": "²", "quarter": "1"}]
)
def test_year_of_a_quarter_that_is_no_year_is_refused(
    supplier: Browser, typed: dict[str, str]
) -> None:
    answer = supplier.submit("/supplier/progress/quarters", typed, page="/supplier/progress")
    assert answer.status_code == 422


def test_quarter_that_there_is_not_is_refused(scene: Scene, supplier: Browser) -> None:
    typed = {"year": str(scene.as_supplier("M-0001").today.year), "quarter": "5"}
    answer = supplier.submit("/supplier/progress/quarters", typed, page="/supplier/progress")
    assert answer.status_code == 422
    assert scene.session.scalars(select(Dossier).filter_by(kind="progress")).all() == []


def test_planned_action_whose_day_has_passed_breaks_no_page(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    plan = reopen_plan(scene, member, 30)
    work = scene.as_supplier("M-0001", 31)
    for typed in (
        typed_action(name="LED", percent="60", status="planned", start="2019-01-01"),
        typed_action(
            name="Own",
            method="stated",
            stated_t="900",
            how="Guess",
            status="in_progress",
            start="2027-01-01",
        ),
    ):
        assert actions.add_action(work, plan, typed).action
    for year in plans.check_plan(work, plan).content["trajectory"]:
        assert year["low"] is None or year["low"] <= year["high"]
    work.commit()
    assert supplier.get("/supplier/plan").status_code == 200
    assert scene.session.get(MemberPlan, member.id) is not None
