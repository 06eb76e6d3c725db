"""Checking a certificate: for anybody, without account, cookie or script; shows public facts only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.documents import progress_words
from portal.documents.certificate import CertificateFacts
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.domain.certificates import Standing, typed_number
from portal.services import certificates, journal, seals
from portal.services.places import day_of
from portal.store.certificates import Certificate
from portal.store.ledger import LedgerEntry
from portal.store.sight import EVERYBODY
from portal.web.public import blueprint
from portal.web.requests import moment, wiring

CHUNK = 64 * 1024
LONGEST_NUMBER = 40
LONGEST_CODE = 60


class FileVerdict(StrEnum):
    """What the upload of a file comes to."""

    GENUINE = "genuine"
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything the page shows; facts only where number and code are right."""

    number: str
    code: str
    standing: Standing
    certificate: Certificate | None = None
    replaced_by: Certificate | None = None
    facts: CertificateFacts | ProgressCertificateFacts | None = None
    entries: tuple[LedgerEntry, ...] = ()
    sha256: str = ""
    file: FileVerdict | None = None


@blueprint.get("/verify")
def verify_start() -> ResponseReturnValue:
    """Ask for the number and the code."""
    if "number" not in request.args:
        return render_template("public/verify/start.html", number="", code="", missing=())
    number = typed_number(request.args["number"][:LONGEST_NUMBER])
    code = request.args.get("c", "").strip()[:LONGEST_CODE]
    missing = [name for name, typed in (("number", number), ("code", code)) if not typed]
    if missing:
        return render_template(
            "public/verify/start.html", number=number, code=code, missing=missing
        ), 422
    return redirect(url_for(".verify", number=number, c=code), 303)


@blueprint.get("/verify/<string:number>")
def verify(number: str) -> ResponseReturnValue:
    """Say whether a certificate stands."""
    shown = _shown(number, request.args.get("c", ""), None)
    status = 404 if shown.standing is Standing.UNKNOWN else 200
    return render_template("public/verify/verify.html", shown=shown, words=progress_words), status


@blueprint.post("/verify/<string:number>")
def verify_file(number: str) -> ResponseReturnValue:
    """Say whether a file is, to the byte, the one that was issued; the file is not kept."""
    shown = _shown(number, request.form.get("c", ""), _digest_of_upload())
    status = 404 if shown.standing is Standing.UNKNOWN else 200
    return render_template("public/verify/verify.html", shown=shown, words=progress_words), status


def _digest_of_upload() -> str:
    """SHA-256 of the uploaded file, empty when there is none."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return ""
    digest = hashlib.sha256()
    while chunk := file.stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _shown(number: str, code: str, uploaded: str | None) -> Shown:
    # A reading session of its own: the upload changes nothing, so it must not wait for writers. Whoever has a number
    # and its code may see that certificate, whosever it is.
    with wiring().database.reading(EVERYBODY) as session:
        checked = certificates.check(
            session, typed_number(number), code[:LONGEST_CODE], day_of(moment())
        )
        if checked.certificate is None:
            return Shown(number[:LONGEST_NUMBER], "", Standing.UNKNOWN)
        known = certificates.digests(session, checked.certificate)
        facts = certificates.facts_of(session, checked.certificate)
        return Shown(
            checked.certificate.number,
            code,
            checked.standing,
            checked.certificate,
            checked.replaced_by,
            seals.facts_in(checked.certificate.kind, facts),
            tuple(journal.entries_about(session, f"certificate/{checked.certificate.number}")),
            known.get(certificates.CERTIFICATE, ""),
            _verdict(uploaded, known),
        )


def _verdict(uploaded: str | None, known: dict[str, str]) -> FileVerdict | None:
    if uploaded is None:
        return None
    if not uploaded:
        return FileVerdict.MISSING
    return FileVerdict.GENUINE if uploaded in known.values() else FileVerdict.DIFFERENT
