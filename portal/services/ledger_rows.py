"""Whether the frozen rows and kept files are those that the ledger speaks of."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain.canonical import digest_of_bytes
from portal.domain.certificates import State as Standing
from portal.domain.ledger.facts import INTENDED, REVOKED, SUPERSEDED, own_detail
from portal.domain.submissions import State
from portal.services.freezing import columns_of
from portal.services.submissions import content_of
from portal.store.base import MICRO
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate, CertificateDocument
from portal.store.evidence import Evidence
from portal.store.ledger import LedgerEntry
from portal.store.members import Member
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


class _Told(NamedTuple):
    """What an entry left behind: a digest, the member that it is about, and the detail."""

    after: str = ""
    member: str = ""
    detail: Mapping[str, Any] = MappingProxyType({})


_NOTHING = _Told()
_Said = dict[str, _Told]  # by subject


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
    query = select(Submission, Member.code).join(Member, Member.id == Submission.member_id)
    for row, member in session.execute(query.order_by(Submission.id)).all():
        subject = f"submission/{row.uid}"
        known = submitted.pop(subject, _NOTHING)
        told = _last_word(subject, decided, _DECIDED, State.SUBMITTED)
        if row.digest != known.after:
            yield f"{subject} has another digest than the ledger says"
        elif member != known.member:
            yield f"{subject} is {member}'s, the ledger says {known.member}'s"
        elif {"year": row.year, "number": row.number, "kind": row.kind} != known.detail:
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


def _content_fault(session: Session, submission: Submission, subject: str) -> str:
    try:
        content = content_of(session, submission)
    except (zlib.error, RuntimeError):
        return f"{subject} does not have the content that was signed"
    if submission.inventory_id is None:
        return ""  # the amounts of a plan or report are those of the year that it stands on
    wrong = [
        name
        for name, value in columns_of(content).items()
        if _stored(value) != getattr(submission, name)
    ]
    return f"{subject}: {', '.join(wrong)} not as in its content" if wrong else ""


def _stored(value: object) -> object:
    """A value as a column keeps it."""
    if isinstance(value, Decimal):
        return value.quantize(MICRO, rounding=ROUND_HALF_EVEN)
    return value


def _certificates(session: Session) -> Iterator[str]:
    intended = _said(session, INTENDED)
    told = {kind: _said(session, kind) for kind in _STANDING}
    query = select(Certificate, Member.code).join(Member, Member.id == Certificate.member_id)
    for certificate, member in session.execute(query.order_by(Certificate.id)).all():
        subject = f"certificate/{certificate.number}"
        own = select(Certificate.facts).where(Certificate.id == certificate.id)
        facts = session.scalars(own).one()
        digest = digest_of_bytes(facts)
        known = intended.pop(subject, _NOTHING)
        standing = _last_word(subject, told, _STANDING, Standing.ISSUING)
        if digest != certificate.facts_digest or digest != known.after:
            yield f"{subject} states other facts than those that the ledger knows"
        elif _gist(certificate) != known.detail:
            yield f"{subject} is of another year or kind, or ends on another day, than the ledger says"
        elif wrong := _unlike_facts(certificate, member, json.loads(facts)):
            yield f"{subject}: {wrong} not as in its facts"
        elif certificate.state != standing:
            yield f"{subject} is {certificate.state}, the ledger says {standing}"
        elif certificate.reason != _reason(subject, told, certificate.reason):
            yield f"{subject} was revoked for another reason, says the ledger"
        elif _newer(session, certificate) != told[SUPERSEDED].get(subject, _NOTHING).detail.get(
            "by"
        ):
            yield f"{subject} was replaced by another certificate, says the ledger"
        else:
            yield ""
    yield from (f"{subject} is missing" for subject in sorted(intended))


def _gist(certificate: Certificate) -> dict[str, object]:
    return {
        "year": certificate.year,
        "kind": certificate.kind,
        "valid_until": certificate.valid_until.isoformat(),
    }


def _unlike_facts(certificate: Certificate, member: str, facts: Mapping[str, Any]) -> str:
    """Name what the row says otherwise than the facts that were printed, empty when nothing."""
    said = {
        "number": certificate.number,
        "code": certificate.code,
        "level": certificate.level,
        "template": certificate.template,
        "member_code": member,
    }
    printed = {"level": "", **facts}  # an inventory has no level
    return ", ".join(name for name, value in said.items() if printed[name] != value)


def _newer(session: Session, certificate: Certificate) -> str | None:
    newer = certificate.superseded_by and session.get(Certificate, certificate.superseded_by)
    return newer.number if newer else None


def _reason(subject: str, told: Mapping[str, _Said], otherwise: str) -> str:
    return str(told[REVOKED].get(subject, _NOTHING).detail.get("reason", otherwise))


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
        if row.sha256 != added.pop(subject, _NOTHING).after:
            yield f"{subject} is not the file that the ledger knows"
        elif blobs is not None and not blobs.is_intact(row.sha256):
            yield f"{subject}: the kept file is missing or is not what was uploaded"
        else:
            yield ""
    yield from (f"{subject} is missing" for subject in sorted(added.keys() - removed.keys()))


def _said(session: Session, kind: str) -> _Said:
    """What the last entry of a kind says of each subject."""
    query = (
        select(LedgerEntry.subject, LedgerEntry.after, LedgerEntry.on_behalf_of, LedgerEntry.detail)
        .where(LedgerEntry.kind == kind)
        .order_by(LedgerEntry.sequence)
    )
    return {
        subject: _Told(after, member, own_detail(detail))
        for subject, after, member, detail in session.execute(query)
    }
