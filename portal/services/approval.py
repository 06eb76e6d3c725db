"""What an approval brings about, in its own transaction: totals, paths and levels become official, papers are under way."""

from __future__ import annotations

from portal.domain.submissions import Kind
from portal.services import certificates, plan_summaries, submissions, summaries
from portal.services.submissions import Subject
from portal.services.work import Work
from portal.store.submissions import Submission


def take_effect(work: Work, submission: Submission, subject: Subject, *, with_report: bool) -> None:
    """Do what follows from the approval of an inventory, a plan, a progress report or a restatement."""
    content = submissions.content_of(work.session, submission)
    match Kind(submission.kind):
        case Kind.BASELINE:
            summaries.recompute(work, submission, content)
            certificates.intend(work, submission, content, with_report=with_report)
        case Kind.PLAN:
            plan_summaries.recompute(work, submission, content)
        case _:
            raise NotImplementedError(submission.kind)
