"""Plans and progress for tests: what a supplier types about targets, actions and their state."""

from __future__ import annotations

from portal.intake.typed import Typed
from portal.services import actions, dossiers, plans, progress, review, targets
from portal.services.submissions import Declaration
from portal.store.actions import Action
from portal.store.dossiers import Dossier
from portal.store.evidence import Evidence
from portal.store.members import Member
from portal.store.submissions import Submission
from tests.factories.scenes import Scene

SIGNED = Declaration("李雷", "总经理")


def typed_target(**changes: str) -> Typed:
    """An own absolute target of scopes 1 and 2: a third less by 2030, in a straight line."""
    values = {
        "kind": "absolute",
        "part": "all",
        "scopes": "1,2",
        "base_year": "2024",
        "target_year": "2030",
        "percent": "30",
        "pathway": "linear",
        "net_zero_year": "2050",
    }
    return Typed({**values, **changes})


def typed_action(**changes: str) -> Typed:
    """An own action: a tenth of the power less from the middle of 2025 on."""
    values = {
        "name": "Compressed air: mend leaks",
        "site": "S1",
        "area": "production",
        "category": "electricity.grid",
        "ledger": "inventory",
        "method": "share",
        "percent": "10",
        "start": "2025-07-01",
        "lifetime_years": "8",
        "owner_name": "韩梅梅",
        "owner_post": "Energy manager",
        "capex": "40000",
        "money_saved": "25000",
        "status": "planned",
        "milestones-0-name": "Order the meters",
        "milestones-0-due": "2026-06-30",
    }
    return Typed({**values, **changes})


def a_plan(scene: Scene, member: Member, *, minutes: int = 10) -> Dossier:
    """A plan with the alliance's target and one action, not handed in yet; 2024 must be approved."""
    work = scene.as_supplier(member.code, minutes)
    plan = plans.begin_plan(work, member)
    assert targets.adopt(work, plan).target is not None
    saved = actions.add_action(work, plan, typed_action())
    assert saved.action is not None, saved.problems
    work.commit()
    return plan


def first_action(scene: Scene, member: Member) -> Action:
    """The first action of a member's list."""
    return actions.actions_of(scene.session, member.id)[0]


def a_submitted_plan(scene: Scene, member: Member, *, minutes: int = 11) -> Submission:
    """A plan that waits for a decision."""
    plan = a_plan(scene, member, minutes=minutes - 1)
    work = scene.as_supplier(member.code, minutes)
    submitted = plans.submit_plan(work, plan, SIGNED)
    work.commit()
    return submitted


def an_approved_plan(scene: Scene, member: Member, *, minutes: int = 12) -> Submission:
    """A plan that was approved."""
    submitted = a_submitted_plan(scene, member, minutes=minutes - 1)
    work = scene.as_coordinator(minutes)
    review.approve_submission(work, submitted.uid)
    work.commit()
    return submitted


def a_progress_report(
    scene: Scene,
    member: Member,
    year: int,
    *,
    minutes: int = 20,
    measured_t: str = "",
    file: Evidence | None = None,
) -> Dossier:
    """A progress report of a year in which the first action was carried out, every action confirmed."""
    work = scene.as_supplier(member.code, minutes)
    report = progress.begin_progress(work, member, year)
    row = progress.rows_of(scene.session, report)[0].row
    typed = {
        "status": "done",
        "measured_t": measured_t,
        "measured_how": "Meters" if measured_t else "",
    }
    assert progress.save_row(work, report, row, Typed(typed)) == ()
    if file is not None:
        progress.link(work, report, row, file)
    progress.confirm_rest(work, report)
    work.commit()
    return report


def an_approved_progress(
    scene: Scene,
    member: Member,
    year: int,
    *,
    minutes: int = 21,
    measured_t: str = "",
    file: Evidence | None = None,
) -> Submission:
    """A progress report that was approved."""
    report = a_progress_report(
        scene, member, year, minutes=minutes - 1, measured_t=measured_t, file=file
    )
    work = scene.as_supplier(member.code, minutes)
    submitted = progress.submit_progress(work, report, SIGNED)
    work.commit()
    deciding = scene.as_coordinator(minutes + 1)
    review.approve_submission(deciding, submitted.uid)
    deciding.commit()
    return submitted


def reopen_plan(scene: Scene, member: Member, minutes: int) -> Dossier:
    """An approved plan that is being revised."""
    work = scene.as_supplier(member.code, minutes)
    plan = plans.own_plan(work, member)
    assert plan is not None
    dossiers.revise(work, plan)
    work.commit()
    return plan
