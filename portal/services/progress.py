"""Progress reports of a member: beginning one from the plan, confirming or correcting each action, handing it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem, problem
from portal.calculation.rounding import KG_PER_TONNE, as_result
from portal.domain.actions import MOST_TONNES, Status, step_key
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.inventories import EDITABLE
from portal.domain.permissions import Permission
from portal.domain.plans import ProgressState, progress_problems
from portal.domain.progress import period_end
from portal.domain.refusals import NotFound
from portal.domain.submissions import Kind
from portal.intake.numbers import NumberRules
from portal.intake.typed import Reading, Typed
from portal.services import dossiers, submissions
from portal.services.frozen_plans import approved_plan, approved_reports
from portal.services.plans import DossierCheck, frozen_dossier, mark_of, open_questions
from portal.services.progress_content import content_of_progress
from portal.services.progress_figures import expected_of
from portal.services.progress_steps import apply_steps, read_steps
from portal.services.sources import book_of
from portal.services.submissions import Declaration, content_of
from portal.services.work import Work
from portal.store.actions import Action, Milestone
from portal.store.base import rows_changed
from portal.store.dossiers import ActionProgress, Dossier, ProgressEvidence
from portal.store.evidence import Evidence
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberPlan, MemberYear

_MEASURED = NumberRules(
    is_required=False, minimum=-MOST_TONNES, maximum=MOST_TONNES, unusual_from=None
)
ROW_FIELDS = ("status", "measured_t", "measured_how", "note")


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How an action stands in a report, with the files that prove it and the steps it was to take."""

    row: ActionProgress
    action: Action
    files: Sequence[Evidence]
    steps: Sequence[Milestone] = ()

    @property
    def open_steps(self) -> list[Milestone]:
        """The steps that no earlier report and no plan called done."""
        return [step for step in self.steps if step.done_on is None]

    @property
    def done(self) -> dict[str, str]:
        """The days on which steps were reached, by their key: in the plan, or said here."""
        known = {step_key(s.name, s.due_on): s.done_on.isoformat() for s in self.steps if s.done_on}
        return {**self.row.reached, **known}


@dataclass(frozen=True, slots=True)
class ProgressCheck(DossierCheck):
    """A report once more before it is signed, with its rows as the page edits them."""

    rows: Sequence[ProgressRow]


def begin_progress(work: Work, member: Member, year: int, quarter: int = 0) -> Dossier:
    """Begin the report of a year or a quarter, prefilled from the approved plan: each action as it stands, with what was expected."""
    known = dossiers.look_up(work, member, Kind.PROGRESS, year, quarter)
    if known is not None:
        return known
    plan = approved_plan(work.session, member.id)
    if plan is None:
        raise NotFound()
    report = dossiers.begin(work, member, Kind.PROGRESS, year, quarter)
    _prefill(work.session, report, plan)
    return report


def refresh(work: Work, report: Dossier) -> None:
    """Bring in actions that were approved since the report was begun; what was typed already stays as it is."""
    plan = approved_plan(work.session, report.member_id)
    if plan is not None:
        dossiers.begin_edit(work, report)
        _prefill(work.session, report, plan)


def rows_of(session: Session, report: Dossier) -> list[ProgressRow]:
    """The report's actions in the order of the plan, in three statements."""
    query = (
        select(ActionProgress, Action)
        .join(Action, Action.id == ActionProgress.action_id)
        .where(ActionProgress.dossier_id == report.id)
        .order_by(Action.position, Action.id)
    )
    found = list(session.execute(query))
    files: dict[int, list[Evidence]] = {}
    linked = (
        select(ProgressEvidence.progress_id, Evidence)
        .join(Evidence, Evidence.id == ProgressEvidence.evidence_id)
        .join(ActionProgress, ActionProgress.id == ProgressEvidence.progress_id)
        .where(ActionProgress.dossier_id == report.id)
        .order_by(Evidence.id)
    )
    for progress_id, file in session.execute(linked):
        files.setdefault(progress_id, []).append(file)
    steps: dict[int, list[Milestone]] = {}
    taken = select(Milestone).where(Milestone.action_id.in_([action.id for _, action in found]))
    for step in session.scalars(taken.order_by(Milestone.due_on, Milestone.id)):
        steps.setdefault(step.action_id, []).append(step)
    return [
        ProgressRow(row, action, files.get(row.id, []), steps.get(action.id, []))
        for row, action in found
    ]


def find_row(work: Work, report: Dossier, action_uid: UUID) -> ProgressRow:
    """How one action stands in the report; an action that it doesn't speak of is answered like an unknown one."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(report.member_id))
    for row in rows_of(work.session, report):
        if row.action.uid == action_uid:
            return row
    raise NotFound()


def save_row(
    work: Work,
    report: Dossier,
    row: ActionProgress,
    typed: Typed,
    steps: Sequence[Milestone] = (),
) -> tuple[Problem, ...]:
    """Confirm or correct how an action stands, and which of its open `steps` were reached; problems when something can't be kept."""
    member = dossiers.begin_edit(work, report)
    reading = Reading(typed, work.today)
    status = reading.choice("status", list(Status))
    measured = reading.number("measured_t", _MEASURED)
    how = reading.long_text("measured_how", is_required=measured is not None)
    note = reading.long_text("note")
    if status == Status.STOPPED and not note:
        reading.refuse(problem("action.status.reason_missing", "note"))
    reached = read_steps(reading, steps)
    if not reading.is_settled:
        return tuple(reading.problems)
    before = digest(_facts(row))
    row.status, row.measured_how, row.note = status, how, note
    row.reached = reached
    row.kg_measured = None if measured is None else as_result(measured * KG_PER_TONNE)
    row.is_confirmed, row.raw = True, typed.raw()
    work.session.flush()
    _record(work, member, report, row, before)
    return ()


def confirm_rest(work: Work, report: Dossier) -> int:
    """Confirm every action that nobody has looked at yet as it is prefilled; returns how many."""
    member = dossiers.begin_edit(work, report)
    waiting = [r.row for r in rows_of(work.session, report) if not r.row.is_confirmed]
    for row in waiting:
        before = digest(_facts(row))
        row.is_confirmed = True
        _record(work, member, report, row, before)
    work.session.flush()
    return len(waiting)


def link(work: Work, report: Dossier, row: ActionProgress, file: Evidence) -> None:
    """Let a file of the member prove what an action saved; a link that is there already stays as it is."""
    member = dossiers.begin_edit(work, report)
    if file.member_id != member.id:
        raise NotFound()
    if work.session.get(ProgressEvidence, (row.id, file.id)) is None:
        work.session.add(ProgressEvidence(progress_id=row.id, evidence_id=file.id))
        _record_link(work, member, report, file, "evidence.linked", after=file.sha256)


def unlink(work: Work, report: Dossier, row: ActionProgress, file: Evidence) -> None:
    """Take a file away from an action's progress; it stays among the member's files."""
    member = dossiers.begin_edit(work, report)
    gone = rows_changed(
        work.session,
        delete(ProgressEvidence).where(
            ProgressEvidence.progress_id == row.id, ProgressEvidence.evidence_id == file.id
        ),
    )
    if gone == 0:
        raise NotFound()
    _record_link(work, member, report, file, "evidence.unlinked", before=file.sha256)


def check_progress(work: Work, report: Dossier) -> ProgressCheck:
    """Gather what the signatory is about to sign."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(report.member_id))
    session = work.session
    member = session.get_one(Member, report.member_id)
    rows = rows_of(session, report)
    plan = approved_plan(session, member.id)
    content = content_of_progress(work, report, rows, plan)
    state = ProgressState(
        has_signatory=bool(member.signatory_name),
        has_plan=plan is not None,
        is_year_approved=bool(report.quarter) or _is_approved(session, member.id, report.year),
        year=report.year,
        unconfirmed=sum(1 for each in rows if not each.row.is_confirmed),
        open_questions=open_questions(work, report),
    )
    return ProgressCheck(content, progress_problems(state), mark_of(content, member), rows)


def shown_report(work: Work, report: Dossier) -> ProgressCheck:
    """A report as it stands while it can be edited; once it is handed in, as it was frozen."""
    if report.state in EDITABLE:
        return check_progress(work, report)
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(report.member_id))
    latest = work.session.scalars(
        select(Submission)
        .where(Submission.dossier_id == report.id)
        .order_by(Submission.number.desc())
        .limit(1)
    ).one()
    content = content_of(work.session, latest)
    return ProgressCheck(content, (), "", rows_of(work.session, report))


def submit_progress(work: Work, report: Dossier, declaration: Declaration) -> Submission:
    """Freeze the report as its next version; the caller has shown that nothing blocks it, and held it for that."""
    work.demand(Permission.MEMBER_SUBMISSION_SUBMIT, MemberId(report.member_id))
    submissions.move(work, report, ("draft", "returned"), "submitted")
    plan = approved_plan(work.session, report.member_id)
    content = content_of_progress(work, report, rows_of(work.session, report), plan)
    frozen = frozen_dossier(work, report, content, content["actions"])
    return submissions.hand_in(work, report, declaration, Kind.PROGRESS, frozen)


def apply_states(work: Work, submission: Submission, content: Mapping[str, Any]) -> None:
    """Let the member's actions stand as an approved report says, so that the next plan begins from there."""
    if _is_overtaken(work.session, submission, content):
        return  # a later period has said already how they stand
    states = {UUID(a["key"]): (a["status"], a["progress_note"]) for a in content["actions"]}
    for action in work.session.scalars(select(Action).where(Action.uid.in_(states))):
        status, note = states[action.uid]
        if action.status != status:
            action.status = status
            action.stopped_reason = note if status == Status.STOPPED else ""
            action.changed_at = work.moment
    apply_steps(work.session, content)
    work.session.flush()


def _is_overtaken(session: Session, submission: Submission, content: Mapping[str, Any]) -> bool:
    """Whether a report of a later period was approved before."""
    own = period_end(content["year"], content["quarter"])
    return any(end > own for end, _report in approved_reports(session, submission.member_id))


def years_to_report(work: Work, member: Member) -> list[int]:
    """The years with approved data that can have a progress report, latest first."""
    query = select(MemberYear.year).where(MemberYear.member_id == member.id)
    return sorted(work.session.scalars(query), reverse=True)


def year_to_report(work: Work, member: Member) -> int | None:
    """The latest year that can have a progress report: None without an approved plan or an approved year."""
    query = (
        select(func.max(MemberYear.year))
        .join(MemberPlan, MemberPlan.member_id == MemberYear.member_id)
        .where(MemberYear.member_id == member.id)
    )
    return work.session.scalars(query).one()


def _prefill(session: Session, report: Dossier, plan: Submission) -> None:
    content = content_of(session, plan)
    expected = _expected(session, report, content)
    known = set(
        session.scalars(
            select(ActionProgress.action_id).where(ActionProgress.dossier_id == report.id)
        )
    )
    keys = [UUID(action["key"]) for action in content["actions"]]
    query = select(Action).where(Action.uid.in_(keys), Action.member_id == report.member_id)
    for action in session.scalars(query.order_by(Action.position)):
        if action.id in known or action.status in (Status.IDEA, Status.STOPPED):
            continue
        session.add(
            ActionProgress(
                dossier_id=report.id,
                action_id=action.id,
                status=action.status,
                kg_expected=expected.get(str(action.uid), Decimal(0)),
                raw={},
            )
        )
    session.flush()


def _expected(session: Session, report: Dossier, plan: Mapping[str, Any]) -> dict[str, Decimal]:
    """What the plan had for the period, against the latest year that was approved by its end."""
    submission = session.scalars(
        select(Submission)
        .join(MemberYear, MemberYear.submission_id == Submission.id)
        .where(MemberYear.member_id == report.member_id, MemberYear.year <= report.year)
        .order_by(MemberYear.year.desc())
        .limit(1)
    ).one_or_none()
    book = None if submission is None else book_of(content_of(session, submission))
    return expected_of(plan, book, report.year, report.quarter)


def _is_approved(session: Session, member_id: int, year: int) -> bool:
    return session.get(MemberYear, (member_id, year)) is not None


def _facts(row: ActionProgress) -> dict[str, Any]:
    return {
        "status": row.status,
        "kg_expected": row.kg_expected,
        "kg_measured": row.kg_measured,
        "measured_how": row.measured_how,
        "note": row.note,
        "is_confirmed": row.is_confirmed,
        "reached": row.reached,
    }


def _record(work: Work, member: Member, report: Dossier, row: ActionProgress, before: str) -> None:
    work.record(
        "progress.reported",
        f"dossier/{report.uid}",
        on_behalf_of=member.code,
        before=before,
        after=digest(_facts(row)),
    )


def _record_link(
    work: Work, member: Member, report: Dossier, file: Evidence, kind: str, **digests: str
) -> None:
    work.session.flush()
    work.record(
        kind,
        f"evidence/{file.uid}",
        on_behalf_of=member.code,
        detail={"dossier": str(report.uid)},
        **digests,
    )
