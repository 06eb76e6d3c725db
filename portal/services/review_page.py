"""What the reviewer looks at: three versions side by side, with warnings, findings and evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.domain.review import Change, Comparison, FrozenLine, change_percent, compare
from portal.domain.submissions import Kind, State
from portal.services import members, submissions
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.evidence import Evidence
from portal.store.members import Member
from portal.store.submissions import Finding, Submission, SubmissionEvent
from portal.store.summaries import MemberYear

# Of a submission that nothing can be compared with, the reviewer sees at least this many of its largest lines.
LARGEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What every submission is judged by: its frozen content, what was remarked on it, and its history with that of the versions before it.

    `namesakes` state the credit code that the submission does. Remarks and warnings are found by the key of the part (a line, a target, an action) that they are about.
    """

    submission: Submission
    member: Member
    namesakes: Sequence[Member]
    content: Mapping[str, Any]
    before: Submission | None
    findings: Sequence[Finding]
    earlier_findings: Sequence[Finding]
    evidence: Mapping[str, Evidence]
    history: Sequence[tuple[SubmissionEvent, Submission]]
    names: Mapping[int, str]
    remarked: Mapping[str, Sequence[Finding]]
    warned: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def open_questions(self) -> int:
        """How many findings the supplier would get with a return."""
        return len(self.questions)

    @property
    def questions(self) -> list[Finding]:
        """The findings that the supplier would get with a return, those about a version that was taken back among them."""
        every = (*self.earlier_findings, *self.findings)
        return [f for f in every if f.visibility == "supplier" and f.state == "open"]

    def findings_on(self, key: str) -> Sequence[Finding]:
        """The findings on one part, earlier ones first."""
        return self.remarked.get(key, ())

    def warnings_on(self, key: str) -> Sequence[Mapping[str, Any]]:
        """The warnings about one part, with the reason that the supplier gave."""
        return self.warned.get(key, ())

    def general_warnings(self) -> Sequence[Mapping[str, Any]]:
        """The warnings that are not about one part."""
        return self.warned.get("", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage(Judged):
    """An inventory ready to be judged; amounts in kg CO2e."""

    last_year: Submission | None
    rows: Sequence[Comparison]
    largest: Collection[str]

    @property
    def changed_count(self) -> int:
        """How many lines differ from the version before."""
        return sum(1 for row in self.rows if row.change.value != "unchanged")

    @property
    def change_on_last_year(self) -> Decimal | None:
        """Change of the total against last year's approved total, in percent."""
        if self.last_year is None:
            return None
        return change_percent(self.submission.kg_total, self.last_year.kg_total)

    def to_look_at(self) -> list[Comparison]:
        """What a reviewer in a hurry sees, what is odd or asked about first."""
        rows = [row for row in self.rows if self._needs_a_look(row)]
        return sorted(rows, key=lambda row: not self._is_marked(row))

    def _is_marked(self, row: Comparison) -> bool:
        return bool(self.findings_on(row.line.key) or self.warnings_on(row.line.key))

    def _needs_a_look(self, row: Comparison) -> bool:
        """Marked lines, and changed ones; of a first version, which has none, new and large ones."""
        if self._is_marked(row):
            return True
        if self.before is not None:
            return row.change is not Change.UNCHANGED
        is_new = self.last_year is not None and row.last_year is None
        return is_new or row.line.key in self.largest

    def frozen_line(self, key: UUID) -> Mapping[str, Any]:
        """One frozen line by its key."""
        for line in self.content["lines"]:
            if line["key"] == str(key):
                found: Mapping[str, Any] = line
                return found
        raise NotFound()


def open_page(work: Work, uid: UUID) -> ReviewPage:
    """Everything the review page of an inventory shows, in a fixed number of statements."""
    judged = open_judged(work, uid)
    session, submission = work.session, judged["submission"]
    if submission.kind != Kind.BASELINE:
        raise NotFound()
    before = judged["before"]
    last_year = _approved_last_year(work, submission)
    earlier = frozen_lines(submissions.content_of(session, before)) if before else None
    counterpart = frozen_lines(submissions.content_of(session, last_year)) if last_year else []
    lines = frozen_lines(judged["content"])
    return ReviewPage(
        **judged,
        last_year=last_year,
        rows=compare(lines, earlier, counterpart),
        largest=frozenset(
            line.key for line in nlargest(LARGEST, lines, key=lambda line: line.kg_co2e)
        ),
    )


def open_judged(work: Work, uid: UUID) -> dict[str, Any]:
    """What every submission is judged by, as the fields of `Judged`."""
    work.demand(Permission.ALLIANCE_SUBMISSION_READ)
    submission = submissions.find(work, uid)
    content = submissions.content_of(work.session, submission)
    findings = _findings(work, submission)
    history = submissions.history_up_to(work.session, submission)
    own = [finding for finding in findings if finding.submission_id == submission.id]
    earlier = [finding for finding in findings if finding.submission_id != submission.id]
    member = work.session.get_one(Member, submission.member_id)
    return {
        "submission": submission,
        "member": member,
        "namesakes": members.namesakes(work, member, content["member"]["credit_code"]),
        "content": content,
        "before": _version_before(work, submission),
        "findings": own,
        "earlier_findings": earlier,
        "evidence": _evidence(work, submission, content),
        "history": history,
        "names": _names(work, [event for event, _version in history]),
        "remarked": _by_part([*earlier, *own]),
        "warned": _warned(content),
    }


def _by_part(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.line_key is not None:
            found.setdefault(str(finding.line_key), []).append(finding)
    return found


def _warned(content: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Warnings by the key of their line or action, the others under no key."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for warning in content["warnings"]:
        kind, _, key = warning["subject"].partition("/")
        found.setdefault(key if kind in ("line", "action") else "", []).append(warning)
    return found


def frozen_lines(content: Mapping[str, Any]) -> list[FrozenLine]:
    """The lines of a frozen content as values to compare."""
    return [
        FrozenLine(
            key=line["key"],
            position=line["position"],
            category=line["category"],
            scope=line["scope"],
            site=line["site"],
            start=line["start"],
            end=line["end"],
            quantity=Decimal(line["quantity"]),
            unit=line["unit"],
            parameters=line["parameters"],
            note=line["note"],
            kg_co2e=Decimal(line["kg_co2e"]),
            evidence=tuple(line["evidence"]),
        )
        for line in content["lines"]
    ]


def _version_before(work: Work, submission: Submission) -> Submission | None:
    query = (
        select(Submission)
        .where(
            submissions.is_about(Submission, submission),
            Submission.number < submission.number,
        )
        .order_by(Submission.number.desc())
        .limit(1)
    )
    return work.session.scalars(query).one_or_none()


def _approved_last_year(work: Work, submission: Submission) -> Submission | None:
    query = (
        select(Submission)
        .join(MemberYear, MemberYear.submission_id == Submission.id)
        .where(MemberYear.member_id == submission.member_id, MemberYear.year == submission.year - 1)
    )
    found = work.session.scalars(query).one_or_none()
    return found if found is None or found.state == State.APPROVED.value else None


def _findings(work: Work, submission: Submission) -> list[Finding]:
    query = (
        select(Finding)
        .where(submissions.is_about(Finding, submission))
        .order_by(Finding.at, Finding.id)
    )
    return list(work.session.scalars(query))


def _evidence(
    work: Work, submission: Submission, content: Mapping[str, Any]
) -> Mapping[str, Evidence]:
    digests = [file["sha256"] for file in content["evidence"]]
    query = select(Evidence).where(
        Evidence.member_id == submission.member_id, Evidence.sha256.in_(digests)
    )
    return {file.sha256: file for file in work.session.scalars(query)}


def _names(work: Work, history: Sequence[SubmissionEvent]) -> Mapping[int, str]:
    wanted = {event.account_id for event in history if event.account_id is not None}
    query = select(Account.id, Account.name).where(Account.id.in_(wanted))
    return dict(work.session.execute(query).all())
