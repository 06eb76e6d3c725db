"""Gathering what a bundle holds, in one transaction: frozen content, what it stands on, its certificate, its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import data
from portal.domain.actors import MemberId
from portal.domain.differences import plain
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.domain.submissions import Event, Kind, State
from portal.services import certificates, programmes, submissions
from portal.services.bundles import papers
from portal.services.bundles.about import (
    ABOUT,
    CERTIFICATE,
    EVIDENCE,
    FACTORS,
    FACTS,
    README,
    SCHEMA,
    SUBMISSION,
    TRACES,
    entry_of,
)
from portal.services.bundles.chain import Chain, Decision, Handed, TrialLayer
from portal.services.bundles.factors import methods_of, used_rows
from portal.services.bundles.proof import proof_files
from portal.services.freezing import member_code
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.certificates import Certificate
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.store.programmes import ProgrammeVersion
from portal.store.restatements import EditionTrial, TrialDecision, TrialRow
from portal.store.submissions import Submission, SubmissionEvent

_WAS_APPROVED = (State.APPROVED.value, State.OUTDATED.value)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A bundle that waits to be written: small files by name, and which evidence belongs to it, by name and digest."""

    uid: UUID
    filename: str
    member_code: str
    digest: str
    files: Mapping[str, bytes]
    evidence: Mapping[str, str]


@dataclass(slots=True)
class _Shelf:
    """The frozen bytes in the bundle by name, beside the decisions that they belong to."""

    session: Session
    own: Submission
    files: dict[str, bytes] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)


def gather(work: Work, uid: UUID, *, with_files: bool) -> Gathered:
    """Read everything about an approved submission; a foreign one is answered like an unknown one, one never approved refused."""
    submission = submissions.find(work, uid)
    if with_files:
        work.demand(Permission.MEMBER_EVIDENCE_READ, MemberId(submission.member_id))
    if submission.state not in _WAS_APPROVED:
        raise Conflict("submission.bundle.not_approved")
    shelf = _Shelf(work.session, submission)
    _fill(shelf)
    own = shelf.decisions[-1]
    if not isinstance(own, Handed):
        raise TypeError("the last decision is the submission's own")
    chain = Chain(shelf.decisions)
    certificate = _certificate(work.session, submission)
    about = _about(work.session, submission, chain, own, certificate, with_files=with_files)
    files = shelf.files | _papers(chain, own, about, with_files=with_files)
    files |= _documents(work.session, certificate) | proof_files(work, submission)
    code = member_code(work.session, submission.member_id)
    return Gathered(
        uid,
        _filename(code, own),
        code,
        submission.digest,
        files,
        {papers.evidence_name(each): each["sha256"] for each in own.content["evidence"]}
        if with_files
        else {},
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A decision with its place among all that happened to the member's submissions, and where it was handed in there."""

    decided: tuple[int, int]
    handed_in: tuple[int, int]
    what: Submission | TrialLayer


def _fill(shelf: _Shelf) -> None:
    """Every decision about the member up to the submission's own, in order; an inventory stands on inventories only."""
    own = shelf.own
    placed = _submissions(shelf.session, own)
    if own.kind != Kind.BASELINE:
        placed += _trials(shelf.session, own)
    last = next(each.decided for each in placed if each.what is own)
    placed = sorted(
        (each for each in placed if each.decided <= last), key=lambda each: each.decided
    )
    for each in placed:
        if isinstance(each.what, TrialLayer):
            shelf.decisions.append(each.what)
        else:
            before = sum(1 for other in placed if other.decided < each.handed_in)
            shelf.decisions.append(_handed(shelf, each.what, before))


def _submissions(session: Session, own: Submission) -> list[_Placed]:
    """In the order in which it happened: the demo plays its past out of order, so moments alone don't tell."""
    query = select(Submission).where(
        Submission.member_id == own.member_id, Submission.state.in_(_WAS_APPROVED)
    )
    if own.kind == Kind.BASELINE:
        query = query.where(Submission.kind == Kind.BASELINE.value)
    found = list(session.scalars(query))
    events = select(SubmissionEvent).where(
        SubmissionEvent.submission_id.in_([each.id for each in found]),
        SubmissionEvent.kind.in_([Event.SUBMITTED.value, Event.APPROVED.value]),
    )
    places = {(event.submission_id, event.kind): event.id for event in session.scalars(events)}
    return [
        _Placed((places[each.id, Event.APPROVED], 0), (places[each.id, Event.SUBMITTED], 0), each)
        for each in found
    ]


def _trials(session: Session, own: Submission) -> list[_Placed]:
    """Trials that were decided to restate the member's years, each after what had happened by then."""
    query = (
        select(TrialDecision, EditionTrial)
        .join(EditionTrial, EditionTrial.id == TrialDecision.trial_id)
        .where(TrialDecision.member_id == own.member_id, TrialDecision.decision == "restate")
        .order_by(TrialDecision.decided_at, TrialDecision.trial_id)
    )
    found = []
    for place, (decision, trial) in enumerate(session.execute(query), start=1):
        latest = (
            select(func.max(SubmissionEvent.id))
            .join(Submission, Submission.id == SubmissionEvent.submission_id)
            .where(Submission.member_id == own.member_id, SubmissionEvent.at <= decision.decided_at)
        )
        at = (session.scalars(latest).one() or 0, place)
        assert decision.decided_at is not None  # noqa: S101 -- the table keeps the two together
        layer = TrialLayer(
            str(trial.uid),
            trial.edition,
            trial.gwp_set,
            decision.decided_at,
            _trial_rows(session, decision),
        )
        found.append(_Placed(at, at, layer))
    return found


def _trial_rows(session: Session, decision: TrialDecision) -> list[dict[str, Any]]:
    query = (
        select(TrialRow)
        .where(TrialRow.trial_id == decision.trial_id, TrialRow.member_id == decision.member_id)
        .order_by(TrialRow.year, TrialRow.category)
    )
    return [
        {
            "year": row.year,
            "category": row.category,
            "scope": row.scope,
            "kg_before": row.kg_before,
            "kg_after": row.kg_after,
        }
        for row in session.scalars(query)
    ]


def _handed(shelf: _Shelf, submission: Submission, before: int) -> Handed:
    plain = submissions.frozen_bytes(shelf.session, submission)
    name = SUBMISSION if submission is shelf.own else _basis_name(submission)
    shelf.files[name] = plain
    dossier = shelf.session.get(Dossier, submission.dossier_id or 0)
    if submission.decided_at is None:
        raise ValueError("what was approved has been decided")
    return Handed(
        file=name,
        uid=str(submission.uid),
        kind=Kind(submission.kind),
        year=submission.year,
        number=submission.number,
        digest=submission.digest,
        dossier="" if dossier is None else str(dossier.uid),
        submitted_at=submission.submitted_at,
        decided_at=submission.decided_at,
        before=before,
        programme=_programme_number(shelf.session, submission),
        content=submissions.read_content(plain),
    )


def _basis_name(submission: Submission) -> str:
    about = f"{submission.kind}-{submission.year}-v{submission.number}"
    return f"basis/{about}-{submission.uid.hex[:12]}.json"


def _programme_number(session: Session, submission: Submission) -> int:
    """The version of the programme that was in force when something was handed in; 0 is the one that is shipped."""
    member = session.get_one(Member, submission.member_id)
    query = (
        select(ProgrammeVersion.number)
        .where(
            ProgrammeVersion.alliance_id == member.alliance_id,
            ProgrammeVersion.made_at <= submission.submitted_at,
        )
        .order_by(ProgrammeVersion.number.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none() or 0


def _about(
    session: Session,
    submission: Submission,
    chain: Chain,
    own: Handed,
    certificate: Certificate | None,
    *,
    with_files: bool,
) -> dict[str, Any]:
    member = session.get_one(Member, submission.member_id)
    alliance = session.get_one(Alliance, member.alliance_id)
    numbers = {each.programme for each in chain.decisions if isinstance(each, Handed)}
    return {
        "schema": SCHEMA,
        "alliance": {
            "code": alliance.code,
            "name_zh": alliance.name_zh,
            "name_en": alliance.name_en,
        },
        "submission": entry_of(own),
        "basis": [entry_of(each) for each in chain.decisions[:-1]],
        "certificate": None if certificate is None else _certificate_mark(session, certificate),
        "programmes": {
            str(number): programmes.version(session, alliance.id, number).content
            for number in sorted(numbers)
        },
        "with_files": with_files,
    }


def _certificate(session: Session, submission: Submission) -> Certificate | None:
    query = select(Certificate).where(Certificate.submission_id == submission.id)
    return session.scalars(query).one_or_none()


def _certificate_mark(session: Session, certificate: Certificate) -> dict[str, Any]:
    rendered = certificates.digests(session, certificate).get(certificates.CERTIFICATE)
    return {
        "number": certificate.number,
        "kind": certificate.kind,
        "facts": certificate.facts_digest,
        "document": rendered,
    }


def _papers(
    chain: Chain, own: Handed, about: Mapping[str, Any], *, with_files: bool
) -> dict[str, bytes]:
    handed = [each for each in chain.decisions if isinstance(each, Handed)]
    codes = sorted({code for each in handed for code in methods_of(each.content)})
    editions = [data.load_edition(code) for code in codes]
    return {
        ABOUT: papers.json_bytes(plain(about)),
        TRACES: papers.traces_of(own.content),
        FACTORS: papers.factors_of((each, used_rows(each, handed, chain)) for each in editions),
        EVIDENCE: papers.evidence_table(own.content, with_files=with_files),
        README: papers.readme_of(about, own.content),
        **papers.tables_of(own.content),
    }


def _documents(session: Session, certificate: Certificate | None) -> dict[str, bytes]:
    if certificate is None:
        return {}
    files = {FACTS: certificates.facts_of(session, certificate)}
    rendered = certificates.document(session, certificate, certificates.CERTIFICATE)
    return files if rendered is None else files | {CERTIFICATE: rendered.content}


def _filename(code: str, own: Handed) -> str:
    period = f"{own.year}q{own.quarter}" if own.quarter else str(own.year)
    return f"{code}-{own.kind.value}-{period}-v{own.number}-bundle.zip"
