"""After the approval: the certificate and its report are rendered by a job, once, and the member is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from portal.documents.facts import Language
from portal.documents.failures import Failure, RenderingFailed
from portal.documents.orders import Kind as DocumentKind
from portal.documents.orders import Order
from portal.documents.renderer import Outcome as Rendered
from portal.documents.seals import UNSEALED, Seal
from portal.domain.actors import SYSTEM, Role
from portal.domain.canonical import digest_of_bytes
from portal.jobs.queue import Outcome, Queue
from portal.jobs.registry import KINDS
from portal.jobs.worker import drain
from portal.services import certificates, review, submissions
from portal.services.submissions import Declaration
from portal.services.work import Work
from portal.store import jobs
from portal.store.base import Database
from portal.store.certificates import Certificate, CertificateDocument
from portal.store.jobs import Job
from portal.store.messages import Message
from tests.factories.suppliers import (
    MOMENT,
    a_member,
    a_site,
    an_account,
    an_alliance,
    work_of,
)
from tests.factories.years import a_year
from tests.workers import settings_for


@dataclass
class StubRenderer:
    """Gives the same bytes for everything, or fails as it is told."""

    failure: Failure | None = None
    orders: list[DocumentKind] = field(default_factory=list)

    def render(self, kind: DocumentKind, facts_json: bytes, seal: Seal = UNSEALED) -> bytes:
        self.orders.append(kind)
        if self.failure is not None:
            raise RenderingFailed(self.failure, "as told")
        return b"%PDF of " + digest_of_bytes(facts_json).encode()

    def render_many(self, orders: Iterable[Order]) -> Iterator[Rendered]:
        raise NotImplementedError("jobs render one document each")


class StubSignatory:
    """Signs with a word, for documents that are none."""

    def sign(self, pdf: bytes, moment: datetime) -> bytes:
        return pdf + b" signed " + moment.isoformat().encode()


@pytest.fixture
def approved(database: Database) -> Database:
    """Lay a database in which a member's year has just been approved."""
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025))
        member = a_member(session, alliance, "M001", sector="packaging")
        signatory = an_account(session, Role.SIGNATORY, member)
        coordinator = an_account(session, Role.COORDINATOR, None)
        supplier = work_of(session, signatory)
        inventory = a_year(supplier, member, a_site(session, member, "S1"), 2025)
        submitted = submissions.submit(supplier, inventory, Declaration("李雷", "总经理"))
        supplier.flush_ledger()
        decider = work_of(session, coordinator)
        review.approve_submission(decider, submitted.uid)
        decider.commit()
    return database


def queue_with(database: Database, renderer: StubRenderer, folder: Path) -> Queue:
    """A queue of the portal's own kinds whose documents come from a stub."""
    url = database.url.render_as_string(hide_password=False)
    settings = settings_for(url, folder)
    return Queue(database, settings, renderer, StubSignatory(), KINDS, lambda: MOMENT, 60, "one")


def run_all(queue: Queue, kind: str) -> list[tuple[Outcome, str]]:
    """Do every due job; return what became of those of one kind."""
    outcomes = []
    while held := queue.take():
        outcome = queue.run(held)
        if held.kind == kind:
            outcomes.append(outcome)
    return outcomes


def state_of(database: Database) -> tuple[str, int, int]:
    """The certificate's state, how many documents are kept, and how many letters say it is ready."""
    with database.reading() as session:
        letters = session.query(Message).filter_by(kind="certificate_issued").count()
        documents = session.query(CertificateDocument).count()
        return session.query(Certificate).one().state, documents, letters


def test_certificate_becomes_valid_with_its_bytes_and_the_member_is_told(
    approved: Database, tmp_path: Path
) -> None:
    renderer = StubRenderer()
    assert state_of(approved) == ("issuing", 0, 0)
    queue = queue_with(approved, renderer, tmp_path)
    assert run_all(queue, "issue_certificate") == [(Outcome.DONE, "")]
    assert sorted(renderer.orders) == [
        DocumentKind.CERTIFICATE,
        DocumentKind.REPORT,
        DocumentKind.REPORT,
    ]
    assert state_of(approved) == ("valid", 3, 1)


def test_certificate_job_that_runs_twice_changes_nothing_the_second_time(
    approved: Database, tmp_path: Path
) -> None:
    renderer = StubRenderer()
    queue = queue_with(approved, renderer, tmp_path)
    run_all(queue, "issue_certificate")
    with approved.writing() as session:
        certificate_id = session.query(Certificate).one().id
        about = {"certificate_id": certificate_id}
        jobs.add(session, "issue_certificate", about, moment=MOMENT)
        for language in ("zh", "en"):
            again = about | {"language": language}
            jobs.add(session, "render_report", again, moment=MOMENT)
        session.commit()
    assert run_all(queue, "issue_certificate") == [(Outcome.DONE, "")]
    assert len(renderer.orders) == 3
    assert state_of(approved) == ("valid", 3, 1)


def test_report_that_is_asked_for_while_it_waits_is_rendered_once(
    approved: Database, tmp_path: Path
) -> None:
    with approved.writing() as session:
        certificate = session.query(Certificate).one()
        for _ in range(3):
            certificates.request_report(Work(session, SYSTEM, MOMENT), certificate, Language.EN)
        session.commit()
        waiting = session.query(Job).filter_by(kind="render_report").count()
    assert waiting == len(Language), "the approval has asked for both already"
    renderer = StubRenderer()
    run_all(queue_with(approved, renderer, tmp_path), "issue_certificate")
    assert renderer.orders.count(DocumentKind.REPORT) == len(Language)


def test_other_bytes_from_the_same_facts_are_never_kept_and_never_passed_over(
    approved: Database, tmp_path: Path
) -> None:
    run_all(queue_with(approved, StubRenderer(), tmp_path), "issue_certificate")
    with approved.writing() as session:
        certificate = session.query(Certificate).one()
        kept = certificates.document(session, certificate, certificates.CERTIFICATE)
        assert kept is not None
        before = kept.sha256
        with pytest.raises(RuntimeError, match="the same facts gave other bytes"):
            certificates.keep_document(
                Work(session, SYSTEM, MOMENT),
                certificate,
                certificates.CERTIFICATE,
                b"%PDF of another day",
            )
        session.rollback()
        assert certificates.digests(session, certificate)[certificates.CERTIFICATE] == before


def test_worker_that_dies_before_the_commit_leaves_nothing_half_done(
    approved: Database, tmp_path: Path
) -> None:
    first = queue_with(approved, StubRenderer(), tmp_path)
    held = first.take()
    assert held is not None
    with approved.writing() as session:  # taken for dead, while it renders
        jobs.give_back(session, held.job_id, held.token)
        session.commit()
    assert first.run(held) == (Outcome.LOST, "")
    assert state_of(approved) == ("issuing", 0, 0)
    run_all(first, "issue_certificate")
    assert state_of(approved) == ("valid", 3, 1)


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (Failure.MISSING_GLYPHS, Outcome.DEAD),
        (Failure.BAD_FACTS, Outcome.DEAD),
        (Failure.TOO_LONG, Outcome.DEAD),
        (Failure.TIMED_OUT, Outcome.PUT_OFF),
        (Failure.WORKER_DIED, Outcome.PUT_OFF),
        (Failure.NOT_READY, Outcome.PUT_OFF),
    ],
)
def test_fault_of_the_facts_is_parked_and_trouble_of_the_machine_tried_again(
    approved: Database, tmp_path: Path, failure: Failure, outcome: Outcome
) -> None:
    queue = queue_with(approved, StubRenderer(failure), tmp_path)
    [(became, error)] = run_all(queue, "issue_certificate")
    assert became is outcome
    assert failure.value in error
    assert state_of(approved) == ("issuing", 0, 0)


def test_certificate_that_is_unknown_is_parked(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        jobs.add(session, "issue_certificate", {"certificate_id": 404}, moment=MOMENT)
        session.commit()
    queue = queue_with(database, StubRenderer(), tmp_path)
    outcomes = run_all(queue, "issue_certificate")
    assert outcomes == [(Outcome.DEAD, "there is no certificate 404")]


def test_member_is_told_before_a_certificate_ends_once_a_stage(
    approved: Database, tmp_path: Path
) -> None:
    queue = queue_with(approved, StubRenderer(), tmp_path)
    run_all(queue, "issue_certificate")
    with approved.reading() as session:
        ends_at = datetime.combine(session.query(Certificate).one().valid_until, time(1), UTC)
    told = []
    for days in (61, 60, 59, 14, 13, 0, -1):
        moment = ends_at - timedelta(days=days)
        with approved.writing() as session:
            jobs.add(session, "announce_ends", {}, moment=moment)
            session.commit()
        assert run_all(replace(queue, now=_standing(moment)), "announce_ends")
        with approved.reading() as session:
            told.append(session.query(Message).filter_by(kind="certificate_expiring").count())
    assert told == [0, 1, 1, 2, 2, 2, 2]


def _standing(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def test_real_certificate_and_report_come_out_of_the_worker(
    approved: Database, database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path)
    assert drain(settings) >= 4
    with approved.reading() as session:
        kept = {row.kind: row for row in session.query(CertificateDocument)}
        assert kept.keys() == {"certificate", "report_zh", "report_en"}
        for document in kept.values():
            content = document.content
            assert content.startswith(b"%PDF-1.7")
            assert digest_of_bytes(content) == document.sha256
    assert state_of(approved)[0] == "valid"
    letters = "".join(file.read_text() for file in (tmp_path / "mail").glob("*.eml"))
    assert "Certificate" in letters
