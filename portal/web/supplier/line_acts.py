"""What can be done with single lines and with all at once: how a result comes about, removing, last year's lines."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.services import evidence, inventories, line_copies, lines, metered_lines
from portal.services.line_page import LINES_A_PAGE
from portal.store.members import Site
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.lines import may_edit


@blueprint.get("/inventories/<int:year>/lines/<uuid:line>/trace")
def line_trace(year: int, line: UUID) -> ResponseReturnValue:
    """Show how a line's result comes about: the factor, its source, every step; `part=1` asks for that alone."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    found = lines.find_line(work, inventory, line)
    is_part = request.args.get("part") == "1"
    return render_template(
        "supplier/lines/trace_row.html" if is_part else "supplier/lines/trace.html",
        inventory=inventory,
        line=found,
        site=work.session.get(Site, found.site_id) if found.site_id else None,
        traced=lines.trace(work, inventory, found),
        origin=metered_lines.origin_of(work, found),
        files=evidence.evidence_of(work, found),
        table_page=page_of(found.position),
        may_edit=may_edit(inventory),
    )


@blueprint.get("/inventories/<int:year>/lines/<uuid:line>/remove")
def line_remove_form(year: int, line: UUID) -> ResponseReturnValue:
    """Ask once more before a line is removed."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    found = lines.find_line(work, inventory, line)
    return render_template(
        "supplier/lines/remove.html",
        inventory=inventory,
        line=found,
        files=evidence.evidence_of(work, found),
        table_page=page_of(found.position),
    )


@blueprint.post("/inventories/<int:year>/lines/<uuid:line>/remove")
def line_remove(year: int, line: UUID) -> ResponseReturnValue:
    """Remove a line."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    position = lines.find_line(work, inventory, line).position
    lines.remove_line(work, inventory, line)
    flash(gettext("Line %(number)s is removed.", number=position), "success")
    return redirect(url_for(".line_table", year=year, page=page_of(max(position - 1, 1))), 303)


@blueprint.post("/inventories/<int:year>/lines/copy")
def line_copy(year: int) -> ResponseReturnValue:
    """Bring last year's lines over, without their quantities."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    count = line_copies.copy_last_year(work, inventory)
    if count:
        said = ngettext(
            "%(num)s line of last year is here. Enter its quantity.",
            "%(num)s lines of last year are here. Enter their quantities.",
            count,
        )
        flash(said, "success")
    else:
        flash(gettext("All of last year's lines are here already."), "info")
    return redirect(url_for(".line_table", year=year), 303)


def page_of(position: int) -> int:
    """The page of the table that a line stands on."""
    return (position - 1) // LINES_A_PAGE + 1
