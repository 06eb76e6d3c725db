"""Sending stored bytes: always as an attachment, with our own type and nothing the bytes could run in."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import NoReturn
from uuid import UUID

from flask import Response, abort, flash, send_file
from flask_babel import gettext

from portal.documents.facts import Language
from portal.domain.refusals import NotFound
from portal.http import events
from portal.services import certificates
from portal.services.bundles import gathering, proof, writing
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.web.forms.bundles import BundleForm
from portal.web.headers import FILE_POLICY
from portal.web.language import current as current_language
from portal.web.requests import current_work, release_lock, wiring


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
        _evidence_gone(row.sha256)
    answer = send_file(
        blobs.open(row.sha256),
        row.media_type,
        as_attachment=True,
        download_name=row.name,
        etag=False,
    )
    answer.content_length = row.size
    return _sandboxed(answer)


def bundle_answer(uid: UUID) -> Response:
    """The evidence bundle of an approved submission; who took it stands in the ledger.

    It is written to a file and not into memory, and after the lock is released: evidence may be two thousand files.
    """
    with_files = bool(BundleForm().with_files.data)
    gathered = gathering.gather(current_work(), uid, with_files=with_files)
    release_lock()
    blobs = Blobs(wiring().settings.storage)
    spool = blobs.spool()
    try:
        writing.write(gathered, blobs, spool)
    except writing.EvidenceMissing as missing:
        spool.close()
        _evidence_gone(missing.sha256)
    proof.record_taken(
        current_work(),
        uid,
        member_code=gathered.member_code,
        digest=gathered.digest,
        with_files=with_files,
    )
    size = spool.tell()
    spool.seek(0)
    answer = send_file(
        spool, "application/zip", as_attachment=True, download_name=gathered.filename, etag=False
    )
    answer.content_length = size
    return _sandboxed(answer)


def _evidence_gone(sha256: str) -> NoReturn:
    """The reader can do nothing about it; whoever watches the log restores the file."""
    events.log("evidence.missing", level=logging.ERROR, sha256=sha256)
    abort(410)


def bytes_answer(content: bytes, media_type: str, name: str) -> Response:
    """Bytes as a file to save under `name`."""
    answer = send_file(
        BytesIO(content), media_type, as_attachment=True, download_name=name, etag=False
    )
    return _sandboxed(answer)


def _sandboxed(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer
