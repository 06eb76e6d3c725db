"""One line with everything it may say, on a page of its own."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import data
from portal.services import inventories, lines, members
from portal.services.line_saving import save_lines
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.web.forms.line_details import (
    LineDetailsForm,
    attach_outcome,
    form_of,
    questions_of,
    submitted_line,
)
from portal.web.forms.line_rows import change_words, stale_words
from portal.web.forms.line_table import Asked
from portal.web.forms.lines import number_locale
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.line_acts import page_of
from portal.web.supplier.lines import may_edit


@blueprint.get("/inventories/<int:year>/lines/<uuid:line>")
def line_details(year: int, line: UUID) -> ResponseReturnValue:
    """Show everything about a line, to change it."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    found = lines.find_line(work, inventory, line)
    if not may_edit(inventory):
        return redirect(url_for(".line_trace", year=year, line=line), 303)
    form = form_of(found, year, members.sites_of(work, member, with_closed=True))
    return _page(inventory, found, form, [])


@blueprint.post("/inventories/<int:year>/lines/<uuid:line>")
def line_change(year: int, line: UUID) -> ResponseReturnValue:
    """Save a line with everything it says."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    found = lines.find_line(work, inventory, line)
    sites = members.sites_of(work, member, with_closed=True)
    form = form_of(found, year, sites)
    row = submitted_line(found, form)
    saved = save_lines(work, inventory, [row], locale=number_locale(), keep_unfinished=False)
    (outcome,) = saved.outcomes
    if saved.is_kept:
        for words in change_words(saved):
            flash(words, "info")
        flash(gettext("Line %(number)s is saved.", number=found.position), "success")
        table = url_for(".line_table", year=year, page=page_of(found.position))
        return redirect(f"{table}#line-{line}", 303)
    if saved.stale:
        form.form_errors.append(stale_words(outcome, {site.id: site.code for site in sites}))
        form.version.data = str(found.version)
        return _page(inventory, found, form, []), 409
    attach_outcome(form, outcome, data.load_categories().get(found.category or ""))
    return _page(inventory, found, form, questions_of(outcome)), 422


def _page(
    inventory: Inventory, line: ActivityLine, form: LineDetailsForm, questions: list[Asked]
) -> str:
    return render_template(
        "supplier/lines/details.html",
        inventory=inventory,
        line=line,
        form=form,
        questions=questions,
        category=data.load_categories().get(line.category or ""),
        table_page=page_of(line.position),
    )
