"""Rows that the alliance's pages read of approved plans, replaced in the transaction that approves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from portal.calculation.rounding import KG_PER_TONNE
from portal.domain.actions import COUNTED, UNDER_WAY, Status
from portal.domain.levers import Ledger
from portal.services.summaries import queue_on_alliance, units_above
from portal.services.work import Work
from portal.store.alliance import OrgClosure
from portal.store.base import table_of
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import MemberLever, MemberPlan, UnitLever

# What an own action is filed under on the alliance's abatement curve, with its area behind it.
OWN = "own:"


def recompute(work: Work, submission: Submission, content: Mapping[str, Any]) -> None:
    """Make the member's rows, and the sums of every unit above it, say what the approved plan says."""
    session = work.session
    session.flush()
    member = session.get_one(Member, submission.member_id)
    queue_on_alliance(session, member)
    units = units_above(session, member)
    _replace_plan(work, submission, content)
    _replace_levers(session, member.id, content["actions"], content["combined"]["by_action"])
    _replace_unit_rows(session, units)


def _replace_plan(work: Work, submission: Submission, content: Mapping[str, Any]) -> None:
    main = next(target for target in content["targets"] if target["is_main"])
    row = work.session.get(MemberPlan, submission.member_id) or MemberPlan(
        member_id=submission.member_id
    )
    row.submission_id = submission.id
    row.year = submission.year
    row.base_year, row.target_year = main["base_year"], main["target_year"]
    row.percent, row.kind = Decimal(main["percent"]), main["kind"]
    counted = [a for a in content["actions"] if Status(a["status"]) in COUNTED]
    row.action_count = len(counted)
    row.underway_count = sum(1 for a in counted if Status(a["status"]) in UNDER_WAY)
    row.kg_saving = Decimal(content["combined"]["kg_saving"])
    row.approved_at = work.moment
    work.session.add(row)
    work.session.flush()


def _replace_levers(
    session: Session,
    member_id: int,
    actions: Sequence[Mapping[str, Any]],
    by_action: Mapping[str, str],
) -> None:
    """By lever what is saved after overlaps, and what a year of it costs: a sum of t × cost per t."""
    session.execute(delete(MemberLever).where(MemberLever.member_id == member_id))
    rows: dict[str, dict[str, Any]] = {}
    for action in actions:
        counts = Status(action["status"]) in COUNTED and action["ledger"] == Ledger.INVENTORY
        kg = Decimal(by_action.get(action["key"], 0))
        if not counts or kg <= 0 or action["cost_per_t"] is None:
            continue
        lever = action["lever"] or OWN + action["area"]
        row = rows.setdefault(
            lever,
            {
                "member_id": member_id,
                "lever": lever,
                "kg_saving": Decimal(0),
                "annual_cost": Decimal(0),
                "capex": Decimal(0),
                "action_count": 0,
            },
        )
        row["kg_saving"] += kg
        row["annual_cost"] += Decimal(action["cost_per_t"]) * kg / KG_PER_TONNE
        row["capex"] += Decimal(action["capex"])
        row["action_count"] += 1
    if rows:
        session.execute(insert(MemberLever), list(rows.values()))


# Made once: putting these together costs more than running them.
_UNITS: BindParameter[Any] = bindparam("units", expanding=True)
_SUM_LEVERS = insert(table_of(UnitLever)).from_select(
    ["unit_id", "lever", "kg_saving", "annual_cost", "capex", "action_count", "member_count"],
    select(
        OrgClosure.ancestor_id,
        MemberLever.lever,
        func.sum(MemberLever.kg_saving),
        func.sum(MemberLever.annual_cost),
        func.sum(MemberLever.capex),
        func.sum(MemberLever.action_count),
        func.count(),
    )
    .join(Member, Member.id == MemberLever.member_id)
    .join(OrgClosure, OrgClosure.descendant_id == Member.unit_id)
    .where(OrgClosure.ancestor_id.in_(_UNITS))
    .group_by(OrgClosure.ancestor_id, MemberLever.lever),
)


def _replace_unit_rows(session: Session, units: list[int]) -> None:
    session.execute(delete(UnitLever).where(UnitLever.unit_id.in_(units)))
    session.execute(_SUM_LEVERS, {"units": units})
