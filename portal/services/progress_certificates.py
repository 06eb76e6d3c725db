"""The certificate of an approved year of progress, with the level that its measured values come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from portal.domain.certificates import Kind
from portal.services import certificate_facts, certificates, progress_facts, progress_outcome
from portal.services.series import series_of
from portal.services.sources import source_book
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.certificates import Certificate
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberProgress


def intend(
    work: Work,
    submission: Submission,
    content: Mapping[str, Any],
    row: MemberProgress,
    *,
    with_report: bool,
) -> Certificate:
    """Give out the number and fix the facts in the approving transaction."""
    session = work.session
    series, book = (
        series_of(session, submission.member_id),
        source_book(session, submission.member_id),
    )

    def assemble(member: Member, alliance: Alliance, certificate: Certificate) -> object:
        return progress_facts.assemble(
            certificate_facts.heading_of(work, alliance, certificate),
            submission,
            content,
            level=row.level,
            method=certificate_facts.method_of(submission),
            measured=progress_outcome.measures(session, member, row, content),
            series=series,
            book=book,
            inventory_number=_inventory_number(work, submission),
        )

    return certificates.issue(
        work,
        submission,
        kind=Kind.PROGRESS,
        template=progress_facts.TEMPLATE,
        assemble=assemble,
        level=row.level,
        with_report=with_report,
    )


def _inventory_number(work: Work, submission: Submission) -> str:
    query = (
        select(Certificate.number)
        .where(
            Certificate.member_id == submission.member_id,
            Certificate.year == submission.year,
            Certificate.kind == Kind.INVENTORY.value,
        )
        .order_by(Certificate.id.desc())
        .limit(1)
    )
    return work.session.scalars(query).one_or_none() or ""
