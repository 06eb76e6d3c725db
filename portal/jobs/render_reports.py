"""Renders the report beside a certificate: of the inventory, or of the progress."""

from __future__ import annotations

from portal.documents.facts import Language
from portal.documents.orders import Kind, Order
from portal.domain.canonical import canonical_json
from portal.domain.certificates import Kind as Certified
from portal.jobs.held import HeldJob
from portal.jobs.issue_certificates import certificate_of, print_and_keep
from portal.jobs.signing import notary_of
from portal.services import certificates, progress_report_facts, report_facts, seals
from portal.services.work import Work
from portal.store.certificates import Certificate


def render_report(held: HeldJob) -> None:
    """Render the report from the frozen submission, unless that was done before."""
    language = Language(held.arguments["language"])
    kind = certificates.report_kind(language)
    with held.reading() as work:
        certificate = certificate_of(work, held)
        if certificates.document(work.session, certificate, kind) is not None:
            return
        facts, document = _facts(work, certificate, language)
    with held.writing() as work:
        notary = notary_of(held.settings)
        seal = seals.seal_report(work, certificate_of(work, held), kind, facts, notary)
    print_and_keep(held, kind, Order(document, facts, seal))


def _facts(work: Work, certificate: Certificate, language: Language) -> tuple[bytes, Kind]:
    if certificate.kind == Certified.PROGRESS:
        facts: object = progress_report_facts.assemble(work, certificate, language)
        return canonical_json(facts), Kind.PROGRESS_REPORT
    return canonical_json(report_facts.assemble(work, certificate, language)), Kind.REPORT
