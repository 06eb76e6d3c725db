"""The warnings of the alliance or of a branch, the heaviest and oldest first: resolving them, passing them on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.services import accounts, standing_warnings, units
from portal.services.units import Tree
from portal.store.accounts import Account
from portal.web import queries, warning_filters
from portal.web.coordinator import blueprint, branches
from portal.web.forms.fields import SummaryItem
from portal.web.forms.warnings import ON_BUTTON, ReasonForm, UnitForm, chosen, problems_of
from portal.web.requests import current_account, current_work


@blueprint.get("/warnings/")
def warning_table() -> ResponseReturnValue:
    """Show the warnings as filtered by the address."""
    return _table(ReasonForm(), [])


@blueprint.post("/warnings/")
def warning_resolve() -> ResponseReturnValue:
    """Resolve the chosen warnings, with one reason, or pass them on, with a word about why or without."""
    form, picked = ReasonForm(), chosen()
    passes_on = ON_BUTTON in request.form
    problems = problems_of(form, picked, needs_reason=not passes_on)
    if problems:
        return _table(form, problems), 422
    if passes_on:
        return _pass_on(picked, form.reason.value)
    count = standing_warnings.resolve(current_work(), picked, form.reason.value)
    said = ngettext("%(num)s warning is resolved.", "%(num)s warnings are resolved.", count)
    flash(said, "success")
    return _back()


def _pass_on(picked: Sequence[UUID], reason: str | None) -> ResponseReturnValue:
    count = standing_warnings.escalate(current_work(), picked, reason or "")
    said = ngettext(
        "%(num)s warning has gone up one level.", "%(num)s warnings have gone up one level.", count
    )
    flash(said, "success" if count else "warning")
    return _back()


@blueprint.post("/warnings/unit")
def warning_look_after() -> ResponseReturnValue:
    """Choose the unit whose warnings come to oneself, and look at those."""
    work = current_work()
    tree = units.tree(work)
    form = UnitForm()
    form.offer(branches.choices_of(tree))
    if not form.validate_on_submit():
        abort(400)
    unit = tree.find(form.after.data) if form.after.data else None
    accounts.look_after(work, _own_account(), unit)
    flash(gettext("Kept. Letters about what waits too long go by it."), "success")
    return redirect(url_for(".warning_table", unit=unit and unit.code), 303)


def _back() -> ResponseReturnValue:
    return redirect(url_for(".warning_table", **warning_filters.kept()), 303)


def _table(form: ReasonForm, problems: list[SummaryItem]) -> str:
    work = current_work()
    wanted = warning_filters.asked_for(branches.chosen())
    page = standing_warnings.warnings_of_alliance(work, wanted, queries.page_number())
    codes = standing_warnings.codes_of_alliance(work, wanted.state)
    tree = units.tree(work)
    own_unit = _own_unit(tree)
    unit_form = UnitForm(formdata=None, after=own_unit)
    unit_form.offer(branches.choices_of(tree))
    return render_template(
        "coordinator/warnings/table.html",
        page=page,
        wanted=wanted,
        form=form,
        problems=problems,
        picked={str(uid) for uid in chosen()},
        states=warning_filters.state_choices(),
        weights=warning_filters.weight_choices(),
        codes=warning_filters.code_choices(codes),
        units=branches.choices_of(tree),
        unit_form=unit_form,
        own_unit=own_unit,
    )


def _own_account() -> Account:
    account = current_account()
    if account is None:
        abort(401)
    return account


def _own_unit(tree: Tree) -> str:
    """The code of the unit that the reader looks after; empty for the whole alliance."""
    own = _own_account().unit_id
    return next((node.unit.code for node in tree.nodes if node.unit.id == own and node.depth), "")
