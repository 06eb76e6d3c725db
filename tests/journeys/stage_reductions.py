"""What the journeys' members do about their emissions: a plan, progress, a recalculation, and a trial of other potentials."""

from __future__ import annotations

from uuid import UUID

from portal.intake.typed import Typed
from portal.services import (
    actions,
    dossiers,
    edition_trials,
    evidence,
    members,
    plans,
    progress,
    restatements,
    review,
    targets,
    trial_figures,
)
from portal.store.dossiers import Dossier
from portal.store.evidence import Evidence
from portal.store.submissions import Submission
from tests.factories.plans import typed_action
from tests.journeys.cast import FARM, PACKER, SIGNED
from tests.journeys.stage import Stage

FURTHER_ACTIONS = (
    {"lever": "", "name": "照明改为 LED", "percent": "3%", "status": "in_progress"},
    {
        "name": "屋顶光伏余电上网",
        "ledger": "avoided",
        "method": "stated",
        "stated_t": "35",
        "how": "上网电量 × 电网因子",
        "status": "in_progress",
    },
)


def play_reductions(stage: Stage) -> None:
    """A plan that is being revised, a report that waits and one that came back, and what the coordinator decides on."""
    plan = _packer_plans(stage)
    _packer_reports(stage)
    _packer_restates(stage)
    _farm_plan_comes_back(stage)
    work = stage.work(f"reporter-{PACKER}", 3)
    dossiers.revise(work, plan)
    work.flush_ledger()
    _trial(stage)


def _packer_plans(stage: Stage) -> Dossier:
    work = stage.work(f"reporter-{PACKER}", 180)
    member = members.own_member(work)
    plan = plans.begin_plan(work, member)
    target = targets.adopt(work, plan).target
    assert target is not None
    stage.world.things["target"] = str(target.uid)
    for typed in (typed_action(), *(typed_action(**each) for each in FURTHER_ACTIONS)):
        saved = actions.add_action(work, plan, typed)
        assert saved.action is not None, saved.problems
        stage.world.things.setdefault("action", str(saved.action.uid))
    work.flush_ledger()
    submitted = _signed(stage, PACKER, plan, 175)
    _approved(stage, submitted, 170)
    stage.world.things["plan/approved"] = str(submitted.uid)
    return plan


def _packer_reports(stage: Stage) -> None:
    file = stage.world.things[f"{PACKER}/file"]
    for year, days_ago in ((2023, 160), (2024, 40)):
        work = stage.work(f"reporter-{PACKER}", days_ago)
        report = progress.begin_progress(work, members.own_member(work), year)
        rows = progress.rows_of(stage.session, report)
        assert progress.save_row(work, report, rows[0].row, _measured()) == ()
        progress.link(work, report, rows[0].row, _file(stage, work, file))
        progress.confirm_rest(work, report)
        dossiers.describe(work, report, {"barriers": "改造期间需停产。", "help": ""}, "")
        work.flush_ledger()
        signing = stage.work(f"signatory-{PACKER}", days_ago - 2)
        submitted = progress.submit_progress(signing, report, SIGNED)
        signing.flush_ledger()
        stage.world.things[f"progress/{year}"] = str(submitted.uid)
        if year == 2023:
            _approved(stage, submitted, days_ago - 5)
    work = stage.work(f"reporter-{PACKER}", 10)
    progress.begin_progress(work, members.own_member(work), work.today.year, 1)
    stage.world.things["quarter"] = f"{work.today.year}/q1"
    work.flush_ledger()


def _packer_restates(stage: Stage) -> None:
    work = stage.work(f"reporter-{PACKER}", 9)
    dossier = restatements.begin_restatement(work, members.own_member(work))
    told = {"trigger": "error", "reason": "一块电表的倍率填错。"}
    assert restatements.describe(work, dossier, Typed(told)) == ()
    change = {"year": "2023", "category": "electricity.grid", "change_t": "120", "reason": "倍率"}
    assert restatements.add_adjustment(work, dossier, Typed(change)) == ()
    work.flush_ledger()
    signing = stage.work(f"signatory-{PACKER}", 8)
    submitted = restatements.submit_restatement(signing, dossier, SIGNED)
    signing.flush_ledger()
    stage.world.things["restatement"] = str(submitted.uid)
    stage.world.things["restatement/year"] = str(dossier.year)


def _farm_plan_comes_back(stage: Stage) -> None:
    work = stage.work(f"reporter-{FARM}", 25)
    plan = plans.begin_plan(work, members.own_member(work))
    assert targets.adopt(work, plan).target is not None
    saved = actions.add_action(work, plan, typed_action())
    assert saved.action is not None, saved.problems
    work.flush_ledger()
    submitted = _signed(stage, FARM, plan, 24)
    asking = stage.work("coordinator", 23)
    review.add_finding(
        asking,
        submitted.uid,
        message="是哪些电表？",
        visibility="supplier",
        line_key=saved.action.uid,
    )
    review.return_submission(asking, submitted.uid, "一处需要说明。")
    asking.flush_ledger()
    stage.world.things["plan/returned"] = str(submitted.uid)


def _trial(stage: Stage) -> None:
    """Another set of potentials, worked out for every member as the job does it."""
    work = stage.work("coordinator", 2)
    trial = edition_trials.ask_for_trial(work, "2026.1", "AR5")
    tried = trial_figures.waiting_members(stage.session, trial)
    trial_figures.keep(
        work, trial, [trial_figures.figures_of(stage.session, trial, each) for each in tried]
    )
    edition_trials.make_ready(work, trial)
    work.flush_ledger()
    stage.world.things["trial"] = str(trial.uid)


def _measured() -> Typed:
    return Typed({"status": "in_progress", "measured_t": "4.2", "measured_how": "分表计量"})


def _file(stage: Stage, work: object, uid: str) -> Evidence:
    return evidence.find_evidence(work, UUID(uid))  # type: ignore[arg-type]  # whoever asks may read it


def _signed(stage: Stage, code: str, plan: Dossier, days_ago: float) -> Submission:
    work = stage.work(f"signatory-{code}", days_ago)
    submitted = plans.submit_plan(work, plan, SIGNED)
    work.flush_ledger()
    return submitted


def _approved(stage: Stage, submitted: Submission, days_ago: float) -> None:
    work = stage.work("coordinator", days_ago)
    review.approve_submission(work, submitted.uid)
    work.flush_ledger()
