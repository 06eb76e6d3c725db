"""Taking back what waits for a decision, and throwing away a draft that was never handed in: each asks once more before."""

from __future__ import annotations

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.submissions import Kind
from portal.services import dossiers, handed_in, signing_requests, submissions
from portal.web.dossiers import dossier_home, dossier_list, dossier_url
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.supplier.dossiers import QUARTER, YEAR, own_dossier
from portal.web.supplier.submissions import tell_asked


@blueprint.post(f"{YEAR}/ask-signatory", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/ask-signatory")
def dossier_ask(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Write to those who may sign that the plan or report is ready."""
    _member, dossier = own_dossier(kind, year, quarter)
    tell_asked(signing_requests.ask_to_sign(current_work(), dossier))
    return redirect(dossier_url(dossier, "check"), 303)


@blueprint.get(f"{YEAR}/withdraw", defaults={"quarter": 0})
@blueprint.get(f"{QUARTER}/withdraw")
def dossier_withdraw_form(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Ask once more before a submission is taken back."""
    _member, dossier = own_dossier(kind, year, quarter)
    return render_template("supplier/dossiers/withdraw.html", dossier=dossier)


@blueprint.post(f"{YEAR}/withdraw", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/withdraw")
def dossier_withdraw(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Take the waiting submission back."""
    work = current_work()
    _member, dossier = own_dossier(kind, year, quarter)
    submissions.withdraw(work, handed_in.waiting_submission(work, dossier).uid)
    flash(gettext("Taken back. You can change it again."), "success")
    return redirect(dossier_home(dossier), 303)


@blueprint.get(f"{YEAR}/discard", defaults={"quarter": 0})
@blueprint.get(f"{QUARTER}/discard")
def dossier_discard_form(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Ask once more before a draft is thrown away."""
    _member, dossier = own_dossier(kind, year, quarter)
    if stays := dossiers.why_it_stays(current_work().session, dossier):
        raise stays
    return render_template("supplier/dossiers/discard.html", dossier=dossier)


@blueprint.post(f"{YEAR}/discard", defaults={"quarter": 0})
@blueprint.post(f"{QUARTER}/discard")
def dossier_discard(kind: str, year: int, quarter: int) -> ResponseReturnValue:
    """Throw a draft away that was never handed in."""
    _member, dossier = own_dossier(kind, year, quarter)
    dossiers.discard(current_work(), dossier)
    flash(gettext("The draft is thrown away."), "success")
    return redirect(dossier_list(Kind(kind)), 303)
