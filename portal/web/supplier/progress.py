"""Progress reports: the years that can have one, the report with why the year changed, and each of its actions."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.domain.inventories import EDITABLE
from portal.domain.progress import QUARTERS
from portal.domain.refusals import Conflict
from portal.domain.submissions import Kind
from portal.services import dossiers, members, progress
from portal.services.frozen_plans import approved_plan
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.web import plan_charts
from portal.web.forms.progress import ProgressDetailForm, QuarterForm
from portal.web.requests import current_work
from portal.web.supplier import blueprint

YEAR = "/progress/<int:year>"
QUARTER = "/progress/<int:year>/q<int:quarter>"
CHART_YEARS = 5


@blueprint.get("/progress")
def progress_list() -> ResponseReturnValue:
    """Show the years with their reports."""
    return _list(QuarterForm())


@blueprint.post("/progress/quarters")
def progress_quarter() -> ResponseReturnValue:
    """Begin the report of a quarter."""
    work = current_work()
    member = members.own_member(work)
    form = QuarterForm()
    typed = (form.year.data or "").strip()
    this_year = work.today.year
    if typed not in (str(this_year - 1), str(this_year)):
        form.year.errors = [gettext("Enter this year or the last one")]
        return _list(form), 422
    if form.quarter.data not in map(str, range(1, QUARTERS + 1)):
        form.quarter.errors = [gettext("Choose a quarter")]
        return _list(form), 422
    quarter = int(form.quarter.data)
    _demand_plan(member)
    progress.begin_progress(work, member, int(typed), quarter)
    return redirect(url_for(".progress_page", year=int(typed), quarter=quarter), 303)


@blueprint.post(f"{YEAR}/begin")
def progress_begin(year: int) -> ResponseReturnValue:
    """Begin the report of a year, prefilled from the plan."""
    work = current_work()
    member = members.own_member(work)
    _demand_plan(member)
    if year not in progress.years_to_report(work, member):
        raise Conflict("progress.year.not_approved", {"year": str(year)})
    progress.begin_progress(work, member, year)
    return redirect(url_for(".progress_page", year=year), 303)


@blueprint.get(YEAR, defaults={"quarter": 0})
@blueprint.get(QUARTER)
def progress_page(year: int, quarter: int) -> ResponseReturnValue:
    """Show the report: the year against its path, why it changed, its actions."""
    _member, report = own_report(year, quarter)
    form = ProgressDetailForm(data={**report.detail, "note": report.note})
    return _page(report, form)


@blueprint.post(YEAR, defaults={"quarter": 0})
@blueprint.post(QUARTER)
def progress_describe(year: int, quarter: int) -> ResponseReturnValue:
    """Keep barriers, wishes and the note."""
    _member, report = own_report(year, quarter)
    form = ProgressDetailForm()
    if not form.validate():
        return _page(report, form), 422
    detail = {"barriers": form.barriers.data or "", "help": form.help.data or ""}
    dossiers.describe(current_work(), report, detail, form.note.data or "")
    flash(gettext("Saved."), "success")
    return redirect(report_address(report) + "#words", 303)


@blueprint.post(f"{YEAR}/confirm", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/confirm")
def progress_confirm(year: int, quarter: int) -> ResponseReturnValue:
    """Confirm every action that nobody has looked at yet, as it is prefilled."""
    _member, report = own_report(year, quarter)
    count = progress.confirm_rest(current_work(), report)
    flash(
        ngettext("%(num)s action is confirmed.", "%(num)s actions are confirmed.", count), "success"
    )
    return redirect(report_address(report) + "#actions", 303)


@blueprint.post(f"{YEAR}/refresh", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/refresh")
def progress_refresh(year: int, quarter: int) -> ResponseReturnValue:
    """Bring in what the plan has got since the report was begun."""
    _member, report = own_report(year, quarter)
    progress.refresh(current_work(), report)
    flash(gettext("The report has every action of the approved plan."), "success")
    return redirect(report_address(report) + "#actions", 303)


def own_report(year: int, quarter: int) -> tuple[Member, Dossier]:
    """The actor's own member and report; one not begun is answered like an unknown one."""
    work = current_work()
    member = members.own_member(work)
    return member, dossiers.find(work, member, Kind.PROGRESS, year, quarter)


def _list(form: QuarterForm) -> str:
    work = current_work()
    member = members.own_member(work)
    reports = dossiers.list_of(work, member, Kind.PROGRESS)
    plan = approved_plan(work.session, member.id)
    return render_template(
        "supplier/progress/list.html",
        years=progress.years_to_report(work, member),
        reports={report.year: report for report in reports if not report.quarter},
        quarters=[report for report in reports if report.quarter],
        plan=plan,
        form=form,
    )


def _page(report: Dossier, form: ProgressDetailForm) -> str:
    shown = progress.shown_report(current_work(), report)
    content = shown.content
    return render_template(
        "supplier/progress/report.html",
        report=report,
        content=content,
        rows=shown.rows,
        form=form,
        can_edit=report.state in EDITABLE,
        can_discard=dossiers.why_it_stays(current_work().session, report) is None,
        trajectory=plan_charts.trajectories(content["trajectory"], last=report.year + CHART_YEARS),
        waterfall=plan_charts.waterfalls(content),
    )


def report_address(report: Dossier) -> str:
    """The address of a report's page."""
    return url_for(".progress_page", year=report.year, quarter=report.quarter)


def _demand_plan(member: Member) -> None:
    if approved_plan(current_work().session, member.id) is None:
        raise Conflict("progress.plan.missing")
