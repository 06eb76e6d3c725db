"""The gist of a certificate, which its QR code carries signed: worked out from the facts and from nothing else."""

from __future__ import annotations

from portal.documents.certificate import CertificateFacts
from portal.documents.figures import TonneColumn
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.domain.canonical import canonical_json, digest_of_bytes
from portal.domain.certificates import Kind
from portal.domain.statements import Statement


def statement_of(facts: CertificateFacts | ProgressCertificateFacts) -> Statement:
    """The statement that belongs to these facts."""
    is_progress = isinstance(facts, ProgressCertificateFacts)
    return Statement(
        number=facts.number,
        kind=Kind.PROGRESS if is_progress else Kind.INVENTORY,
        year=facts.year,
        member=" ".join((facts.member.zh or facts.member.en or facts.member_code).split()),
        result=_level(facts) if isinstance(facts, ProgressCertificateFacts) else _total(facts),
        valid_until=facts.valid_until,
        facts_digest=digest_of_bytes(canonical_json(facts)),
    )


def _total(facts: CertificateFacts) -> str:
    """The total as it is printed in large figures."""
    figures = facts.figures
    tonnes = TonneColumn.for_amounts(figures.total_location, figures.total_market)
    return f"{tonnes.text(figures.total_location)} tCO2e"


def _level(facts: ProgressCertificateFacts) -> str:
    level = facts.reached
    return "—" if level is None else " ".join((level.name.en or level.name.zh or level.id).split())
