"""What an approval brings about, in its own transaction: totals, paths and levels become official, papers are under way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.domain.submissions import Kind
from portal.services import (
    certificates,
    paths,
    plan_summaries,
    progress,
    progress_certificates,
    progress_outcome,
    restatements,
    submissions,
    summaries,
)
from portal.services.submissions import Subject
from portal.services.work import Work
from portal.store.dossiers import Dossier
from portal.store.submissions import Submission


def take_effect(work: Work, submission: Submission, subject: Subject, *, with_report: bool) -> None:
    """Do what follows from the approval of an inventory, a plan, a progress report or a restatement."""
    content = submissions.content_of(work.session, submission)
    match Kind(submission.kind):
        case Kind.BASELINE:
            summaries.recompute(work, submission, content)
            restatements.set_aside(work, submission)
            certificates.intend(work, submission, content, with_report=with_report)
        case Kind.PLAN:
            plan_summaries.recompute(work, submission, content)
        case Kind.PROGRESS:
            _progress(work, submission, subject, content, with_report=with_report)
        case Kind.RESTATEMENT:
            restatements.take_effect(work, submission, content)
    paths.recompute(work.session, submission.member_id)


def _progress(
    work: Work,
    submission: Submission,
    subject: Subject,
    content: Mapping[str, Any],
    *,
    with_report: bool,
) -> None:
    """A year is certified; a quarter only brings the actions up to date."""
    progress.apply_states(work, submission, content)
    if isinstance(subject, Dossier) and subject.quarter:
        return
    row = progress_outcome.recompute(work, submission, content)
    progress_certificates.intend(work, submission, content, row, with_report=with_report)
