"""A supplier's own warnings, of all years and of what lies beside them: looking at them, and giving reasons."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, Refusal, TooOften
from portal.services import members, standing_warnings
from portal.services.standing_warnings import WarningRow
from portal.web import queries, warning_filters
from portal.web.forms.fields import SummaryItem
from portal.web.forms.warnings import ReasonForm, chosen, problems_of
from portal.web.requests import current_work, roll_back
from portal.web.shell import may_show
from portal.web.supplier import blueprint
from portal.web.words import say_refusal


@blueprint.get("/warnings/")
def warning_table() -> ResponseReturnValue:
    """Show what was noticed, as filtered by the address."""
    return _table(ReasonForm(), [])


@blueprint.post("/warnings/")
def warning_explain_several() -> ResponseReturnValue:
    """Keep one reason for the chosen warnings; what was typed comes back when one of them has changed meanwhile."""
    form, picked = ReasonForm(), chosen()
    problems = problems_of(form, picked)
    if problems:
        return _table(form, problems), 422
    work = current_work()
    try:
        count = standing_warnings.explain(work, members.own_member(work), picked, form.reason.value)
    except (Conflict, TooOften) as refusal:
        roll_back()
        return _table(form, [_overtaken(refusal)]), refusal.status
    said = ngettext("%(num)s warning is explained.", "%(num)s warnings are explained.", count)
    flash(said, "success")
    return redirect(url_for(".warning_table", **warning_filters.kept()), 303)


def _overtaken(refusal: Refusal) -> SummaryItem:
    year = refusal.values.get("year")
    href = None if year is None else url_for(".warning_list", year=year)
    return SummaryItem(say_refusal(refusal) or refusal.code, href)


def _table(form: ReasonForm, problems: list[SummaryItem]) -> str:
    work = current_work()
    member = members.own_member(work)
    wanted = warning_filters.asked_for()
    page = standing_warnings.warnings_of_member(work, member, wanted, queries.page_number())
    return render_template(
        "supplier/warnings/table.html",
        page=page,
        places={row.row.uid: _place(row) for row in page.rows},
        wanted=wanted,
        form=form,
        problems=problems,
        picked={str(uid) for uid in chosen()},
        states=warning_filters.state_choices(),
        weights=warning_filters.weight_choices(),
        codes=warning_filters.code_choices(standing_warnings.codes_of_member(work, member)),
    )


def _place(row: WarningRow) -> str | None:
    """The page on which what a warning is about can be put right; None where there is none, or not for this person."""
    about = row.about
    if row.line is not None:
        return url_for(".line_details", year=row.row.year, line=row.line.key)
    if row.row.year and about.kind in ("series", "category", "inventory", "output"):
        return url_for(".warning_list", year=row.row.year)
    if about.kind == "action" and may_show(Permission.MEMBER_PLAN_READ.value):
        return url_for(".action_page", action=about.key)
    if about.kind == "meter":
        return url_for(".meter_page", meter=about.key)
    return None
