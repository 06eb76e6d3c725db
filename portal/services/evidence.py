"""Evidence: taking a member's files in, linking them to lines, and handing them out to whoever may read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem, problem
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.evidence import (
    LARGEST_FILE,
    MEDIA_TYPES,
    MIB,
    EvidenceKind,
    Verdict,
    kind_of_name,
    quota_problems,
)
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.words import N_
from portal.intake.filenames import read_filename
from portal.services.inventories import begin_edit
from portal.services.lines import find_line, rework
from portal.services.work import Work
from portal.store import throttle
from portal.store.actions import ActionEvidence
from portal.store.base import rows_changed
from portal.store.blobs import Blobs, Readable, Received, TooLarge
from portal.store.dossiers import ProgressEvidence
from portal.store.evidence import Evidence
from portal.store.evidence_inspection import inspect
from portal.store.imports import needed_blobs
from portal.store.inventories import Inventory
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.throttle import Limit

MOST_AN_HOUR = 200
# Files that are looked into within an hour, kept or not: one that is refused costs as much.
MOST_LOOKS_AN_HOUR = 400
# Links that are made at once where a file is attached to every line like one.
MOST_LINKS_AT_ONCE = 500
# Moments are those at which requests began: one that began earlier may have frozen what a later one brought.
LONGEST_REQUEST = timedelta(minutes=10)
ADDED = "evidence.added"
FIELD = "file"


@dataclass(frozen=True, slots=True)
class Inspected:
    """An uploaded file before any database is asked: received and looked into, or the problems that refuse it."""

    name: str
    received: Received | None
    verdict: Verdict | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file as a list shows it, with how many lines it supports."""

    evidence: Evidence
    line_count: int


@contextmanager
def inspected(
    blobs: Blobs,
    stream: Readable,
    typed_name: str,
    scanner: Path | None = None,
    *,
    largest_text: int = LARGEST_FILE,
) -> Iterator[Inspected]:
    """Receive a file and have it looked into by a child process: no transaction is open meanwhile, that may take long.

    What was not kept within the block is gone after it. Where long tables are taken, text may be larger than other files.
    """
    name = read_filename(typed_name, field=FIELD)
    if name.value is None:
        yield Inspected("", None, None, name.problems)
        return
    is_text = kind_of_name(name.value) is EvidenceKind.CSV
    largest = largest_text if is_text else LARGEST_FILE
    try:
        with blobs.receive(stream, largest=largest) as received:
            verdict = inspect(received.path, name.value, scanner=scanner)
            problems = verdict.problems(FIELD, name.value)
            yield Inspected(name.value, received, verdict, problems)
    except TooLarge:
        too_large = problem("evidence.too_large", FIELD, largest=largest // MIB)
        yield Inspected(name.value, None, None, (too_large,))


def count_looks(work: Work, member: Member, files: int) -> tuple[Problem, ...]:
    """Refuse or count files before anybody looks into them; the caller commits when there is no problem, and rolls back otherwise.

    One that is only tried is counted too, as is one that turns out to be there already.
    """
    work.demand(Permission.MEMBER_EVIDENCE_EDIT, MemberId(member.id))
    limit = Limit(f"evidence:{member.uid}", MOST_LOOKS_AN_HOUR, timedelta(hours=1))
    for _ in range(files):
        if throttle.reserve(work.session, [limit], work.moment) is not None:
            return (problem("evidence.too_many_an_hour", FIELD, most=MOST_LOOKS_AN_HOUR),)
    return ()


def keep(
    work: Work, blobs: Blobs | None, member: Member, file: Inspected
) -> tuple[Evidence | None, tuple[Problem, ...]]:
    """Keep an inspected file among the member's; the same bytes again are the same row, under their first name.

    The bytes are on the disk before the row is committed: a crash leaves at most a file without a row. Without `blobs`
    they are not kept, for a transaction that will be thrown away.
    """
    work.demand(Permission.MEMBER_EVIDENCE_EDIT, MemberId(member.id))
    if file.problems or file.received is None or file.verdict is None or file.verdict.kind is None:
        return None, file.problems
    known = _known(work.session, member, file.received.sha256)
    if known is not None:
        return known, ()
    problems = _quota(work, member, file.received.size)
    if problems:
        return None, problems
    if blobs is not None:
        blobs.keep(file.received)
    row = Evidence(
        uid=work.new_uid(),
        member_id=member.id,
        sha256=file.received.sha256,
        name=file.name,
        size=file.received.size,
        media_type=MEDIA_TYPES[file.verdict.kind],
        flags=[note.value for note in file.verdict.notes],
        uploaded_by=work.actor.account_id,
        uploaded_at=work.moment,
    )
    try:
        with work.session.begin_nested():
            work.session.add(row)
    except IntegrityError:  # a colleague uploaded the same file at the same moment
        return _known(work.session, member, file.received.sha256), ()
    work.record(ADDED, f"evidence/{row.uid}", on_behalf_of=member.code, after=row.sha256)
    return row, ()


def _known(session: Session, member: Member, sha256: str) -> Evidence | None:
    query = select(Evidence).where(Evidence.member_id == member.id, Evidence.sha256 == sha256)
    return session.scalars(query).one_or_none()


def _quota(work: Work, member: Member, size: int) -> tuple[Problem, ...]:
    own = Evidence.member_id == member.id
    count, total = work.session.execute(
        select(func.count(), func.coalesce(func.sum(Evidence.size), 0)).where(own)
    ).one()
    an_hour = _added_within_an_hour(work, member)
    problems = quota_problems(FIELD, new_sizes=[size], kept_files=count, kept_bytes=int(total))
    if an_hour >= MOST_AN_HOUR:
        problems += (problem("evidence.too_many_an_hour", FIELD, most=MOST_AN_HOUR),)
    return problems


def _added_within_an_hour(work: Work, member: Member) -> int:
    """Counted in the ledger, which remembers what was removed again; what this transaction added is not there yet."""
    entered = select(func.count()).where(
        LedgerEntry.kind == ADDED,
        LedgerEntry.on_behalf_of == member.code,
        LedgerEntry.at > work.moment - timedelta(hours=1),
    )
    now = select(func.count()).where(
        Evidence.member_id == member.id, Evidence.uploaded_at == work.moment
    )
    return work.session.scalars(entered).one() + work.session.scalars(now).one()


def find_evidence(work: Work, uid: UUID) -> Evidence:
    """A file that the actor may read; a foreign member's is answered like an unknown one."""
    row = work.session.scalars(select(Evidence).where(Evidence.uid == uid)).one_or_none()
    if row is None:
        raise NotFound()
    work.demand(Permission.MEMBER_EVIDENCE_READ, MemberId(row.member_id))
    return row


def files_of(work: Work, member: Member, *, most: int = 200) -> list[FileLink]:
    """The member's files, latest first, each with how many lines and actions it supports."""
    work.demand(Permission.MEMBER_EVIDENCE_READ, MemberId(member.id))
    used = _uses(LineEvidence) + _uses(ActionEvidence) + _uses(ProgressEvidence)
    query = (
        select(Evidence, used)
        .where(Evidence.member_id == member.id)
        .order_by(Evidence.id.desc())
        .limit(most)
    )
    return [FileLink(row, count) for row, count in work.session.execute(query)]


def _uses(table: Any) -> Any:
    """How many rows of a link table name the file of the query around it."""
    counted = select(func.count()).select_from(table).where(table.evidence_id == Evidence.id)
    return counted.scalar_subquery()


def evidence_of(work: Work, line: ActivityLine) -> list[Evidence]:
    """The files that support a line, in the order they were uploaded."""
    query = (
        select(Evidence)
        .join(LineEvidence, LineEvidence.evidence_id == Evidence.id)
        .where(LineEvidence.line_id == line.id)
        .order_by(Evidence.id)
    )
    return list(work.session.scalars(query))


def link(work: Work, inventory: Inventory, line_keys: Sequence[UUID], row: Evidence) -> None:
    """Let a file of the member support lines of the inventory; a link that is there already stays as it is."""
    member = begin_edit(work, inventory)
    if row.member_id != inventory.member_id:
        raise NotFound()
    linked = []
    for line in [find_line(work, inventory, key) for key in line_keys]:
        if work.session.get(LineEvidence, (line.id, row.id)) is None:
            work.session.add(LineEvidence(line_id=line.id, evidence_id=row.id))
            _record(work, member, "evidence.linked", row, line, after=row.sha256)
            linked.append(line)
    work.session.flush()
    rework(work, inventory, linked)


def bare_lines_like(
    work: Work, inventory: Inventory, line: ActivityLine, most: int = MOST_LINKS_AT_ONCE
) -> list[UUID]:
    """The first other lines of the line's category and site that have no evidence yet, by key."""
    if line.category is None or line.site_id is None:
        return []
    proven = select(LineEvidence.line_id).where(LineEvidence.line_id == ActivityLine.id).exists()
    query = select(ActivityLine.key).where(
        ActivityLine.inventory_id == inventory.id,
        ActivityLine.category == line.category,
        ActivityLine.site_id == line.site_id,
        ActivityLine.id != line.id,
        ~proven,
    )
    return list(work.session.scalars(query.order_by(ActivityLine.position).limit(most)))


def unlink(work: Work, inventory: Inventory, key: UUID, row: Evidence) -> None:
    """Take a file away from a line; it stays among the member's files."""
    member = begin_edit(work, inventory)
    line = find_line(work, inventory, key)
    gone = rows_changed(
        work.session,
        delete(LineEvidence).where(
            LineEvidence.line_id == line.id, LineEvidence.evidence_id == row.id
        ),
    )
    if gone == 0:
        raise NotFound()
    rework(work, inventory, [line])
    _record(work, member, "evidence.unlinked", row, line, before=row.sha256)


def remove_evidence(work: Work, row: Evidence) -> None:
    """Remove a file that no line and no action needs and nothing submitted can refer to; its bytes go with the next sweep."""
    work.demand(Permission.MEMBER_EVIDENCE_EDIT, MemberId(row.member_id))
    linked = [
        select(table.evidence_id).where(table.evidence_id == row.id)
        for table in (LineEvidence, ActionEvidence, ProgressEvidence)
    ]
    submitted = select(Submission.id).where(
        Submission.member_id == row.member_id,
        Submission.submitted_at >= row.uploaded_at - LONGEST_REQUEST,
    )
    for query in (*linked, submitted):
        if work.session.scalars(query.limit(1)).first() is not None:
            raise Conflict("evidence.in_use")
    member = work.session.get_one(Member, row.member_id)
    work.record(
        "evidence.removed", f"evidence/{row.uid}", on_behalf_of=member.code, before=row.sha256
    )
    work.session.delete(row)
    work.session.flush()


def orphans(session: Session, blobs: Blobs) -> list[str]:
    """Contents in the blob folder that no row names; a sweep may remove those that are old enough."""
    named = set(session.scalars(select(Evidence.sha256).distinct())) | needed_blobs(session)
    return [sha256 for sha256 in blobs.digests() if sha256 not in named]


def _record(
    work: Work,
    member: Member,
    kind: str,
    row: Evidence,
    line: ActivityLine,
    *,
    before: str = "",
    after: str = "",
) -> None:
    work.record(
        kind,
        f"evidence/{row.uid}",
        on_behalf_of=member.code,
        before=before,
        after=after,
        detail={"line": str(line.key), "link": digest([str(line.key), row.sha256])},
    )


MESSAGES = {
    "evidence.too_many_an_hour": N_(
        "You uploaded %(most)s files within an hour. Wait a while, then go on."
    ),
}
