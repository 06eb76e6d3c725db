"""The warnings of the alliance or of a branch, the heaviest and oldest first: resolving them, passing them on."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.services import standing_warnings
from portal.web import queries, warning_filters
from portal.web.coordinator import blueprint, branches
from portal.web.forms.fields import SummaryItem
from portal.web.forms.warnings import ReasonForm, chosen, problems_of
from portal.web.requests import current_work


@blueprint.get("/warnings/")
def warning_table() -> ResponseReturnValue:
    """Show the warnings as filtered by the address."""
    return _table(ReasonForm(), [])


@blueprint.post("/warnings/")
def warning_resolve() -> ResponseReturnValue:
    """Resolve the chosen warnings, with one reason."""
    form, picked = ReasonForm(), chosen()
    problems = problems_of(form, picked)
    if problems:
        return _table(form, problems), 422
    count = standing_warnings.resolve(current_work(), picked, form.reason.value)
    said = ngettext("%(num)s warning is resolved.", "%(num)s warnings are resolved.", count)
    flash(said, "success")
    return _back()


@blueprint.post("/warnings/escalate")
def warning_escalate() -> ResponseReturnValue:
    """Pass the chosen warnings on to the next level."""
    picked = chosen()
    if not picked:
        flash(gettext("Choose at least one warning"), "warning")
        return _back()
    count = standing_warnings.escalate(current_work(), picked)
    said = ngettext(
        "%(num)s warning has gone up one level.", "%(num)s warnings have gone up one level.", count
    )
    flash(said, "success" if count else "warning")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for(".warning_table", **warning_filters.kept()), 303)


def _table(form: ReasonForm, problems: list[SummaryItem]) -> str:
    work = current_work()
    wanted = warning_filters.asked_for(branches.chosen())
    page = standing_warnings.warnings_of_alliance(work, wanted, queries.page_number())
    codes = standing_warnings.codes_of_alliance(work, wanted.state)
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
        units=branches.choices(),
        kept=warning_filters.kept(),
    )
