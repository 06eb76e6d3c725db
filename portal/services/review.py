"""The coordinator's verbs: findings, return, approve."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from portal.domain.actors import MemberId
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, Forbidden, NotFound
from portal.domain.submissions import Event, State
from portal.services import approval, notices, submissions
from portal.services.freezing import member_code
from portal.services.submissions import Subject
from portal.services.work import Work
from portal.store.inventories import Inventory
from portal.store.submissions import Finding, Submission


def add_finding(
    work: Work,
    uid: UUID,
    *,
    message: str,
    visibility: str,
    line_key: UUID | None = None,
    field: str = "",
) -> Finding:
    """Remark on a line, a field or the whole of a submission that waits for a decision."""
    submission = _waiting(work, uid, Permission.ALLIANCE_FINDING_WRITE)
    # A decision waits for the remark, or has been taken: none is closed that whoever decided has not seen.
    work.session.refresh(submission, with_for_update=True)
    _demand_waiting(submission)
    if line_key is not None:
        _demand_line(work, submission, line_key)
    finding = Finding(
        uid=work.new_uid(),
        submission_id=submission.id,
        **submissions.key_of(submission),
        line_key=line_key,
        field=field,
        visibility=visibility,
        message=message,
        author_id=work.actor.account_id,
        at=work.moment,
    )
    work.session.add(finding)
    _record(work, submission, "finding.added", f"finding/{finding.uid}")
    return finding


def remove_finding(work: Work, uid: UUID, finding_uid: UUID) -> None:
    """Take back an own remark before the decision."""
    submission = _waiting(work, uid, Permission.ALLIANCE_FINDING_WRITE)
    finding = find_finding(work, finding_uid, submission)
    if finding.submission_id != submission.id or finding.state != "open":
        raise Conflict("finding.state.moved_on")
    work.session.delete(finding)
    _record(work, submission, "finding.removed", f"finding/{finding.uid}")


def settle_finding(work: Work, uid: UUID, finding_uid: UUID) -> None:
    """Say that an answer is enough; the finding no longer asks for work."""
    submission = _waiting(work, uid, Permission.ALLIANCE_FINDING_WRITE)
    finding = find_finding(work, finding_uid, submission)
    finding.state = "settled"
    _record(work, submission, "finding.settled", f"finding/{finding.uid}")


def answer_finding(work: Work, finding_uid: UUID, answer: str) -> Finding:
    """The supplier's answer, while what it is about is returned."""
    finding = work.session.scalars(
        select(Finding).where(Finding.uid == finding_uid, Finding.visibility == "supplier")
    ).one_or_none()
    if finding is None:
        raise NotFound()
    subject = submissions.subject_of(work.session, finding)
    work.demand(Permission.MEMBER_FINDING_ANSWER, MemberId(subject.member_id))
    if subject.state != "returned" or finding.state == "settled":
        raise Conflict("finding.state.moved_on")
    finding.answer = answer
    finding.answered_by = work.actor.account_id
    finding.answered_at = work.moment
    finding.state = "answered"
    work.record(
        "finding.answered",
        f"finding/{finding.uid}",
        on_behalf_of=member_code(work.session, subject.member_id),
    )
    return finding


def find_finding(work: Work, finding_uid: UUID, about: Subject | Submission) -> Finding:
    """A finding on this inventory or dossier by its public id."""
    finding = work.session.scalars(
        select(Finding).where(Finding.uid == finding_uid, submissions.is_about(Finding, about))
    ).one_or_none()
    if finding is None:
        raise NotFound()
    return finding


def find_question(work: Work, finding_uid: UUID, about: Subject) -> Finding:
    """A question that the supplier may answer: an internal note is answered like an unknown id; a Conflict once settled."""
    finding = find_finding(work, finding_uid, about)
    if finding.visibility != "supplier":
        raise NotFound()
    if finding.state == "settled":
        raise Conflict("finding.state.moved_on")
    return finding


def unsent_questions(work: Work, uid: UUID) -> list[Finding]:
    """The questions to the supplier that wait for a return; an approval would close them without anybody reading them.

    One about a version that was taken back is among them: it was never sent either.
    """
    return _unsent(work, submissions.find(work, uid))


def _unsent(work: Work, submission: Submission) -> list[Finding]:
    query = (
        select(Finding)
        .where(
            submissions.is_about(Finding, submission),
            Finding.visibility == "supplier",
            Finding.state == "open",
        )
        .order_by(Finding.id)
    )
    return list(work.session.scalars(query))


def return_submission(work: Work, uid: UUID, reason: str) -> Submission:
    """Send a submission back with a reason; only what is flagged needs work, nothing else is lost."""
    submission = _decidable(work, uid)
    if not reason.strip():
        raise Conflict("submission.return.reason_missing")
    submissions.decide(work, submission, State.RETURNED, decided=True)
    subject = submissions.subject_of(work.session, submission)
    submissions.move(work, subject, ("submitted",), "returned")
    submissions.add_event(work, submission, Event.RETURNED, reason=reason)
    _record(work, submission, "submission.returned", f"submission/{submission.uid}")
    notices.returned(work, submission, reason)
    return submission


def approve_submission(
    work: Work, uid: UUID, *, closing: Collection[UUID] | None = None, with_report: bool = True
) -> Submission:
    """Approve: totals become official, an earlier approved version becomes outdated, the certificate is under way.

    `closing` are the unsent questions that whoever approves knows to be closed by it; a Conflict where there are others.
    """
    submission = _decidable(work, uid)
    submissions.decide(work, submission, State.APPROVED, decided=True)
    if closing is not None and set(closing) != {each.uid for each in _unsent(work, submission)}:
        raise Conflict("submission.questions.unsent")
    subject = submissions.subject_of(work.session, submission)
    submissions.move(work, subject, ("submitted",), "approved")
    submissions.add_event(work, submission, Event.APPROVED, reason="")
    _settle_all(work, submission)
    _outdate_earlier(work, submission)
    _record(work, submission, "submission.approved", f"submission/{submission.uid}")
    approval.take_effect(work, submission, subject, with_report=with_report)
    notices.approved(work, submission)
    return submission


def reopen(work: Work, uid: UUID, reason: str) -> Submission:
    """Let a member correct what is approved: the approved version stands until the next one is approved."""
    submission = submissions.find(work, uid)
    work.demand(Permission.ALLIANCE_SUBMISSION_DECIDE)
    if submission.state != State.APPROVED.value:
        raise Conflict("submission.state.moved_on", {"state": submission.state})
    subject = submissions.subject_of(work.session, submission)
    submissions.move(work, subject, ("approved",), "returned")
    submissions.add_event(work, submission, Event.REOPENED, reason=reason)
    if isinstance(subject, Inventory):
        about = f"inventory/{subject.uid}"
        _record(work, submission, "inventory.reopened", about, {"reason": reason})
    else:
        about = f"dossier/{subject.uid}"
        _record(work, submission, "dossier.reopened", about, {"reason": reason})
    notices.returned(work, submission, reason)
    return submission


def _waiting(work: Work, uid: UUID, permission: Permission) -> Submission:
    submission = submissions.find(work, uid)
    work.demand(permission)
    _demand_waiting(submission)
    return submission


def _demand_waiting(submission: Submission) -> None:
    if submission.state != State.SUBMITTED.value:
        raise Conflict("submission.state.moved_on", {"state": submission.state})


def parts_of(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What of a frozen content a remark can be about: lines, or targets, actions and adjustments, each with its key."""
    names = ("lines", "targets", "actions", "adjustments")
    return [part for name in names for part in content.get(name, ())]


def _demand_line(work: Work, submission: Submission, line_key: UUID) -> None:
    """A remark is about a part that was submitted, in this version or (one taken out since) in an earlier one."""
    versions = select(Submission).where(
        submissions.is_about(Submission, submission), Submission.number <= submission.number
    )
    for version in work.session.scalars(versions.order_by(Submission.number.desc()).limit(2)):
        content = submissions.content_of(work.session, version)
        if any(part["key"] == str(line_key) for part in parts_of(content)):
            return
    raise NotFound()


def _decidable(work: Work, uid: UUID) -> Submission:
    submission = _waiting(work, uid, Permission.ALLIANCE_SUBMISSION_DECIDE)
    if submission.submitted_by is not None and submission.submitted_by == work.actor.account_id:
        raise Forbidden("submission.decision.own")
    return submission


def _settle_all(work: Work, submission: Submission) -> None:
    work.session.execute(
        update(Finding)
        .where(submissions.is_about(Finding, submission), Finding.state != "settled")
        .values(state="settled", version=Finding.version + 1)
        .execution_options(synchronize_session=False)
    )


def _outdate_earlier(work: Work, submission: Submission) -> None:
    earlier = work.session.scalars(
        select(Submission).where(
            submissions.is_about(Submission, submission),
            Submission.id != submission.id,
            Submission.state == State.APPROVED.value,
        )
    )
    for old in earlier:
        old.state = State.OUTDATED.value
        submissions.add_event(
            work, old, Event.REPLACED, reason="", detail={"by": submission.number}
        )
        _record(
            work, old, "submission.replaced", f"submission/{old.uid}", {"by": submission.number}
        )


def _record(
    work: Work,
    submission: Submission,
    kind: str,
    subject: str,
    detail: dict[str, object] | None = None,
) -> None:
    work.record(
        kind,
        subject,
        on_behalf_of=member_code(work.session, submission.member_id),
        before=submission.digest,
        after=submission.digest,
        detail={"year": submission.year, "number": submission.number, **(detail or {})},
    )
