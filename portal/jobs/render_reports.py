"""Renders the inventory report beside a certificate."""

from __future__ import annotations

from portal.documents.orders import Kind
from portal.domain.canonical import canonical_json
from portal.domain.words import N_
from portal.jobs.held import HeldJob, Hopeless
from portal.services import certificates, report_facts
from portal.services.work import Work
from portal.store.certificates import Certificate


def render_report(held: HeldJob) -> None:
    """Render the report from the frozen submission; a repeat finds the bytes and changes nothing."""
    with held.reading() as work:
        facts = canonical_json(report_facts.assemble(work, _certificate(work, held)))
    held.show(10, N_("The report is being rendered"))
    content = held.renderer.render(Kind.REPORT, facts)
    with held.finishing() as work:
        certificates.keep_document(work, _certificate(work, held), "report", content)


def _certificate(work: Work, held: HeldJob) -> Certificate:
    found = work.session.get(Certificate, held.arguments["certificate_id"])
    if found is None:
        raise Hopeless(f"there is no certificate {held.arguments['certificate_id']}")
    return found
