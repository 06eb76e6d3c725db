"""Certificates: intent with number and facts first, rendering after it, then revoking and checking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.documents.facts import Language
from portal.domain import certificates as rules
from portal.domain.actors import MemberId
from portal.domain.canonical import canonical_json, digest_of_bytes
from portal.domain.certificates import Kind, Standing, State
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.services import certificate_facts, notices
from portal.services.freezing import member_code
from portal.services.places import day_of
from portal.services.work import Work
from portal.store import jobs
from portal.store.alliance import Alliance
from portal.store.base import rows_changed, upserting
from portal.store.certificates import Certificate, CertificateDocument, NumberSeries
from portal.store.members import Member
from portal.store.submissions import Submission

ISSUE_CERTIFICATE = "issue_certificate"
RENDER_REPORT = "render_report"
PUBLISH_LOG = "publish_log"
CERTIFICATE = "certificate"


_SUPERSEDED = {
    Kind.INVENTORY: "A newer version of this year's inventory was approved.",
    Kind.PROGRESS: "A newer progress report was approved.",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a stranger is told about a number and its code."""

    standing: Standing
    certificate: Certificate | None = None
    replaced_by: Certificate | None = None


def intend(
    work: Work, submission: Submission, content: Mapping[str, Any], *, with_report: bool = True
) -> Certificate:
    """Certify an approved inventory; `content` is what the submission has frozen."""

    def assemble(member: Member, alliance: Alliance, certificate: Certificate) -> object:
        return certificate_facts.assemble(
            certificate_facts.heading_of(work, alliance, certificate),
            submission,
            content,
            certificate_facts.years_of(work.session, submission),
            certificate_facts.method_of(submission),
        )

    return issue(
        work,
        submission,
        kind=Kind.INVENTORY,
        template=certificate_facts.TEMPLATE,
        assemble=assemble,
        with_report=with_report,
    )


def issue(
    work: Work,
    submission: Submission,
    *,
    kind: Kind,
    template: str,
    assemble: Callable[[Member, Alliance, Certificate], object],
    level: str = "",
    with_report: bool = True,
) -> Certificate:
    """Give out the number and fix the facts in the approving transaction; a job renders them after the commit."""
    member = work.session.get_one(Member, submission.member_id)
    alliance = work.session.get_one(Alliance, member.alliance_id)
    issued_on = day_of(work.moment)
    certificate = Certificate(
        uid=work.new_uid(),
        number=_next_number(work.session, alliance.code, issued_on.year),
        code=rules.code_text(work.random_bytes(rules.CODE_BYTES)),
        submission_id=submission.id,
        member_id=member.id,
        year=submission.year,
        kind=kind.value,
        level=level,
        state=State.ISSUING.value,
        template=template,
        issued_at=work.moment,
        valid_until=rules.valid_until(issued_on, alliance.certificate_months),
    )
    facts = canonical_json(assemble(member, alliance, certificate))
    certificate.facts = facts
    certificate.facts_digest = digest_of_bytes(facts)
    work.session.add(certificate)
    work.session.flush()
    _supersede_earlier(work, certificate)
    _enqueue(work, certificate, with_report=with_report)
    work.record(
        "certificate.intended",
        f"certificate/{certificate.number}",
        on_behalf_of=member.code,
        before=submission.digest,
        after=certificate.facts_digest,
        detail={
            "year": certificate.year,
            "kind": kind.value,
            "valid_until": certificate.valid_until,
        },
    )
    return certificate


def keep_document(
    work: Work, certificate: Certificate, kind: str, content: bytes, *, unsigned_sha256: str = ""
) -> bool:
    """Keep a document's bytes; False when the same document is kept already (a repeated job).

    `unsigned_sha256` is the digest of a signed document before it was signed, since no two signatures are alike.
    """
    kept = work.session.scalars(
        select(CertificateDocument.unsigned_sha256).where(
            CertificateDocument.certificate_id == certificate.id, CertificateDocument.kind == kind
        )
    ).one_or_none()
    sha256 = digest_of_bytes(content)
    unsigned_sha256 = unsigned_sha256 or sha256
    if kept is not None:
        if kept != unsigned_sha256:
            raise RuntimeError(f"{certificate.number}: the same facts gave other bytes")
        return False
    work.session.add(
        CertificateDocument(
            certificate_id=certificate.id,
            kind=kind,
            sha256=sha256,
            unsigned_sha256=unsigned_sha256,
            size=len(content),
            content=content,
            rendered_at=work.moment,
        )
    )
    work.record(
        "certificate.rendered" if kind == CERTIFICATE else "report.rendered",
        f"certificate/{certificate.number}",
        on_behalf_of=member_code(work.session, certificate.member_id),
        before=certificate.facts_digest,
        after=sha256,
        detail={"kind": kind},
    )
    if kind == CERTIFICATE:
        _become_valid(work, certificate)
    return True


def revoke(work: Work, uid: UUID, reason: str) -> Certificate:
    """End a certificate with a reason; the public page says so at once."""
    work.demand(Permission.ALLIANCE_CERTIFICATE_REVOKE)
    certificate = find(work, uid)
    if not reason.strip():
        raise Conflict("certificate.revocation.reason_missing")
    moved = rows_changed(
        work.session,
        update(Certificate)
        .where(
            Certificate.id == certificate.id,
            Certificate.state.in_([State.VALID.value, State.SUPERSEDED.value]),
        )
        .values(state=State.REVOKED.value, revoked_at=work.moment, reason=reason)
        .execution_options(synchronize_session=False),
    )
    work.session.refresh(certificate)
    if moved != 1:
        raise Conflict("certificate.state.moved_on", {"state": certificate.state})
    work.record(
        "certificate.revoked",
        f"certificate/{certificate.number}",
        on_behalf_of=member_code(work.session, certificate.member_id),
        before=certificate.facts_digest,
        detail={"reason": reason},
    )
    notices.certificate_revoked(work, certificate)
    # Whoever checks without the portal goes by the published list.
    jobs.add(
        work.session,
        PUBLISH_LOG,
        {},
        moment=work.moment,
        unique_key=f"schedule:{PUBLISH_LOG}",
        priority=20,
    )
    return certificate


def find(work: Work, uid: UUID) -> Certificate:
    """The certificate with this public id, if the actor may read it; a foreign one is answered like an unknown one."""
    certificate = work.session.scalars(
        select(Certificate).where(Certificate.uid == uid)
    ).one_or_none()
    if certificate is None:
        raise NotFound()
    work.demand(Permission.MEMBER_CERTIFICATE_READ, MemberId(certificate.member_id))
    return certificate


def document(session: Session, certificate: Certificate, kind: str) -> CertificateDocument | None:
    """The rendered bytes of a certificate or its report, None while the job is under way."""
    return session.scalars(
        select(CertificateDocument).where(
            CertificateDocument.certificate_id == certificate.id, CertificateDocument.kind == kind
        )
    ).one_or_none()


def check(session: Session, number: str, code: str, today: date) -> Checked:
    """What a stranger with number and code is told; a wrong code is answered like an unknown number."""
    certificate = None
    if rules.is_number(number):
        certificate = session.scalars(
            select(Certificate).where(Certificate.number == number)
        ).one_or_none()
    # The comparison runs in any case, so that the time does not tell which numbers exist.
    is_right = rules.is_same_code(certificate.code if certificate else "-" * 16, code)
    if certificate is None or not is_right or certificate.state == State.ISSUING.value:
        return Checked(Standing.UNKNOWN)
    standing = rules.standing(State(certificate.state), certificate.valid_until, today)
    newer = certificate.superseded_by and session.get(Certificate, certificate.superseded_by)
    return Checked(standing, certificate, newer or None)


def digests(session: Session, certificate: Certificate) -> dict[str, str]:
    """SHA-256 of each document of a certificate that is ready, by kind."""
    query = select(CertificateDocument.kind, CertificateDocument.sha256).where(
        CertificateDocument.certificate_id == certificate.id
    )
    return dict(session.execute(query).all())


def facts_of(session: Session, certificate: Certificate) -> bytes:
    """The canonical facts of a certificate; raises when they no longer match their digest."""
    facts = session.scalars(select(Certificate.facts).where(Certificate.id == certificate.id)).one()
    if digest_of_bytes(facts) != certificate.facts_digest:
        raise RuntimeError(f"{certificate.number} does not match its digest")
    return facts


def _enqueue(work: Work, certificate: Certificate, *, with_report: bool) -> None:
    arguments = {"certificate_id": certificate.id}
    jobs.add(
        work.session,
        ISSUE_CERTIFICATE,
        arguments,
        moment=work.moment,
        unique_key=f"{ISSUE_CERTIFICATE}:{certificate.id}",
        priority=5,
    )
    if with_report:
        for language in Language:
            request_report(work, certificate, language)


def report_kind(language: Language) -> str:
    """The kind under which the inventory report in a language is kept."""
    return f"report_{language.value}"


def request_report(work: Work, certificate: Certificate, language: Language) -> None:
    """Have the inventory report beside a certificate rendered in a language, once."""
    jobs.add(
        work.session,
        RENDER_REPORT,
        {"certificate_id": certificate.id, "language": language.value},
        moment=work.moment,
        unique_key=f"{RENDER_REPORT}:{certificate.id}:{language.value}",
    )


def _become_valid(work: Work, certificate: Certificate) -> None:
    moved = rows_changed(
        work.session,
        update(Certificate)
        .where(Certificate.id == certificate.id, Certificate.state == State.ISSUING.value)
        .values(state=State.VALID.value)
        .execution_options(synchronize_session=False),
    )
    work.session.refresh(certificate)
    if moved == 1:
        notices.certificate_issued(work, certificate)


def _supersede_earlier(work: Work, certificate: Certificate) -> None:
    """A newer inventory of the same year, or progress of a later year, takes the place of what was certified.

    Progress of a year that lies before one that is certified already is out of date from the beginning.
    """
    query = select(Certificate).where(
        Certificate.member_id == certificate.member_id,
        Certificate.kind == certificate.kind,
        Certificate.id != certificate.id,
        Certificate.state.in_([State.ISSUING.value, State.VALID.value]),
    )
    if certificate.kind == Kind.INVENTORY:
        query = query.where(Certificate.year == certificate.year)
    for other in work.session.scalars(query.order_by(Certificate.year)).all():
        if other.year <= certificate.year:
            _supersede(work, other, certificate)
        else:
            _supersede(work, certificate, other)


def _supersede(work: Work, old: Certificate, newer: Certificate) -> None:
    if not _moved_aside(work, old, newer):
        return  # revoked meanwhile: that says more
    work.record(
        "certificate.superseded",
        f"certificate/{old.number}",
        on_behalf_of=member_code(work.session, old.member_id),
        before=old.facts_digest,
        detail={"by": newer.number},
    )


def _moved_aside(work: Work, old: Certificate, newer: Certificate) -> bool:
    """Let a certificate be superseded by a conditional UPDATE; False when somebody was quicker."""
    moved = rows_changed(
        work.session,
        update(Certificate)
        .where(
            Certificate.id == old.id,
            Certificate.state.in_([State.ISSUING.value, State.VALID.value]),
        )
        .values(
            state=State.SUPERSEDED.value,
            superseded_by=newer.id,
            reason=_SUPERSEDED[Kind(newer.kind)],
        )
        .execution_options(synchronize_session=False),
    )
    work.session.refresh(old)
    return moved == 1


def _next_number(session: Session, alliance_code: str, year: int) -> str:
    name = rules.series_name(alliance_code, year)
    # One statement for the first of a year as well: of two at once the second waits for the first and counts on.
    counting = (
        upserting(session)(NumberSeries)
        .values(name=name, last=1)
        .on_conflict_do_update(
            index_elements=[NumberSeries.name], set_={"last": NumberSeries.last + 1}
        )
        .returning(NumberSeries.last)
    )
    return rules.number_text(name, session.scalars(counting).one())
