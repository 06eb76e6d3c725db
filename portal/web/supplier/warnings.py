"""A supplier's own warnings, of all years and of what lies beside them: looking at them, and giving reasons."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from portal.services import members, standing_warnings
from portal.web import queries, warning_filters
from portal.web.forms.fields import SummaryItem
from portal.web.forms.warnings import ReasonForm, chosen, problems_of
from portal.web.requests import current_work
from portal.web.supplier import blueprint


@blueprint.get("/warnings/")
def warning_table() -> ResponseReturnValue:
    """Show what was noticed, as filtered by the address."""
    return _table(ReasonForm(), [])


@blueprint.post("/warnings/")
def warning_explain_several() -> ResponseReturnValue:
    """Keep one reason for the chosen warnings."""
    form, picked = ReasonForm(), chosen()
    problems = problems_of(form, picked)
    if problems:
        return _table(form, problems), 422
    work = current_work()
    count = standing_warnings.explain(work, members.own_member(work), picked, form.reason.value)
    said = ngettext("%(num)s warning is explained.", "%(num)s warnings are explained.", count)
    flash(said, "success")
    return redirect(url_for(".warning_table", **warning_filters.kept()), 303)


def _table(form: ReasonForm, problems: list[SummaryItem]) -> str:
    work = current_work()
    member = members.own_member(work)
    wanted = warning_filters.asked_for()
    page = standing_warnings.warnings_of_member(work, member, wanted, queries.page_number())
    return render_template(
        "supplier/warnings/table.html",
        page=page,
        wanted=wanted,
        form=form,
        problems=problems,
        picked={str(uid) for uid in chosen()},
        states=warning_filters.state_choices(),
        weights=warning_filters.weight_choices(),
        codes=warning_filters.code_choices(standing_warnings.codes_of_member(work, member)),
        kept=warning_filters.kept(),
    )
