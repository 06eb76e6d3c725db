"""What was handed in about an inventory or a dossier, what became of it, and what the reviewer asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import MemberId
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.domain.submissions import Event, State
from portal.services.review import parts_of
from portal.services.submissions import Subject, content_of, is_about
from portal.services.work import Work
from portal.store.actions import Action
from portal.store.dossiers import Dossier
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.submissions import Finding, Submission, SubmissionEvent
from portal.store.targets import Target

# What brings something back to the supplier, each with its reason.
_CAME_BACK = (Event.RETURNED.value, Event.REOPENED.value)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The versions that were handed in, latest first, each with its history."""

    submissions: Sequence[Submission]
    events: Mapping[int, Sequence[SubmissionEvent]]


@dataclass(frozen=True, slots=True)
class Question:
    """What the reviewer asks, with the line it is about while that is there, or the frozen part of a dossier.

    `is_gone` tells that the target or action has been removed from the plan since.
    """

    finding: Finding
    line: ActivityLine | None = None
    part: Mapping[str, Any] = field(default_factory=dict)
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """The questions about what came back, open ones first, with the reason for the return."""

    reason: str
    questions: Sequence[Question]
    open_count: int


def handed_in(work: Work, subject: Subject) -> HandedIn:
    """Gather what was handed in and what became of it."""
    work.demand(Permission.MEMBER_SUBMISSION_READ, MemberId(subject.member_id))
    session = work.session
    about = select(Submission).where(is_about(Submission, subject))
    versions = list(session.scalars(about.order_by(Submission.number.desc())))
    events: dict[int, list[SubmissionEvent]] = {each.id: [] for each in versions}
    for event in session.scalars(
        select(SubmissionEvent)
        .where(SubmissionEvent.submission_id.in_(events))
        .order_by(SubmissionEvent.position)
    ):
        events[event.submission_id].append(event)
    return HandedIn(versions, events)


def waiting_submission(work: Work, subject: Subject) -> Submission:
    """The submission about something that waits for a decision; a Conflict when none does."""
    found = work.session.scalars(
        select(Submission).where(
            is_about(Submission, subject), Submission.state == State.SUBMITTED.value
        )
    ).one_or_none()
    if found is None:
        raise Conflict("submission.state.moved_on", {"state": subject.state})
    return found


def questions_page(work: Work, subject: Subject) -> QuestionsPage:
    """The reviewer's questions, open ones first."""
    is_dossier = isinstance(subject, Dossier)
    read = Permission.MEMBER_PLAN_READ if is_dossier else Permission.MEMBER_INVENTORY_READ
    work.demand(read, MemberId(subject.member_id))
    query = select(Finding).where(is_about(Finding, subject), Finding.visibility == "supplier")
    findings = list(work.session.scalars(query.order_by(Finding.at, Finding.id)))
    if isinstance(subject, Inventory):
        questions = _about_lines(work.session, subject, findings)
    else:
        questions = _about_parts(work.session, findings)
    return QuestionsPage(
        _last_reason(work.session, subject),
        sorted(questions, key=lambda each: each.finding.state != "open"),
        sum(1 for finding in findings if finding.state == "open"),
    )


def _about_lines(
    session: Session, inventory: Inventory, findings: Iterable[Finding]
) -> list[Question]:
    keys = [finding.line_key for finding in findings if finding.line_key is not None]
    query = select(ActivityLine).where(
        ActivityLine.key.in_(keys), ActivityLine.inventory_id == inventory.id
    )
    lines = {line.key: line for line in session.scalars(query)}
    return [
        Question(each, lines.get(each.line_key) if each.line_key else None) for each in findings
    ]


def _about_parts(session: Session, findings: Iterable[Finding]) -> list[Question]:
    """What each question is about, as it stood in the version that was asked about."""
    parts: dict[UUID, Mapping[str, Any]] = {}
    listed = list(findings)
    asked = {each.submission_id for each in listed if each.line_key is not None}
    before = select(Submission).where(Submission.id.in_(asked)).order_by(Submission.number)
    for submission in session.scalars(before):
        for part in parts_of(content_of(session, submission)):
            parts[UUID(part["key"])] = part
    gone = {key for key, part in parts.items() if "kg_change" not in part} - _still_there(
        session, parts
    )
    return [
        Question(each, part=parts.get(each.line_key, {}), is_gone=each.line_key in gone)
        if each.line_key
        else Question(each)
        for each in listed
    ]


def _still_there(session: Session, keys: Iterable[UUID]) -> set[UUID]:
    """Which targets and actions are in the plan as it is now."""
    wanted = list(keys)
    of_targets = select(Target.uid).where(Target.uid.in_(wanted))
    of_actions = select(Action.uid).where(Action.uid.in_(wanted))
    return set(session.scalars(of_targets.union_all(of_actions)))


def _last_reason(session: Session, subject: Subject) -> str:
    query = (
        select(SubmissionEvent.reason)
        .join(Submission, Submission.id == SubmissionEvent.submission_id)
        .where(is_about(Submission, subject), SubmissionEvent.kind.in_(_CAME_BACK))
        .order_by(SubmissionEvent.at.desc(), SubmissionEvent.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none() or ""
