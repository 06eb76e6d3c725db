"""Targets of the plan: adopting the alliance's, setting and changing own ones."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.calculation.problems import Problem
from portal.calculation.quantities import text
from portal.services import programmes, targets
from portal.services.series import series_of
from portal.services.target_views import view_of
from portal.services.targets import FIELDS, find_target
from portal.store.members import Member
from portal.store.targets import Target
from portal.web.forms.dossiers import questions_of
from portal.web.forms.targets import AdoptForm, TargetForm, values_of
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.plan import needed_plan

BETTER = ("percent", "target_year")


@blueprint.get("/plan/targets/adopt")
def target_adopt_form() -> ResponseReturnValue:
    """Show the alliance's target, to adopt or to better it."""
    _plan, member = needed_plan()
    default = programmes.in_force(current_work().session, member.alliance_id).programme.target
    form = AdoptForm(
        data={"percent": text(default.percent), "target_year": str(default.target_year)}
    )
    return _adopt(member, form, ())


@blueprint.post("/plan/targets/adopt")
def target_adopt() -> ResponseReturnValue:
    """Adopt the alliance's target."""
    plan, member = needed_plan()
    form = AdoptForm()
    saved = targets.adopt(current_work(), plan, form.typed(BETTER))
    if saved.target is None:
        form.attach(saved.problems)
        return _adopt(member, form, saved.problems), 422
    flash(gettext("The target is in your plan."), "success")
    return redirect(url_for(".plan_page"), 303)


@blueprint.get("/plan/targets/new")
def target_add_form() -> ResponseReturnValue:
    """Ask for a target of the member's own."""
    _plan, member = needed_plan()
    form = TargetForm(data={"kind": "absolute", "scopes": ["1", "2"], "pathway": "linear"})
    form.base_year.data = str(member.base_year or "")
    return _page(member, form, None, ())


@blueprint.post("/plan/targets/new")
def target_add() -> ResponseReturnValue:
    """Add a target."""
    plan, member = needed_plan()
    form = TargetForm()
    saved = targets.add_target(current_work(), plan, form.typed(FIELDS))
    if saved.target is None:
        form.attach(saved.problems)
        return _page(member, form, None, saved.problems), 422
    flash(gettext("The target is in your plan."), "success")
    return redirect(url_for(".plan_page"), 303)


@blueprint.get("/plan/targets/<uuid:target>")
def target_page(target: UUID) -> ResponseReturnValue:
    """Show a target with its arithmetic, to change it."""
    _plan, member = needed_plan()
    found = find_target(current_work(), member, target)
    return _page(member, TargetForm(data=values_of(found)), found, ())


@blueprint.post("/plan/targets/<uuid:target>")
def target_change(target: UUID) -> ResponseReturnValue:
    """Change a target."""
    work = current_work()
    plan, member = needed_plan()
    found = find_target(work, member, target)
    form = TargetForm()
    saved = targets.change_target(work, plan, found, form.typed(FIELDS))
    if saved.target is None:
        form.attach(saved.problems)
        return _page(member, form, found, saved.problems), 422
    flash(gettext("Saved."), "success")
    return redirect(url_for(".plan_page"), 303)


@blueprint.post("/plan/targets/<uuid:target>/lead")
def target_lead(target: UUID) -> ResponseReturnValue:
    """Let a target lead the plan."""
    work = current_work()
    plan, member = needed_plan()
    targets.lead(work, plan, find_target(work, member, target))
    flash(gettext("On track or not is now asked of this target."), "success")
    return redirect(url_for(".plan_page"), 303)


@blueprint.post("/plan/targets/<uuid:target>/remove")
def target_remove(target: UUID) -> ResponseReturnValue:
    """Remove a target."""
    work = current_work()
    plan, member = needed_plan()
    targets.remove_target(work, plan, find_target(work, member, target))
    flash(gettext("The target is removed."), "success")
    return redirect(url_for(".plan_page"), 303)


def _adopt(member: Member, form: AdoptForm, problems: Iterable[Problem]) -> str:
    in_force = programmes.in_force(current_work().session, member.alliance_id)
    return render_template(
        "supplier/plan/adopt.html",
        member=member,
        default=in_force.programme.target,
        phases=in_force.programme.phases,
        form=form,
        questions=questions_of(problems),
    )


def _page(
    member: Member, form: TargetForm, target: Target | None, problems: Iterable[Problem]
) -> str:
    work = current_work()
    series = series_of(work.session, member.id)
    form.offer(series.years or [member.base_year or work.today.year - 1], series.products())
    return render_template(
        "supplier/plan/target.html",
        form=form,
        target=target,
        view=None if target is None else view_of(target, series, work.today),
        questions=questions_of(problems),
    )
