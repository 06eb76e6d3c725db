"""What must be true of every database of the portal at any moment, whatever was killed, failed or ran full before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.canonical import digest_of_bytes
from portal.domain.submissions import Event, fold
from portal.services import journal, summaries
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate, CertificateDocument, NumberSeries
from portal.store.evidence import Evidence
from portal.store.imports import ImportFile, needed_blobs
from portal.store.jobs import Job
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.meters import MeterBatch, MeterReading
from portal.store.submissions import Submission, SubmissionEvent
from portal.store.summaries import UnitSummary


def violations(
    session: Session, blobs: Blobs, *, without_entry: Mapping[str, int] | None = None
) -> list[str]:
    """Everything that is half-written, doubled or missing, in words; empty when all is well.

    `without_entry` says how many things a test had put there itself, past the ledger.
    """
    return [
        *journal.faults(session),
        *_submissions(session),
        *_certificates(session),
        *_evidence(session, blobs),
        *_lines(session),
        *_readings(session),
        *_summaries(session),
        *_unrecorded(session, without_entry or {}),
    ]


def unfinished(session: Session) -> list[str]:
    """What is still to be done once every job has run; empty at the end of a day."""
    waiting = session.scalars(select(Job).where(Job.state != "done"))
    found = [f"job {job.id} ({job.kind}) is {job.state}: {job.error[:200]}" for job in waiting]
    rendered = select(CertificateDocument.certificate_id).where(
        CertificateDocument.kind == "certificate"
    )
    lacking = session.scalars(select(Certificate.number).where(Certificate.id.not_in(rendered)))
    return found + [f"certificate {number} was never rendered" for number in lacking]


def _submissions(session: Session) -> Iterator[str]:
    events: dict[int, list[SubmissionEvent]] = {}
    for event in session.scalars(select(SubmissionEvent).order_by(SubmissionEvent.position)):
        events.setdefault(event.submission_id, []).append(event)
    for row in session.scalars(select(Submission)):
        name = f"submission {row.uid}"
        if digest_of_bytes(row.canonical_content()) != row.digest:
            yield f"{name} does not match its digest"
        own = events.get(row.id, [])
        if [event.position for event in own] != list(range(1, len(own) + 1)):
            yield f"{name} has events at {[event.position for event in own]}"
        folded = fold([Event(event.kind) for event in own])
        if folded is None or folded.value != row.state:
            yield f"{name} is {row.state}, but its events say {folded}"


def _readings(session: Session) -> Iterator[str]:
    """A batch has as many readings as it says, and no reading is without its batch."""
    counted = dict(
        session.execute(
            select(MeterReading.batch_id, func.count()).group_by(MeterReading.batch_id)
        ).all()
    )
    for batch in session.scalars(select(MeterBatch)):
        if counted.get(batch.id, 0) != batch.count:
            yield f"batch {batch.uid} says {batch.count} readings and has {counted.get(batch.id, 0)}"


def _certificates(session: Session) -> Iterator[str]:
    approved = set(
        session.scalars(
            select(SubmissionEvent.submission_id)
            .join(Submission, Submission.id == SubmissionEvent.submission_id)
            .where(
                SubmissionEvent.kind == "approved", Submission.kind.in_(("baseline", "progress"))
            )
        )
    )
    rows = list(session.scalars(select(Certificate)))
    certified = Counter(row.submission_id for row in rows)
    if set(certified) != approved or any(number != 1 for number in certified.values()):
        yield f"approved submissions {sorted(approved)}, certified {dict(certified)}"
    numbers = Counter(row.number for row in rows)
    if numbers and max(numbers.values()) > 1:
        yield f"certificate numbers given twice: {[n for n, c in numbers.items() if c > 1]}"
    for row in rows:
        if digest_of_bytes(row.facts) != row.facts_digest:
            yield f"certificate {row.number} does not match the digest of its facts"
    given = session.scalars(select(func.sum(NumberSeries.last))).one() or 0
    if given != len(rows):
        yield f"{given} numbers were given out for {len(rows)} certificates"
    for document in session.scalars(select(CertificateDocument)):
        if digest_of_bytes(document.content) != document.sha256:
            yield f"a document of certificate {document.certificate_id} does not match its digest"
        if len(document.content) != document.size:
            yield f"a document of certificate {document.certificate_id} has another size"


def _evidence(session: Session, blobs: Blobs) -> Iterator[str]:
    for row in session.scalars(select(Evidence)):
        if not blobs.is_intact(row.sha256):
            yield f"the file {row.sha256} is missing or damaged"
        else:
            with blobs.open(row.sha256) as file:
                if file.seek(0, 2) != row.size:
                    yield f"the file {row.sha256} has not {row.size} bytes"
    for sha256 in needed_blobs(session):
        if not blobs.is_intact(sha256):
            yield f"the file {sha256}, which waits to be applied, is missing or damaged"


def _lines(session: Session) -> Iterator[str]:
    doubled = (
        select(ActivityLine.inventory_id, ActivityLine.position)
        .group_by(ActivityLine.inventory_id, ActivityLine.position)
        .having(func.count() > 1)
    )
    for inventory_id, position in session.execute(doubled):
        yield f"two lines of inventory {inventory_id} stand at position {position}"


def _summaries(session: Session) -> Iterator[str]:
    for year in session.scalars(select(UnitSummary.year).distinct()):
        for unit, category in summaries.differences(session, year):
            yield f"the sum of {unit}, {category} in {year} is not what its members come to"


def things_without_entry(session: Session) -> dict[str, int]:
    """By kind of entry how many things more there are than entries; each was written with its own, so none."""
    entries = _by_kind(session, LedgerEntry)
    events = _by_kind(session, SubmissionEvent)
    things = {
        "certificate.intended": _count(session, Certificate),
        "evidence.added": _count(session, Evidence) + entries.get("evidence.removed", 0),
        "readings.recorded": _count(session, MeterBatch),
        "import.uploaded": _count(session, ImportFile),
        "import.applied": _applied(session),
        "submission.submitted": events.get("submitted", 0),
        "submission.approved": events.get("approved", 0),
        "submission.returned": events.get("returned", 0),
    }
    return {kind: number - entries.get(kind, 0) for kind, number in things.items()}


def _unrecorded(session: Session, expected: Mapping[str, int]) -> Iterator[str]:
    for kind, number in things_without_entry(session).items():
        if number != expected.get(kind, 0):
            yield f"{number} things are there without their entry {kind}"


def _by_kind(session: Session, table: Any) -> dict[str, int]:
    return dict(session.execute(select(table.kind, func.count()).group_by(table.kind)).all())


def _count(session: Session, table: type) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def _applied(session: Session) -> int:
    query = select(func.count()).where(ImportFile.state == "applied")
    return session.scalars(query).one()
