"""What an approved progress report comes to: the member's level, why it is off its path, and the rows that lists read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, case, delete, func, insert, select
from sqlalchemy.orm import Session

from portal.calculation.quantities import exactly
from portal.domain.actions import UNDER_WAY, Status
from portal.domain.comparisons import place_percent
from portal.domain.levels import Measure, level_of
from portal.domain.levers import Ledger
from portal.domain.programmes import Programme, read_programme
from portal.services.summaries import queue_on_alliance, units_above
from portal.services.work import Work
from portal.store.alliance import OrgClosure
from portal.store.base import table_of
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberPlan, MemberProgress, MemberYear, UnitProgress

_YES, _NO = Decimal(1), Decimal(0)


def recompute(work: Work, submission: Submission, content: Mapping[str, Any]) -> MemberProgress:
    """Make the member's row of the year, and the counts of every unit above it, say what the approved report says."""
    session = work.session
    session.flush()
    member = session.get_one(Member, submission.member_id)
    queue_on_alliance(session, member)
    row = _replace_row(work, submission, content)
    measured = measures(session, member, row, content)
    row.level = level_of(programme_of(content).levels, measured)
    session.flush()
    _replace_unit_rows(session, units_above(session, member), submission.year)
    return row


def programme_of(content: Mapping[str, Any]) -> Programme:
    """The programme that was in force when the report was handed in; its rules are the ones that are applied."""
    return read_programme(content["programme"]["content"])


def measures(
    session: Session, member: Member, row: MemberProgress, content: Mapping[str, Any]
) -> dict[Measure, Decimal | None]:
    """What the rules of the levels ask for, as it is when the report is approved."""
    return measured_in(
        content,
        has_base=session.get(MemberYear, (member.id, member.base_year or 0)) is not None,
        has_plan=session.get(MemberPlan, member.id) is not None,
        quality=row.quality,
        share=None if content["standing"] is None else top_share(session, row),
    )


def measured_in(
    content: Mapping[str, Any],
    *,
    has_base: bool,
    has_plan: bool,
    quality: Decimal,
    share: Decimal | None,
) -> dict[Measure, Decimal | None]:
    """The measures of a report; whether base year and plan are approved, and the place among the members, are told."""
    standing = content["standing"]
    return {
        Measure.BASELINE_APPROVED: _yes(has_base),
        Measure.TARGET_APPROVED: _yes(has_plan and content["target"] is not None),
        Measure.PLAN_APPROVED: _yes(has_plan),
        Measure.ON_PATH: _on_path(standing, content["year"]),
        Measure.CUT_PERCENT: None if standing is None else Decimal(standing["cut_percent"]),
        Measure.QUALITY: quality,
        Measure.TOP_SHARE: share,
        Measure.VERIFIED_SHARE: verified_share(content),
        Measure.UNDERWAY_COUNT: Decimal(int(Decimal(content["totals"]["underway"]))),
    }


def _on_path(standing: Mapping[str, Any] | None, year: int) -> Decimal | None:
    """Whether the year is on its path; the base year itself, on which every path begins, says nothing."""
    if standing is None or year <= standing["base_year"]:
        return None
    return _yes(standing["is_on_path"])


def top_share(session: Session, row: MemberProgress) -> Decimal | None:
    """The place by cut among all members whose progress of the year is approved, itself included, in percent of them.

    None among so few that the place would tell of the others' cuts: the member and whoever checks its certificate read it.
    """
    better, count = session.execute(
        select(
            func.count(case((MemberProgress.cut_percent > row.cut_percent, 1))), func.count()
        ).where(MemberProgress.year == row.year)
    ).one()
    return place_percent(better, count)


def verified_share(content: Mapping[str, Any]) -> Decimal | None:
    """The percent of the claimed savings that evidence proves; claimed is what was measured, else what was expected."""
    claimed = verified = _NO
    for action in content["actions"]:
        if action["ledger"] != Ledger.INVENTORY or Status(action["status"]) not in UNDER_WAY:
            continue
        measured = action["kg_measured"]
        # What raised emissions is no claim, and takes nothing from the claims of others.
        claimed += max(_NO, Decimal(action["kg_expected"] if measured is None else measured))
        verified += Decimal(measured) if action["is_verified"] else _NO
    with exactly():
        return verified * 100 / claimed if claimed > 0 else None


def overdue_count(content: Mapping[str, Any], today: date) -> int:
    """Milestones that are due and not done, of actions that are neither done nor stopped."""
    return sum(
        1
        for action in content["actions"]
        if Status(action["status"]) not in (Status.DONE, Status.STOPPED)
        for step in action["milestones"]
        if step["done"] is None and date.fromisoformat(step["due"]) < today
    )


def reason_of(content: Mapping[str, Any], overdue: int) -> str:
    """Why a year is off its path: the largest effect that drove emissions up, else actions that are late or too small."""
    standing, change = content["standing"], content["change"]
    if standing is None or standing["is_on_path"]:
        return ""
    effects = (
        {}
        if change is None
        else {
            name: Decimal(change[name])
            for name in ("structure", "factor", "activity", "intensity", "undivided")
            if change[name] is not None
        }
    )
    worst = max(effects, key=lambda name: effects[name], default="")
    if worst and effects[worst] > 0:
        return worst
    return "overdue" if overdue else "too_small"


def _yes(is_true: bool) -> Decimal:
    return _YES if is_true else _NO


def _replace_row(work: Work, submission: Submission, content: Mapping[str, Any]) -> MemberProgress:
    key = (submission.member_id, submission.year)
    row = work.session.get(MemberProgress, key) or MemberProgress(member_id=key[0], year=key[1])
    standing = content["standing"] or {}
    change = content["change"] or {}
    totals = content["totals"]
    row.submission_id = submission.id
    row.kg_base = Decimal(standing.get("base", 0))
    row.kg_actual = Decimal(standing.get("actual", 0))
    row.kg_target = Decimal(standing.get("allowed", 0))
    row.cut_percent = Decimal(standing.get("cut_percent", 0))
    row.is_on_path = bool(standing.get("is_on_path"))
    row.quality = submission.quality
    row.level = ""
    row.underway_count = int(Decimal(totals["underway"]))
    row.overdue_count = overdue_count(content, work.today)
    row.kg_expected, row.kg_verified = Decimal(totals["expected"]), Decimal(totals["verified"])
    for name in ("structure", "factor", "activity", "intensity"):
        amount = change.get(name)
        setattr(row, f"kg_{name}", None if amount is None else Decimal(amount))
    row.reason = reason_of(content, row.overdue_count)
    row.approved_at = work.moment
    work.session.add(row)
    work.session.flush()
    return row


# Made once: putting it together costs more than running it.
_COUNTED = insert(table_of(UnitProgress)).from_select(
    [
        "unit_id",
        "year",
        "member_count",
        "on_path_count",
        "systematic_count",
        "kg_verified",
        "kg_expected",
    ],
    select(
        OrgClosure.ancestor_id,
        MemberProgress.year,
        func.count(),
        func.count(case((MemberProgress.is_on_path, 1))),
        func.count(case((MemberProgress.underway_count > 0, 1))),
        func.sum(MemberProgress.kg_verified),
        func.sum(MemberProgress.kg_expected),
    )
    .join(Member, Member.id == MemberProgress.member_id)
    .join(OrgClosure, OrgClosure.descendant_id == Member.unit_id)
    .where(
        MemberProgress.year == bindparam("year"),
        OrgClosure.ancestor_id.in_(bindparam("units", expanding=True)),
    )
    .group_by(OrgClosure.ancestor_id, MemberProgress.year),
)


def _replace_unit_rows(session: Session, units: list[int], year: int) -> None:
    session.execute(
        delete(UnitProgress).where(UnitProgress.unit_id.in_(units), UnitProgress.year == year)
    )
    session.execute(_COUNTED, {"units": units, "year": year})
