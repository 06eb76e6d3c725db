"""Sending stored bytes: always as an attachment, with our own type and nothing the bytes could run in."""

from __future__ import annotations

import logging
from io import BytesIO
from uuid import UUID

from flask import Response, abort, flash, send_file
from flask_babel import gettext

from portal.documents.facts import Language
from portal.domain.refusals import NotFound
from portal.services import certificates
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.web import events
from portal.web.headers import FILE_POLICY
from portal.web.language import current as current_language
from portal.web.requests import current_work, wiring


def certificate_answer(uid: UUID) -> Response:
    """A certificate as it was rendered once; 404 until the job is done."""
    return _document_answer(uid, certificates.CERTIFICATE, ".pdf")


def report_answer(uid: UUID) -> Response:
    """The inventory report beside a certificate in the reader's language; 404 until the job is done."""
    return _document_answer(uid, readers_report(), f"-report-{current_language().code}.pdf")


def readers_report() -> str:
    """The kind under which the report in the reader's language is kept."""
    return certificates.report_kind(Language(current_language().code))


def ask_for_report(uid: UUID) -> None:
    """Have the report made in the reader's language, and say so."""
    work = current_work()
    language = Language(current_language().code)
    certificates.request_report(work, certificates.find(work, uid), language)
    flash(gettext("The report is being made. It will be here in a minute."), "success")


def _document_answer(uid: UUID, kind: str, ending: str) -> Response:
    work = current_work()
    certificate = certificates.find(work, uid)
    found = certificates.document(work.session, certificate, kind)
    if found is None:
        raise NotFound()
    return bytes_answer(found.content, "application/pdf", certificate.number + ending)


def evidence_answer(row: Evidence) -> Response:
    """A member's file, byte for byte as it was uploaded."""
    blobs = Blobs(wiring().settings.storage)
    if not blobs.holds(row.sha256):
        # The reader can do nothing about it; whoever watches the log restores the file.
        events.log("evidence.missing", level=logging.ERROR, sha256=row.sha256)
        abort(410)
    answer = send_file(
        blobs.open(row.sha256),
        row.media_type,
        as_attachment=True,
        download_name=row.name,
        etag=False,
    )
    answer.content_length = row.size
    return _sandboxed(answer)


def bytes_answer(content: bytes, media_type: str, name: str) -> Response:
    """Bytes as a file to save under `name`."""
    answer = send_file(
        BytesIO(content), media_type, as_attachment=True, download_name=name, etag=False
    )
    return _sandboxed(answer)


def _sandboxed(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer
