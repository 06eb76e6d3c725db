"""Whether the frozen rows and kept files are those that the ledger speaks of."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator

from sqlalchemy import Row, select
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

_PIECE = 1024 * 1024
_DECIDED = {State.APPROVED, State.RETURNED, State.WITHDRAWN}


def row_faults(session: Session, blobs: Blobs | None) -> Iterator[str]:
    """For each row that is looked at what is wrong with it, empty when nothing is; then what is missing altogether."""
    yield from _submissions(session)
    yield from _certificates(session)
    yield from _documents(session)
    yield from _evidence(session, blobs)


def _submissions(session: Session) -> Iterator[str]:
    submitted = _afters(session, "submission.submitted")
    decided = {state: _afters(session, f"submission.{state}") for state in _DECIDED}
    query = select(Submission.id, Submission.uid, Submission.digest, Submission.state)
    for row in session.execute(query.order_by(Submission.id)).all():
        subject = f"submission/{row.uid}"
        if row.digest not in submitted.pop(subject, set()):
            yield f"{subject} has another digest than the ledger says"
            continue
        told = {state for state, subjects in decided.items() if subject in subjects}
        if told != ({State(row.state)} & _DECIDED):
            yield f"{subject} is {row.state}, which the ledger contradicts"
            continue
        yield _content_fault(session, row, subject)
    yield from (f"{subject} is missing" for subject in sorted(submitted))


def _content_fault(session: Session, row: Row[tuple[int, str, str, str]], subject: str) -> str:
    packed = session.scalars(select(Submission.content).where(Submission.id == row.id)).one()
    try:
        is_sound = digest_of_bytes(zlib.decompress(packed)) == row.digest
    except zlib.error:
        is_sound = False
    return "" if is_sound else f"{subject} does not have the content that was signed"


def _certificates(session: Session) -> Iterator[str]:
    intended = _afters(session, INTENDED)
    ended = {
        Standing.REVOKED: _afters(session, REVOKED),
        Standing.SUPERSEDED: _afters(session, SUPERSEDED),
    }
    for certificate in session.scalars(select(Certificate).order_by(Certificate.id)).all():
        subject = f"certificate/{certificate.number}"
        query = select(Certificate.facts).where(Certificate.id == certificate.id)
        digest = digest_of_bytes(session.scalars(query).one())
        known = intended.pop(subject, set())
        if digest != certificate.facts_digest or digest not in known:
            yield f"{subject} states other facts than those that the ledger knows"
        elif certificate.state != _last_word(subject, ended, certificate.state):
            yield f"{subject} is {certificate.state}, which the ledger contradicts"
        else:
            yield ""
    yield from (f"{subject} is missing" for subject in sorted(intended))


def _last_word(subject: str, ended: dict[Standing, dict[str, set[str]]], state: str) -> str:
    """The state that the ledger tells of; what was revoked stays so, and what has not ended may still be rendered."""
    for standing, subjects in ended.items():
        if subject in subjects:
            return standing.value
    return Standing.VALID.value if state in ended else state


def _documents(session: Session) -> Iterator[str]:
    rendered = [
        *_afters(session, "certificate.rendered").values(),
        *_afters(session, "report.rendered").values(),
    ]
    known = {digest for digests in rendered for digest in digests}
    for document in session.scalars(
        select(CertificateDocument).order_by(CertificateDocument.id)
    ).all():
        query = select(CertificateDocument.content).where(CertificateDocument.id == document.id)
        digest = digest_of_bytes(session.scalars(query).one())
        if digest != document.sha256 or digest not in known:
            yield f"document {document.id} ({document.kind}) is not the one that was rendered"
        else:
            yield ""
        known.discard(document.sha256)
    yield from (f"the document with SHA-256 {digest} is missing" for digest in sorted(known))


def _evidence(session: Session, blobs: Blobs | None) -> Iterator[str]:
    added = _afters(session, "evidence.added")
    for row in session.scalars(select(Evidence).order_by(Evidence.id)).all():
        subject = f"evidence/{row.uid}"
        if row.sha256 not in added.get(subject, set()):
            yield f"{subject} is not the file that the ledger knows"
        elif blobs is not None and _digest_of_blob(blobs, row.sha256) != row.sha256:
            yield f"{subject}: the kept file is missing or is not what was uploaded"
        else:
            yield ""


def _digest_of_blob(blobs: Blobs, sha256: str) -> str:
    digest = hashlib.sha256()
    try:
        with blobs.open(sha256) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


def _afters(session: Session, kind: str) -> dict[str, set[str]]:
    """The digests that entries of a kind left behind, by subject."""
    found: dict[str, set[str]] = {}
    query = select(LedgerEntry.subject, LedgerEntry.after).where(LedgerEntry.kind == kind)
    for subject, after in session.execute(query):
        found.setdefault(subject, set()).add(after)
    return found
