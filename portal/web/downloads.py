"""Sending stored bytes: always as an attachment, with our own type and nothing the bytes could run in."""

from __future__ import annotations

import logging
from io import BytesIO
from uuid import UUID

from flask import Response, abort, send_file

from portal.domain.refusals import NotFound
from portal.services import certificates
from portal.services.work import Work
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.web import events
from portal.web.headers import FILE_POLICY
from portal.web.requests import wiring


def document_answer(work: Work, uid: UUID, kind: str) -> Response:
    """A certificate's document as it was rendered once; 404 until the job is done."""
    certificate = certificates.find(work, uid)
    found = certificates.document(work.session, certificate, kind)
    if found is None:
        raise NotFound()
    name = (
        f"{certificate.number}.pdf" if kind == "certificate" else f"{certificate.number}-report.pdf"
    )
    return bytes_answer(found.content, "application/pdf", name)


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
