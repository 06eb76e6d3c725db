"""Pasting many lines at once, with a preview before anything is kept."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.intake.blocks import MOST_ROWS, is_cut, read_block
from portal.services import inventories, members
from portal.services.line_saving import Saved, SubmittedLine, preview_lines, save_lines
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.web.forms.blocks import BlockForm, preview_rows
from portal.web.forms.fields import attach_messages
from portal.web.forms.lines import number_locale
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.line_acts import page_of


@blueprint.get("/inventories/<int:year>/lines/paste")
def line_paste_form(year: int) -> ResponseReturnValue:
    """Ask for the lines."""
    member, inventory = inventories.own_year(current_work(), year)
    return _page(member, inventory, BlockForm(), None)


@blueprint.post("/inventories/<int:year>/lines/paste")
def line_paste(year: int) -> ResponseReturnValue:
    """Show what the lines come to, or keep them: those that need attention as drafts."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    form = BlockForm()
    text = form.block.data or ""
    rows = [SubmittedLine(place, row) for place, row in enumerate(read_block(text))]
    if not rows or is_cut(text):
        attach_messages(form, [("block", _complaint(bool(rows)))])
        return _page(member, inventory, form, None), 422
    if request.form.get("act") != "save":
        preview = preview_lines(work, inventory, rows, locale=number_locale())
        return _page(member, inventory, form, preview)
    saved = save_lines(work, inventory, rows, locale=number_locale(), keep_unfinished=True)
    flash(ngettext("%(num)s line is added.", "%(num)s lines are added.", len(rows)), "success")
    if saved.blocked:
        flash(_attention(len(saved.blocked)), "warning")
    return redirect(url_for(".line_table", year=year, page=_last_page(saved)), 303)


def _complaint(has_rows: bool) -> str:
    if has_rows:
        return gettext("At most %(most)s lines can be pasted at once.", most=MOST_ROWS)
    return gettext("Paste at least one line")


def _attention(count: int) -> str:
    return ngettext(
        "%(num)s of them needs attention and does not count yet.",
        "%(num)s of them need attention and do not count yet.",
        count,
    )


def _last_page(saved: Saved) -> int:
    positions = [each.line.position for each in saved.outcomes if each.line is not None]
    return page_of(max(positions, default=1))


def _page(member: Member, inventory: Inventory, form: BlockForm, preview: Saved | None) -> str:
    sites = members.sites_of(current_work(), member, with_closed=True)
    codes = {site.id: site.code for site in sites}
    return render_template(
        "supplier/lines/paste.html",
        inventory=inventory,
        form=form,
        rows=[] if preview is None else preview_rows(preview, codes),
        attention=0 if preview is None else len(preview.blocked),
        sites=[site for site in sites if site.is_active],
    )
