"""Recalculating approved years: when it is due, the changes with their arithmetic, reported and restated side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.inventories import EDITABLE
from portal.domain.refusals import Conflict
from portal.domain.submissions import Kind
from portal.services import dossiers, members, programmes, restatements, series
from portal.services.restatements import ADJUSTMENT_FIELDS, DETAIL_FIELDS
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.web.forms.dossiers import questions_of
from portal.web.forms.restatements import AdjustmentForm, CauseForm
from portal.web.requests import current_work
from portal.web.supplier import blueprint


@blueprint.get("/restatements")
def restatement_list() -> ResponseReturnValue:
    """Say when years are recalculated, and show them as reported and as restated."""
    work = current_work()
    member = members.own_member(work)
    in_force = programmes.in_force(work.session, member.alliance_id)
    return render_template(
        "supplier/restatements/list.html",
        listed=dossiers.list_of(work, member, Kind.RESTATEMENT),
        current=dossiers.look_up(work, member, Kind.RESTATEMENT, work.today.year),
        series=series.series_of(work.session, member.id),
        threshold=in_force.programme.restatement_percent,
        base_year=member.base_year,
    )


@blueprint.post("/restatements/begin")
def restatement_begin() -> ResponseReturnValue:
    """Begin this year's recalculation, or open an approved one again."""
    work = current_work()
    member = members.own_member(work)
    if not series.series_of(work.session, member.id).years:
        raise Conflict("restatement.years.missing")
    dossier = restatements.begin_restatement(work, member)
    return redirect(url_for(".restatement_page", year=dossier.year), 303)


@blueprint.get("/restatements/<int:year>")
def restatement_page(year: int) -> ResponseReturnValue:
    """Show a recalculation: its cause, its changes, what they come to."""
    member, dossier = _restatement(year)
    return _page(member, dossier, _cause(dossier), _change())


@blueprint.post("/restatements/<int:year>")
def restatement_describe(year: int) -> ResponseReturnValue:
    """Keep the cause."""
    member, dossier = _restatement(year)
    form = CauseForm()
    problems = restatements.describe(current_work(), dossier, form.typed(DETAIL_FIELDS))
    if problems:
        form.attach(problems)
        return _page(member, dossier, form, _change(formdata=None)), 422
    flash(gettext("Saved."), "success")
    change = _change()
    if change.change_t.data or change.reason.data:  # typed below, and not added yet
        return _page(member, dossier, _cause(dossier), change), 200
    return redirect(url_for(".restatement_page", year=year) + "#adjustments", 303)


@blueprint.post("/restatements/<int:year>/adjustments")
def adjustment_add(year: int) -> ResponseReturnValue:
    """Add the change of a year and category."""
    member, dossier = _restatement(year)
    form, cause = _change(), CauseForm()
    refused = restatements.keep_cause(current_work(), dossier, cause.typed(DETAIL_FIELDS))
    if refused:
        cause.attach(refused)
        return _page(member, dossier, cause, form), 422
    problems = restatements.add_adjustment(current_work(), dossier, form.typed(ADJUSTMENT_FIELDS))
    if problems:
        form.attach(problems)
        asked = questions_of(problems)
        return _page(member, dossier, _cause(dossier), form, asked), 422
    flash(gettext("The change is added."), "success")
    return redirect(url_for(".restatement_page", year=year) + "#adjustments", 303)


@blueprint.post("/restatements/<int:year>/adjustments/<uuid:adjustment>/remove")
def adjustment_remove(year: int, adjustment: UUID) -> ResponseReturnValue:
    """Remove a change."""
    _member, dossier = _restatement(year)
    restatements.keep_cause(current_work(), dossier, CauseForm().typed(DETAIL_FIELDS))
    restatements.remove_adjustment(current_work(), dossier, adjustment)
    flash(gettext("The change is removed."), "success")
    return redirect(url_for(".restatement_page", year=year) + "#adjustments", 303)


def _restatement(year: int) -> tuple[Member, Dossier]:
    work = current_work()
    member = members.own_member(work)
    return member, dossiers.find(work, member, Kind.RESTATEMENT, year)


def _cause(dossier: Dossier) -> CauseForm:
    """The cause as it is kept, whatever else was sent."""
    return CauseForm(formdata=None, data=dict(dossier.detail))


def _change(**given: Any) -> AdjustmentForm:
    """The form of a change, whose fields are told apart from those of the cause."""
    return AdjustmentForm(prefix="change-", **given)


def _page(
    member: Member,
    dossier: Dossier,
    cause: CauseForm,
    form: AdjustmentForm,
    questions: object = (),
) -> str:
    work = current_work()
    form.offer(series.series_of(work.session, member.id).years)
    return render_template(
        "supplier/restatements/restatement.html",
        dossier=dossier,
        content=restatements.content_of_restatement(work, dossier),
        cause=cause,
        form=form,
        questions=questions,
        can_edit=dossier.state in EDITABLE,
        can_discard=dossiers.why_it_stays(work.session, dossier) is None,
    )
