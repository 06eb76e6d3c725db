"""Renders a certificate whose number and facts were committed with the approval, and keeps its bytes."""

from __future__ import annotations

from portal.documents.failures import Failure, RenderingFailed
from portal.documents.orders import Kind
from portal.domain.certificates import Kind as Certified
from portal.domain.words import N_
from portal.jobs.held import HeldJob, Hopeless
from portal.services import certificates
from portal.services.work import Work
from portal.store.certificates import Certificate

# The same facts will fail again; the other failures are about the machine or the moment.
FAULTS_OF_FACTS = frozenset(
    {Failure.BAD_FACTS, Failure.FORBIDDEN_FETCH, Failure.MISSING_GLYPHS, Failure.TOO_LONG}
)

_KINDS = {
    Certified.INVENTORY: Kind.CERTIFICATE,
    Certified.PROGRESS: Kind.PROGRESS_CERTIFICATE,
}


def issue_certificate(held: HeldJob) -> None:
    """Render the facts unless that was done before, and make the certificate valid with the bytes in one transaction."""
    with held.reading() as work:
        certificate = certificate_of(work, held)
        is_kept = (
            certificates.document(work.session, certificate, certificates.CERTIFICATE) is not None
        )
        facts, kind = certificate.facts, _KINDS[Certified(certificate.kind)]
    if is_kept:
        return
    held.show(10, N_("Rendering the document"))
    content = render(held, kind, facts)
    with held.finishing() as work:
        certificates.keep_document(
            work, certificate_of(work, held), certificates.CERTIFICATE, content
        )


def render(held: HeldJob, kind: Kind, facts: bytes) -> bytes:
    """Have a document made outside any transaction; Hopeless when it is the facts' own fault."""
    try:
        return held.renderer.render(kind, facts)
    except RenderingFailed as failed:
        if failed.failure in FAULTS_OF_FACTS:
            raise Hopeless(str(failed)) from failed
        raise


def certificate_of(work: Work, held: HeldJob) -> Certificate:
    """The certificate that a job is about."""
    found = work.session.get(Certificate, held.arguments["certificate_id"])
    if found is None:
        raise Hopeless(f"there is no certificate {held.arguments['certificate_id']}")
    return found
