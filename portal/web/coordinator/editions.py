"""Trials of factor editions: what another edition would change, for whom, and what is decided."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.calculation.gases import GWP_SET_NAMES, GwpSet
from portal.domain.trials import Decision
from portal.services import edition_trials, trial_decisions
from portal.services.edition_trials import Shown
from portal.store.members import Member
from portal.store.restatements import EditionTrial, TrialDecision
from portal.web import queries
from portal.web.coordinator import blueprint
from portal.web.forms.editions import DecisionForm, RestForm, TrialForm
from portal.web.requests import current_work


@blueprint.get("/editions/")
def edition_list() -> ResponseReturnValue:
    """List the trials, and ask for another."""
    return _list(_trial_form())


@blueprint.post("/editions/")
def edition_try() -> ResponseReturnValue:
    """Have all approved years worked out under an edition."""
    form = _trial_form()
    if not form.validate_on_submit():
        return _list(form), 422
    trial = edition_trials.ask_for_trial(current_work(), form.edition.data, form.gwp_set.data)
    return redirect(url_for(".edition_trial", trial=trial.uid), 303)


@blueprint.get("/editions/<uuid:trial>")
def edition_trial(trial: UUID) -> ResponseReturnValue:
    """Show by how much a trial changes the years, and for whom."""
    return _trial(edition_trials.find_trial(current_work(), trial), RestForm())


@blueprint.post("/editions/<uuid:trial>/rest")
def edition_decide_rest(trial: UUID) -> ResponseReturnValue:
    """Decide for all members that wait, as proposed."""
    work = current_work()
    found = edition_trials.find_trial(work, trial)
    form = RestForm()
    if not form.validate_on_submit():
        return _trial(found, form), 422
    settled = trial_decisions.decide_rest(work, found, form.reason.data)
    flash(
        gettext(
            "Restated: %(restated)s members, kept: %(kept)s.",
            restated=settled.restated,
            kept=settled.kept,
        ),
        "success",
    )
    if settled.outdated:
        flash(
            gettext(
                "%(count)s members still wait: their approved years have changed since the trial.",
                count=settled.outdated,
            ),
            "warning",
        )
    return redirect(url_for(".edition_trial", trial=trial), 303)


@blueprint.get("/editions/<uuid:trial>/members/<uuid:member>")
def edition_member(trial: UUID, member: UUID) -> ResponseReturnValue:
    """Show what a trial comes to for one member."""
    tried, decided, found = _found(trial, member)
    return _member(tried, decided, found, DecisionForm(decision=decided.proposal))


@blueprint.post("/editions/<uuid:trial>/members/<uuid:member>")
def edition_decide(trial: UUID, member: UUID) -> ResponseReturnValue:
    """Decide for one member."""
    tried, decided, found = _found(trial, member)
    form = DecisionForm()
    if not form.validate_on_submit():
        return _member(tried, decided, found, form), 422
    decision = Decision(form.decision.data)
    trial_decisions.decide(current_work(), tried, found, decision, form.reason.data)
    flash(gettext("Decided for %(member)s.", member=found.code), "success")
    return redirect(url_for(".edition_trial", trial=trial), 303)


def gwp_name(gwp_set: str) -> str:
    """The name of a set of potentials."""
    return gettext(GWP_SET_NAMES[GwpSet(gwp_set)])


def _found(trial: UUID, member: UUID) -> tuple[EditionTrial, TrialDecision, Member]:
    work = current_work()
    tried = edition_trials.find_trial(work, trial)
    return (tried, *edition_trials.find_decision(work, tried, member))


def _trial_form() -> TrialForm:
    form = TrialForm()
    form.offer()
    return form


def _list(form: TrialForm) -> str:
    trials = edition_trials.list_trials(current_work())
    return render_template(
        "coordinator/editions/list.html", form=form, trials=trials, gwp_name=gwp_name
    )


def _trial(trial: EditionTrial, form: RestForm) -> str:
    work = current_work()
    shown = Shown(queries.word("state", list(Shown), Shown.ALL.value))
    search = queries.search_text()
    return render_template(
        "coordinator/editions/trial.html",
        trial=trial,
        form=form,
        shown=shown,
        search=search,
        job=edition_trials.job_of(work.session, trial),
        counts=edition_trials.counts_of(work.session, trial),
        years=edition_trials.years_of(work.session, trial),
        page=edition_trials.list_decisions(work, trial, shown, search, queries.page_number()),
        gwp_name=gwp_name,
    )


def _member(trial: EditionTrial, decided: TrialDecision, member: Member, form: DecisionForm) -> str:
    return render_template(
        "coordinator/editions/member.html",
        trial=trial,
        decided=decided,
        member=member,
        rows=edition_trials.rows_of(current_work().session, trial, member),
        form=form,
        gwp_name=gwp_name,
    )
