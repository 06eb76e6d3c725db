"""Renders a certificate whose number and facts were committed with the approval, and keeps its bytes."""

from __future__ import annotations

from portal.documents.failures import Failure, RenderingFailed
from portal.documents.orders import Kind, Order
from portal.domain.canonical import digest_of_bytes
from portal.domain.certificates import Kind as Certified
from portal.domain.words import N_
from portal.jobs.held import HeldJob, Hopeless
from portal.jobs.signing import notary_of
from portal.services import certificates, seals
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
    """Seal, render and sign the facts unless that was done before; the bytes make the certificate valid.

    The seal is committed before anything is rendered, so that a job that is done again gives the same pages.
    """
    with held.reading() as work:
        certificate = certificate_of(work, held)
        is_kept = (
            certificates.document(work.session, certificate, certificates.CERTIFICATE) is not None
        )
    if is_kept:
        return
    with held.writing() as work:
        certificate = certificate_of(work, held)
        seal = seals.seal_certificate(
            work, certificate, certificates.CERTIFICATE, notary_of(held.settings)
        )
        order = Order(_KINDS[Certified(certificate.kind)], certificate.facts, seal)
    print_and_keep(held, certificates.CERTIFICATE, order)


def print_and_keep(held: HeldJob, kind: str, order: Order) -> None:
    """Render and sign a sealed document, then keep it in the job's last transaction."""
    held.show(10, N_("Rendering the document"))
    unsigned = _rendered(held, order)
    signed = held.signatory.sign(unsigned, held.now())
    with held.finishing() as work:
        certificates.keep_document(
            work,
            certificate_of(work, held),
            kind,
            signed,
            unsigned_sha256=digest_of_bytes(unsigned),
        )


def _rendered(held: HeldJob, order: Order) -> bytes:
    """Have a document made outside any transaction; Hopeless when it is the facts' own fault."""
    try:
        return held.renderer.render(order.kind, order.facts_json, order.seal)
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
