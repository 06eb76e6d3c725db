"""Summary rows: recomputed from the frozen content in the transaction that approves, so that they can't drift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session, aliased

from portal.services.work import Work
from portal.store.alliance import Alliance
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import AllianceSummary, LikeForLike, MemberSummary, MemberYear


def recompute(work: Work, submission: Submission, content: Mapping[str, Any]) -> None:
    """Make the member's rows of the submission's year, and the alliance's sums of that year, say what its content says."""
    session = work.session
    session.flush()
    alliance_id = session.scalars(
        select(Member.alliance_id).where(Member.id == submission.member_id)
    ).one()
    # Two approvals of one year would each sum without the other's rows: they queue on the alliance's row.
    session.execute(select(Alliance.id).where(Alliance.id == alliance_id).with_for_update())
    _replace_member_rows(session, submission, content["lines"])
    _replace_member_year(work, submission)
    _replace_alliance_rows(session, alliance_id, submission.year)
    for year in (submission.year, submission.year + 1):
        _replace_like_for_like(session, alliance_id, year)


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


def _replace_member_year(work: Work, submission: Submission) -> None:
    key = (submission.member_id, submission.year)
    row = work.session.get(MemberYear, key) or MemberYear(member_id=key[0], year=key[1])
    row.submission_id = submission.id
    row.kg_scope1 = submission.kg_scope1
    row.kg_scope2_location = submission.kg_scope2_location
    row.kg_scope2_market = submission.kg_scope2_market
    row.kg_scope3 = submission.kg_scope3
    row.kg_biogenic = submission.kg_biogenic
    row.quality = submission.quality
    row.approved_at = work.moment
    work.session.add(row)
    work.session.flush()


def _replace_alliance_rows(session: Session, alliance_id: int, year: int) -> None:
    session.execute(
        delete(AllianceSummary).where(
            AllianceSummary.alliance_id == alliance_id, AllianceSummary.year == year
        )
    )
    session.execute(
        insert(AllianceSummary).from_select(
            [
                "alliance_id",
                "year",
                "category",
                "scope",
                "kg_co2e",
                "kg_co2e_market",
                "kg_co2_biogenic",
                "member_count",
            ],
            _sums(alliance_id, year),
        )
    )


_before = aliased(MemberYear)
# Made once: putting it together costs more than running it.
_BOTH_YEARS = (
    select(
        func.count(),
        func.sum(MemberYear.kg_total),
        func.sum(_before.kg_total),
    )
    .join(Member, Member.id == MemberYear.member_id)
    .join(
        _before,
        (_before.member_id == MemberYear.member_id) & (_before.year == bindparam("before")),
    )
    .where(Member.alliance_id == bindparam("alliance"), MemberYear.year == bindparam("year"))
)


def _replace_like_for_like(session: Session, alliance_id: int, year: int) -> None:
    session.execute(
        delete(LikeForLike).where(LikeForLike.alliance_id == alliance_id, LikeForLike.year == year)
    )
    count, now, earlier = session.execute(
        _BOTH_YEARS, {"alliance": alliance_id, "year": year, "before": year - 1}
    ).one()
    if count:
        row = LikeForLike(
            alliance_id=alliance_id,
            year=year,
            member_count=count,
            kg_co2e=now,
            kg_co2e_before=earlier,
        )
        session.add(row)
        session.flush()


def _sums(alliance_id: int, year: int) -> Any:
    rows = MemberSummary
    return (
        select(
            Member.alliance_id,
            rows.year,
            rows.category,
            func.min(rows.scope),
            func.sum(rows.kg_co2e),
            func.sum(rows.kg_co2e_market),
            func.sum(rows.kg_co2_biogenic),
            func.count(),
        )
        .join(Member, Member.id == rows.member_id)
        .where(Member.alliance_id == alliance_id, rows.year == year)
        .group_by(Member.alliance_id, rows.year, rows.category)
    )


def differences(session: Session, year: int) -> list[str]:
    """Categories of `year` whose alliance row is not the sum of its members' rows; empty when all is well."""
    found = []
    for alliance_id in session.scalars(select(Alliance.id)):
        fresh = {row[2]: row[4] for row in session.execute(_sums(alliance_id, year))}
        kept = dict(
            session.execute(
                select(AllianceSummary.category, AllianceSummary.kg_co2e).where(
                    AllianceSummary.alliance_id == alliance_id, AllianceSummary.year == year
                )
            ).all()
        )
        found += sorted(c for c in fresh.keys() | kept.keys() if fresh.get(c) != kept.get(c))
    return found
