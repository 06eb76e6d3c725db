"""Members: the list, one member, and reminders."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from portal.domain.actors import MemberId
from portal.domain.members import Status
from portal.services import (
    inventories,
    member_list,
    member_record,
    members,
    notices,
    portfolio,
    programmes,
)
from portal.services.member_list import NOT_BEGUN, MemberFilter
from portal.services.places import day_of
from portal.web import queries
from portal.web.coordinator import blueprint, branches
from portal.web.coordinator.reductions import level_name, reason_of
from portal.web.forms.review import ReminderForm
from portal.web.names import category_choices, sector_choices
from portal.web.requests import current_work

STATES = (NOT_BEGUN, "draft", "submitted", "returned", "approved")
SORTS = tuple(
    f"{sign}{key}" for key in ("code", "name", "total", "joined", "quality") for sign in ("", "-")
)


@blueprint.get("/members/")
def member_table() -> ResponseReturnValue:
    """List the members with where they stand in a year."""
    work = current_work()
    years = portfolio.reporting_years(work)
    wanted = _filter(years)
    return render_template(
        "coordinator/members/list.html",
        page=member_list.list_members(work, wanted, queries.page_number()),
        wanted=wanted,
        years=years,
        sectors=sector_choices(),
        units=branches.choices(),
        categories=category_choices(),
        statuses=list(Status),
        states=STATES,
    )


@blueprint.get("/members/<uuid:member>")
def member_page(member: UUID) -> ResponseReturnValue:
    """Show one member: particulars, sites, years."""
    return _member_page(member, ReminderForm())


@blueprint.post("/members/<uuid:member>/remind")
def member_remind(member: UUID) -> ResponseReturnValue:
    """Remind a member of a year that is due."""
    work = current_work()
    found = members.find_member(work, member)
    form = ReminderForm()
    form.offer_years(portfolio.reporting_years(work))
    if not form.validate_on_submit():
        return _member_page(member, form), 422
    year = inventories.reporting_year(work.session, found.alliance_id, int(form.year.data))
    today = day_of(work.moment)
    told = notices.remind(work, MemberId(found.id), year.year, year.due_on, form.note.data, today)
    flash(
        ngettext("%(num)s person has been reminded.", "%(num)s people have been reminded.", told),
        "success" if told else "warning",
    )
    return redirect(url_for(".member_page", member=member), 303)


def _member_page(uid: UUID, form: ReminderForm) -> str:
    work = current_work()
    found = members.find_member(work, uid)
    form.offer_years(portfolio.reporting_years(work))
    programme = programmes.in_force(work.session, found.alliance_id).programme
    return render_template(
        "coordinator/members/member.html",
        shown=member_record.member_record(work, found),
        reason_of=reason_of,
        level_name=partial(level_name, programme),
        people=notices.people_of(work, found.id),
        form=form,
    )


def _filter(years: list[int]) -> MemberFilter:
    year = queries.whole("year")
    scope = queries.whole("scope")
    return MemberFilter(
        year=year if year in years else max(years),
        status=queries.word("status", [*Status, ""]),
        state=queries.word("state", [*STATES, ""]),
        sector=queries.word("sector"),
        unit=branches.chosen(),
        search=queries.search_text(),
        category=queries.word("category"),
        scope=scope if scope in (1, 2, 3) else None,
        sort=queries.word("sort", SORTS, "code"),
    )
