"""Whether the frozen rows and kept files are those that the ledger speaks of."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain.canonical import digest_of_bytes
from portal.domain.certificates import State as Standing
from portal.domain.ledger.facts import INTENDED, REVOKED, SUPERSEDED
from portal.domain.submissions import State
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate, CertificateDocument
from portal.store.evidence import Evidence
from portal.store.ledger import LedgerEntry
from portal.store.submissions import Submission

# What an entry makes of a submission, the last word first; one that none speaks of still waits.
_DECIDED = {
    "submission.replaced": State.OUTDATED,
    "submission.approved": State.APPROVED,
    "submission.returned": State.RETURNED,
    "submission.withdrawn": State.WITHDRAWN,
}
# And of a certificate: what was revoked stays so, whatever else happened to it.
_STANDING = {
    REVOKED: Standing.REVOKED,
    SUPERSEDED: Standing.SUPERSEDED,
    "certificate.rendered": Standing.VALID,
}
# Subject → what an entry about it left behind: the digest and the detail.
_Said = dict[str, tuple[str, Mapping[str, Any]]]


def row_faults(session: Session, blobs: Blobs | None) -> Iterator[str]:
    """For each row that is looked at what is wrong with it, empty when nothing is; then what is missing altogether."""
    yield from _readable("submissions", lambda: _submissions(session))
    yield from _readable("certificates", lambda: _certificates(session))
    yield from _readable("documents", lambda: _documents(session))
    yield from _readable("evidence", lambda: _evidence(session, blobs))


def _readable(name: str, faults: Callable[[], Iterator[str]]) -> Iterator[str]:
    """What is no longer of its column's kind can't be read at all, which is a fault and no reason to stop."""
    try:
        yield from faults()
    except (ValueError, TypeError, OSError, SQLAlchemyError) as error:
        yield f"a row of the {name} can't be read: {error}"


def _submissions(session: Session) -> Iterator[str]:
    submitted = _said(session, "submission.submitted")
    decided = {kind: _said(session, kind) for kind in _DECIDED}
    query = select(
        Submission.id,
        Submission.uid,
        Submission.digest,
        Submission.state,
        Submission.year,
        Submission.number,
        Submission.kind,
    )
    for row in session.execute(query.order_by(Submission.id)).all():
        subject = f"submission/{row.uid}"
        digest, detail = submitted.pop(subject, ("", {}))
        told = _last_word(subject, decided, _DECIDED, State.SUBMITTED)
        if row.digest != digest:
            yield f"{subject} has another digest than the ledger says"
        elif {"year": row.year, "number": row.number, "kind": row.kind} != detail:
            yield f"{subject} is of another year, number or kind than the ledger says"
        elif row.state != told:
            yield f"{subject} is {row.state}, the ledger says {told}"
        else:
            yield _content_fault(session, row, subject)
    yield from (f"{subject} is missing" for subject in sorted(submitted))


def _last_word(
    subject: str, told: Mapping[str, _Said], meaning: Mapping[str, State | Standing], otherwise: str
) -> str:
    """The state that the ledger tells of: the meaning of the first kind of entry, in their order, about the subject."""
    return next((meaning[kind].value for kind in meaning if subject in told[kind]), otherwise)


def _content_fault(session: Session, row: Row[Any], subject: str) -> str:
    packed = session.scalars(select(Submission.content).where(Submission.id == row.id)).one()
    try:
        is_sound = digest_of_bytes(zlib.decompress(packed)) == row.digest
    except zlib.error:
        is_sound = False
    return "" if is_sound else f"{subject} does not have the content that was signed"


def _certificates(session: Session) -> Iterator[str]:
    intended = _said(session, INTENDED)
    told = {kind: _said(session, kind) for kind in _STANDING}
    for certificate in session.scalars(select(Certificate).order_by(Certificate.id)).all():
        subject = f"certificate/{certificate.number}"
        query = select(Certificate.facts).where(Certificate.id == certificate.id)
        digest = digest_of_bytes(session.scalars(query).one())
        known, detail = intended.pop(subject, ("", {}))
        standing = _last_word(subject, told, _STANDING, Standing.ISSUING)
        if digest != certificate.facts_digest or digest != known:
            yield f"{subject} states other facts than those that the ledger knows"
        elif _gist(certificate) != detail:
            yield f"{subject} is of another year or kind, or ends on another day, than the ledger says"
        elif certificate.state != standing:
            yield f"{subject} is {certificate.state}, the ledger says {standing}"
        elif certificate.reason != _reason(subject, told, certificate.reason):
            yield f"{subject} was revoked for another reason, says the ledger"
        else:
            yield ""
    yield from (f"{subject} is missing" for subject in sorted(intended))


def _gist(certificate: Certificate) -> dict[str, object]:
    return {
        "year": certificate.year,
        "kind": certificate.kind,
        "valid_until": certificate.valid_until.isoformat(),
    }


def _reason(subject: str, told: Mapping[str, _Said], otherwise: str) -> str:
    _, detail = told[REVOKED].get(subject, ("", {}))
    return str(detail.get("reason", otherwise))


def _documents(session: Session) -> Iterator[str]:
    known = _rendered(session)
    query = (
        select(CertificateDocument, Certificate.number)
        .join(Certificate, Certificate.id == CertificateDocument.certificate_id)
        .order_by(CertificateDocument.id)
    )
    for document, number in session.execute(query).all():
        own = select(CertificateDocument.content).where(CertificateDocument.id == document.id)
        digest = digest_of_bytes(session.scalars(own).one())
        rendered = known.pop((f"certificate/{number}", document.kind), "")
        if digest != document.sha256 or digest != rendered:
            yield f"the {document.kind} of certificate/{number} is not the one that was rendered"
        else:
            yield ""
    for subject, kind in sorted(known):
        yield f"the {kind} of {subject} is missing"


def _rendered(session: Session) -> dict[tuple[str, str], str]:
    """The SHA-256 of every document, by the certificate and the kind that it was rendered for."""
    query = select(LedgerEntry.subject, LedgerEntry.detail, LedgerEntry.after).where(
        LedgerEntry.kind.in_(["certificate.rendered", "report.rendered"])
    )
    return {
        (subject, str(detail.get("kind"))): after
        for subject, detail, after in session.execute(query)
    }


def _evidence(session: Session, blobs: Blobs | None) -> Iterator[str]:
    added = _said(session, "evidence.added")
    removed = _said(session, "evidence.removed")
    for row in session.scalars(select(Evidence).order_by(Evidence.id)).all():
        subject = f"evidence/{row.uid}"
        digest, _ = added.pop(subject, ("", {}))
        if row.sha256 != digest:
            yield f"{subject} is not the file that the ledger knows"
        elif blobs is not None and not blobs.is_intact(row.sha256):
            yield f"{subject}: the kept file is missing or is not what was uploaded"
        else:
            yield ""
    yield from (f"{subject} is missing" for subject in sorted(added.keys() - removed.keys()))


def _said(session: Session, kind: str) -> _Said:
    """What the last entry of a kind says of each subject."""
    query = select(LedgerEntry.subject, LedgerEntry.after, LedgerEntry.detail).where(
        LedgerEntry.kind == kind
    )
    rows = session.execute(query.order_by(LedgerEntry.sequence))
    return {subject: (after, detail) for subject, after, detail in rows}
