"""Holds the writers' own notes against the database: what was kept is there, what is there was sent, and whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.store.evidence import Evidence
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.submissions import Finding, Submission, SubmissionEvent
from tests.resilience.notebook import Fate, Notebook
from tests.resilience.writers import ROWS_PASTED

EVENT_OF = {"approve": "approved", "return": "returned", "reopen": "reopened"}


def lost(session: Session, notebook: Notebook) -> list[str]:
    """What was acknowledged and isn't there, and what is there only in part; empty when nothing was lost."""
    return [
        *notebook.contradictions,
        *_lines(session, notebook),
        *_pastes(session, notebook),
        *_uploads(session, notebook),
        *_submissions(session, notebook),
        *_decisions(session, notebook),
        *_words(session, notebook),
    ]


def _lines(session: Session, notebook: Notebook) -> Iterator[str]:
    rows = session.execute(select(ActivityLine.key, ActivityLine.raw)).all()
    stored = {str(key): raw.get("quantity", "") for key, raw in rows}
    for key, may_say in notebook.lines.items():
        if stored.get(key, "") not in may_say:
            yield f"line {key} says {stored.get(key)!r}, not one of {sorted(may_say)}"


def _pastes(session: Session, notebook: Notebook) -> Iterator[str]:
    query = select(ActivityLine.note, func.count()).group_by(ActivityLine.note)
    counts = dict(session.execute(query).all())
    for sent in notebook.of_kind("paste"):
        wanted = {
            Fate.KEPT: (ROWS_PASTED,),
            Fate.REFUSED: (0,),
            Fate.UNKNOWN: (0, ROWS_PASTED),
        }[sent.fate]
        if counts.get(sent.says, 0) not in wanted:
            yield f"a paste that was {sent.fate} has {counts.get(sent.says, 0)} rows"


def _uploads(session: Session, notebook: Notebook) -> Iterator[str]:
    query = select(Member.code, Evidence.sha256).join(Member, Member.id == Evidence.member_id)
    stored = {tuple(row) for row in session.execute(query)}
    for sent in notebook.of_kind("upload", Fate.KEPT):
        if (sent.about, sent.says) not in stored:
            yield f"the upload {sent.says} is lost"
    known = {(sent.about, sent.says) for sent in notebook.of_kind("upload")}
    for code, digest in stored - known:
        yield f"{code} has a file {digest} that nobody sent"


def _submissions(session: Session, notebook: Notebook) -> Iterator[str]:
    query = (
        select(Member.code, Submission.year, func.count())
        .join(Member, Member.id == Submission.member_id)
        .group_by(Member.code, Submission.year)
    )
    stored = {f"{code}/{year}": number for code, year, number in session.execute(query)}
    kept = Counter(sent.about for sent in notebook.of_kind("submit", Fate.KEPT))
    most = Counter(sent.about for sent in notebook.of_kind("submit", Fate.KEPT, Fate.UNKNOWN))
    for about in stored.keys() | most.keys():
        if not kept[about] <= stored.get(about, 0) <= most[about]:
            yield (
                f"{about} has {stored.get(about, 0)} submissions; "
                f"{kept[about]} to {most[about]} were sent"
            )


def _decisions(session: Session, notebook: Notebook) -> Iterator[str]:
    query = select(Submission.uid, SubmissionEvent.kind, func.count()).join(
        Submission, Submission.id == SubmissionEvent.submission_id
    )
    grouped = query.group_by(Submission.uid, SubmissionEvent.kind)
    stored = {(str(uid), kind): number for uid, kind, number in session.execute(grouped)}
    for act, event in EVENT_OF.items():
        kept = Counter(sent.about for sent in notebook.of_kind(act, Fate.KEPT))
        most = Counter(sent.about for sent in notebook.of_kind(act, Fate.KEPT, Fate.UNKNOWN))
        about = {uid for uid, kind in stored if kind == event}
        for uid in about | kept.keys():
            if not kept[uid] <= stored.get((uid, event), 0) <= most[uid]:
                yield f"submission {uid} was {event} {stored.get((uid, event), 0)} times, not {kept[uid]}"


def _words(session: Session, notebook: Notebook) -> Iterator[str]:
    messages = Counter(session.scalars(select(Finding.message)))
    for sent in notebook.of_kind("question"):
        number = messages[sent.says]
        if number > 1 or (sent.fate is Fate.KEPT and number == 0):
            yield f"the question {sent.says!r} is there {number} times"
    answers = {str(uid): text for uid, text in session.execute(select(Finding.uid, Finding.answer))}
    latest = {}
    for sent in notebook.of_kind("answer"):
        if sent.fate is Fate.KEPT:
            latest[sent.about] = {sent.says}
        elif sent.fate is Fate.UNKNOWN:
            latest.setdefault(sent.about, {""}).add(sent.says)
    for about, may_say in latest.items():
        if answers[str(UUID(about))] not in may_say:
            yield f"the answer to question {about} is {answers[about]!r}"
