"""Members as coordinators look for them: by state of a year, sector and name."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from portal.domain.permissions import Permission
from portal.services.pages import Page, page_of
from portal.services.units import in_branch
from portal.services.work import Work
from portal.store.alliance import OrgUnit
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.summaries import MemberSummary, MemberYear

# The state of a year that has no inventory yet: stored nowhere, asked for by this word.
NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """What the address asks for; empty means no restriction. `state` is about the inventory of `year`."""

    year: int
    status: str = ""
    state: str = ""
    sector: str = ""
    search: str = ""
    unit: OrgUnit | None = None
    category: str = ""
    scope: int | None = None
    sort: str = "code"


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member in the list; `kg_total` is approved kg CO2e of the year (of the category or scope asked for)."""

    member: Member
    state: str
    kg_total: Decimal | None
    quality: Decimal | None


def list_members(work: Work, wanted: MemberFilter, page: int = 1) -> Page[MemberRow]:
    """One page of members with where they stand in a year."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    found = page_of(work.session, _query(wanted), page)
    rows = [
        MemberRow(member, state or NOT_BEGUN, total, quality)
        for member, state, total, quality in found.rows
    ]
    return Page(rows, found.number, found.total, found.size)


def _query(wanted: MemberFilter) -> Select[Member, str, Decimal, Decimal]:
    total = _amount(wanted)
    query = (
        select(Member, Inventory.state, total, MemberYear.quality)
        .outerjoin(Inventory, and_(Inventory.member_id == Member.id, Inventory.year == wanted.year))
        .outerjoin(
            MemberYear, and_(MemberYear.member_id == Member.id, MemberYear.year == wanted.year)
        )
    )
    if wanted.category or wanted.scope is not None:
        query = query.where(total.is_not(None))
    if wanted.status:
        query = query.where(Member.status == wanted.status)
    if wanted.unit is not None:
        query = query.where(in_branch(wanted.unit.id))
    if wanted.sector:
        query = query.where(Member.sector == wanted.sector)
    if wanted.state == NOT_BEGUN:
        query = query.where(Inventory.id.is_(None))
    elif wanted.state:
        query = query.where(Inventory.state == wanted.state)
    if wanted.search:
        query = query.where(matches_member(wanted.search))
    return _ordered(query, total, wanted.sort)


def matches_member(search: str):  # type: ignore[no-untyped-def]  # a boolean clause of SQLAlchemy
    """The condition that a member's code or one of its names contains the text as typed, never as a pattern."""
    columns = (Member.code, Member.name_zh, Member.name_en)
    return or_(*(column.icontains(search, autoescape=True) for column in columns))


def _amount(wanted: MemberFilter):  # type: ignore[no-untyped-def]  # a column expression of SQLAlchemy
    if not wanted.category and wanted.scope is None:
        return MemberYear.kg_total
    rows = select(func.sum(MemberSummary.kg_co2e)).where(
        MemberSummary.member_id == Member.id, MemberSummary.year == wanted.year
    )
    if wanted.category:
        rows = rows.where(MemberSummary.category == wanted.category)
    if wanted.scope is not None:
        rows = rows.where(MemberSummary.scope == wanted.scope)
    return rows.correlate(Member).scalar_subquery()


def _ordered(
    query: Select[Member, str, Decimal, Decimal],
    total: Any,
    sort: str,
) -> Select[Member, str, Decimal, Decimal]:
    column, falling = sort.removeprefix("-"), sort.startswith("-")
    orders = {
        "code": Member.code,
        "name": Member.name_zh,
        "total": func.coalesce(total, -1),
        "joined": Member.joined_on,
        "quality": func.coalesce(MemberYear.quality, 9),
    }
    order = orders.get(column, Member.code)
    return query.order_by(order.desc() if falling else order, Member.id)
