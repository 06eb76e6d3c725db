"""Renders the inventory report beside a certificate."""

from __future__ import annotations

from portal.documents.facts import Language
from portal.documents.orders import Kind
from portal.domain.canonical import canonical_json
from portal.domain.words import N_
from portal.jobs.held import HeldJob
from portal.jobs.issue_certificates import certificate_of, render
from portal.services import certificates, report_facts


def render_report(held: HeldJob) -> None:
    """Render the report from the frozen submission, unless that was done before."""
    language = Language(held.arguments["language"])
    kind = certificates.report_kind(language)
    with held.reading() as work:
        certificate = certificate_of(work, held)
        if certificates.document(work.session, certificate, kind) is not None:
            return
        facts = canonical_json(report_facts.assemble(work, certificate, language))
    held.show(10, N_("Rendering the document"))
    content = render(held, Kind.REPORT, facts)
    with held.finishing() as work:
        certificates.keep_document(work, certificate_of(work, held), kind, content)
