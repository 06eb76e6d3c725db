"""Plans: targets and actions become a submission, are returned and approved, and what was approved is what counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.rounding import as_result
from portal.documents.facts import read_facts
from portal.documents.progress_certificate import ProgressCertificateFacts, level_from_facts
from portal.domain.refusals import Conflict, NotFound
from portal.domain.submissions import Kind
from portal.intake.typed import Typed
from portal.services import actions, dossiers, plans, progress, review, targets
from portal.services.series import series_of
from portal.services.target_views import view_of
from portal.store.actions import Action
from portal.store.certificates import Certificate
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.summaries import (
    MemberLever,
    MemberPath,
    MemberPlan,
    MemberProgress,
    UnitPath,
    UnitProgress,
)
from portal.web.words import PROBLEMS
from tests.factories.plans import (
    SIGNED,
    a_plan,
    a_submitted_plan,
    an_approved_plan,
    an_approved_progress,
    first_action,
    reopen_plan,
    typed_action,
    typed_target,
)
from tests.factories.scenes import Scene, a_scene
from tests.factories.suppliers import a_file


@pytest.fixture
def scene(session: Session) -> Scene:
    """An alliance with one member whose 2024 and 2025 are approved."""
    made = a_scene(session)
    member = made.member("M-1")
    made.approved(member, 2024, minutes=1)
    made.approved(member, 2025, minutes=3)
    return made


@pytest.fixture
def member(scene: Scene) -> Member:
    """The member."""
    return scene.session.scalars(select(Member).where(Member.code == "M-1")).one()


def test_adopted_target_takes_its_base_from_the_approved_year(scene: Scene, member: Member) -> None:
    work = scene.as_supplier("M-1", 10)
    plan = plans.begin_plan(work, member)
    target = targets.adopt(work, plan).target
    assert target is not None
    assert (target.percent, target.target_year, target.is_main) == (Decimal(42), 2030, True)
    series = series_of(scene.session, member.id)
    view = view_of(target, series, work.today)
    assert view.terms is not None
    assert view.terms.base == series.kg(2024, (1, 2))
    assert [check.meets for check in view.checks] == [True, True]


def test_adopted_target_bettered_and_never_weakened(scene: Scene, member: Member) -> None:
    work = scene.as_supplier("M-1", 10)
    plan = plans.begin_plan(work, member)
    weaker = targets.adopt(work, plan, Typed({"percent": "41", "target_year": "2030"}))
    assert [p.code for p in weaker.problems] == ["target.percent.below_default"]
    better = targets.adopt(work, plan, Typed({"percent": "50", "target_year": "2029"}))
    assert better.target is not None
    assert (better.target.percent, better.target.target_year) == (Decimal(50), 2029)
    assert len(targets.targets_of(scene.session, member.id)) == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"target_year": "2020"}, "target.year.not_after_base", "target_year"),
        ({"net_zero_year": "2029"}, "target.net_zero.before_target", "net_zero_year"),
        ({"kind": "physical_intensity"}, "target.product.missing", "product"),
        ({"pathway": "compound", "percent": "100"}, "target.percent.compound", "percent"),
        ({"percent": "130"}, "number.above", "percent"),
        ({"kind": "supplier_engagement"}, "target.share.stated", "stated_base"),
        ({"kind": "growth"}, "choice.not_offered", "kind"),
        ({"scopes": ""}, "choice.missing", "scopes"),
    ],
)
def test_target_refused_with_the_field_and_a_cure(
    scene: Scene, member: Member, changes: dict[str, str], code: str, field: str
) -> None:
    work = scene.as_supplier("M-1", 10)
    plan = plans.begin_plan(work, member)
    saved = targets.add_target(work, plan, typed_target(**changes))
    assert saved.target is None
    assert (code, field) in [(p.code, p.field) for p in saved.problems]
    assert code in PROBLEMS


def test_second_emission_target_leads_only_when_told(scene: Scene, member: Member) -> None:
    work = scene.as_supplier("M-1", 10)
    plan = plans.begin_plan(work, member)
    first = targets.adopt(work, plan).target
    second = targets.add_target(work, plan, typed_target()).target
    assert first is not None
    assert second is not None
    assert (first.is_main, second.is_main) == (True, False)
    targets.lead(work, plan, second)
    scene.session.refresh(first)
    assert (first.is_main, second.is_main) == (False, True)


def test_share_of_a_source_estimated_from_the_approved_inventory(
    scene: Scene, member: Member
) -> None:
    a_plan(scene, member)
    action = first_action(scene, member)
    source = series_of(scene.session, member.id).in_force(2025)["electricity.grid"].kg
    assert action.kg_saving == as_result(source / 10)
    assert action.estimate["edition"]
    assert action.basis_year == 2025


def test_amount_estimated_with_the_factor_of_the_inventory(scene: Scene, member: Member) -> None:
    work = scene.as_supplier("M-1", 10)
    plan = plans.begin_plan(work, member)
    saved = actions.add_action(
        work, plan, typed_action(method="quantity", quantity="100", unit="MWh")
    )
    assert saved.action is not None, saved.problems
    used = saved.action.estimate["uses"][0]
    assert saved.action.kg_saving == Decimal(used["kg_co2e"]) > 0
    assert used["factors"][0]["id"].startswith("cn.grid")


def test_switch_saves_the_difference_less_leakage(scene: Scene, member: Member) -> None:
    work = scene.as_supplier("M-1", 10)
    plan = plans.begin_plan(work, member)
    saved = actions.add_action(
        work,
        plan,
        typed_action(
            method="switch",
            category="stationary.natural_gas",
            quantity="10000",
            unit="m³",
            to_category="electricity.grid",
            to_quantity="20",
            to_unit="MWh",
            leakage_t="1",
        ),
    )
    assert saved.action is not None, saved.problems
    amounts = {k: Decimal(v) for k, v in saved.action.estimate["amounts"].items()}
    assert saved.action.kg_saving == amounts["baseline"] - amounts["project"] - 1000


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"category": "livestock.enteric"}, "action.source.not_reported", "category"),
        ({"status": "stopped"}, "action.status.reason_missing", "stopped_reason"),
        ({"start": ""}, "date.missing", "start"),
        ({"name": ""}, "text.missing", "name"),
        ({"method": "stated", "stated_t": "5"}, "text.missing", "how"),
        ({"milestones-1-name": "Begin"}, "milestone.due.missing", "milestones-1-due"),
        ({"capex": "a lot"}, "number.not_a_number", "capex"),
        ({"site": "S9"}, "choice.not_offered", "site"),
    ],
)
def test_action_refused_with_the_field_and_a_cure(
    scene: Scene, member: Member, changes: dict[str, str], code: str, field: str
) -> None:
    work = scene.as_supplier("M-1", 10)
    plan = plans.begin_plan(work, member)
    saved = actions.add_action(work, plan, typed_action(**changes))
    assert saved.action is None
    assert (code, field) in [(p.code, p.field) for p in saved.problems]
    assert code in PROBLEMS
    assert actions.actions_of(scene.session, member.id) == []


def test_plan_needs_target_and_action_before_it_is_handed_in(scene: Scene, member: Member) -> None:
    work = scene.as_supplier("M-1", 10)
    plan = plans.begin_plan(work, member)
    blocking = [p.code for p in plans.check_plan(work, plan).blocking]
    assert blocking == ["plan.target.missing", "plan.actions.missing"]


def test_frozen_plan_names_no_person(scene: Scene, member: Member) -> None:
    submitted = a_submitted_plan(scene, member)
    content = submitted.canonical_content().decode()
    assert "Energy manager" in content
    assert "韩梅梅" not in content


def test_overlapping_actions_are_multiplied_not_added(scene: Scene, member: Member) -> None:
    plan = a_plan(scene, member)
    work = scene.as_supplier("M-1", 11)
    actions.add_action(work, plan, typed_action(name="Better motors", percent="20"))
    combined = plans.check_plan(work, plan).content["combined"]
    source = series_of(scene.session, member.id).in_force(2025)["electricity.grid"].kg
    assert combined["kg_saving"] == as_result(source * Decimal("0.28"))
    assert combined["kg_overlap"] == as_result(source * Decimal("0.02"))
    codes = {w["code"] for w in plans.check_plan(work, plan).content["warnings"]}
    assert "action.overlap" in codes


def test_saving_beyond_its_source_is_warned_about(scene: Scene, member: Member) -> None:
    plan = a_plan(scene, member)
    work = scene.as_supplier("M-1", 11)
    actions.change_action(
        work,
        plan,
        first_action(scene, member),
        typed_action(method="stated", stated_t="900000", how="Guess"),
    )
    warnings = plans.check_plan(work, plan).content["warnings"]
    assert "action.saving.beyond_source" in {w["code"] for w in warnings}


def test_avoided_emissions_are_in_no_total(scene: Scene, member: Member) -> None:
    plan = a_plan(scene, member)
    work = scene.as_supplier("M-1", 11)
    before = plans.check_plan(work, plan).content
    actions.add_action(
        work,
        plan,
        typed_action(
            name="PV into the grid",
            ledger="avoided",
            method="stated",
            stated_t="50",
            how="Meter × grid factor",
        ),
    )
    after = plans.check_plan(work, plan).content
    assert after["combined"]["kg_saving"] == before["combined"]["kg_saving"]
    assert after["combined"]["kg_avoided"] == Decimal(50_000)
    assert [y["low"] for y in after["trajectory"]] == [y["low"] for y in before["trajectory"]]


def test_submitted_plan_can_not_be_edited(scene: Scene, member: Member) -> None:
    a_submitted_plan(scene, member)
    work = scene.as_supplier("M-1", 15)
    plan = plans.own_plan(work, member)
    assert plan is not None
    with pytest.raises(Conflict):
        actions.add_action(work, plan, typed_action())


def test_returned_plan_is_answered_and_handed_in_again(scene: Scene, member: Member) -> None:
    submitted = a_submitted_plan(scene, member)
    asking = scene.as_coordinator(12)
    finding = review.add_finding(
        asking,
        submitted.uid,
        message="Which meters?",
        visibility="supplier",
        line_key=first_action(scene, member).uid,
    )
    review.return_submission(asking, submitted.uid, "One question.")
    work = scene.as_supplier("M-1", 13)
    plan = plans.own_plan(work, member)
    assert plan is not None
    assert [p.code for p in plans.check_plan(work, plan).blocking] == ["inventory.questions.open"]
    review.answer_finding(work, finding.uid, "The ones of hall 2.")
    assert not plans.check_plan(work, plan).blocking
    again = plans.submit_plan(work, plan, SIGNED)
    assert again.number == 2
    review.approve_submission(scene.as_coordinator(14), again.uid)
    assert plan.state == "approved"


def test_approved_plan_fills_the_rows_that_lists_read(scene: Scene, member: Member) -> None:
    approved = an_approved_plan(scene, member)
    row = scene.session.get_one(MemberPlan, member.id)
    assert (row.submission_id, row.target_year, row.action_count) == (approved.id, 2030, 1)
    paths = scene.session.scalars(select(MemberPath).where(MemberPath.member_id == member.id)).all()
    assert {path.year for path in paths} == set(range(2025, 2051))
    sums = scene.session.scalars(select(UnitPath)).all()
    assert {(s.year, s.kg_target) for s in sums} == {(p.year, p.kg_target) for p in paths}
    lever = scene.session.scalars(select(MemberLever)).one()
    assert (lever.lever, lever.kg_saving) == ("own:production", row.kg_saving)


def test_later_year_and_progress_move_the_path(scene: Scene) -> None:
    member = scene.member("M-9")
    scene.approved(member, 2024)
    an_approved_plan(scene, member)
    years = select(MemberPath.year).filter_by(member_id=member.id)
    high = select(MemberPath.kg_high).filter_by(member_id=member.id, year=2030)
    assert min(scene.session.scalars(years)) == 2024
    scene.approved(member, 2025, minutes=15)
    assert min(scene.session.scalars(years)) == 2025
    before = scene.session.scalars(high).one()
    scene.session.commit()
    an_approved_progress(scene, member, 2024)
    # The action was only planned; now that it is done it counts in what is sure to come.
    assert scene.session.scalars(high).one() < before


def test_plan_approved_twice_at_once_counts_once(scene: Scene, member: Member) -> None:
    submitted = a_submitted_plan(scene, member)
    review.approve_submission(scene.as_coordinator(12), submitted.uid)
    with pytest.raises(Conflict):
        review.approve_submission(scene.as_coordinator(12), submitted.uid)


def test_revised_plan_leaves_the_approved_one_in_force(scene: Scene, member: Member) -> None:
    approved = an_approved_plan(scene, member)
    plan = reopen_plan(scene, member, 14)
    assert plan.state == "draft"
    assert scene.session.get_one(MemberPlan, member.id).submission_id == approved.id
    work = scene.as_supplier("M-1", 15)
    again = plans.submit_plan(work, plan, SIGNED)
    review.approve_submission(scene.as_coordinator(16), again.uid)
    scene.session.refresh(approved)
    assert (approved.state, again.number) == ("outdated", 2)
    assert scene.session.get_one(MemberPlan, member.id).submission_id == again.id


def test_progress_is_prefilled_from_the_plan(scene: Scene, member: Member) -> None:
    an_approved_plan(scene, member)
    work = scene.as_supplier("M-1", 20)
    report = progress.begin_progress(work, member, 2025)
    row = progress.rows_of(scene.session, report)[0].row
    action = first_action(scene, member)
    assert row.status == "planned"
    assert row.kg_expected == as_result(action.kg_saving / 2)
    blocking = [p.code for p in progress.check_progress(work, report).blocking]
    assert blocking == ["progress.actions.unconfirmed"]


def test_change_of_the_year_is_explained_to_the_last_milligram(
    scene: Scene, member: Member
) -> None:
    an_approved_plan(scene, member)
    work = scene.as_supplier("M-1", 20)
    report = progress.begin_progress(work, member, 2025)
    change = progress.check_progress(work, report).content["change"]
    parts = [change[n] for n in ("structure", "factor", "activity", "intensity", "undivided")]
    series = series_of(scene.session, member.id)
    assert sum(p for p in parts if p is not None) == change["delta"]
    assert change["delta"] == series.kg(2025) - series.kg(2024)


def test_approved_progress_gives_a_certificate_with_its_level(scene: Scene, member: Member) -> None:
    an_approved_plan(scene, member)
    file = a_file(scene.session, member.id)
    approved = an_approved_progress(scene, member, 2025, measured_t="1", file=file)
    row = scene.session.get_one(MemberProgress, (member.id, 2025))
    issued = scene.session.scalars(
        select(Certificate).where(Certificate.submission_id == approved.id)
    ).one()
    facts = read_facts(ProgressCertificateFacts, issued.facts)
    assert issued.kind == "progress"
    assert issued.level == row.level == level_from_facts(facts) == facts.level
    assert facts.actions.kg_verified == Decimal(1000)
    assert first_action(scene, member).status == "done"
    assert scene.session.scalars(select(UnitProgress)).one().systematic_count == 1


def test_progress_certificate_replaced_by_the_next_and_inventories_left_alone(
    scene: Scene, member: Member
) -> None:
    an_approved_plan(scene, member)
    first = an_approved_progress(scene, member, 2024)
    second = an_approved_progress(scene, member, 2025, minutes=30)
    standing = {
        (c.kind, c.submission_id == second.id or c.submission_id == first.id): c.state
        for c in scene.session.scalars(select(Certificate).order_by(Certificate.id))
    }
    states = [
        scene.session.scalars(
            select(Certificate.state).where(Certificate.submission_id == s.id)
        ).one()
        for s in (first, second)
    ]
    assert states == ["superseded", "issuing"]
    assert standing["inventory", False] == "issuing"


def test_quarter_is_reported_without_a_certificate(scene: Scene, member: Member) -> None:
    an_approved_plan(scene, member)
    work = scene.as_supplier("M-1", 20)
    quarter = progress.begin_progress(work, member, 2026, 1)
    progress.confirm_rest(work, quarter)
    submitted = progress.submit_progress(work, quarter, SIGNED)
    review.approve_submission(scene.as_coordinator(21), submitted.uid)
    issued = select(Certificate).where(Certificate.submission_id == submitted.id)
    assert scene.session.scalars(issued).one_or_none() is None
    assert scene.session.get(MemberProgress, (member.id, 2026)) is None


def test_every_act_on_a_plan_is_in_the_ledger(scene: Scene, member: Member) -> None:
    an_approved_plan(scene, member)
    an_approved_progress(scene, member, 2025)
    kinds = set(scene.session.scalars(select(LedgerEntry.kind)))
    assert kinds >= {
        "dossier.opened",
        "target.adopted",
        "action.added",
        "submission.submitted",
        "submission.approved",
        "progress.reported",
        "certificate.intended",
    }


def test_foreign_actions_are_offered_only_with_consent(scene: Scene, member: Member) -> None:
    other = scene.member("M-2")
    scene.approved(other, 2024, minutes=5)
    plan = a_plan(scene, other, minutes=6)
    work = scene.as_supplier("M-2", 7)
    mine = scene.as_supplier("M-1", 8)
    actions.change_action(work, plan, first_action(scene, other), typed_action(status="done"))
    assert actions.offered_actions(mine, member) == []
    with pytest.raises(NotFound):
        actions.find_offered(mine, member, first_action(scene, other).uid)
    actions.change_action(
        work, plan, first_action(scene, other), typed_action(status="done", may_be_copied="y")
    )
    [(offered, owner)] = actions.offered_actions(mine, member)
    own_plan = plans.begin_plan(mine, member)
    copy = actions.copy_from(mine, own_plan, offered, owner)
    assert (copy.name, copy.copied_from, copy.kg_saving) == (offered.name, offered.uid, 0)
    assert (copy.owner_name, copy.capex) == ("", 0)


def test_plan_has_room_for_so_many_actions_and_targets(
    scene: Scene, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = a_plan(scene, member)
    work = scene.as_supplier("M-1", 10)
    monkeypatch.setattr(actions, "MOST_ACTIONS", 1)
    monkeypatch.setattr(targets, "MOST_TARGETS", 1)
    action = first_action(scene, member)
    refused = actions.add_action(work, plan, typed_action())
    assert (refused.action, [each.code for each in refused.problems]) == (None, ["action.many"])
    with pytest.raises(Conflict, match=r"action\.many"):
        actions.copy_to_sites(work, plan, action, [scene.sites["M-1"]])
    assert actions.change_action(work, plan, action, typed_action(name="Other")).action is action
    target = targets.add_target(work, plan, typed_target())
    assert [each.code for each in target.problems] == ["target.many"]
    assert {"action.many", "target.many"} <= PROBLEMS.keys()


def test_no_member_fills_the_list_of_foreign_actions(
    scene: Scene, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_OFFERED_OF_A_MEMBER", 2)
    offered = {"status": "done", "may_be_copied": "y"}
    for code, minutes, count in (("M-2", 5, 4), ("M-3", 9, 1)):
        other = scene.member(code)
        scene.approved(other, 2024, minutes=minutes)
        plan = a_plan(scene, other, minutes=minutes + 1)
        work = scene.as_supplier(code, minutes + 2)
        actions.change_action(work, plan, first_action(scene, other), typed_action(**offered))
        for place in range(1, count):
            actions.add_action(work, plan, typed_action(name=f"Lamp {place}", **offered))
    mine = scene.as_supplier("M-1", 20)

    shown = actions.offered_actions(mine, member)

    assert sorted(owner.code for _action, owner in shown) == ["M-2", "M-2", "M-3"]
    behind = scene.session.scalars(select(Action).where(Action.name == "Lamp 3")).one()
    assert behind.id not in {action.id for action, _owner in shown}
    assert actions.find_offered(mine, member, behind.uid)[1].code == "M-2"


def test_dossier_of_another_member_is_answered_like_an_unknown_one(
    scene: Scene, member: Member
) -> None:
    a_plan(scene, member)
    scene.member("M-2")
    stranger = scene.as_supplier("M-2", 12)
    with pytest.raises(NotFound):
        dossiers.look_up(stranger, member, Kind.PLAN)
    with pytest.raises(NotFound):
        actions.find_action(stranger, member, first_action(scene, member).uid)
