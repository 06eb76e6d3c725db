"""The files that prove a line: uploading, attaching, taking away, handing out."""

from __future__ import annotations

from contextlib import ExitStack
from time import monotonic
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.calculation.problems import Problem, problem
from portal.domain.evidence import LONGEST_LOOKING_SECONDS, MOST_FILES_A_REQUEST
from portal.domain.inventories import EDITABLE
from portal.domain.refusals import Conflict
from portal.intake.reading import shown
from portal.services import evidence as proof
from portal.services import inventories, lines, members
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.web.downloads import evidence_answer
from portal.web.forms.evidence import AttachForm, UploadForm
from portal.web.forms.fields import attach_messages, summary
from portal.web.forms.lines import uid_of
from portal.web.requests import current_work, release_lock, wiring
from portal.web.supplier import blueprint, uploads
from portal.web.supplier.line_acts import page_of
from portal.web.supplier.lines import may_edit
from portal.web.words import say


@blueprint.get("/inventories/<int:year>/lines/<uuid:line>/evidence")
def line_evidence(year: int, line: UUID) -> ResponseReturnValue:
    """Show a line's files, and ways to add one."""
    member, inventory, found = _line(year, line)
    return _page(member, inventory, found, UploadForm(), AttachForm())


@blueprint.post("/inventories/<int:year>/lines/<uuid:line>/evidence")
def evidence_upload(year: int, line: UUID) -> ResponseReturnValue:
    """Take files in and attach them to the line; a refused one does not stop the others."""
    member, inventory, found = _line(year, line)
    if inventory.state not in EDITABLE:
        # Before anybody looks into the files: what is refused afterwards would stay on the disk for a day.
        raise Conflict("inventory.state.moved_on", {"state": inventory.state})
    form = UploadForm()
    kept, problems = take_in(member)
    if not kept:
        return uploads.refused(
            form, problems, lambda: _page(member, inventory, found, form, AttachForm())
        )
    _attach(inventory, found, kept, with_series=form.series.data)
    flash(
        ngettext("%(num)s file is attached.", "%(num)s files are attached.", len(kept)), "success"
    )
    for each in problems:
        flash(say(each), "error")
    return uploads.taken(url_for(".line_evidence", year=year, line=line))


@blueprint.post("/inventories/<int:year>/lines/<uuid:line>/evidence/attach")
def evidence_attach(year: int, line: UUID) -> ResponseReturnValue:
    """Attach a file that is there already."""
    work = current_work()
    member, inventory, found = _line(year, line)
    form = AttachForm()
    form.offer(proof.files_of(work, member))
    uid = uid_of(form.evidence.data or "")
    if uid is None:
        attach_messages(form, [("evidence", gettext("Choose a file"))])
        return _page(member, inventory, found, UploadForm(), form), 422
    row = proof.find_evidence(work, uid)
    _attach(inventory, found, [row], with_series=form.series.data)
    flash(gettext("The file is attached."), "success")
    return redirect(url_for(".line_evidence", year=year, line=line), 303)


@blueprint.post("/inventories/<int:year>/lines/<uuid:line>/evidence/<uuid:file>/detach")
def evidence_detach(year: int, line: UUID, file: UUID) -> ResponseReturnValue:
    """Take a file away from a line."""
    work = current_work()
    _member, inventory = inventories.own_year(work, year)
    proof.unlink(work, inventory, line, proof.find_evidence(work, file))
    flash(gettext("The file no longer belongs to this line. It stays among your files."), "success")
    return redirect(url_for(".line_evidence", year=year, line=line), 303)


@blueprint.get("/evidence/")
def evidence_list() -> ResponseReturnValue:
    """Show all files of the member, with how many lines each supports."""
    work = current_work()
    files = proof.files_of(work, members.own_member(work))
    return render_template("supplier/evidence/list.html", files=files)


@blueprint.get("/evidence/<uuid:evidence>")
def evidence_file(evidence: UUID) -> Response:
    """Hand a file out as it was uploaded."""
    return evidence_answer(proof.find_evidence(current_work(), evidence))


@blueprint.post("/evidence/<uuid:evidence>/remove")
def evidence_remove(evidence: UUID) -> ResponseReturnValue:
    """Remove a file that nothing needs."""
    work = current_work()
    proof.remove_evidence(work, proof.find_evidence(work, evidence))
    flash(gettext("The file is removed."), "success")
    return redirect(url_for(".evidence_list"), 303)


def _line(year: int, line: UUID) -> tuple[Member, Inventory, ActivityLine]:
    work = current_work()
    member, inventory = inventories.own_year(work, year)
    return member, inventory, lines.find_line(work, inventory, line)


def take_in(member: Member) -> tuple[list[Evidence], list[Problem]]:
    """Have every file looked into while no transaction is open, then keep those that pass."""
    work = current_work()
    # A form without scripts sends an empty part when no file was chosen.
    sent = [file for file in request.files.getlist("file") if file.filename]
    if len(sent) > MOST_FILES_A_REQUEST:
        named = {"given": len(sent), "most": MOST_FILES_A_REQUEST}
        return [], [problem("evidence.too_many_at_once", "file", **named)]
    kept: list[Evidence] = []
    problems: list[Problem] = [] if sent else [problem("evidence.none_chosen", "file")]
    if too_many := proof.count_looks(work, member, len(sent)):
        return [], list(too_many)
    settings = wiring().settings
    blobs = Blobs(settings.storage)
    release_lock()
    until = monotonic() + LONGEST_LOOKING_SECONDS
    with ExitStack() as waiting:
        looked_into = []
        for file in sent:
            name = file.filename or ""
            if looked_into and monotonic() > until:
                problems.append(problem("evidence.not_looked_at", "file", name=shown(name)))
                continue
            looking = proof.inspected(blobs, file.stream, name, settings.scanner)
            looked_into.append(waiting.enter_context(looking))
        for each in looked_into:
            row, found = proof.keep(work, blobs, member, each)
            problems.extend(found)
            kept.extend([row] if row is not None else [])
    return kept, problems


def _attach(
    inventory: Inventory, line: ActivityLine, rows: list[Evidence], *, with_series: bool
) -> None:
    work = current_work()
    keys = [line.key]
    if with_series:
        most = proof.MOST_LINKS_AT_ONCE // len(rows)
        others = proof.bare_lines_like(work, inventory, line, most + 1)
        if len(others) > most:
            flash(
                gettext(
                    "Not every line of this source has the files yet, for they are many. Attach them once more to go on."
                ),
                "info",
            )
        keys += others[:most]
    for row in rows:
        proof.link(work, inventory, keys, row)


def _page(
    member: Member,
    inventory: Inventory,
    line: ActivityLine,
    upload: UploadForm,
    attach: AttachForm,
) -> str:
    work = current_work()
    linked = proof.evidence_of(work, line)
    files = [file for file in proof.files_of(work, member) if file.evidence not in linked]
    attach.offer(files)
    return render_template(
        "supplier/evidence/line.html",
        inventory=inventory,
        line=line,
        linked=linked,
        upload=upload,
        attach=attach,
        has_files=bool(files),
        can_edit=may_edit(inventory),
        table_page=page_of(line.position),
        problems=[*summary(upload), *summary(attach)],
    )
