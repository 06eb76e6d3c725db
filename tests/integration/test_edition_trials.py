"""Trials of a factor edition: every approved year once more under another method, decided by people, kept by the ledger."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import html
from sqlalchemy import delete, func, select

from portal.domain.actors import Role
from portal.domain.refusals import Conflict, Forbidden
from portal.domain.trials import Decision, change_percent, proposal
from portal.jobs.queue import Outcome, Queue
from portal.jobs.registry import KINDS
from portal.services import edition_trials, review, submissions, trial_decisions, trial_figures
from portal.services.edition_trials import Shown
from portal.services.series import series_of
from portal.services.trial_decisions import Settled
from portal.services.work import Work
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.store.jobs import Job
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
from portal.store.restatements import EditionTrial, MemberRestated, TrialDecision, TrialRow
from portal.store.submissions import Submission
from portal.store.summaries import MemberPath, MemberSummary, UnitPath
from tests.browsers import Browser
from tests.factories.plans import an_approved_plan
from tests.factories.scenes import SIGNED, Scene, staff
from tests.factories.suppliers import EDITION, MOMENT, work_of
from tests.factories.years import a_line
from tests.integration.test_jobs_certificates import StubRenderer, StubSignatory
from tests.workers import settings_for

PAGE = "/coordinator/editions/"
HFC = "refrigerants.top_up"


def with_herd(scene: Scene, code: str, *, minutes: int = 0, years: tuple[int, ...] = (2024, 2025)) -> Member:  # fmt: skip
    """A member whose approved years have a gas whose potential differs from one set to the other."""
    member = scene.member(code)
    for year in years:
        inventory = scene.draft(member, year)
        supplier = scene.as_supplier(code, minutes)
        a_line(
            supplier, inventory, scene.sites[code], 4,
            category=HFC, quantity="10", unit="kg", parameters={"gas": "r-404a"},
        )  # fmt: skip
        submitted = submissions.submit(supplier, inventory, SIGNED)
        review.approve_submission(scene.as_coordinator(minutes + 1), submitted.uid)
    scene.session.commit()
    return member


def run_jobs(database: Database, folder: Path) -> list[tuple[str, Outcome]]:
    url = database.url.render_as_string(hide_password=False)
    queue = Queue(database, settings_for(url, folder), StubRenderer(), StubSignatory(), KINDS, lambda: MOMENT, 60, "one")  # fmt: skip
    done = []
    while held := queue.take():
        done.append((held.kind, queue.run(held)[0]))
    return done


@pytest.fixture
def tried(scene: Scene, database: Database, tmp_path: Path) -> Callable[..., EditionTrial]:
    """Asks for a trial and has it worked out."""

    def ask(gwp_set: str = "AR5", minutes: int = 50) -> EditionTrial:
        work = scene.as_coordinator(minutes)
        trial = edition_trials.ask_for_trial(work, EDITION, gwp_set)
        work.commit()
        assert ("try_edition", Outcome.DONE) in run_jobs(database, tmp_path)
        scene.session.expire_all()
        assert edition_trials.find_trial(work, trial.uid).state != "running"
        return trial

    return ask


def decision_of(scene: Scene, trial: EditionTrial, member: Member) -> TrialDecision:
    found = scene.session.get(TrialDecision, (trial.id, member.id), populate_existing=True)
    assert found is not None
    return found


def rows_of(scene: Scene, trial: EditionTrial, member: Member, year: int) -> dict[str, TrialRow]:
    query = select(TrialRow).where(
        TrialRow.trial_id == trial.id, TrialRow.member_id == member.id, TrialRow.year == year
    )
    return {row.category: row for row in scene.session.scalars(query)}


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [("200", "210", "5"), ("200", "190", "-5"), ("0", "7", "100"), ("0", "0", "0")],
)
def test_change_is_a_percentage_of_what_it_was(before: str, after: str, percent: str) -> None:
    assert change_percent(Decimal(before), Decimal(after)) == Decimal(percent)


@pytest.mark.parametrize(
    ("percent", "proposed"),
    [("5", Decision.RESTATE), ("-5", Decision.RESTATE), ("4.999", Decision.KEEP), ("0", Decision.KEEP)],
)  # fmt: skip
def test_policy_restates_from_its_threshold_on_up_or_down(percent: str, proposed: Decision) -> None:
    assert proposal(Decimal(percent), Decimal(5)) is proposed


def test_trial_works_each_line_out_with_the_other_potentials(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001")
    trial = tried("AR5")
    rows = rows_of(scene, trial, member, 2024)
    reported = series_of(scene.session, member.id).reported[2024]
    assert {name: row.kg_before for name, row in rows.items()} == {
        name: row.kg for name, row in reported.items()
    }
    # R-404A: 44 % HFC-125, 52 % HFC-143a, 4 % HFC-134a, with the potentials of AR5 (3170, 4800, 1300).
    assert rows[HFC].kg_after == Decimal(10) * Decimal("3942.8")
    assert rows["electricity.grid"].kg_after == rows["electricity.grid"].kg_before
    row = decision_of(scene, trial, member)
    before = sum(r.kg_before for r in rows.values())
    after = sum(r.kg_after for r in rows.values())
    assert (row.base_year, row.kg_change, row.decision) == (2024, after - before, None)
    assert row.change_percent == change_percent(before, after).quantize(Decimal("0.000001"))


def test_same_method_changes_nothing_and_is_proposed_to_be_kept(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001")
    trial = tried("AR6")
    row = decision_of(scene, trial, member)
    assert (row.change_percent, row.kg_change, row.proposal) == (0, 0, "keep")
    assert all(r.kg_before == r.kg_after for y in (2024, 2025) for r in rows_of(scene, trial, member, y).values())  # fmt: skip


def test_nothing_changes_before_it_is_decided(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    with_herd(scene, "M-0001")
    before = scene.session.execute(select(MemberSummary.__table__)).all()
    tried("AR5")
    assert scene.session.execute(select(MemberSummary.__table__)).all() == before
    assert scene.session.scalars(select(func.count()).select_from(MemberRestated)).one() == 0


def test_restated_years_stand_beside_the_reported_ones(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001")
    reported = series_of(scene.session, member.id).kg(2024)
    trial = tried("AR5")
    work = scene.as_coordinator(60)
    trial_decisions.decide(work, trial, member, Decision.RESTATE, "The alliance goes by AR5.")
    work.commit()
    series = series_of(scene.session, member.id)
    assert series.kg(2024, as_reported=True) == reported
    after = sum(row.kg_after for row in rows_of(scene, trial, member, 2024).values())
    assert series.kg(2024) == after != reported
    assert set(series.restated) == {2024, 2025}
    rests_on = scene.session.execute(select(MemberRestated.trial_id, MemberRestated.submission_id).distinct())  # fmt: skip
    assert rests_on.all() == [(trial.id, None)]
    row = decision_of(scene, trial, member)
    assert (row.decision, row.reason) == ("restate", "The alliance goes by AR5.")
    assert row.decided_by == scene.coordinator.id
    assert trial.state == "decided"
    entry = scene.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "trial.decided")).one()  # fmt: skip
    assert (entry.on_behalf_of, entry.detail["decision"]) == ("M-0001", "restate")


def test_kept_years_count_as_they_did(scene: Scene, tried: Callable[..., EditionTrial]) -> None:
    member = with_herd(scene, "M-0001")
    trial = tried("AR5")
    trial_decisions.decide(scene.as_coordinator(60), trial, member, Decision.KEEP, "Too little.")
    assert series_of(scene.session, member.id).restated == {}
    assert decision_of(scene, trial, member).decision == "keep"


def test_second_decision_comes_too_late(scene: Scene, tried: Callable[..., EditionTrial]) -> None:
    member, other = with_herd(scene, "M-0001"), with_herd(scene, "M-0002", minutes=10)
    trial = tried("AR5")
    trial_decisions.decide(scene.as_coordinator(60), trial, member, Decision.KEEP, "Once")
    with pytest.raises(Conflict, match=r"trial\.decided"):
        trial_decisions.decide(scene.as_coordinator(61), trial, member, Decision.RESTATE, "Twice")
    assert decision_of(scene, trial, member).reason == "Once"
    assert decision_of(scene, trial, other).decision is None


def test_two_that_decide_at_once_leave_one_decision(
    scene: Scene, database: Database, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001")
    trial_id, member_id = tried("AR5").id, member.id
    actor = scene.as_coordinator(60).actor
    scene.session.rollback()
    outcomes = []
    for decision in (Decision.RESTATE, Decision.KEEP):
        with database.writing() as session:
            work = Work(session, actor, MOMENT)
            trial = session.get_one(EditionTrial, trial_id)
            trial.state = "ready"  # as somebody has read it who decides at the same moment
            found = session.get_one(Member, member_id)
            try:
                trial_decisions.decide(work, trial, found, decision, "Now")
                work.commit()
                outcomes.append("won")
            except Conflict as late:
                outcomes.append(late.code)
    assert outcomes == ["won", "trial.decided"]


def test_all_that_wait_are_decided_as_proposed(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    restated, kept, own = (with_herd(scene, f"M-000{n}", minutes=10 * n) for n in (1, 2, 3))
    trial = tried("AR5")
    for member, proposed in ((restated, "restate"), (kept, "keep"), (own, "restate")):
        decision_of(scene, trial, member).proposal = proposed
    scene.session.flush()
    trial_decisions.decide(scene.as_coordinator(60), trial, own, Decision.KEEP, "Own")
    work = scene.as_coordinator(61)
    assert trial_decisions.decide_rest(work, trial, "As proposed") == Settled(1, 1, 0)
    work.commit()
    assert [decision_of(scene, trial, m).reason for m in (restated, kept, own)] == ["As proposed", "As proposed", "Own"]  # fmt: skip
    assert set(scene.session.scalars(select(MemberRestated.member_id))) == {restated.id}
    assert trial.state == "decided"
    assert trial_decisions.decide_rest(work, trial, "Again") == Settled(0, 0, 0)


def test_target_paths_of_all_that_are_restated_are_laid_anew_by_a_job(
    scene: Scene, database: Database, tmp_path: Path, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001")
    an_approved_plan(scene, member, minutes=20)
    bare = with_herd(scene, "M-0002", minutes=30)
    goal = select(MemberPath.kg_target).filter_by(member_id=member.id, year=2030)
    unit = select(UnitPath.kg_target).filter_by(unit_id=member.unit_id, year=2030)
    before = scene.session.scalars(goal).one()
    trial = tried("AR5")
    for each in (member, bare):
        decision_of(scene, trial, each).proposal = "restate"
    scene.session.flush()
    work = scene.as_coordinator(60)
    assert trial_decisions.decide_rest(work, trial, "As proposed") == Settled(2, 0, 0)
    work.commit()
    assert ("lay_paths", Outcome.DONE) in run_jobs(database, tmp_path)
    scene.session.expire_all()
    after = scene.session.scalars(goal).one()
    assert after != before
    assert scene.session.scalars(unit).one() == after


def test_year_approved_anew_is_tried_from_what_it_reports(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001", years=(2024,))
    first = tried("AR5")
    trial_decisions.decide(scene.as_coordinator(60), first, member, Decision.RESTATE, "AR5")
    inventory = scene.session.scalars(select(Inventory).filter_by(member_id=member.id)).one()
    handed_in = scene.session.scalars(select(Submission)).one()
    review.reopen(scene.as_coordinator(61), handed_in.uid, "A bill was missing.")
    again = submissions.submit(scene.as_supplier("M-0001", 62), inventory, SIGNED)
    review.approve_submission(scene.as_coordinator(63), again.uid)
    scene.session.commit()
    reported = series_of(scene.session, member.id).kg(2024)
    second = tried("AR6", minutes=70)
    rows = rows_of(scene, second, member, 2024).values()
    assert sum(row.kg_before for row in rows) == sum(row.kg_after for row in rows) == reported


def test_years_that_changed_since_the_trial_are_not_restated_by_it(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001", years=(2024,))
    trial = tried("AR5")
    scene.approved(member, 2025, minutes=55)
    decision_of(scene, trial, member).proposal = "restate"
    scene.session.commit()
    with pytest.raises(Conflict, match=r"trial\.outdated"):
        trial_decisions.decide(scene.as_coordinator(60), trial, member, Decision.RESTATE, "Yes")
    assert trial_decisions.decide_rest(scene.as_coordinator(61), trial, "Yes") == Settled(0, 0, 1)
    assert decision_of(scene, trial, member).decision is None
    trial_decisions.decide(scene.as_coordinator(62), trial, member, Decision.KEEP, "No")


def test_trial_after_a_restatement_begins_from_what_counts(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001")
    first = tried("AR5")
    work = scene.as_coordinator(60)
    trial_decisions.decide(work, first, member, Decision.RESTATE, "AR5")
    work.commit()
    restated = series_of(scene.session, member.id).kg(2024)
    back = tried("AR6", minutes=70)
    row = decision_of(scene, back, member)
    after_first = decision_of(scene, first, member)
    assert row.kg_change == -after_first.kg_change
    rows = rows_of(scene, back, member, 2024).values()
    assert sum(r.kg_before for r in rows) == restated
    assert sum(r.kg_after for r in rows) == series_of(scene.session, member.id).kg(2024, as_reported=True)  # fmt: skip
    same = tried("AR5", minutes=80)
    assert decision_of(scene, same, member).kg_change == 0


def test_restated_structure_changes_in_proportion_to_its_lines(
    scene: Scene, tried: Callable[..., EditionTrial]
) -> None:
    member = with_herd(scene, "M-0001", years=(2024,))
    first = tried("AR6")
    work = scene.as_coordinator(60)
    trial_decisions.decide(work, first, member, Decision.RESTATE, "A first series beside")
    query = select(MemberRestated).where(MemberRestated.category == HFC)
    scene.session.scalars(query).one().kg_co2e /= 2
    work.commit()
    trial = tried("AR5", minutes=70)
    row = rows_of(scene, trial, member, 2024)[HFC]
    assert row.kg_after == Decimal(5) * Decimal("3942.8")


def test_trial_that_runs_is_given_back_to_who_asks_again(scene: Scene) -> None:
    work = scene.as_coordinator()
    first = edition_trials.ask_for_trial(work, EDITION, "AR5")
    assert edition_trials.ask_for_trial(work, EDITION, "AR5") is first
    assert edition_trials.ask_for_trial(work, EDITION, "AR4") is not first
    scene.session.flush()
    jobs = select(func.count()).select_from(Job).where(Job.kind == "try_edition")
    assert scene.session.scalars(jobs).one() == 2
    with pytest.raises(ValueError, match="edition 1999"):
        edition_trials.ask_for_trial(work, "1999", "AR5")


def test_trial_taken_up_again_does_not_do_twice_what_was_done(
    scene: Scene, tried: Callable[..., EditionTrial], database: Database
) -> None:
    member, other = with_herd(scene, "M-0001"), with_herd(scene, "M-0002", minutes=10)
    trial = tried("AR5")
    scene.session.execute(delete(TrialDecision).where(TrialDecision.member_id == other.id))
    assert trial_figures.waiting_members(scene.session, trial) == [other.id]
    work = scene.as_coordinator(60)
    found = [trial_figures.figures_of(scene.session, trial, m.id) for m in (member, other)]
    decision_of(scene, trial, member).reason = "Written before"
    scene.session.flush()
    trial_figures.keep(work, trial, found)
    assert decision_of(scene, trial, member).reason == "Written before"
    assert trial_figures.waiting_members(scene.session, trial) == []


def test_undecided_trial_that_still_runs_is_not_decided(scene: Scene) -> None:
    work = scene.as_coordinator()
    trial = edition_trials.ask_for_trial(work, EDITION, "AR5")
    with pytest.raises(Conflict, match=r"trial\.running"):
        trial_decisions.decide_rest(work, trial, "Now")


@pytest.mark.parametrize(("role", "may_try"), [(Role.VERIFIER, False), (Role.ADMINISTRATOR, True)])
def test_only_coordinators_decide(scene: Scene, role: Role, *, may_try: bool) -> None:
    work = work_of(scene.session, staff(scene.session, role))
    trial = edition_trials.ask_for_trial(scene.as_coordinator(), EDITION, "AR5")
    with pytest.raises(Forbidden):
        trial_decisions.decide_rest(work, trial, "Mine")
    if may_try:
        assert edition_trials.ask_for_trial(work, EDITION, "AR5") is trial
    else:
        with pytest.raises(Forbidden):
            edition_trials.ask_for_trial(work, EDITION, "AR5")


def texts(page: str, path: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in html.fromstring(page).xpath(path)]


def test_coordinator_asks_reads_and_decides_in_the_browser(
    scene: Scene, coordinator: Browser, database: Database, tmp_path: Path
) -> None:
    member, other = with_herd(scene, "M-0001"), with_herd(scene, "M-0002", minutes=10)
    assert coordinator.submit(PAGE, {"edition": EDITION, "gwp_set": "AR7"}).status_code == 422
    address = coordinator.submit(PAGE, {"edition": EDITION, "gwp_set": "AR5"}).location
    assert "Working out the approved years" in coordinator.get(f"{address}?lang=en").text
    run_jobs(database, tmp_path)

    page = coordinator.get(f"{address}?lang=en").text
    assert texts(page, "//dd[@class='kpi-value']")[0] == "2"
    assert texts(page, "//tbody/tr/th")[:2] == ["2024", "2025"]
    empty = coordinator.submit(f"{address}/rest", {"reason": ""}, page=address)
    assert (empty.status_code, "Say why you decide so" in empty.text) == (422, True)

    one = f"{address}/members/{member.uid}"
    assert "R-404A" not in coordinator.get(f"{one}?lang=en").text
    assert coordinator.submit(one, {"decision": "restate", "reason": ""}).status_code == 422
    sent = {"decision": "restate", "reason": "We go by AR5."}
    token = coordinator.token(one)
    assert coordinator.post(one, {**sent, "csrf_token": token}).status_code == 303
    assert coordinator.post(one, {**sent, "csrf_token": token}).status_code == 409
    listed = {
        state: texts(coordinator.get(f"{address}?state={state}").text, "//th[@class='name']")
        for state in Shown
    }
    assert [len(listed[s]) for s in (Shown.ALL, Shown.OPEN)] == [2, 1]
    assert "M-0002" in listed[Shown.OPEN][0]
    done = coordinator.submit(f"{address}/rest", {"reason": "As proposed"}, page=address)
    assert done.status_code == 303
    assert "Decided" in coordinator.get(f"{PAGE}?lang=en").text
    scene.session.rollback()
    assert set(series_of(scene.session, member.id).restated) == {2024, 2025}
    assert other.code == "M-0002"


def test_foreign_names_of_a_trial_are_not_found(scene: Scene, coordinator: Browser) -> None:
    stranger = scene.member("M-0009")
    trial = edition_trials.ask_for_trial(scene.as_coordinator(), EDITION, "AR5")
    scene.session.commit()
    assert coordinator.get(f"{PAGE}{trial.uid}/members/{stranger.uid}").status_code == 404
    assert coordinator.get(f"{PAGE}{stranger.uid}").status_code == 404
    assert coordinator.get(f"{PAGE}{trial.uid}?state=nonsense").status_code == 400
