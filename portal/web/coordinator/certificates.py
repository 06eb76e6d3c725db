"""Certificates as coordinators see them: the list, the documents, revoking."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.certificates import Standing
from portal.services import certificate_list, certificates
from portal.services.certificate_list import CertificateFilter
from portal.web import queries
from portal.web.coordinator import blueprint
from portal.web.downloads import ask_for_report, certificate_answer, readers_report, report_answer
from portal.web.forms.review import RevokeForm
from portal.web.requests import current_work


@blueprint.get("/certificates/")
def certificate_table() -> ResponseReturnValue:
    """List the certificates, newest first."""
    wanted = CertificateFilter(
        standing=queries.word("standing", [*Standing, "issuing", ""]),
        year=queries.whole("year"),
        search=queries.search_text(),
    )
    page = certificate_list.list_certificates(current_work(), wanted, queries.page_number())
    return render_template(
        "coordinator/certificates/list.html", page=page, wanted=wanted, report_kind=readers_report()
    )


@blueprint.get("/certificates/<uuid:certificate>/document")
def certificate_document(certificate: UUID) -> ResponseReturnValue:
    """Send the certificate as it was issued."""
    return certificate_answer(certificate)


@blueprint.get("/certificates/<uuid:certificate>/report")
def certificate_report(certificate: UUID) -> ResponseReturnValue:
    """Send the inventory report beside a certificate."""
    return report_answer(certificate)


@blueprint.post("/certificates/<uuid:certificate>/report")
def certificate_report_request(certificate: UUID) -> ResponseReturnValue:
    """Have the inventory report made in the reader's language."""
    ask_for_report(certificate)
    return redirect(url_for(".certificate_table"), 303)


@blueprint.get("/certificates/<uuid:certificate>/revoke")
def certificate_revoke_form(certificate: UUID) -> ResponseReturnValue:
    """Ask for the reason."""
    return _revoke_page(certificate, RevokeForm())


@blueprint.post("/certificates/<uuid:certificate>/revoke")
def certificate_revoke(certificate: UUID) -> ResponseReturnValue:
    """End a certificate."""
    form = RevokeForm()
    if not form.validate_on_submit():
        return _revoke_page(certificate, form), 422
    revoked = certificates.revoke(current_work(), certificate, form.reason.data)
    flash(gettext("Certificate %(number)s is revoked.", number=revoked.number), "success")
    return redirect(url_for(".certificate_table"), 303)


def _revoke_page(uid: UUID, form: RevokeForm) -> str:
    found = certificates.find(current_work(), uid)
    return render_template("coordinator/certificates/revoke.html", certificate=found, form=form)
