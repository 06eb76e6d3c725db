"""The reduction plan: targets, actions and what they come to, on one page; its tasks as a list to print."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.inventories import EDITABLE
from portal.domain.levers import AREA_NAMES, Area
from portal.domain.refusals import Conflict
from portal.services import dossiers, members, plans, programmes
from portal.services.plan_content import open_plan
from portal.services.plans import own_plan
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.web import plan_charts
from portal.web.requests import current_work
from portal.web.supplier import blueprint

TASK_YEARS = 3


@blueprint.get("/plan")
def plan_page() -> ResponseReturnValue:
    """Show the plan: where it stands, its targets, its actions."""
    work = current_work()
    member = members.own_member(work)
    plan = own_plan(work, member)
    if plan is None:
        return render_template(
            "supplier/plan/begin.html", member=member, programme=_programme(member)
        )
    shown = open_plan(work, plan)
    content = shown.content
    return render_template(
        "supplier/plan/plan.html",
        plan=plan,
        content=content,
        views=shown.views,
        owners=shown.owners,
        reach=_reach(content),
        programme=shown.programme,
        can_edit=can_edit(plan),
        trajectory=plan_charts.trajectories(content["trajectory"], last=_last_year(content)),
        abatement=plan_charts.abatements(content["actions"]),
    )


@blueprint.post("/plan/begin")
def plan_begin() -> ResponseReturnValue:
    """Begin the plan."""
    work = current_work()
    plans.begin_plan(work, members.own_member(work))
    return redirect(url_for(".plan_page"), 303)


@blueprint.post("/plan/revise")
def plan_revise() -> ResponseReturnValue:
    """Open an approved plan for its next version."""
    work = current_work()
    plan, _member = needed_plan()
    dossiers.revise(work, plan)
    flash(
        gettext("You can change the plan now. The approved one holds until this is approved."),
        "success",
    )
    return redirect(url_for(".plan_page"), 303)


@blueprint.get("/plan/tasks")
def plan_tasks() -> ResponseReturnValue:
    """Show what is to be done in the next three years, by area."""
    work = current_work()
    plan, _member = needed_plan()
    years = range(work.today.year, work.today.year + TASK_YEARS)
    shown = open_plan(work, plan)
    content = shown.content
    return render_template(
        "supplier/plan/tasks.html",
        plan=plan,
        owners=shown.owners,
        years=years,
        areas=[(gettext(AREA_NAMES[area]), _tasks(content, area, years)) for area in Area],
        today=work.today,
    )


def needed_plan() -> tuple[Dossier, Member]:
    """The actor's own plan and member; a Conflict while the plan has not been begun."""
    work = current_work()
    member = members.own_member(work)
    plan = own_plan(work, member)
    if plan is None:
        raise Conflict("plan.not_begun")
    return plan, member


def can_edit(plan: Dossier) -> bool:
    """Whether the plan is open for changes."""
    return plan.state in EDITABLE


def _programme(member: Member) -> programmes.InForce:
    return programmes.in_force(current_work().session, member.alliance_id)


def _reach(content: dict[str, Any]) -> dict[str, Any] | None:
    """What is left in the year of the leading target if all planned actions come, against what its path allows then."""
    main = next((target for target in content["targets"] if target["is_main"]), None)
    if main is None:
        return None
    years = {year["year"]: year for year in content["trajectory"]}
    year = years.get(main["target_year"])
    if year is None or year["target"] is None or year["low"] is None:
        return None
    return {**year, "scopes": main["scopes"], "missing": year["low"] - year["target"]}


def _last_year(content: dict[str, Any]) -> int:
    """Up to where the chart goes: the last target year, and at least five years ahead."""
    targets = [target["target_year"] for target in content["targets"]]
    return max([*targets, content["year"] + 5])


def _tasks(content: dict[str, Any], area: Area, years: range) -> list[dict[str, Any]]:
    """The milestones of an area's actions that fall in these years or are overdue, and the actions' own beginnings."""
    found = []
    for action in content["actions"]:
        if action["area"] != area or action["status"] in ("stopped", "done"):
            continue
        steps = [(step["due"], step["name"], step["done"]) for step in action["milestones"]]
        steps.append((action["start"], gettext("Begins to save"), None))
        found += [
            {"action": action, "due": due, "name": name, "done": done}
            for due, name, done in steps
            if due < date(years.stop, 1, 1) and (done is None or due.year >= years.start)
        ]
    return sorted(found, key=lambda task: (task["due"], task["action"]["position"]))
