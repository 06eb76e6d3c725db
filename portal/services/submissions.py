"""Submitting and withdrawing: the content is frozen with a digest and its history begins."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.domain.actors import MemberId
from portal.domain.canonical import canonical_json, digest_of_bytes
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.submissions import Event, Kind, State
from portal.services import freezing, notices
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.submissions import Submission, SubmissionEvent

# The level that makes the demo load quickly and still shrinks the repetitive JSON tenfold.
_COMPRESSION = 3


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the signatory declares: name and post as printed on what is handed in."""

    name: str
    post: str


def hold(work: Work, inventory: Inventory) -> None:
    """Keep everybody from editing the inventory until this transaction ends: what is checked now is what is submitted."""
    work.session.refresh(inventory, with_for_update=True)


def submit(
    work: Work, inventory: Inventory, declaration: Declaration, *, kind: Kind = Kind.BASELINE
) -> Submission:
    """Freeze the inventory as its next version; the caller has shown that nothing blocks it, and held it for that.

    Exactly one of several attempts wins: the inventory moves from draft or returned to submitted by a
    conditional UPDATE, and the loser gets a Conflict.
    """
    work.demand(Permission.MEMBER_SUBMISSION_SUBMIT, MemberId(inventory.member_id))
    _move_inventory(work, inventory, {"draft", "returned"}, "submitted")
    frozen = freezing.freeze(work, inventory, kind)
    content = canonical_json(frozen.content)
    submission = Submission(
        uid=work.new_uid(),
        inventory_id=inventory.id,
        member_id=inventory.member_id,
        year=inventory.year,
        kind=kind.value,
        number=_next_number(work.session, inventory.id),
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
        detail={"year": inventory.year, "number": submission.number, "kind": kind.value},
    )
    notices.submitted(work, submission)
    return submission


def withdraw(work: Work, uid: UUID) -> Submission:
    """Take a submission back before it is decided; the inventory becomes a draft again with all its lines."""
    submission = find(work, uid)
    work.demand(Permission.MEMBER_SUBMISSION_SUBMIT, MemberId(submission.member_id))
    decide(work, submission, State.WITHDRAWN)
    inventory = work.session.get_one(Inventory, submission.inventory_id)
    _move_inventory(work, inventory, {"submitted"}, "draft")
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
    packed = session.scalars(select(Submission.content).where(Submission.id == submission.id)).one()
    plain = zlib.decompress(packed)
    if digest_of_bytes(plain) != submission.digest:
        raise RuntimeError(f"submission {submission.uid} does not match its digest")
    content: Mapping[str, Any] = json.loads(plain, parse_float=Decimal)
    return content


def decide(work: Work, submission: Submission, state: State, *, decided: bool = False) -> None:
    """Move a submission out of `submitted`, by a conditional UPDATE: of several decisions exactly one wins."""
    values: dict[str, object] = {"state": state.value}
    if decided:
        values |= {"decided_by": work.actor.account_id, "decided_at": work.moment}
    moved = work.session.execute(
        update(Submission)
        .where(Submission.id == submission.id, Submission.state == State.SUBMITTED.value)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    work.session.refresh(submission)
    if moved.rowcount != 1:
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


def _move_inventory(work: Work, inventory: Inventory, sources: set[str], target: str) -> None:
    moved = work.session.execute(
        update(Inventory)
        .where(Inventory.id == inventory.id, Inventory.state.in_(sources))
        .values(state=target, changed_at=work.moment, version=Inventory.version + 1)
        .execution_options(synchronize_session=False)
    )
    work.session.refresh(inventory)
    if moved.rowcount != 1:
        raise Conflict("inventory.state.moved_on", {"state": inventory.state})


def move_inventory(work: Work, inventory: Inventory, source: str, target: str) -> None:
    """Move an inventory from one state to another; a Conflict when it has moved on already."""
    _move_inventory(work, inventory, {source}, target)


def _next_number(session: Session, inventory_id: int) -> int:
    query = select(func.max(Submission.number)).where(Submission.inventory_id == inventory_id)
    return (session.scalars(query).one() or 0) + 1
