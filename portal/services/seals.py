"""Sealing a document before it is rendered: its facts stand in the log, the log's head is signed, both go into the file."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents.certificate import CertificateFacts
from portal.documents.facts import read_facts
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.documents.seals import Seal
from portal.documents.statements import statement_of
from portal.domain.canonical import digest_of_bytes
from portal.domain.certificates import Kind
from portal.domain.ledger.facts import INTENDED, REPORT_INTENDED
from portal.domain.ledger.proofs import InclusionProof
from portal.services import checkpoints
from portal.services.checkpoints import Notary
from portal.services.freezing import member_code
from portal.services.work import Work
from portal.store.certificates import Certificate, DocumentSeal
from portal.store.ledger import LedgerEntry


def seal_certificate(work: Work, certificate: Certificate, kind: str, notary: Notary) -> Seal:
    """What ties a certificate to the log: the entry of its approval holds the digest of its facts."""
    kept = _kept(work.session, certificate, kind, certificate.facts_digest)
    if kept is not None:
        return kept
    statement = statement_of(facts_in(certificate.kind, certificate.facts)).signed(
        notary.keys.log_key()
    )
    return _seal(work, certificate, kind, certificate.facts_digest, INTENDED, statement, notary)


def seal_report(
    work: Work, certificate: Certificate, kind: str, facts: bytes, notary: Notary
) -> Seal:
    """What ties a report to the log: its facts are put together now, so an entry of its own says what they are."""
    digest = digest_of_bytes(facts)
    kept = _kept(work.session, certificate, kind, digest)
    if kept is not None:
        return kept
    work.record(
        REPORT_INTENDED,
        f"certificate/{certificate.number}",
        on_behalf_of=member_code(work.session, certificate.member_id),
        after=digest,
        detail={"kind": kind},
    )
    work.flush_ledger()
    return _seal(work, certificate, kind, digest, REPORT_INTENDED, "", notary)


def facts_in(kind: str, facts: bytes) -> CertificateFacts | ProgressCertificateFacts:
    """The facts of a certificate of either kind as values."""
    if kind == Kind.PROGRESS:
        return read_facts(ProgressCertificateFacts, facts)
    return read_facts(CertificateFacts, facts)


def _kept(session: Session, certificate: Certificate, kind: str, digest: str) -> Seal | None:
    row = session.get(DocumentSeal, (certificate.id, kind))
    return Seal(row.proof, row.statement) if row and row.facts_digest == digest else None


def _seal(
    work: Work,
    certificate: Certificate,
    kind: str,
    digest: str,
    entry_kind: str,
    statement: str,
    notary: Notary,
) -> Seal:
    entry = _entry(work.session, certificate, entry_kind, digest)
    head = checkpoints.sign_head(work, notary)
    hashes = checkpoints.inclusion(work.session, entry.sequence, head.size)
    proof = InclusionProof(entry.entry().data(), entry.sequence, tuple(hashes), head.note)
    # Facts that were put together anew after a crash may differ from those that were sealed and never rendered.
    work.session.merge(
        DocumentSeal(
            certificate_id=certificate.id,
            kind=kind,
            facts_digest=digest,
            proof=proof.written(),
            statement=statement,
            sealed_at=work.moment,
        )
    )
    return Seal(proof.written(), statement)


def _entry(session: Session, certificate: Certificate, kind: str, digest: str) -> LedgerEntry:
    return session.scalars(
        select(LedgerEntry)
        .where(
            LedgerEntry.subject == f"certificate/{certificate.number}",
            LedgerEntry.kind == kind,
            LedgerEntry.after == digest,
        )
        .order_by(LedgerEntry.sequence)
        .limit(1)
    ).one()
