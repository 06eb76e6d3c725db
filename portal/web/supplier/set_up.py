"""Setting up: one question a page, each kept when it is sent."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.services import members, portfolio
from portal.store.members import Member
from portal.web.forms.fields import PortalForm
from portal.web.forms.members import STEPS, step_form
from portal.web.requests import current_work
from portal.web.supplier import blueprint

ORDER = tuple(STEPS)


@blueprint.get("/set-up/")
def set_up() -> ResponseReturnValue:
    """Show what is known, each answer with a link to change it."""
    return render_template(
        "supplier/set_up/summary.html", member=members.own_member(current_work())
    )


@blueprint.get("/set-up/<string:step>")
def set_up_step(step: str) -> ResponseReturnValue:
    """Ask one question."""
    return _page(step, _form(step, members.own_member(current_work())))


@blueprint.post("/set-up/<string:step>")
def set_up_answer(step: str) -> ResponseReturnValue:
    """Keep the answer and go on."""
    work = current_work()
    member = members.own_member(work)
    form = _form(step, member)
    if not form.validate_on_submit():
        return _page(step, form), 422
    members.describe(work, member, form.particulars())  # type: ignore[attr-defined]  # every step's form has it
    return redirect(_after(step), 303)


def _form(step: str, member: Member) -> PortalForm:
    if step not in STEPS:
        abort(404)
    return step_form(step, member, portfolio.reporting_years(current_work()))


def _page(step: str, form: PortalForm) -> str:
    return render_template(
        "supplier/set_up/step.html",
        step=step,
        form=form,
        place=ORDER.index(step) + 1,
        total=len(ORDER),
    )


def _after(step: str) -> str:
    """Where “Save and continue” leads; “Save and leave”, and a change of one answer, lead back."""
    if request.form.get("act") == "leave":
        return url_for(".home")
    following = ORDER.index(step) + 1
    if "change" in request.args or following == len(ORDER):
        return url_for(".set_up")
    return url_for(".set_up_step", step=ORDER[following])
