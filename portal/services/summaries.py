"""Summary rows: recomputed from the frozen content in the transaction that approves, so that they can't drift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session, aliased

from portal.calculation.power import power_used
from portal.services.work import Work
from portal.store.alliance import Alliance, OrgClosure, OrgUnit
from portal.store.base import table_of
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import LikeForLike, MemberOutput, MemberSummary, MemberYear, UnitSummary


def recompute(work: Work, submission: Submission, content: Mapping[str, Any]) -> None:
    """Make the member's rows of the submission's year, and the sums of every unit above it, say what its content says."""
    session = work.session
    session.flush()
    member = session.get_one(Member, submission.member_id)
    queue_on_alliance(session, member)
    units = units_above(session, member)
    _replace_member_rows(session, submission, content["lines"])
    _replace_member_year(work, submission, content["lines"])
    _replace_outputs(session, submission, content["outputs"])
    _replace_unit_rows(session, units, submission.year)
    for year in (submission.year, submission.year + 1):
        _replace_like_for_like(session, units, year)


def queue_on_alliance(session: Session, member: Member) -> None:
    """Let two approvals sum one after the other: each would do so without the other's rows."""
    session.execute(select(Alliance.id).where(Alliance.id == member.alliance_id).with_for_update())


def units_above(session: Session, member: Member) -> list[int]:
    """The member's unit and every unit above it."""
    return list(session.scalars(_ABOVE, {"unit": member.unit_id}))


def by_category(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Frozen lines summed by category, exactly; `kg_*` in kg."""
    sums: dict[str, dict[str, Any]] = {}
    for line in lines:
        row = sums.setdefault(
            line["category"],
            {
                "category": line["category"],
                "scope": line["scope"],
                "kg_co2e": Decimal(0),
                "kg_co2e_market": Decimal(0),
                "kg_co2_biogenic": Decimal(0),
                "line_count": 0,
            },
        )
        for amount in ("kg_co2e", "kg_co2e_market", "kg_co2_biogenic"):
            row[amount] += Decimal(line[amount])
        row["line_count"] += 1
    return list(sums.values())


def _replace_member_rows(
    session: Session, submission: Submission, lines: Iterable[Mapping[str, Any]]
) -> None:
    session.execute(
        delete(MemberSummary).where(
            MemberSummary.member_id == submission.member_id,
            MemberSummary.year == submission.year,
        )
    )
    rows = [
        {"member_id": submission.member_id, "year": submission.year, **row}
        for row in by_category(lines)
    ]
    if rows:
        session.execute(insert(MemberSummary), rows)


def _replace_outputs(
    session: Session, submission: Submission, outputs: Iterable[Mapping[str, Any]]
) -> None:
    key = {"member_id": submission.member_id, "year": submission.year}
    session.execute(delete(MemberOutput).filter_by(**key))
    rows = [
        {**key, "product": o["product"], "unit": o["unit"], "quantity": Decimal(o["quantity"])}
        for o in outputs
    ]
    if rows:
        session.execute(insert(MemberOutput), rows)


def _replace_member_year(
    work: Work, submission: Submission, lines: Iterable[Mapping[str, Any]]
) -> None:
    power = power_used(
        (line["category"], Decimal(line["quantity"]), line["unit"], line["parameters"])
        for line in lines
    )
    key = (submission.member_id, submission.year)
    row = work.session.get(MemberYear, key) or MemberYear(member_id=key[0], year=key[1])
    row.submission_id = submission.id
    row.kg_scope1 = submission.kg_scope1
    row.kg_scope2_location = submission.kg_scope2_location
    row.kg_scope2_market = submission.kg_scope2_market
    row.kg_scope3 = submission.kg_scope3
    row.kg_biogenic = submission.kg_biogenic
    row.quality = submission.quality
    row.kwh_power, row.kwh_renewable = power.kwh, power.kwh_renewable
    row.approved_at = work.moment
    work.session.add(row)
    work.session.flush()


# Made once: putting these together costs more than running them.
_ABOVE = select(OrgClosure.ancestor_id).where(OrgClosure.descendant_id == bindparam("unit"))
_UNITS: BindParameter[Any] = bindparam("units", expanding=True)
_SUMS = (
    select(
        OrgClosure.ancestor_id,
        MemberSummary.year,
        MemberSummary.category,
        func.min(MemberSummary.scope),
        func.sum(MemberSummary.kg_co2e),
        func.sum(MemberSummary.kg_co2e_market),
        func.sum(MemberSummary.kg_co2_biogenic),
        func.count(),
    )
    .join(Member, Member.id == MemberSummary.member_id)
    .join(OrgClosure, OrgClosure.descendant_id == Member.unit_id)
    .where(MemberSummary.year == bindparam("year"), OrgClosure.ancestor_id.in_(_UNITS))
    .group_by(OrgClosure.ancestor_id, MemberSummary.year, MemberSummary.category)
)
_SUM_UP = insert(table_of(UnitSummary)).from_select(
    [
        "unit_id",
        "year",
        "category",
        "scope",
        "kg_co2e",
        "kg_co2e_market",
        "kg_co2_biogenic",
        "member_count",
    ],
    _SUMS,
)
_before = aliased(MemberYear)
_COMPARE = insert(table_of(LikeForLike)).from_select(
    ["unit_id", "year", "member_count", "kg_co2e", "kg_co2e_before"],
    select(
        OrgClosure.ancestor_id,
        MemberYear.year,
        func.count(),
        func.sum(MemberYear.kg_total),
        func.sum(_before.kg_total),
    )
    .join(Member, Member.id == MemberYear.member_id)
    .join(
        _before,
        (_before.member_id == MemberYear.member_id) & (_before.year == bindparam("before")),
    )
    .join(OrgClosure, OrgClosure.descendant_id == Member.unit_id)
    .where(MemberYear.year == bindparam("year"), OrgClosure.ancestor_id.in_(_UNITS))
    .group_by(OrgClosure.ancestor_id, MemberYear.year),
)


def _replace_unit_rows(session: Session, units: list[int], year: int) -> None:
    session.execute(
        delete(UnitSummary).where(UnitSummary.unit_id.in_(units), UnitSummary.year == year)
    )
    session.execute(_SUM_UP, {"units": units, "year": year})


def _replace_like_for_like(session: Session, units: list[int], year: int) -> None:
    session.execute(
        delete(LikeForLike).where(LikeForLike.unit_id.in_(units), LikeForLike.year == year)
    )
    session.execute(_COMPARE, {"units": units, "year": year, "before": year - 1})


def differences(session: Session, year: int) -> list[tuple[str, str]]:
    """(unit, category) of `year` whose row is not the sum of its members' rows; empty when all is well."""
    codes = dict(session.execute(select(OrgUnit.id, OrgUnit.code)).all())
    fresh = session.execute(_SUMS, {"units": list(codes), "year": year})
    kept = session.execute(select(UnitSummary.__table__).where(UnitSummary.year == year))
    rows = [{tuple(row[:3]): tuple(row[3:]) for row in found} for found in (fresh, kept)]
    differing = {
        key for key in rows[0].keys() | rows[1].keys() if rows[0].get(key) != rows[1].get(key)
    }
    return sorted((codes[unit], category) for unit, _, category in differing)
