"""What coordinators see of all members at once, read from summary rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.services.work import Work
from portal.store.alliance import Alliance, ReportingYear
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import AllianceSummary, LikeForLike

OVERDUE_AFTER = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class YearTotals:
    """Approved kg CO2e of one year; scope 2 by both methods."""

    year: int
    kg_scope1: Decimal
    kg_scope2_location: Decimal
    kg_scope2_market: Decimal
    kg_scope3: Decimal

    @property
    def kg_total(self) -> Decimal:
        """Scopes 1, 2 (location-based) and 3."""
        return self.kg_scope1 + self.kg_scope2_location + self.kg_scope3


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """Approved kg CO2e of one category in one year, and how many members have it."""

    category: str
    scope: int
    kg_co2e: Decimal
    member_count: int


@dataclass(frozen=True, slots=True)
class Queue:
    """How many submissions wait, how many of them for too long, and since when the oldest."""

    waiting: int
    overdue: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the coordinator's first page shows."""

    alliance: Alliance
    year: int
    years: list[int]
    members: dict[str, int]
    inventories: dict[str, int]
    queue: Queue
    totals: list[YearTotals]
    like_for_like: LikeForLike | None
    categories: list[CategoryTotal]


def dashboard(work: Work, year: int | None = None) -> Dashboard:
    """The alliance at a glance; its cost does not grow with lines, hardly with members."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    alliance = the_alliance(work)
    years = reporting_years(work)
    chosen = year if year in years else max(years)
    return Dashboard(
        alliance,
        chosen,
        years,
        members_by_status(work),
        inventories_by_state(work, chosen),
        queue(work),
        totals_by_year(work),
        work.session.get(LikeForLike, (alliance.id, chosen)),
        largest_categories(work, chosen),
    )


def the_alliance(work: Work) -> Alliance:
    """The alliance this portal serves; a Conflict while it has not been founded."""
    found = work.session.scalars(select(Alliance).order_by(Alliance.id).limit(1)).one_or_none()
    if found is None:
        raise Conflict("alliance.missing")
    return found


def reporting_years(work: Work) -> list[int]:
    """The years that can be reported, oldest first."""
    years = list(work.session.scalars(select(ReportingYear.year).order_by(ReportingYear.year)))
    if not years:
        raise Conflict("alliance.missing")
    return years


def members_by_status(work: Work) -> dict[str, int]:
    """How many members are invited, active, left."""
    query = select(Member.status, func.count()).group_by(Member.status)
    return dict(work.session.execute(query).all())


def inventories_by_state(work: Work, year: int) -> dict[str, int]:
    """How many inventories of a year are in each state; members who have not begun are not among them."""
    query = (
        select(Inventory.state, func.count())
        .where(Inventory.year == year)
        .group_by(Inventory.state)
    )
    return dict(work.session.execute(query).all())


def queue(work: Work) -> Queue:
    """What waits for a decision."""
    waiting = Submission.state == "submitted"
    count, oldest = work.session.execute(
        select(func.count(), func.min(Submission.submitted_at)).where(waiting)
    ).one()
    overdue = work.session.scalars(
        select(func.count()).where(waiting, Submission.submitted_at < work.moment - OVERDUE_AFTER)
    ).one()
    return Queue(count, overdue, oldest)


def totals_by_year(work: Work) -> list[YearTotals]:
    """Approved totals of the alliance for each year, oldest first."""
    query = select(
        AllianceSummary.year,
        AllianceSummary.scope,
        func.sum(AllianceSummary.kg_co2e),
        func.sum(AllianceSummary.kg_co2e_market),
    ).group_by(AllianceSummary.year, AllianceSummary.scope)
    sums: dict[int, dict[int, tuple[Decimal, Decimal]]] = {}
    for year, scope, location, market in work.session.execute(query):
        sums.setdefault(year, {})[scope] = (location, market)
    none = (Decimal(0), Decimal(0))
    return [
        YearTotals(
            year,
            scopes.get(1, none)[0],
            scopes.get(2, none)[0],
            scopes.get(2, none)[1],
            scopes.get(3, none)[0],
        )
        for year, scopes in sorted(sums.items())
    ]


def largest_categories(work: Work, year: int, count: int = 8) -> list[CategoryTotal]:
    """The categories with the most approved kg CO2e in a year."""
    query = (
        select(AllianceSummary)
        .where(AllianceSummary.year == year)
        .order_by(AllianceSummary.kg_co2e.desc(), AllianceSummary.category)
        .limit(count)
    )
    return [
        CategoryTotal(row.category, row.scope, row.kg_co2e, row.member_count)
        for row in work.session.scalars(query)
    ]
