"""The files that prove an action, in the plan or in a progress report: uploading, attaching, taking away."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.domain.inventories import EDITABLE
from portal.domain.refusals import Conflict
from portal.services import actions, members, progress
from portal.services import evidence as proof
from portal.store.dossiers import Dossier
from portal.store.evidence import Evidence
from portal.store.members import Member
from portal.web.forms.evidence import AttachForm, UploadForm
from portal.web.forms.fields import summary
from portal.web.forms.lines import uid_of
from portal.web.requests import current_work
from portal.web.supplier import blueprint, uploads
from portal.web.supplier.evidence import take_in
from portal.web.supplier.plan import needed_plan
from portal.web.supplier.progress import QUARTER, YEAR
from portal.web.supplier.progress_actions import own_row
from portal.web.words import say

Link = Callable[[Evidence], None]


@blueprint.get("/plan/actions/<uuid:action>/evidence")
def action_evidence(action: UUID) -> ResponseReturnValue:
    """Show the files that prove an action."""
    plan, member = needed_plan()
    found = actions.find_action(current_work(), member, action)
    return _page(plan, member, found.name, _linked(member, action), _back(action), UploadForm())


@blueprint.post("/plan/actions/<uuid:action>/evidence")
def action_evidence_upload(action: UUID) -> ResponseReturnValue:
    """Take files in and let them prove the action."""
    plan, member = needed_plan()
    found = actions.find_action(current_work(), member, action)
    link: Link = lambda file: actions.link(current_work(), plan, found, file)  # noqa: E731 -- a name for the type
    return _upload(
        plan,
        member,
        found.name,
        _linked(member, action),
        _back(action),
        link,
        url_for(".action_evidence", action=action),
    )


@blueprint.post("/plan/actions/<uuid:action>/evidence/attach")
def action_evidence_attach(action: UUID) -> ResponseReturnValue:
    """Let a file that is there already prove the action."""
    plan, member = needed_plan()
    found = actions.find_action(current_work(), member, action)
    file = _chosen()
    if file is not None:
        actions.link(current_work(), plan, found, file)
    return redirect(url_for(".action_evidence", action=action), 303)


@blueprint.post("/plan/actions/<uuid:action>/evidence/<uuid:file>/detach")
def action_evidence_detach(action: UUID, file: UUID) -> ResponseReturnValue:
    """Take a file away from the action."""
    work = current_work()
    plan, member = needed_plan()
    found = actions.find_action(work, member, action)
    actions.unlink(work, plan, found, proof.find_evidence(work, file))
    flash(gettext("The file no longer proves this action. It stays among your files."), "success")
    return redirect(url_for(".action_evidence", action=action), 303)


@blueprint.get(f"{YEAR}/actions/<uuid:action>/evidence", defaults={"quarter": 0})
@blueprint.get(f"{QUARTER}/actions/<uuid:action>/evidence")
def progress_evidence(year: int, quarter: int, action: UUID) -> ResponseReturnValue:
    """Show the files that prove what an action saved in a period."""
    report, shown = own_row(year, quarter, action)
    member = members.own_member(current_work())
    return _page(
        report, member, shown.action.name, list(shown.files), _row(report, action), UploadForm()
    )


@blueprint.post(f"{YEAR}/actions/<uuid:action>/evidence", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/actions/<uuid:action>/evidence")
def progress_evidence_upload(year: int, quarter: int, action: UUID) -> ResponseReturnValue:
    """Take files in and let them prove what the action saved."""
    report, shown = own_row(year, quarter, action)
    link: Link = lambda file: progress.link(current_work(), report, shown.row, file)  # noqa: E731 -- a name for the type
    return _upload(
        report,
        members.own_member(current_work()),
        shown.action.name,
        list(shown.files),
        _row(report, action),
        link,
        _files(report, action),
    )


@blueprint.post(f"{YEAR}/actions/<uuid:action>/evidence/attach", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/actions/<uuid:action>/evidence/attach")
def progress_evidence_attach(year: int, quarter: int, action: UUID) -> ResponseReturnValue:
    """Let a file that is there already prove what the action saved."""
    report, shown = own_row(year, quarter, action)
    file = _chosen()
    if file is not None:
        progress.link(current_work(), report, shown.row, file)
    return redirect(_files(report, action), 303)


@blueprint.post(
    f"{YEAR}/actions/<uuid:action>/evidence/<uuid:file>/detach", defaults={"quarter": 0}
)
@blueprint.post(f"{QUARTER}/actions/<uuid:action>/evidence/<uuid:file>/detach")
def progress_evidence_detach(
    year: int, quarter: int, action: UUID, file: UUID
) -> ResponseReturnValue:
    """Take a file away from what the action saved."""
    work = current_work()
    report, shown = own_row(year, quarter, action)
    progress.unlink(work, report, shown.row, proof.find_evidence(work, file))
    flash(gettext("The file no longer proves this action. It stays among your files."), "success")
    return redirect(_files(report, action), 303)


def _upload(
    dossier: Dossier,
    member: Member,
    name: str,
    linked: list[Evidence],
    back: str,
    link: Link,
    address: str,
) -> ResponseReturnValue:
    if dossier.state not in EDITABLE:
        # Before anybody looks into the files: what is refused afterwards would stay on the disk for a day.
        raise Conflict("inventory.state.moved_on", {"state": dossier.state})
    form = UploadForm()
    kept, problems = take_in(member)
    if not kept:
        return uploads.refused(
            form, problems, lambda: _page(dossier, member, name, linked, back, form)
        )
    for file in kept:
        link(file)
    flash(
        ngettext("%(num)s file is attached.", "%(num)s files are attached.", len(kept)), "success"
    )
    for each in problems:
        flash(say(each), "error")
    return uploads.taken(address)


def _page(
    dossier: Dossier,
    member: Member,
    name: str,
    linked: list[Evidence],
    back: str,
    upload: UploadForm,
) -> str:
    attach = AttachForm()
    files = [file for file in proof.files_of(current_work(), member) if file.evidence not in linked]
    attach.offer(files)
    return render_template(
        "supplier/evidence/action.html",
        name=name,
        linked=linked,
        back=back,
        upload=upload,
        attach=attach,
        has_files=bool(files),
        can_edit=dossier.state in EDITABLE,
        problems=summary(upload),
    )


def _chosen() -> Evidence | None:
    """The file that was chosen among the member's own; none is said in words."""
    uid = uid_of(request.form.get("evidence", ""))
    if uid is None:
        flash(gettext("Choose a file"), "warning")
        return None
    return proof.find_evidence(current_work(), uid)


def _linked(member: Member, action: UUID) -> list[Evidence]:
    details = actions.details_of(current_work().session, member.id)
    return list(next(each.files for each in details if each.action.uid == action))


def _back(action: UUID) -> str:
    return url_for(".action_page", action=action)


def _row(report: Dossier, action: UUID) -> str:
    return url_for(".progress_action", year=report.year, quarter=report.quarter, action=action)


def _files(report: Dossier, action: UUID) -> str:
    return url_for(".progress_evidence", year=report.year, quarter=report.quarter, action=action)
