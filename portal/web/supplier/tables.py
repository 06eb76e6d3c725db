"""A table of the supplier's own: uploading it, saying what its columns are, seeing what it comes to, keeping it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import FileStorage

from portal.calculation.problems import Problem, problem
from portal.domain.cells import LARGEST_TEXT
from portal.domain.evidence import EvidenceKind
from portal.domain.refusals import Conflict
from portal.intake.tables.mapping import TableMapping
from portal.services import evidence as proof
from portal.services import imports, inventories, members
from portal.services.tables import files, short
from portal.services.tables.reading import RefusedTable, old_format, path_in
from portal.services.tables.surveys import Survey
from portal.store.blobs import Blobs
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory
from portal.store.jobs import Job
from portal.store.line_spool import LineSpool
from portal.store.members import Member, Site
from portal.web import queries
from portal.web.forms import table_preview, tables
from portal.web.forms.fields import attach_messages, summary
from portal.web.language import current
from portal.web.requests import current_work, release_lock, roll_back, wiring
from portal.web.supplier import blueprint, uploads
from portal.web.supplier.line_acts import page_of
from portal.web.words import say

TABLES = (EvidenceKind.XLSX, EvidenceKind.CSV)


@blueprint.get("/inventories/<int:year>/tables")
def table_upload_form(year: int) -> ResponseReturnValue:
    """Ask for a table, and show those that wait."""
    _member, inventory = inventories.own_year(current_work(), year)
    return _upload_page(inventory, tables.TableForm())


@blueprint.post("/inventories/<int:year>/tables")
def table_upload(year: int) -> ResponseReturnValue:
    """Take a table in and look through it; a long one is looked through in the background."""
    member, inventory = inventories.own_year(current_work(), year)
    form = tables.TableForm()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        attach_messages(form, [("file", gettext("Choose a file"))])
        return _upload_page(inventory, form), 422
    try:
        file, problems = _take_in(member, inventory, sent)
    except RefusedTable as refused:
        file, problems = None, [refused.problem]
    if file is None:
        return uploads.refused(form, problems, lambda: _upload_page(inventory, form))
    step = ".table_columns" if file.state == imports.READY else ".table_page"
    return uploads.taken(url_for(step, year=year, file=file.uid))


def _take_in(
    member: Member, inventory: Inventory, sent: FileStorage
) -> tuple[ImportFile | None, list[Problem]]:
    """Keep the file; a small one is looked through before, so that a bad one leaves nothing behind."""
    work = current_work()
    if old := old_format(sent.filename or ""):
        return None, list(old)
    if too_many := imports.count_upload(work, inventory):
        return None, list(too_many)
    desk, known = files.desk_for_file(work, inventory), files.known_mappings(work, member)
    blobs = Blobs(wiring().settings.storage)
    release_lock()
    name, scanner = sent.filename or "", wiring().settings.scanner
    with proof.inspected(blobs, sent.stream, name, scanner, largest_text=LARGEST_TEXT) as looked:
        if looked.problems or looked.received is None or looked.verdict is None:
            return None, list(looked.problems)
        if looked.verdict.kind not in TABLES:
            return None, [problem("table.file.kind", proof.FIELD)]
        found = short.look_through(desk, known, looked.name, looked.received)
        blobs.keep(looked.received)
        file = files.take_in(work, inventory, looked.name, looked.received, current().code)
    if found is None:
        files.begin_survey(work, file)
    else:
        files.note_survey(work, file, *found)
    return file, []


@blueprint.get("/inventories/<int:year>/tables/<uuid:file>/columns")
def table_columns(year: int, file: UUID) -> ResponseReturnValue:
    """Ask what the columns and texts of the table mean."""
    _member, inventory, found = _file(year, file)
    if found.state != imports.READY:
        return redirect(url_for(".table_page", year=year, file=file), 303)
    mapping, looked = _settled(found)
    page = queries.page_number() if "page" in request.args else tables.next_page(mapping, looked)
    return _columns_page(inventory, found, mapping, looked, page)


@blueprint.post("/inventories/<int:year>/tables/<uuid:file>/columns")
def table_settle(year: int, file: UUID) -> ResponseReturnValue:
    """Take the answers; look again under other titles, or go on and see what the table comes to."""
    _member, inventory, found = _file(year, file)
    if found.state != imports.READY:
        raise Conflict("table.moved_on")
    before, looked = _settled(found)
    mapping = tables.answered(before, looked, request.form, _sites())
    work = current_work()
    desk = files.desk_for_file(work, inventory)
    sheet = request.form.get("sheet", looked.sheet)
    is_retitled = request.form.get("act") == "titles"
    titles_in = _small_number(request.form.get("titles", ""))
    if not files.is_small(found) and (is_retitled or short.reads_again(mapping, before)):
        _look_again_in_background(found, (sheet, titles_in) if is_retitled else mapping)
        return redirect(url_for(".table_page", year=year, file=file), 303)
    release_lock()
    try:
        path = _path(found)
        if is_retitled:
            again = short.look_again(desk, path, found.name, sheet=sheet, titles_in=titles_in)
        else:
            again = short.resettle(
                desk, path, found.name, mapping=mapping, before=before, looked=looked
            )
        files.settle_columns(work, found, *again)
        if is_retitled or short.asks_more(looked, again[1]):
            return _columns_page(inventory, found, *again)
        if again[0].problems():
            return _columns_page(inventory, found, *again), 422
        if more := _texts_behind(*again):
            return _columns_page(inventory, found, *again, more)
        _check(inventory, found)
    except RefusedTable as refused:
        files.note_refused(work, found, refused.problem)
    return redirect(url_for(".table_page", year=year, file=file), 303)


def _texts_behind(mapping: TableMapping, found: Survey) -> int:
    """The next page of texts to be asked about, once all of the page that was sent are answered; 0 for none."""
    sent = _small_number(request.form.get("asked", ""))
    first = tables.next_page(mapping, found)
    return first if sent and first > sent else 0


def _look_again_in_background(file: ImportFile, asked: tuple[str, int] | TableMapping) -> None:
    """Leave a long table to a job: a page would keep everybody waiting who shares its process."""
    if isinstance(asked, TableMapping):
        files.begin_resettle(current_work(), file, asked)
    else:
        files.begin_look_again(current_work(), file, *asked)


def _check(inventory: Inventory, file: ImportFile) -> None:
    """Check a short table at once, a long one in the background."""
    work = current_work()
    if not files.is_small(file):
        files.begin_check(work, file)
        return
    desk = files.desk_for_check(work, inventory)
    judgement, left_out = short.judge_all(desk, files.table_of(file, _path(file)), work.new_uid)
    files.note_check(work, file, desk, judgement, left_out)


def _small_number(sent: str) -> int:
    """The number of a row or a page; 0 for none."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= 2 else 0


def _path(file: ImportFile) -> Path:
    return path_in(Blobs(wiring().settings.storage), file.sha256)


@blueprint.get("/inventories/<int:year>/tables/<uuid:file>")
def table_page(year: int, file: UUID) -> ResponseReturnValue:
    """Show how far the work on the table is, or what it comes to."""
    _member, inventory, found = _file(year, file)
    job = files.job_of(current_work(), found) if found.state in imports.RUNNING else None
    address = url_for(".table_page", year=year, file=file)
    if (answer := uploads.polled(found, job, address)) is not None:
        return answer
    if found.state == imports.READY and "check" not in (found.preview or {}):
        return redirect(url_for(".table_columns", year=year, file=file), 303)
    return _table_page(inventory, found, job)


@blueprint.post("/inventories/<int:year>/tables/<uuid:file>")
def table_keep(year: int, file: UUID) -> ResponseReturnValue:
    """Keep all lines of the table; a long one in the background."""
    _member, inventory, found = _file(year, file)
    address = url_for(".table_page", year=year, file=file)
    if found.state != imports.READY:  # a second click: the page says what became of the first
        return redirect(address, 303)
    if not files.is_sound(found):
        return _table_page(inventory, found), 422
    work = current_work()
    try:
        if not files.is_small(found):
            files.begin_keeping(work, found)
            return redirect(address, 303)
        first, count = _keep(inventory, found)
    except RefusedTable as refused:
        files.note_refused(work, found, refused.problem)
        return redirect(address, 303)
    except Conflict:
        if not _has_moved_on(year, file):
            raise
        return redirect(address, 303)
    flash(ngettext("%(num)s line is added.", "%(num)s lines are added.", count), "success")
    return redirect(url_for(".line_table", year=year, page=page_of(first)), 303)


def _has_moved_on(year: int, file: UUID) -> bool:
    """Whether two clicks at the same moment were one too many: somebody's other request is keeping the lines."""
    roll_back()
    return _file(year, file)[2].state != imports.READY


@blueprint.post("/inventories/<int:year>/tables/<uuid:file>/remove")
def table_give_up(year: int, file: UUID) -> ResponseReturnValue:
    """Give the table up; nothing of it is kept."""
    _member, _inventory, found = _file(year, file)
    files.give_up(current_work(), found)
    flash(gettext("The table was put aside. Nothing of it was added."), "success")
    return redirect(url_for(".table_upload_form", year=year), 303)


def _file(year: int, file: UUID) -> tuple[Member, Inventory, ImportFile]:
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    return member, inventory, files.find_file(work, inventory, file)


def _sites() -> list[Site]:
    work = current_work()
    return [site for site in members.sites_of(work, members.own_member(work)) if site.is_active]


def _settled(file: ImportFile) -> tuple[TableMapping, Survey]:
    survey = (file.preview or {})["survey"]
    return TableMapping.from_json(file.mapping or {}), Survey.from_json(survey)


def _keep(inventory: Inventory, file: ImportFile) -> tuple[int, int]:
    """Judge all rows before the transaction that writes, and keep them in it."""
    work = current_work()
    desk, table = files.desk_for_file(work, inventory), files.table_of(file, _path(file))
    dialect = work.session.get_bind().dialect
    release_lock()
    with Blobs(wiring().settings.storage).spool() as room:
        spool = LineSpool(room, dialect)
        judgement, _left_out = short.judge_all(desk, table, work.new_uid, spool)
        files.begin_short_keeping(work, file, table)
        return files.keep(work, file, spool, judgement), judgement.lines


def _upload_page(inventory: Inventory, form: tables.TableForm) -> str:
    return render_template(
        "supplier/tables/upload.html",
        inventory=inventory,
        form=form,
        waiting=files.waiting_files(current_work(), inventory),
        problems=summary(form),
    )


def _columns_page(
    inventory: Inventory, file: ImportFile, mapping: TableMapping, found: Survey, page: int = 1
) -> str:
    sites = _sites()
    last = tables.last_page(found)
    page = min(max(page, 1), last)
    return render_template(
        "supplier/tables/columns.html",
        inventory=inventory,
        file=file,
        mapping=mapping,
        found=found,
        columns=tables.columns_of(mapping, found),
        roles=tables.role_choices(),
        texts=tables.texts_of(mapping, found, sites, page),
        page=page,
        last=last,
        known=tables.known_texts(mapping, found, sites),
        choices=tables.all_choices(sites),
        messages=[say(each) for each in (*found.problems, *mapping.problems())],
    )


def _table_page(inventory: Inventory, file: ImportFile, job: Job | None = None) -> str:
    check = (file.preview or {}).get("check")
    preview = None
    if check is not None:
        preview = table_preview.preview_of(check, _sites(), queries.page_number())
    return render_template(
        "supplier/tables/table.html",
        inventory=inventory,
        file=file,
        preview=preview,
        job=job,
        row=file,
        page_url=url_for(".table_page", year=inventory.year, file=file.uid),
        is_running=file.state in imports.RUNNING,
        is_sound=files.is_sound(file),
        refusals=[say(each) for each in imports.problems_of(file)],
    )
