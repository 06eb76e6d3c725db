"""A document is tied to the log before it is rendered, once, whichever worker does it and however often."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from portal.documents.orders import Kind as DocumentKind
from portal.documents.seals import UNSEALED, Seal
from portal.documents.statements import statement_of
from portal.domain import statements
from portal.domain.canonical import digest_of_bytes
from portal.domain.ledger import checkpoints as rules
from portal.domain.ledger.facts import INTENDED, REPORT_INTENDED
from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.notes import Note
from portal.domain.ledger.proofs import InclusionProof
from portal.jobs.queue import Outcome, Queue
from portal.jobs.registry import KINDS
from portal.services import certificates, checkpoints, key_rotation, ledger_audit, seals
from portal.store import jobs
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate, CertificateDocument, DocumentSeal
from portal.store.keys import KeyFolder
from portal.store.ledger import Checkpoint, LedgerEntry
from tests.factories.long_logs import grow
from tests.factories.scenes import Scene
from tests.factories.sealed import Records, a_notary
from tests.factories.suppliers import MOMENT
from tests.integration.test_jobs_certificates import StubSignatory
from tests.workers import settings_for


@pytest.fixture
def records(scene: Scene, tmp_path: Path) -> Records:
    return Records(scene, a_notary(tmp_path), Blobs(tmp_path / "storage"))


def opened(seal: Seal, ring: KeyRing) -> tuple[InclusionProof, rules.Checkpoint]:
    """The proof of a seal, if it holds with these keys."""
    proof = InclusionProof.read(seal.proof)
    size = rules.Checkpoint.read(Note.read(proof.checkpoint).text).size
    return proof, proof.check(ring.for_size(size))


def sealed(records: Records, certificate: Certificate) -> Seal:
    work = records.coordinator()
    seal = seals.seal_certificate(work, certificate, certificates.CERTIFICATE, records.notary)
    work.commit()
    return seal


def test_seal_proves_that_the_facts_of_a_certificate_stand_in_the_log(records: Records) -> None:
    certificate = records.approved(records.handed_in(records.member("M-0001")))
    ring = records.notary.keys.ring()
    seal = sealed(records, certificate)
    proof, checkpoint = opened(seal, ring)
    said = json.loads(proof.entry)
    assert (said["kind"], said["subject"], said["digest"]) == (
        INTENDED,
        f"certificate/{certificate.number}",
        certificate.facts_digest,
    )
    assert proof.index < checkpoint.size
    statement = statements.opened(seal.statement, ring.every())
    assert statement.agrees_with(statement_of(seals.facts_in(certificate.kind, certificate.facts)))


def test_certificate_is_sealed_once_though_the_log_grows_and_changes_its_key(
    records: Records,
) -> None:
    certificate = records.approved(records.handed_in(records.member("M-0001")))
    first = sealed(records, certificate)
    records.certified(records.member("M-0002"))
    work = records.coordinator()
    key_rotation.announce(work, records.notary)
    work.commit()
    count = records.signed().checkpoint.size
    assert sealed(records, certificate) == first
    assert records.signed().checkpoint.size == count
    opened(first, records.notary.keys.ring())
    other = records.approved(records.handed_in(records.member("M-0003")))
    ring = records.notary.keys.ring()
    second = sealed(records, other)
    opened(second, ring)
    assert statements.opened(second.statement, [ring.keys[-1].verifier])


def test_report_whose_facts_were_put_together_anew_is_sealed_anew(records: Records) -> None:
    certificate = records.certified(records.member("M-0001"))

    def seal(facts: bytes) -> Seal:
        work = records.coordinator()
        made = seals.seal_report(work, certificate, "report_en", facts, records.notary)
        work.commit()
        return made

    first, again, second = seal(b'{"a":1}'), seal(b'{"a":1}'), seal(b'{"a":2}')
    assert first == again != second
    for made, facts in ((first, b'{"a":1}'), (second, b'{"a":2}')):
        proof, _ = opened(made, records.notary.keys.ring())
        assert json.loads(proof.entry)["digest"] == digest_of_bytes(facts)
        assert json.loads(proof.entry)["kind"] == REPORT_INTENDED
        assert made.statement == ""
    session = records.scene.session
    assert session.query(LedgerEntry).filter_by(kind=REPORT_INTENDED).count() == 2
    assert session.query(DocumentSeal).filter_by(kind="report_en").one().proof == second.proof


def test_two_heads_of_one_size_are_never_signed(records: Records) -> None:
    for code in ("M-0001", "M-0002"):
        sealed(records, records.approved(records.handed_in(records.member(code))))
        records.signed()
        records.signed()
    sizes = [row.size for row in records.scene.session.query(Checkpoint)]
    assert len(sizes) == len(set(sizes))


@dataclass
class Interrupting:
    """Renders seals as text; does something else in the middle of the first."""

    meanwhile: Callable[[], None]
    seals: list[Seal] = field(default_factory=list)

    def render(self, kind: DocumentKind, facts_json: bytes, seal: Seal = UNSEALED) -> bytes:
        self.seals.append(seal)
        if len(self.seals) == 1:
            self.meanwhile()
        return b"%PDF " + seal.proof.encode()


def test_two_workers_with_one_job_give_one_document_with_one_seal(
    records: Records, database: Database, database_url: str, tmp_path: Path
) -> None:
    certificate = records.approved(records.handed_in(records.member("M-0001")))
    records.scene.session.commit()
    settings = settings_for(database_url, tmp_path, keys=records.notary.keys.path)
    outcomes: list[tuple[Outcome, str]] = []

    def meanwhile() -> None:
        """The first worker is taken for dead while it renders; a second one does the job to its end."""
        with database.writing() as session:
            jobs.give_back(session, held.job_id, held.token)
            session.commit()
        outcomes.extend(run_all(second))

    renderer = Interrupting(meanwhile)

    def queue(name: str) -> Queue:
        return Queue(database, settings, renderer, StubSignatory(), KINDS, lambda: MOMENT, 60, name)

    first, second = queue("one"), queue("two")
    while (held := first.take()) and held.kind != "issue_certificate":
        first.run(held)
    assert held is not None
    assert first.run(held) == (Outcome.LOST, "")
    assert (Outcome.DONE, "") in outcomes
    assert renderer.seals[0] == renderer.seals[1]
    with database.reading() as session:
        assert (
            session.query(DocumentSeal).count() == session.query(CertificateDocument).count() == 1
        )
        assert session.get_one(Certificate, certificate.id).state == "valid"
        ring = KeyFolder(settings.keys).ring()
        assert ledger_audit.audit(session, ring).faults == []


def run_all(queue: Queue) -> list[tuple[Outcome, str]]:
    outcomes = []
    while held := queue.take():
        outcomes.append(queue.run(held))
    return outcomes


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_hashes_of_a_proof_are_looked_up_however_long_the_log_is(database: Database) -> None:
    """SQLite reads a whole table for some lists of pairs, which takes half a second in a log of a million entries."""
    asked: list[tuple[str, object]] = []
    with database.writing() as session:
        grow(session, 1000)

        @event.listens_for(database.engine, "before_cursor_execute")
        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
            if "FROM ledger_node" in statement:
                asked.append((statement, values))

        assert len(checkpoints.inclusion(session, 777, 1000)) == 10
        assert len(checkpoints.consistency(session, 777, 1000)) == 11
        assert checkpoints.root_at(session, 777)
        event.remove(database.engine, "before_cursor_execute", note)
        for statement, values in asked:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            assert not [step for *_, step in plan if step.startswith("SCAN")]
    assert len(asked) == 3
