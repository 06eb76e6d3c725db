"""A year as a workbook: downloading it, and bringing it back filled in."""

from __future__ import annotations

from contextlib import closing

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.calculation.problems import Problem, problem
from portal.documents.facts import Language
from portal.documents.workbook import MEDIA_TYPE
from portal.domain.evidence import EvidenceKind
from portal.intake.workbooks import Book
from portal.services import evidence as proof
from portal.services import imports, inventories, workbooks
from portal.services import workbook_imports as bringing
from portal.services.evidence import FIELD, Inspected
from portal.services.tables.reading import old_format
from portal.services.workbook_imports import Changes
from portal.store.blobs import Blobs
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory
from portal.web.downloads import bytes_answer
from portal.web.forms.lines import number_locale
from portal.web.forms.workbooks import WorkbookForm
from portal.web.language import LANGUAGES, current
from portal.web.queries import ticked, word
from portal.web.requests import current_work, release_lock, wiring
from portal.web.supplier import blueprint, uploads
from portal.web.supplier.lines import may_edit


@blueprint.get("/inventories/<int:year>/workbook")
def workbook_page(year: int) -> ResponseReturnValue:
    """Offer the workbook, and take it back."""
    _member, inventory = inventories.own_year(current_work(), year)
    return _page(inventory, WorkbookForm())


@blueprint.get("/inventories/<int:year>/workbook/file")
def workbook_file(year: int) -> Response:
    """Hand the workbook out: with what stands in the year, or empty."""
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    language = Language(word("language", LANGUAGES, current().code))
    is_empty = ticked("empty")
    content = workbooks.workbook_bytes(work, inventory, language, with_lines=not is_empty)
    return bytes_answer(content, MEDIA_TYPE, f"{member.code}-{year}-{language.value}.xlsx")


@blueprint.post("/inventories/<int:year>/workbook")
def workbook_upload(year: int) -> ResponseReturnValue:
    """Take a workbook in and show what it would change; a large one is read in the background."""
    _member, inventory = inventories.own_year(current_work(), year)
    row, problems = _take_in(inventory)
    if row is None:
        form = WorkbookForm()
        return uploads.refused(form, problems, lambda: _page(inventory, form))
    return uploads.taken(url_for(".import_page", year=year, file=row.uid))


def _take_in(inventory: Inventory) -> tuple[ImportFile | None, tuple[Problem, ...]]:
    """Count the upload, have the file looked into and read while no transaction is open, then keep it."""
    sent = request.files.get(FIELD)
    if sent is None or not sent.filename:
        return None, (problem("evidence.none_chosen", FIELD),)
    if old := old_format(sent.filename):
        return None, old
    if too_many := imports.count_upload(current_work(), inventory):
        return None, too_many
    settings = wiring().settings
    blobs = Blobs(settings.storage)
    release_lock()
    with (
        closing(sent),
        proof.inspected(blobs, sent.stream, sent.filename, settings.scanner) as file,
    ):
        problems = _not_a_workbook(file)
        if problems or file.received is None:
            return None, problems
        is_large = file.received.size > bringing.MOST_BYTES_AT_ONCE
        read = None if is_large else bringing.read_workbook(file.received.path, file.name)
        if isinstance(read, tuple):
            return None, read
        return _keep(blobs, inventory, file, read)


def _not_a_workbook(file: Inspected) -> tuple[Problem, ...]:
    """Why a file is none that is taken here; what other pages take is named for what this one takes."""
    codes = {each.code for each in file.problems}
    is_other = file.verdict is not None and file.verdict.kind not in (None, EvidenceKind.XLSX)
    if is_other or codes & {"evidence.kind", "evidence.kind_and_name_differ", "evidence.not_text"}:
        return (problem("sheets.not_a_workbook", FIELD, name=file.name),)
    return file.problems


def _keep(
    blobs: Blobs, inventory: Inventory, file: Inspected, book: Book | None
) -> tuple[ImportFile | None, tuple[Problem, ...]]:
    work = current_work()
    changes = None if book is None else _changes(inventory, book, file)
    if isinstance(changes, tuple):
        return None, changes
    row, problems = imports.begin(
        work, blobs, inventory, file, kind=imports.WORKBOOK, locale=number_locale()
    )
    if row is not None:
        if changes is None:
            bringing.queue(work, row, bringing.READ_WORKBOOK, {})
        else:
            changes.show(row)
    return row, problems


def _changes(inventory: Inventory, book: Book, file: Inspected) -> Changes | tuple[Problem, ...]:
    """What the workbook would change, or why it is refused: all of it before anything is kept."""
    work = current_work()
    wrong = bringing.not_of(work, inventory, book, file.name)
    return wrong or bringing.find_changes(work, inventory, book, locale=number_locale())


def _page(inventory: Inventory, form: WorkbookForm) -> str:
    can_edit = may_edit(inventory)
    return render_template(
        "supplier/imports/workbook.html",
        inventory=inventory,
        form=form,
        languages=LANGUAGES.values(),
        imports=imports.imports_of(current_work(), inventory),
        can_edit=can_edit,
        has_room=workbooks.holds(current_work(), inventory),
    )


def told_outcome(row: ImportFile) -> None:
    """Say what came of a file that was applied."""
    flash(gettext("The workbook is applied."), "success")
    unfinished = row.counts.get("unfinished", 0)
    if unfinished:
        flash(
            gettext("Lines that need attention and do not count yet: %(count)s", count=unfinished),
            "warning",
        )
