"""A file on its way into a year: how far it is, what it would change, applying it or letting it go."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.calculation.problems import Problem, problem
from portal.documents.workbook import MEDIA_TYPE
from portal.domain.merging import Choice
from portal.intake.workbooks import Book
from portal.services import imports, inventories
from portal.services import workbook_imports as bringing
from portal.services.evidence import FIELD
from portal.services.workbook_imports import Applied
from portal.services.workbook_marking import marked_bytes
from portal.store import jobs
from portal.store.blobs import Blobs
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory
from portal.web.downloads import bytes_answer
from portal.web.forms.fields import SummaryItem
from portal.web.forms.workbooks import (
    ApplyForm,
    count_items,
    marks_of,
    preview_page,
    sent_choices,
)
from portal.web.queries import page_number
from portal.web.requests import current_work, release_lock, roll_back, wiring
from portal.web.supplier import blueprint, uploads
from portal.web.supplier.lines import may_edit
from portal.web.supplier.workbooks import told_outcome
from portal.web.words import say


@blueprint.get("/inventories/<int:year>/imports/<uuid:file>")
def import_page(year: int, file: UUID) -> ResponseReturnValue:
    """Show where a file stands: being read, what it would change, or what became of it."""
    inventory, row = _row(year, file)
    is_running = row.state in imports.RUNNING
    job = jobs.open_job(current_work().session, bringing.job_key(row)) if is_running else None
    address = url_for(".import_page", year=year, file=file)
    if (answer := uploads.polled(row, job, address)) is not None:
        return answer
    if row.state == imports.READY:
        return _preview(inventory, row, [])
    return render_template(
        "supplier/imports/state.html",
        inventory=inventory,
        row=row,
        job=job,
        page_url=address,
        is_running=is_running,
        messages=[say(each) for each in imports.problems_of(row)],
        done=_done(row),
    )


def _done(row: ImportFile) -> list[tuple[str, int]]:
    if row.state != imports.APPLIED:
        return []
    names = {
        "added": gettext("Added"),
        "changed": gettext("Changed"),
        "removed": gettext("Removed"),
        "unfinished": gettext("Need attention"),
    }
    return [(label, row.counts.get(name, 0)) for name, label in names.items()]


@blueprint.post("/inventories/<int:year>/imports/<uuid:file>/apply")
def import_apply(year: int, file: UUID) -> ResponseReturnValue:
    """Keep the choices of the page, and apply the file if that was asked for; a second time answers the first outcome."""
    inventory, row = _row(year, file)
    address = url_for(".import_page", year=year, file=file)
    if row.state != imports.READY:
        return redirect(address, 303)
    choices = sent_choices(request.form, row.preview or {"rows": []}, bringing.chosen(row))
    form = ApplyForm()
    if request.form.get("act") != "apply":
        imports.choose(row, bringing.as_kept(choices))
        return redirect(_next_page(row, address), 303)
    if _touched(row) > bringing.MOST_ROWS_AT_ONCE:
        return _in_background(row, choices, address, with_removals=form.removals.data)
    book = _book(row)
    if isinstance(book, tuple):
        return _preview(inventory, row, [say(each) for each in book]), 422
    inventory, row = _row(year, file)
    made = {**bringing.chosen(row), **choices}
    done = bringing.apply_workbook(
        current_work(), inventory, row, book, made, with_removals=form.removals.data
    )
    if done.counts is None:
        return _not_applied(year, file, book, done)
    told_outcome(row)
    return redirect(address, 303)


def _touched(row: ImportFile) -> int:
    return sum(row.counts.get(name, 0) for name in ("added", "changed", "removed"))


def _in_background(
    row: ImportFile,
    choices: Mapping[tuple[str, str], Choice],
    address: str,
    *,
    with_removals: bool,
) -> ResponseReturnValue:
    """Leave the work to a job: only one of two requests gets to ask for it."""
    work = current_work()
    made = bringing.as_kept({**bringing.chosen(row), **choices})
    if imports.hand_over(work, row, made):
        asked = {"with_removals": bool(with_removals)}
        bringing.queue(work, row, bringing.APPLY_WORKBOOK, asked)
    return redirect(address, 303)


def _not_applied(year: int, file: UUID, book: Book, done: Applied) -> ResponseReturnValue:
    """Nothing is kept but the choices that still hold: the page shows what the file would do now."""
    sent = request.form
    roll_back()
    inventory, row = _row(year, file)
    choices = sent_choices(sent, row.preview or {"rows": []}, bringing.chosen(row))
    imports.choose(row, bringing.as_kept(choices))
    bringing.show_again(current_work(), inventory, row, book, done.problems)
    if done.must_choose:
        flash(
            gettext(
                "Nothing is kept yet: say for each of %(count)s cells that both sides changed which value counts.",
                count=done.must_choose,
            ),
            "warning",
        )
    else:
        flash(
            gettext("Nothing is kept yet. Mend what is named below, and upload the file again."),
            "warning",
        )
    return redirect(_next_page(row, url_for(".import_page", year=year, file=file)), 303)


@blueprint.post("/inventories/<int:year>/imports/<uuid:file>/discard")
def import_discard(year: int, file: UUID) -> ResponseReturnValue:
    """Let a file go."""
    inventory, row = _row(year, file)
    if not imports.discard(current_work(), inventory, row):
        flash(gettext("It was too late: the file has been applied already."), "warning")
        return redirect(url_for(".import_page", year=year, file=file), 303)
    flash(gettext("Nothing of the file is kept."), "success")
    return redirect(url_for(".workbook_page", year=year), 303)


@blueprint.get("/inventories/<int:year>/imports/<uuid:file>/workbook")
def import_workbook(year: int, file: UUID) -> Response:
    """Hand the workbook back with its problems marked."""
    inventory, row = _row(year, file)
    if row.state != imports.READY or row.preview is None:
        abort(404)
    book = _book(row)
    if isinstance(book, tuple):
        abort(410)
    content = marked_bytes(current_work(), inventory, book, marks_of(row.preview))
    stem = row.name.removesuffix(".xlsx")
    return bytes_answer(content, MEDIA_TYPE, f"{stem}-marked.xlsx")


def _row(year: int, file: UUID) -> tuple[Inventory, ImportFile]:
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    return inventory, imports.find_import(work, inventory, file)


def _book(row: ImportFile) -> Book | tuple[Problem, ...]:
    """Read the stored file again while no transaction is open."""
    try:
        path = Blobs(wiring().settings.storage).path_of(row.sha256)
    except FileNotFoundError:
        return (problem("import.file_gone", FIELD, name=row.name),)
    release_lock()
    return bringing.read_workbook(path, row.name)


def _next_page(row: ImportFile, address: str) -> str:
    """The first page on which something still has to be chosen, else the page that was left."""
    shown = preview_page(row.preview or {"rows": []}, bringing.chosen(row), 1)
    page = shown.first_unchosen or page_number()
    return f"{address}?page={page}" if page > 1 else address


def _preview(inventory: Inventory, row: ImportFile, problems: list[str]) -> str:
    shown = preview_page(row.preview or {"rows": []}, bringing.chosen(row), page_number())
    return render_template(
        "supplier/imports/preview.html",
        inventory=inventory,
        row=row,
        shown=shown,
        counts=count_items(row.counts),
        form=ApplyForm(),
        problems=[SummaryItem(text) for text in problems],
        can_edit=may_edit(inventory),
    )
