"""The supplier's first page: what is to be done for a year, and the years so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.domain.actors import MemberId
from portal.domain.permissions import Permission, may
from portal.domain.submissions import Kind
from portal.services import (
    dossiers,
    inventories,
    members,
    portfolio,
    progress,
    readiness,
    standing_warnings,
)
from portal.services.readiness import Task, TaskLine
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.web import queries
from portal.web.requests import current_work
from portal.web.supplier import blueprint


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the task list of a year."""
    work = current_work()
    member = members.own_member(work)
    begun = {inventory.year: inventory for inventory in inventories.inventories_of(work, member)}
    years = portfolio.reporting_years(work)
    year = _chosen(years, begun)
    ready = readiness.readiness(work, member, begun.get(year))
    return render_template(
        "supplier/home/home.html",
        member=member,
        year=year,
        years=years,
        begun=begun,
        ready=ready,
        due_on=inventories.reporting_year(work.session, member.alliance_id, year).due_on,
        tasks=[_task(line, year) for line in ready.tasks],
        reduction=_reduction(work, member),
        warnings=standing_warnings.counts_of_member(work, member),
    )


def _chosen(years: list[int], begun: Mapping[int, Inventory]) -> int:
    """The year asked for; else the latest that still needs the supplier, else the latest."""
    asked = queries.whole("year")
    if asked in years:
        return asked
    waiting = [
        year for year in years if year in begun and begun[year].state in ("draft", "returned")
    ]
    return max(waiting or years)


def _reduction(work: Work, member: Member) -> dict[str, Any] | None:
    """The plan, and the report of the latest approved year as soon as one can be written."""
    if not may(work.actor, Permission.MEMBER_PLAN_READ, MemberId(member.id)):
        return None
    begun = dossiers.list_of(work, member, Kind.PLAN, Kind.PROGRESS)
    plan = next((each for each in begun if each.kind == Kind.PLAN.value), None)
    year = progress.year_to_report(work, member)
    reports = {each.year: each for each in begun if each is not plan and not each.quarter}
    return {"plan": plan, "year": year, "report": reports.get(year)}


def _task(line: TaskLine, year: int) -> dict[str, Any]:
    titles = {
        Task.ORGANISATION: gettext("Your organisation"),
        Task.SITES: gettext("Sites"),
        Task.QUESTIONS: gettext("Answer the questions"),
        Task.LINES: gettext("Activity data"),
        Task.OUTPUTS: gettext("Production"),
        Task.CHECK: gettext("Check and submit"),
    }
    addresses = {
        Task.ORGANISATION: url_for(".set_up"),
        Task.SITES: url_for(".site_list"),
        Task.QUESTIONS: url_for(".questions", year=year),
        Task.LINES: url_for(".line_table", year=year),
        Task.OUTPUTS: url_for(".output_list", year=year),
        Task.CHECK: url_for(".submission_check", year=year),
    }
    return {
        "title": titles[line.task],
        "state": line.state.value,
        "href": addresses[line.task],
        "hint": _hint(line),
    }


def _hint(line: TaskLine) -> str:
    match line.task:
        case Task.ORGANISATION:
            return gettext("Name, boundary, base year, who signs")
        case Task.SITES:
            return ngettext("%(num)s site", "%(num)s sites", line.count)
        case Task.QUESTIONS:
            return ngettext("%(num)s open question", "%(num)s open questions", line.count)
        case Task.LINES:
            return ngettext("%(num)s finished line", "%(num)s finished lines", line.count)
        case Task.OUTPUTS:
            return gettext("What you made, so that intensities can be stated")
        case Task.CHECK:
            return gettext("Look over everything, then the signatory submits")
