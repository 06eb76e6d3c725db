"""Restatements: asking for the recalculation of years, weighing it, and keeping restated years beside the reported ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from portal import data
from portal.calculation.problems import Problem, problem
from portal.calculation.rounding import KG_PER_TONNE, as_result
from portal.domain.actions import MOST_TONNES
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.permissions import Permission
from portal.domain.plans import RestatementState, restatement_problems
from portal.domain.refusals import NotFound
from portal.domain.restatements import Trigger, Weighed, YearChange, weigh
from portal.domain.submissions import Kind, State
from portal.intake.numbers import NumberRules
from portal.intake.typed import Reading, Typed
from portal.services import dossiers, programmes, submissions
from portal.services.freezing import member_facts
from portal.services.plans import DossierCheck, frozen_dossier, mark_of, open_questions
from portal.services.series import CategoryKg, MemberSeries, series_beneath
from portal.services.submissions import Declaration, content_of
from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.base import rows_changed
from portal.store.dossiers import Adjustment, Dossier
from portal.store.members import Member
from portal.store.restatements import MemberRestated
from portal.store.submissions import Submission

_CHANGE = NumberRules(minimum=-MOST_TONNES, maximum=MOST_TONNES, unusual_from=None)
ADJUSTMENT_FIELDS = ("year", "category", "change_t", "reason")
DETAIL_FIELDS = ("trigger", "reason")


def begin_restatement(work: Work, member: Member) -> Dossier:
    """Begin a restatement, dated this year; one that was approved this year already is opened again."""
    found = dossiers.begin(work, member, Kind.RESTATEMENT, work.today.year)
    if found.state == State.APPROVED:
        submissions.move(work, found, (State.APPROVED.value,), "draft")
    return found


def describe(work: Work, dossier: Dossier, typed: Typed) -> tuple[Problem, ...]:
    """Keep the trigger and the reason; problems when something typed can't be kept."""
    reading = Reading(typed, work.today)
    trigger = reading.choice("trigger", list(Trigger))
    reason = reading.long_text("reason", is_required=True, longest=2000)
    if not reading.is_settled:
        return tuple(reading.problems)
    dossiers.describe(work, dossier, {"trigger": trigger, "reason": reason}, dossier.note)
    return ()


def keep_cause(work: Work, dossier: Dossier, typed: Typed) -> tuple[Problem, ...]:
    """Keep as much of the cause as was typed beside something else; what is missing is asked for before submitting."""
    reading = Reading(typed, work.today)
    trigger = reading.choice("trigger", list(Trigger), is_required=False)
    reason = reading.long_text("reason", longest=2000)
    if not reading.is_settled:
        return tuple(reading.problems)
    told = {"trigger": trigger, "reason": reason}
    if any(told.values()) and told != dict(dossier.detail):
        dossiers.describe(work, dossier, told, dossier.note)
    return ()


def adjustments_of(session: Session, dossier_id: int) -> list[Adjustment]:
    """The changes of a restatement, by year and category."""
    query = (
        select(Adjustment)
        .where(Adjustment.dossier_id == dossier_id)
        .order_by(Adjustment.year, Adjustment.category)
    )
    return list(session.scalars(query))


def add_adjustment(work: Work, dossier: Dossier, typed: Typed) -> tuple[Problem, ...]:
    """Add the change of a year and category; problems when it can't be kept."""
    member = dossiers.begin_edit(work, dossier)
    series = series_beneath(work.session, dossier)
    reading = Reading(typed, work.today)
    year = reading.choice("year", [str(each) for each in series.years])
    category = reading.choice("category", list(data.load_categories()))
    tonnes = reading.number("change_t", _CHANGE)
    reason = reading.long_text("reason")
    if reading.is_settled and tonnes is not None:
        kg = as_result(tonnes * KG_PER_TONNE)
        for found in _objections(work.session, dossier, series, int(year), category, kg):
            reading.refuse(found)
    if not reading.is_settled or tonnes is None:
        return tuple(reading.problems)
    row = Adjustment(
        uid=work.new_uid(),
        dossier_id=dossier.id,
        year=int(year),
        category=category,
        kg_change=as_result(tonnes * KG_PER_TONNE),
        reason=reason,
        raw=typed.raw(),
    )
    work.session.add(row)
    work.session.flush()
    _record(work, member, dossier, "adjustment.added", "", digest(_facts(row)))
    return ()


def remove_adjustment(work: Work, dossier: Dossier, uid: UUID) -> None:
    """Remove a change; one of another dossier is answered like an unknown one."""
    member = dossiers.begin_edit(work, dossier)
    row = work.session.scalars(
        select(Adjustment).where(Adjustment.uid == uid, Adjustment.dossier_id == dossier.id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    _record(work, member, dossier, "adjustment.removed", digest(_facts(row)), "")
    work.session.delete(row)
    work.session.flush()


def check_restatement(work: Work, dossier: Dossier) -> DossierCheck:
    """Gather what the signatory is about to sign."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(dossier.member_id))
    member = work.session.get_one(Member, dossier.member_id)
    content = content_of_restatement(work, dossier)
    state = RestatementState(
        has_signatory=bool(member.signatory_name),
        has_trigger=bool(content["detail"].get("trigger")),
        has_reason=bool(content["detail"].get("reason")),
        adjustment_count=len(content["adjustments"]),
        open_questions=open_questions(work, dossier),
    )
    return DossierCheck(content, restatement_problems(state), mark_of(content, member))


def submit_restatement(work: Work, dossier: Dossier, declaration: Declaration) -> Submission:
    """Freeze the restatement as its next version; the caller has shown that nothing blocks it, and held it for that."""
    work.demand(Permission.MEMBER_SUBMISSION_SUBMIT, MemberId(dossier.member_id))
    submissions.move(work, dossier, ("draft", "returned"), "submitted")
    content = content_of_restatement(work, dossier)
    frozen = frozen_dossier(work, dossier, content, content["adjustments"])
    return submissions.hand_in(work, dossier, declaration, Kind.RESTATEMENT, frozen)


def content_of_restatement(work: Work, dossier: Dossier) -> dict[str, Any]:
    """Everything of a restatement as it stands now, with its arithmetic."""
    session = work.session
    member = session.get_one(Member, dossier.member_id)
    alliance = session.get_one(Alliance, member.alliance_id)
    threshold = programmes.in_force(session, alliance.id).programme.restatement_percent
    series = series_beneath(session, dossier)
    facts = member_facts(member)
    adjustments = [_facts(row) for row in adjustments_of(session, dossier.id)]
    earlier = _too_small_before(session, member.id, dossier.id)
    return {
        "schema": 1,
        "kind": Kind.RESTATEMENT.value,
        "alliance": alliance.code,
        "year": dossier.year,
        "member": facts,
        "basis": {"year": max(series.years, default=None)},
        "detail": dict(dossier.detail),
        "adjustments": adjustments,
        "earlier": [dict(each) for each in earlier],
        **worked_out(
            facts["base_year"] or min(series.years, default=dossier.year),
            adjustments,
            earlier,
            series,
            threshold,
        ),
        "warnings": [],
        "evidence": [],
        "note": dossier.note,
    }


def worked_out(
    base_year: int,
    adjustments: Sequence[Mapping[str, Any]],
    earlier: Sequence[Mapping[str, Any]],
    series: MemberSeries,
    threshold: Decimal,
) -> dict[str, Any]:
    """What follows from the changes of years: the arithmetic against the threshold in percent, and the years that then hold."""
    weighed = weigh(
        base_of=base_year,
        totals={year: series.kg(year) for year in series.years},
        changes=[YearChange(each["year"], Decimal(each["kg_change"])) for each in adjustments],
        earlier=[YearChange(each["year"], Decimal(each["kg_change"])) for each in earlier],
        threshold=threshold,
    )
    applied = [*earlier, *adjustments] if weighed.is_due else []
    return {
        "arithmetic": _arithmetic(weighed, threshold),
        "years": _years(series, applied),
        "restated": _restated_rows(series, applied),
    }


def take_effect(work: Work, submission: Submission, content: Mapping[str, Any]) -> None:
    """Lay the restated years of an approved restatement over what counted before; an earlier version of it is taken away."""
    work.session.flush()
    versions = select(Submission.id).where(Submission.dossier_id == submission.dossier_id)
    work.session.execute(delete(MemberRestated).where(MemberRestated.submission_id.in_(versions)))
    layer = next_layer(work.session, [submission.member_id])
    rows = [
        {
            "member_id": submission.member_id,
            "year": row["year"],
            "layer": layer,
            "category": row["category"],
            "scope": row["scope"],
            "kg_co2e": Decimal(row["kg_co2e"]),
            "submission_id": submission.id,
            "trial_id": None,
        }
        for row in content["restated"]
    ]
    if rows:
        work.session.execute(insert(MemberRestated), rows)


def next_layer(session: Session, members: Collection[int]) -> int:
    """The number of a layer that goes over all those of these members."""
    query = select(func.max(MemberRestated.layer)).where(MemberRestated.member_id.in_(members))
    return (session.scalars(query).one() or 0) + 1


def set_aside(work: Work, submission: Submission) -> None:
    """Let a year that is approved anew count as it is reported now.

    What was restated rested on the earlier version, and nobody can tell which of it the new one holds already.
    """
    work.session.flush()
    year = (submission.member_id, submission.year)
    gone = rows_changed(
        work.session,
        delete(MemberRestated).where(
            MemberRestated.member_id == year[0], MemberRestated.year == year[1]
        ),
    )
    if gone:
        member = work.session.get_one(Member, submission.member_id)
        work.record(
            "restatement.set_aside",
            f"submission/{submission.uid}",
            on_behalf_of=member.code,
            detail={"year": submission.year},
        )


def is_restated(session: Session, member_id: int, year: int) -> bool:
    """Whether a year counts otherwise than it was reported."""
    query = select(MemberRestated.year).filter_by(member_id=member_id, year=year).limit(1)
    return session.scalars(query).one_or_none() is not None


def _objections(
    session: Session, dossier: Dossier, series: MemberSeries, year: int, category: str, kg: Decimal
) -> Iterable[Problem]:
    known = series.in_force(year).get(category)
    left = (known.kg if known else Decimal(0)) + kg
    if left < 0:
        yield problem(
            "adjustment.below_zero", "change_t", year=year, kg=known.kg if known else Decimal(0)
        )
    if any(
        (row.year, row.category) == (year, category) for row in adjustments_of(session, dossier.id)
    ):
        yield problem("adjustment.taken", "category")


def _too_small_before(session: Session, member_id: int, dossier_id: int) -> list[Mapping[str, Any]]:
    """Changes of approved restatements that were too small to recalculate for, in their order."""
    query = (
        select(Submission)
        .where(
            Submission.member_id == member_id,
            Submission.kind == Kind.RESTATEMENT.value,
            Submission.state == State.APPROVED.value,
            Submission.dossier_id != dossier_id,
        )
        .order_by(Submission.decided_at)
    )
    return still_waiting(content_of(session, submission) for submission in session.scalars(query))


def still_waiting(restatements: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The changes of frozen restatements, in their order, since the last of them that was large enough."""
    waiting: list[Mapping[str, Any]] = []
    for content in restatements:
        waiting = [] if content["arithmetic"]["is_due"] else [*waiting, *content["adjustments"]]
    return waiting


def _arithmetic(weighed: Weighed, threshold: Decimal) -> dict[str, Any]:
    return {
        "base_year": weighed.base_year,
        "base": weighed.base,
        "size_percent": weighed.size_percent,
        "largest_year": weighed.largest_year,
        "largest_percent": weighed.largest_percent,
        "threshold_percent": threshold,
        "is_due": weighed.is_due,
        "new_base": weighed.new_base,
        "formula": weighed.formula,
    }


def _years(series: MemberSeries, applied: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    changes: dict[int, Decimal] = {}
    for each in applied:
        changes[each["year"]] = changes.get(each["year"], Decimal(0)) + Decimal(each["kg_change"])
    return [
        {"year": year, "before": series.kg(year), "after": series.kg(year) + changes.get(year, 0)}
        for year in series.years
    ]


def _restated_rows(
    series: MemberSeries, applied: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The categories of every year that changes, as they count once the restatement is approved."""
    known = data.load_categories()
    years: dict[int, dict[str, CategoryKg]] = {}
    for each in applied:
        year = years.setdefault(each["year"], dict(series.in_force(each["year"])))
        was = year.get(each["category"]) or CategoryKg(
            known[each["category"]].scope, Decimal(0), Decimal(0)
        )
        change = Decimal(each["kg_change"])
        year[each["category"]] = was._replace(kg=was.kg + change, kg_market=was.kg_market + change)
    return [
        {"year": year, "category": category, "scope": row.scope, "kg_co2e": row.kg}
        for year, rows in sorted(years.items())
        for category, row in sorted(rows.items())
    ]


def _facts(row: Adjustment) -> dict[str, Any]:
    return {
        "key": str(row.uid),
        "year": row.year,
        "category": row.category,
        "kg_change": row.kg_change,
        "reason": row.reason,
    }


def _record(
    work: Work, member: Member, dossier: Dossier, kind: str, before: str, after: str
) -> None:
    work.record(
        kind, f"dossier/{dossier.uid}", on_behalf_of=member.code, before=before, after=after
    )
