"""Target path and forecast of every approved plan, as the alliance's pages add them up.

They depend on more than the plan: a later year, progress, or a recalculated base year moves them too, so each of these
approvals lays them anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from portal.services.frozen_plans import (
    approved_plan,
    approved_reports,
    as_reported,
    leading_of,
)
from portal.services.series import series_of
from portal.services.sources import source_book
from portal.services.submissions import content_of
from portal.services.summaries import queue_on_alliance, units_above
from portal.services.trajectories import PathYear, trajectory
from portal.store.alliance import Alliance, OrgClosure, OrgUnit
from portal.store.base import table_of
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberPath, UnitPath


def recompute(session: Session, member_id: int) -> None:
    """Lay a member's path, and those of every unit above it, anew; nothing for a member without an approved plan."""
    session.flush()
    plan = approved_plan(session, member_id)
    if plan is None:
        return
    member = session.get_one(Member, member_id)
    queue_on_alliance(session, member)
    _replace_path(session, member_id, plan)
    _replace_unit_paths(session, units_above(session, member))


def replace_member_paths(session: Session, members: Sequence[int]) -> None:
    """Lay the paths of many members; `replace_all_units` adds them up when the last of them is done."""
    for member_id in members:
        plan = approved_plan(session, member_id)
        if plan is not None:
            queue_on_alliance(session, session.get_one(Member, member_id))
            _replace_path(session, member_id, plan)


def replace_all_units(session: Session) -> None:
    """Let every unit say what the paths of its members come to."""
    session.execute(select(Alliance.id).with_for_update())
    _replace_unit_paths(session, session.scalars(select(OrgUnit.id)).all())


def _replace_path(session: Session, member_id: int, plan: Submission) -> None:
    """The latest approved year as it is, and the years ahead; without a target or a forecast a year is held as it was."""
    planned = content_of(session, plan)
    report = _last_report(session, plan)
    series = series_of(session, member_id)
    leading = leading_of(planned, series)
    years = trajectory(
        series,
        None if leading is None else leading.held_against,
        as_reported(planned, None if report is None else content_of(session, report)),
        source_book(session, member_id),
    )
    session.execute(delete(MemberPath).where(MemberPath.member_id == member_id))
    rows = _rows(member_id, years)
    if rows:
        session.execute(insert(MemberPath), rows)


def _replace_unit_paths(session: Session, units: Sequence[int]) -> None:
    session.execute(delete(UnitPath).where(UnitPath.unit_id.in_(units)))
    session.execute(_SUM_PATHS, {"units": list(units)})


def _rows(member_id: int, years: Sequence[PathYear]) -> list[dict[str, object]]:
    latest = next((year for year in reversed(years) if year.total is not None), None)
    if latest is None:
        return []
    held = latest.total
    return [
        {
            "member_id": member_id,
            "year": year.year,
            "kg_target": _or(year.target, held),
            "kg_low": _or(year.low, held),
            "kg_high": _or(year.high, held),
        }
        for year in years
        if year.year >= latest.year
    ]


def _or(amount: Decimal | None, otherwise: Decimal | None) -> Decimal | None:
    return otherwise if amount is None else amount


def _last_report(session: Session, plan: Submission) -> Submission | None:
    """The approved progress report of the latest period, of those that were approved since the plan was."""
    since = plan.decided_at
    assert since is not None  # noqa: S101 -- the table keeps an approval and its moment together
    reports = [
        report
        for _period, report in approved_reports(session, plan.member_id)
        if report.decided_at is not None and report.decided_at >= since
    ]
    return reports[-1] if reports else None


# Made once: putting it together costs more than running it.
_SUM_PATHS = insert(table_of(UnitPath)).from_select(
    ["unit_id", "year", "kg_target", "kg_low", "kg_high", "member_count"],
    select(
        OrgClosure.ancestor_id,
        MemberPath.year,
        func.sum(MemberPath.kg_target),
        func.sum(MemberPath.kg_low),
        func.sum(MemberPath.kg_high),
        func.count(),
    )
    .join(Member, Member.id == MemberPath.member_id)
    .join(OrgClosure, OrgClosure.descendant_id == Member.unit_id)
    .where(OrgClosure.ancestor_id.in_(bindparam("units", expanding=True)))
    .group_by(OrgClosure.ancestor_id, MemberPath.year),
)
