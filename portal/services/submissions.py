"""Submitting and withdrawing: the content is frozen with a digest and its history begins."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from portal.domain.actors import MemberId
from portal.domain.canonical import canonical_json, digest_of_bytes
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.submissions import Event, Kind, State
from portal.services import freezing, notices
from portal.services.freezing import Frozen
from portal.services.work import Work
from portal.store.base import rows_changed
from portal.store.dossiers import Dossier
from portal.store.inventories import Inventory
from portal.store.submissions import Finding, Submission, SubmissionEvent

# What can be handed in: both have a member, a year, a state and a version.
Subject = Inventory | Dossier

# The level that makes the demo load quickly and still shrinks the repetitive JSON tenfold.
_COMPRESSION = 3


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the signatory declares: name and post as printed on what is handed in."""

    name: str
    post: str


def hold(work: Work, subject: Subject) -> None:
    """Keep everybody from editing the subject until this transaction ends: what is checked now is what is submitted."""
    table = type(subject)
    held = select(table.id).where(table.id == subject.id).with_for_update()
    if work.session.scalars(held).one_or_none() is None:
        raise NotFound()  # a draft that somebody else of the member threw away meanwhile
    work.session.refresh(subject)


def submit(work: Work, inventory: Inventory, declaration: Declaration) -> Submission:
    """Freeze the inventory as its next version; the caller has shown that nothing blocks it, and held it for that.

    Exactly one of several attempts wins: the inventory moves from draft or returned to submitted by a
    conditional UPDATE, and the loser gets a Conflict.
    """
    work.demand(Permission.MEMBER_SUBMISSION_SUBMIT, MemberId(inventory.member_id))
    move(work, inventory, ("draft", "returned"), "submitted")
    return hand_in(
        work, inventory, declaration, Kind.BASELINE, freezing.freeze(work, inventory, Kind.BASELINE)
    )


def hand_in(
    work: Work, subject: Subject, declaration: Declaration, kind: Kind, frozen: Frozen
) -> Submission:
    """Keep frozen content as the next version of what it is about, which has been moved to submitted already."""
    content = canonical_json(frozen.content)
    submission = Submission(
        uid=work.new_uid(),
        **key_of(subject),
        member_id=subject.member_id,
        year=subject.year,
        kind=kind.value,
        number=_next_number(work.session, subject),
        content=zlib.compress(content, _COMPRESSION),
        digest=digest_of_bytes(content),
        signed_name=declaration.name,
        signed_post=declaration.post,
        submitted_by=work.actor.account_id,
        submitted_at=work.moment,
        state=State.SUBMITTED.value,
        **frozen.columns,
    )
    work.session.add(submission)
    work.session.flush()
    add_event(work, submission, Event.SUBMITTED, reason="", position=1)
    work.record(
        "submission.submitted",
        f"submission/{submission.uid}",
        on_behalf_of=frozen.member_code,
        after=submission.digest,
        detail={"year": subject.year, "number": submission.number, "kind": kind.value},
    )
    notices.submitted(work, submission)
    return submission


def key_of(about: Subject | Submission | Finding) -> dict[str, int | None]:
    """The columns that say what a submission or finding is about, with their values: one of them is None."""
    if isinstance(about, Inventory):
        return {"inventory_id": about.id, "dossier_id": None}
    if isinstance(about, Dossier):
        return {"inventory_id": None, "dossier_id": about.id}
    return {"inventory_id": about.inventory_id, "dossier_id": about.dossier_id}


def is_about(
    table: type[Submission] | type[Finding], about: Subject | Submission | Finding
) -> ColumnElement[bool]:
    """The condition that a submission or finding is about the same thing as another, or about this subject."""
    key = key_of(about)
    if key["inventory_id"] is not None:
        return table.inventory_id == key["inventory_id"]
    return table.dossier_id == key["dossier_id"]


def subject_of(session: Session, about: Submission | Finding) -> Subject:
    """The inventory or dossier that a submission or finding is about."""
    if about.inventory_id is not None:
        return session.get_one(Inventory, about.inventory_id)
    return session.get_one(Dossier, about.dossier_id)


def withdraw(work: Work, uid: UUID) -> Submission:
    """Take a submission back before it is decided; what it is about becomes a draft again as it was."""
    submission = find(work, uid)
    work.demand(Permission.MEMBER_SUBMISSION_SUBMIT, MemberId(submission.member_id))
    decide(work, submission, State.WITHDRAWN)
    move(work, subject_of(work.session, submission), ("submitted",), "draft")
    add_event(work, submission, Event.WITHDRAWN, reason="")
    work.record(
        "submission.withdrawn",
        f"submission/{submission.uid}",
        on_behalf_of=freezing.member_code(work.session, submission.member_id),
        before=submission.digest,
    )
    return submission


def find(work: Work, uid: UUID) -> Submission:
    """The submission with this public id, if the actor may read it; a foreign one is answered like an unknown one."""
    submission = work.session.scalars(select(Submission).where(Submission.uid == uid)).one_or_none()
    if submission is None:
        raise NotFound()
    work.demand(Permission.MEMBER_SUBMISSION_READ, MemberId(submission.member_id))
    return submission


def content_of(session: Session, submission: Submission) -> Mapping[str, Any]:
    """The frozen content with exact numbers; raises when it no longer matches its digest."""
    return read_content(frozen_bytes(session, submission))


def frozen_bytes(session: Session, submission: Submission) -> bytes:
    """The frozen content byte for byte; raises when it no longer matches its digest."""
    packed = session.scalars(select(Submission.content).where(Submission.id == submission.id)).one()
    plain = zlib.decompress(packed)
    if digest_of_bytes(plain) != submission.digest:
        raise RuntimeError(f"submission {submission.uid} does not match its digest")
    return plain


def read_content(plain: bytes) -> Mapping[str, Any]:
    """Frozen bytes as values."""
    content: Mapping[str, Any] = json.loads(plain, parse_float=Decimal)
    return content


def decide(work: Work, submission: Submission, state: State, *, decided: bool = False) -> None:
    """Move a submission out of `submitted`, by a conditional UPDATE: of several decisions exactly one wins."""
    values: dict[str, object] = {"state": state.value}
    if decided:
        values |= {"decided_by": work.actor.account_id, "decided_at": work.moment}
    moved = rows_changed(
        work.session,
        update(Submission)
        .where(Submission.id == submission.id, Submission.state == State.SUBMITTED.value)
        .values(**values)
        .execution_options(synchronize_session=False),
    )
    work.session.refresh(submission)
    if moved != 1:
        raise Conflict("submission.state.moved_on", {"state": submission.state})


def add_event(
    work: Work,
    submission: Submission,
    event: Event,
    *,
    reason: str,
    detail: Mapping[str, Any] | None = None,
    position: int | None = None,
) -> None:
    """Append to the submission's history."""
    if position is None:
        query = select(func.max(SubmissionEvent.position)).where(
            SubmissionEvent.submission_id == submission.id
        )
        position = (work.session.scalars(query).one() or 0) + 1
    work.session.add(
        SubmissionEvent(
            submission_id=submission.id,
            position=position,
            kind=event.value,
            account_id=work.actor.account_id,
            at=work.moment,
            reason=reason,
            detail=dict(detail or {}),
        )
    )


def history(session: Session, submission: Submission) -> list[SubmissionEvent]:
    """What happened to a submission, in order."""
    query = (
        select(SubmissionEvent)
        .where(SubmissionEvent.submission_id == submission.id)
        .order_by(SubmissionEvent.position)
    )
    return list(session.scalars(query))


def history_up_to(
    session: Session, submission: Submission
) -> list[tuple[SubmissionEvent, Submission]]:
    """What happened to a submission and to the versions before it, in order, each with its version."""
    query = (
        select(SubmissionEvent, Submission)
        .join(Submission, Submission.id == SubmissionEvent.submission_id)
        .where(is_about(Submission, submission), Submission.number <= submission.number)
        .order_by(Submission.number, SubmissionEvent.position)
    )
    return [(event, version) for event, version in session.execute(query)]


def move(work: Work, subject: Subject, sources: Sequence[str], target: str) -> None:
    """Move a subject to another state by a conditional UPDATE; a Conflict when it has moved on already."""
    table = type(subject)
    moved = rows_changed(
        work.session,
        update(table)
        .where(table.id == subject.id, table.state.in_(sources))
        .values(state=target, changed_at=work.moment, version=table.version + 1)
        .execution_options(synchronize_session=False),
    )
    work.session.refresh(subject)
    if moved != 1:
        raise Conflict("inventory.state.moved_on", {"state": subject.state})


def _next_number(session: Session, subject: Subject) -> int:
    query = select(func.max(Submission.number)).where(is_about(Submission, subject))
    return (session.scalars(query).one() or 0) + 1
