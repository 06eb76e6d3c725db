"""Plans, progress reports and restatements alike: looking over, signing, what was handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.inventories import EDITABLE
from portal.domain.refusals import NotFound
from portal.domain.submissions import Kind
from portal.services import (
    dossiers,
    handed_in,
    members,
    plans,
    progress,
    restatements,
    submissions,
)
from portal.services.plans import DossierCheck
from portal.services.submissions import Declaration
from portal.services.work import Work
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.web.dossiers import dossier_url
from portal.web.forms.submissions import DossierDeclarationForm
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.submissions import CHANGED

Checking = Callable[[Work, Dossier], DossierCheck]
Submitting = Callable[[Work, Dossier, Declaration], Submission]

_VERBS: Mapping[Kind, tuple[Checking, Submitting]] = {
    Kind.PLAN: (plans.check_plan, plans.submit_plan),
    Kind.PROGRESS: (progress.check_progress, progress.submit_progress),
    Kind.RESTATEMENT: (restatements.check_restatement, restatements.submit_restatement),
}
# A whole year goes by no quarter, so that its address stays short.
YEAR = "/<kind>/<int:year>"
QUARTER = "/<kind>/<int:year>/q<int:quarter>"


@blueprint.get(f"{YEAR}/history", defaults={"quarter": 0})
@blueprint.get(f"{QUARTER}/history")
def dossier_page(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Show what was handed in and what became of it."""
    _member, dossier = own_dossier(kind, year, quarter)
    shown = handed_in.handed_in(current_work(), dossier)
    return render_template("supplier/dossiers/history.html", shown=shown, dossier=dossier)


@blueprint.get(f"{YEAR}/check", defaults={"quarter": 0})
@blueprint.get(f"{QUARTER}/check")
def dossier_check(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Show everything once more before it is signed."""
    member, dossier = own_dossier(kind, year, quarter)
    check, _submit = _VERBS[Kind(dossier.kind)]
    return _check(member, dossier, check(current_work(), dossier), DossierDeclarationForm())


@blueprint.post(f"{YEAR}/submit", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/submit")
def dossier_submit(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Sign and submit."""
    work = current_work()
    member, dossier = own_dossier(kind, year, quarter)
    submissions.hold(work, dossier)
    form = DossierDeclarationForm()
    check, submit = _VERBS[Kind(dossier.kind)]
    shown = check(work, dossier)
    if not form.validate_on_submit() or shown.blocking:
        return _check(member, dossier, shown, form), 422
    if form.seen.data != shown.mark:
        form.declared.errors = [gettext(CHANGED)]
        form.declared.data = False
        return _check(member, dossier, shown, form), 409
    submit(work, dossier, Declaration(member.signatory_name or "", member.signatory_post or ""))
    flash(gettext("Submitted. The alliance reviews it; you will get a mail."), "success")
    return redirect(dossier_url(dossier, "page"), 303)


def own_dossier(kind: str, year: int, quarter: int) -> tuple[Member, Dossier]:
    """The actor's member and its dossier; one that was not begun is answered like an unknown one."""
    if kind not in _VERBS:
        raise NotFound()
    work = current_work()
    member = members.own_member(work)
    return member, dossiers.find(work, member, Kind(kind), year, quarter)


def _check(
    member: Member, dossier: Dossier, shown: DossierCheck, form: DossierDeclarationForm
) -> str:
    return render_template(
        "supplier/dossiers/check.html",
        shown=shown,
        content=shown.content,
        dossier=dossier,
        member=member,
        form=form,
        is_open=dossier.state in EDITABLE,
    )
