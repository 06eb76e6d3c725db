"""The table of a year's activity lines: shown, saved, autosaved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.calculation.problems import Severity
from portal.domain.inventories import EDITABLE
from portal.domain.permissions import Permission
from portal.intake.texts import read_long_text
from portal.services import inventories, kept_line_pages, line_page
from portal.services.line_page import LINES_A_PAGE, LinePage
from portal.services.line_saving import Saved, save_lines
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.web import formats
from portal.web.forms.fields import SummaryItem
from portal.web.forms.line_answers import autosave_answer, total_items
from portal.web.forms.line_options import line_options
from portal.web.forms.line_rows import (
    blank_rows,
    change_words,
    kept_rows,
    summary,
    template_row,
    typed_rows,
)
from portal.web.forms.line_stencils import draw, drawn_page
from portal.web.forms.line_table import LineOptions
from portal.web.forms.lines import SentTable, number_locale, read_table
from portal.web.queries import page_number, whole
from portal.web.requests import current_work, roll_back
from portal.web.shell import may_show
from portal.web.supplier import blueprint
from portal.web.words import say

# How many empty rows a table without lines begins with.
FIRST_BLANKS = 3


@blueprint.get("/inventories/<int:year>/lines")
def line_table(year: int) -> ResponseReturnValue:
    """Show a page of the table; to those who may not change it, as a list."""
    member, page = kept_line_pages.kept_page(current_work(), year, page_number())
    if page.number > page.page_count + 1:
        return redirect(url_for(".line_table", year=year, page=page.page_count), 303)
    if not may_edit(page.inventory):
        return render_template("supplier/lines/list.html", page=page, rows=kept_rows(page))
    options = line_options(member.sector, year, page.sites)
    blanks = draw(blank_rows(page, _blanks(page), uuid4), options)
    return _table(page, [*drawn_page(page, options), *blanks], options)


@blueprint.post("/inventories/<int:year>/lines")
def line_save(year: int) -> ResponseReturnValue:
    """Save the page: all of it or, when something needs attention, nothing; a draft is kept as it is."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    sent = read_table(request.form)
    draft = sent.is_draft
    saved = save_lines(work, inventory, sent.rows, locale=number_locale(), keep_unfinished=draft)
    note_problem = _keep_note(work, inventory, sent)
    if not saved.is_kept or note_problem:
        return _not_saved(year, saved, sent, note_problem)
    page = line_page.open_page(work, inventory, page_number())
    if sent.act == "autosave":
        return jsonify(autosave_answer(page, saved, formats.clock(work.moment)))
    return redirect(_onwards(work, page, saved, sent), 303)


def may_edit(inventory: Inventory) -> bool:
    """Whether the reader can change the year just now."""
    is_open = inventory.state in EDITABLE
    return is_open and may_show(Permission.MEMBER_INVENTORY_EDIT.value)


def _blanks(page: LinePage) -> int:
    """Empty rows stand behind the last line: one, a few in an empty table, or as many as were asked for."""
    if page.number < page.page_count:
        return 0
    room = min(LINES_A_PAGE, page.number * LINES_A_PAGE - page.last_position)
    wanted = whole("blank") or (1 if page.lines else FIRST_BLANKS)
    return min(room, wanted)


def _table(
    page: LinePage,
    rows: Sequence[Any],
    options: LineOptions,
    *,
    problems: Sequence[SummaryItem] = (),
    note: str | None = None,
    note_problem: str = "",
) -> str:
    problems = list(problems)
    if note_problem:
        problems.append(SummaryItem(note_problem, "#note"))
    (blank,) = draw([template_row()], options)
    return render_template(
        "supplier/lines/table.html",
        page=page,
        rows=rows,
        blank=blank,
        options=options,
        totals=total_items(page.totals),
        problems=problems,
        note=page.inventory.note if note is None else note,
        note_problem=note_problem,
        can_copy=page.can_copy,
        most=LINES_A_PAGE,
    )


def _not_saved(year: int, saved: Saved, sent: SentTable, note_problem: str) -> ResponseReturnValue:
    """Nothing is kept: everything that was typed stays on the page, with what is to be done about it."""
    # The lines may have been written before the note was refused: the page must show the versions that stay.
    roll_back()
    member, inventory = inventories.own_year(current_work(), year)
    page = line_page.open_page(current_work(), inventory, page_number())
    status = 409 if saved.stale else 422
    rows = typed_rows(saved, page)
    if sent.act == "autosave":
        said = summary(rows)
        return jsonify(message=said[0].text if said else note_problem), status
    options = line_options(member.sector, page.inventory.year, page.sites)
    typed = draw(rows, options)
    said = summary(rows)
    drawn = _table(page, typed, options, problems=said, note=sent.note, note_problem=note_problem)
    return drawn, status


def _keep_note(work: Work, inventory: Inventory, sent: SentTable) -> str:
    """Keep the note for the reviewer; the words of what is wrong with it, or nothing."""
    if not sent.has_new_note:
        return ""
    read = read_long_text(sent.note, field="note", is_required=False)
    grave = [each for each in read.problems if each.severity is not Severity.WARNING]
    if grave:
        return say(grave[0])
    inventories.write_note(work, inventory, read.value or "")
    return ""


def _onwards(work: Work, page: LinePage, saved: Saved, sent: SentTable) -> str:
    """Where the pressed button leads, once everything is kept."""
    year = page.inventory.year
    for words in change_words(saved):
        flash(words, "info")
    if sent.act == "leave":
        flash(gettext("Saved. You can go on later."), "success")
        return url_for(".home", year=year)
    if sent.act == "add":
        return _for_another_line(page, year)
    if sent.removed is not None:
        return _for_removal(saved, sent.removed, page)
    flash(gettext("Saved."), "success")
    if page.number < page.page_count:
        return url_for(".line_table", year=year, page=page.number + 1)
    # Whether anything is noticed is asked by the next page: here others would wait for it.
    return url_for(".warning_list", year=year, onwards=1)


def _for_another_line(page: LinePage, year: int) -> str:
    """The end of the table, with an empty row more than are on it."""
    last = page.last_position // LINES_A_PAGE + 1
    row = len(page.lines) if page.number == last else page.last_position % LINES_A_PAGE
    return url_for(".line_table", year=year, page=last, blank=1) + f"#lines-{row}"


def _for_removal(saved: Saved, index: int, page: LinePage) -> str:
    """Removing is asked about once more; a row that was never kept is simply no longer there."""
    year = page.inventory.year
    for outcome in saved.outcomes:
        if outcome.row.index == index and outcome.line is not None:
            return url_for(".line_remove_form", year=year, line=outcome.line.key)
    return url_for(".line_table", year=year, page=page.number)
