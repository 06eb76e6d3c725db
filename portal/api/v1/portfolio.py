"""All members at once, for people of the alliance: standing, progress and totals. Nothing here writes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portal.api import cursors, schemas
from portal.api.answers import Answer
from portal.api.calls import Call
from portal.api.declarations import PAGED, YEAR, route
from portal.api.v1.library import site_of
from portal.domain.permissions import Permission
from portal.domain.tokens import Scope
from portal.domain.words import N_
from portal.services import listings, member_record, members, portfolio, units
from portal.services.portfolio import YearTotals
from portal.store.members import Member

READS = {
    "scopes": (Scope.PORTFOLIO_READ,),
    "permission": Permission.ALLIANCE_MEMBER_READ,
}


@route(
    "GET",
    "/v1/members",
    N_("List the members with where they stand in a year"),
    query=(*PAGED, YEAR),
    gives=schemas.MEMBERS,
    **READS,
)
def listed(call: Call) -> Answer:
    """List the members; without a year, in the newest one."""
    year = _year(call)
    piece = listings.members_after(call.work, year, call.after, call.limit)
    items = [
        {
            "member": _member(row.member),
            "year": year,
            "state": row.state,
            "kg_total": row.kg_total,
            "quality": row.quality,
        }
        for row in piece.rows
    ]
    return Answer({"items": items, "next": cursors.write(piece.next)})


@route(
    "GET",
    "/v1/members/<uuid:member>",
    N_("Read a member: its sites and its years"),
    gives=schemas.MEMBER_DETAIL,
    shows=("member", "member"),
    **READS,
)
def shown(call: Call, member: UUID) -> Answer:
    """Show one member."""
    record = member_record.member_record(call.work, members.find_member(call.work, member))
    years = [
        {
            "year": each.year,
            "state": each.state,
            "submission": None if each.latest is None else each.latest.uid,
            "certificate": None if each.certificate is None else each.certificate.uid,
            "kg_total": None if each.approved is None else each.approved.kg_total,
        }
        for each in record.years
    ]
    return Answer(
        {
            "member": _member(record.member),
            "sites": [site_of(site) for site in record.sites],
            "years": years,
        }
    )


@route(
    "GET",
    "/v1/progress",
    N_("List the approved progress of a year, member by member"),
    query=(*PAGED, YEAR),
    gives=schemas.PROGRESS_PAGE,
    **READS,
)
def progress(call: Call) -> Answer:
    """List where members stand against their paths."""
    piece = listings.progress_after(call.work, _year(call), call.after, call.limit)
    items = []
    for member, row, submission in piece.rows:
        items.append(
            {
                "member": member.uid,
                "code": member.code,
                "kg_base": row.kg_base,
                "kg_target": row.kg_target,
                "kg_actual": row.kg_actual,
                "kg_verified": row.kg_verified,
                "kg_expected": row.kg_expected,
                "level": row.level,
                "submission": submission,
            }
        )
    return Answer({"items": items, "next": cursors.write(piece.next)})


@route(
    "GET",
    "/v1/totals",
    N_("Read the alliance's approved totals of each year"),
    scopes=(Scope.PORTFOLIO_READ,),
    permission=Permission.ALLIANCE_PORTFOLIO_READ,
    gives=schemas.ALLIANCE_TOTALS,
)
def totals(call: Call) -> Answer:
    """Show what all members came to."""
    alliance = portfolio.the_alliance(call.work)
    root = units.tree(call.work).find("")
    return Answer(
        {
            "alliance": alliance.code,
            "years": [_year_totals(each) for each in portfolio.totals_by_year(call.work, root)],
            "members": portfolio.members_by_status(call.work, root),
            "waiting": portfolio.queue(call.work, root).waiting,
        }
    )


def _year(call: Call) -> int:
    wanted = call.query.get("year")
    return max(portfolio.reporting_years(call.work)) if wanted is None else int(wanted)


def _year_totals(each: YearTotals) -> dict[str, Any]:
    return {
        "year": each.year,
        "totals": {
            "kg_scope1": each.kg_scope1,
            "kg_scope2_location": each.kg_scope2_location,
            "kg_scope2_market": each.kg_scope2_market,
            "kg_scope3": each.kg_scope3,
        },
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "uid": member.uid,
        "code": member.code,
        "name_zh": member.name_zh,
        "name_en": member.name_en,
        "sector": member.sector,
        "status": member.status,
        "joined_on": member.joined_on,
    }
