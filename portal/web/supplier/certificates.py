"""The member's certificates and reports."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.services import certificate_list, members
from portal.web.downloads import ask_for_report, certificate_answer, readers_report, report_answer
from portal.web.queries import page_number
from portal.web.requests import current_work
from portal.web.supplier import blueprint


@blueprint.get("/certificates/")
def certificate_table() -> ResponseReturnValue:
    """List the member's certificates, newest first."""
    work = current_work()
    page = certificate_list.own_certificates(work, members.own_member(work), page_number())
    return render_template(
        "supplier/certificates/list.html", page=page, report_kind=readers_report()
    )


@blueprint.get("/certificates/<uuid:certificate>/document")
def certificate_document(certificate: UUID) -> ResponseReturnValue:
    """Send the certificate as it was issued."""
    return certificate_answer(certificate)


@blueprint.get("/certificates/<uuid:certificate>/report")
def certificate_report(certificate: UUID) -> ResponseReturnValue:
    """Send the inventory report beside it."""
    return report_answer(certificate)


@blueprint.post("/certificates/<uuid:certificate>/report")
def certificate_report_request(certificate: UUID) -> ResponseReturnValue:
    """Have the inventory report made in the reader's language."""
    ask_for_report(certificate)
    return redirect(url_for(".certificate_table"), 303)
