"""The member's certificates and reports."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.services import certificate_list, certificates, members
from portal.web.downloads import document_answer
from portal.web.queries import page_number
from portal.web.requests import current_work
from portal.web.supplier import blueprint


@blueprint.get("/certificates/")
def certificate_table() -> ResponseReturnValue:
    """List the member's certificates, newest first."""
    work = current_work()
    page = certificate_list.own_certificates(work, members.own_member(work), page_number())
    return render_template("supplier/certificates/list.html", page=page)


@blueprint.get("/certificates/<uuid:certificate>/document")
def certificate_document(certificate: UUID) -> ResponseReturnValue:
    """Send the certificate as it was issued."""
    return document_answer(current_work(), certificate, "certificate")


@blueprint.get("/certificates/<uuid:certificate>/report")
def certificate_report(certificate: UUID) -> ResponseReturnValue:
    """Send the inventory report beside it."""
    return document_answer(current_work(), certificate, "report")


@blueprint.post("/certificates/<uuid:certificate>/report")
def certificate_report_request(certificate: UUID) -> ResponseReturnValue:
    """Have the inventory report made."""
    work = current_work()
    certificates.request_report(work, certificates.find(work, certificate))
    flash(gettext("The report is being made. It will be here in a minute."), "success")
    return redirect(url_for(".certificate_table"), 303)
