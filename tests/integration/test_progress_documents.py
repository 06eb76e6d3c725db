"""From an approved progress report to its two papers: the certificate's facts and the printed report."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents.facts import Language, read_facts
from portal.documents.making import RendererInProcess
from portal.documents.orders import Kind
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.documents.progress_report import ProgressReportFacts
from portal.domain.actors import SYSTEM
from portal.domain.canonical import canonical_json
from portal.services import progress_report_facts
from portal.services.work import Work
from portal.store.certificates import Certificate
from tests.factories.plans import an_approved_plan, an_approved_progress
from tests.factories.scenes import Scene, a_scene
from tests.factories.suppliers import MOMENT, a_file


@pytest.fixture
def certificate(session: Session) -> Certificate:
    """The certificate of a year in which one action was carried out, measured and proven."""
    scene: Scene = a_scene(session)
    member = scene.member("M-1")
    scene.approved(member, 2024, minutes=1)
    scene.approved(member, 2025, minutes=3)
    an_approved_plan(scene, member)
    file = a_file(session, member.id)
    approved = an_approved_progress(scene, member, 2025, measured_t="1.5", file=file)
    query = select(Certificate).where(Certificate.submission_id == approved.id)
    return session.scalars(query).one()


def report_of(
    session: Session, certificate: Certificate, language: Language
) -> ProgressReportFacts:
    work = Work(session, SYSTEM, MOMENT)
    return progress_report_facts.assemble(work, certificate, language)


def test_report_says_what_the_certificate_says(session: Session, certificate: Certificate) -> None:
    stated = read_facts(ProgressCertificateFacts, certificate.facts)
    report = report_of(session, certificate, Language.EN)
    assert (report.level, report.levels) == (stated.level, stated.levels)
    assert (report.standing, report.path) == (stated.standing, stated.path)
    assert report.totals == stated.actions
    assert report.totals.kg_verified == Decimal(1500)
    assert report.inventory is not None


def test_report_divides_the_change_without_a_remainder_of_its_own(
    session: Session, certificate: Certificate
) -> None:
    change = report_of(session, certificate, Language.ZH).change
    assert change is not None
    assert change.kg_to - change.kg_from == (
        change.structure
        + change.factor
        + change.undivided
        + (change.activity or 0)
        + (change.intensity or 0)
    )


@pytest.mark.parametrize("language", list(Language))
def test_both_papers_are_made(
    session: Session, certificate: Certificate, language: Language
) -> None:
    facts = canonical_json(report_of(session, certificate, language))
    renderer = RendererInProcess()
    assert renderer.render(Kind.PROGRESS_REPORT, facts).startswith(b"%PDF")
    made = renderer.render(Kind.PROGRESS_CERTIFICATE, certificate.facts)
    assert made == renderer.render(Kind.PROGRESS_CERTIFICATE, certificate.facts)
