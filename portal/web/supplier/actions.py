"""Actions of the plan: choosing one from the library, describing it, copying and removing it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal import data
from portal.calculation.problems import Problem
from portal.domain.levers import Area
from portal.services import actions, members, sources
from portal.services.actions import ActionDetail, SavedAction, details_of, find_action
from portal.services.plan_content import content_of_plan
from portal.store.dossiers import Dossier
from portal.store.members import Member, Site
from portal.web import queries
from portal.web.forms.actions import ActionForm, values_of_action, values_of_lever
from portal.web.forms.dossiers import questions_of
from portal.web.forms.lines import uid_of
from portal.web.names import in_language
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.plan import can_edit, needed_plan


@blueprint.get("/plan/levers")
def lever_list() -> ResponseReturnValue:
    """Show the library: what suppliers of this kind usually do, and what it usually saves."""
    _plan, member = needed_plan()
    area, words = queries.word("area", [*Area, ""]), queries.search_text()
    every = queries.ticked("all")
    work = current_work()
    found = [
        lever
        for lever in data.load_levers().values()
        if (every or lever.fits(member.sector))
        and (not area or lever.area == area)
        and words.lower()
        in f"{lever.name_zh} {lever.name_en} {lever.hint_zh} {lever.hint_en}".lower()
    ]
    return render_template(
        "supplier/plan/levers.html",
        levers=actions.potentials(found, sources.source_book(work.session, member.id)),
        area=area,
        words=words,
        every=every,
        areas=list(Area),
        member=member,
        offered=actions.offered_actions(work, member),
    )


@blueprint.get("/plan/actions/new")
def action_add_form() -> ResponseReturnValue:
    """Ask for an action, begun with what its lever says."""
    plan, member = needed_plan()
    lever = data.load_levers().get(queries.word("lever"))
    form = ActionForm(data=values_of_lever(lever) if lever else {"area": Area.PRODUCTION.value})
    return _page(plan, member, form, None, ())


@blueprint.post("/plan/actions/new")
def action_add() -> ResponseReturnValue:
    """Add an action."""
    plan, member = needed_plan()
    form = ActionForm()
    if "more" in request.form:
        return _with_more_milestones(plan, member, form, None)
    saved = actions.add_action(current_work(), plan, form.typed_action())
    return _answer(plan, member, form, None, saved)


@blueprint.get("/plan/actions/<uuid:action>")
def action_page(action: UUID) -> ResponseReturnValue:
    """Show an action to change it, with how its saving comes about."""
    plan, member = needed_plan()
    find_action(current_work(), member, action)
    detail = _detail(member, action)
    return _page(plan, member, ActionForm(data=values_of_action(detail)), detail, ())


@blueprint.post("/plan/actions/<uuid:action>")
def action_change(action: UUID) -> ResponseReturnValue:
    """Change an action."""
    work = current_work()
    plan, member = needed_plan()
    found = find_action(work, member, action)
    form = ActionForm()
    if "more" in request.form:
        return _with_more_milestones(plan, member, form, _detail(member, action))
    saved = actions.change_action(work, plan, found, form.typed_action())
    return _answer(plan, member, form, _detail(member, action), saved)


@blueprint.get("/plan/actions/<uuid:action>/remove")
def action_remove_form(action: UUID) -> ResponseReturnValue:
    """Ask once more before an action is removed."""
    _plan, member = needed_plan()
    found = find_action(current_work(), member, action)
    return render_template("supplier/plan/remove.html", action=found)


@blueprint.post("/plan/actions/<uuid:action>/remove")
def action_remove(action: UUID) -> ResponseReturnValue:
    """Remove an action."""
    work = current_work()
    plan, member = needed_plan()
    actions.remove_action(work, plan, find_action(work, member, action))
    flash(gettext("The action is removed."), "success")
    return redirect(url_for(".plan_page"), 303)


@blueprint.post("/plan/actions/<uuid:action>/copy")
def action_copy(action: UUID) -> ResponseReturnValue:
    """Copy an action to other sites."""
    work = current_work()
    plan, member = needed_plan()
    found = find_action(work, member, action)
    wanted = set(request.form.getlist("sites"))
    sites = [site for site in members.sites_of(work, member) if site.code in wanted]
    if not sites:
        flash(gettext("Choose at least one site to copy the action to."), "warning")
        return redirect(url_for(".action_page", action=action) + "#copy", 303)
    made = actions.copy_to_sites(work, plan, found, sites)
    flash(
        ngettext(
            "%(num)s copy is in your plan. Estimate it for its site.",
            "%(num)s copies are in your plan. Estimate each for its site.",
            len(made),
        ),
        "success",
    )
    return redirect(url_for(".plan_page") + "#actions", 303)


@blueprint.post("/plan/shared/copy")
def action_copy_shared() -> ResponseReturnValue:
    """Copy an action that another member lets others copy."""
    work = current_work()
    plan, member = needed_plan()
    shared = uid_of(request.form.get("shared", ""))
    if shared is None:
        abort(400)
    copy = actions.copy_from(work, plan, *actions.find_offered(work, member, shared))
    flash(gettext("The action is in your plan. Estimate what it saves at your place."), "success")
    return redirect(url_for(".action_page", action=copy.uid), 303)


def _answer(
    plan: Dossier, member: Member, form: ActionForm, detail: ActionDetail | None, saved: SavedAction
) -> ResponseReturnValue:
    if saved.action is None:
        form.attach(saved.problems)
        return _page(plan, member, form, detail, saved.problems), 422
    for change in saved.changes:
        flash(
            gettext(
                "%(column)s “%(typed)s” was read as %(read)s.",
                column=form[change.field].label.text if change.field in form else change.field,
                typed=change.typed,
                read=change.read,
            ),
            "info",
        )
    flash(gettext("Saved."), "success")
    return redirect(url_for(".plan_page") + f"#action-{saved.action.uid}", 303)


def _with_more_milestones(
    plan: Dossier, member: Member, form: ActionForm, detail: ActionDetail | None
) -> ResponseReturnValue:
    """The same form with three more rows for milestones: the way without a script."""
    if not can_edit(plan):
        abort(409)
    for _ in range(3):
        form.milestones.append_entry()
    return _page(plan, member, form, detail, ()), 422


def _detail(member: Member, action: UUID) -> ActionDetail:
    details = details_of(current_work().session, member.id)
    return next(each for each in details if each.action.uid == action)


def _page(
    plan: Dossier,
    member: Member,
    form: ActionForm,
    detail: ActionDetail | None,
    problems: Iterable[Problem],
) -> str:
    work = current_work()
    book = sources.source_book(work.session, member.id)
    sites = members.sites_of(work, member)
    reported = [] if book is None else sorted({source.category for source in book.kg})
    known = data.load_levers()
    fitting = [
        each for each in known.values() if each.fits(member.sector) or each.id == form.lever.data
    ]
    form.offer(sites, fitting, reported)
    return render_template(
        "supplier/plan/action.html",
        plan=plan,
        form=form,
        detail=detail,
        lever=known.get(form.lever.data or ""),
        book=book,
        sites=sites,
        other_sites=_others(sites, detail),
        frozen=None if detail is None else _frozen(plan, detail),
        questions=questions_of(problems),
        can_edit=can_edit(plan),
        in_language=in_language,
    )


def _others(sites: list[Site], detail: ActionDetail | None) -> list[Site]:
    own = None if detail is None else detail.action.site_id
    return [site for site in sites if site.id != own]


def _frozen(plan: Dossier, detail: ActionDetail) -> dict[str, Any]:
    """The action as the plan states it, with its warnings."""
    content = content_of_plan(current_work(), plan)
    key = str(detail.action.uid)
    action = next(each for each in content["actions"] if each["key"] == key)
    warnings = [w for w in content["warnings"] if w["subject"] == f"action/{key}"]
    return {**action, "warnings": warnings, "kg_counted": content["combined"]["by_action"].get(key)}
