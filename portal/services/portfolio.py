"""What coordinators see of all members at once, read from summary rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.services import units
from portal.services.units import Tree
from portal.services.work import Work
from portal.store.alliance import Alliance, OrgUnit, ReportingYear
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.store.summaries import LikeForLike, UnitSummary

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
class UnitTotal:
    """A branch directly below the unit that is looked at, or what belongs to that unit itself (`unit` None).

    Approved kg CO2e of the year, and its share of the whole that is looked at; active members.
    """

    unit: OrgUnit | None
    member_count: int
    kg_total: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Queue:
    """How many submissions wait, how many of them for too long, and since when the oldest."""

    waiting: int
    overdue: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the coordinator's first page shows, of the whole alliance or of the branch of one unit."""

    alliance: Alliance
    tree: Tree
    unit: OrgUnit
    year: int
    years: list[int]
    members: dict[str, int]
    inventories: dict[str, int]
    queue: Queue
    totals: list[YearTotals]
    like_for_like: LikeForLike | None
    categories: list[CategoryTotal]
    units: list[UnitTotal]

    @property
    def branch(self) -> str | None:
        """The code that narrows an address to the branch; None for the whole alliance."""
        return None if self.unit.parent_id is None else self.unit.code


def dashboard(work: Work, year: int | None = None, unit_code: str = "") -> Dashboard:
    """The alliance, or a branch of it, at a glance; its cost does not grow with lines, hardly with members."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    alliance = the_alliance(work)
    years = reporting_years(work)
    chosen = year if year in years else max(years)
    tree = units.tree(work)
    unit = tree.find(unit_code)
    return Dashboard(
        alliance,
        tree,
        unit,
        chosen,
        years,
        members_by_status(work, unit),
        inventories_by_state(work, chosen, unit),
        queue(work, unit),
        totals_by_year(work, unit),
        work.session.get(LikeForLike, (unit.id, chosen)),
        largest_categories(work, chosen, unit),
        units_below(work, chosen, tree, unit),
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


def members_by_status(work: Work, unit: OrgUnit) -> dict[str, int]:
    """How many members of a branch are invited, active, left."""
    query = select(Member.status, func.count()).group_by(Member.status)
    if unit.parent_id is not None:
        query = query.where(units.in_branch(unit.id))
    return dict(work.session.execute(query).all())


def inventories_by_state(work: Work, year: int, unit: OrgUnit) -> dict[str, int]:
    """How many inventories of a year and branch are in each state; members who have not begun are not among them."""
    query = (
        select(Inventory.state, func.count())
        .where(Inventory.year == year)
        .group_by(Inventory.state)
    )
    if unit.parent_id is not None:
        query = query.join(Member, Member.id == Inventory.member_id)
        query = query.where(units.in_branch(unit.id))
    return dict(work.session.execute(query).all())


def queue(work: Work, unit: OrgUnit) -> Queue:
    """What of a branch waits for a decision."""
    query = select(func.count(), func.min(Submission.submitted_at)).where(
        Submission.state == "submitted"
    )
    if unit.parent_id is not None:
        query = query.join(Member, Member.id == Submission.member_id)
        query = query.where(units.in_branch(unit.id))
    count, oldest = work.session.execute(query).one()
    late = query.where(Submission.submitted_at < work.moment - OVERDUE_AFTER)
    overdue = work.session.execute(late).one()[0]
    return Queue(count, overdue, oldest)


def totals_by_year(work: Work, unit: OrgUnit) -> list[YearTotals]:
    """Approved totals of a branch for each year, oldest first."""
    query = (
        select(
            UnitSummary.year,
            UnitSummary.scope,
            func.sum(UnitSummary.kg_co2e),
            func.sum(UnitSummary.kg_co2e_market),
        )
        .where(UnitSummary.unit_id == unit.id)
        .group_by(UnitSummary.year, UnitSummary.scope)
    )
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


def largest_categories(work: Work, year: int, unit: OrgUnit, count: int = 8) -> list[CategoryTotal]:
    """The categories of a branch with the most approved kg CO2e in a year."""
    query = (
        select(UnitSummary)
        .where(UnitSummary.unit_id == unit.id, UnitSummary.year == year)
        .order_by(UnitSummary.kg_co2e.desc(), UnitSummary.category)
        .limit(count)
    )
    return [
        CategoryTotal(row.category, row.scope, row.kg_co2e, row.member_count)
        for row in work.session.scalars(query)
    ]


def units_below(work: Work, year: int, tree: Tree, unit: OrgUnit) -> list[UnitTotal]:
    """What a unit consists of: each branch directly below it, largest first, then what belongs to itself."""
    children = tree.children(unit)
    if not children:
        return []
    query = (
        select(UnitSummary.unit_id, func.sum(UnitSummary.kg_co2e))
        .where(
            UnitSummary.unit_id.in_([unit.id, *(child.id for child in children)]),
            UnitSummary.year == year,
        )
        .group_by(UnitSummary.unit_id)
    )
    sums = dict(work.session.execute(query).all())
    counts = units.active_members(work, tree)
    whole = sums.get(unit.id, Decimal(0))
    rest = whole - sum((sums.get(child.id, Decimal(0)) for child in children), Decimal(0))
    rest_count = counts[unit.id] - sum(counts[child.id] for child in children)

    def row(of: OrgUnit | None, count: int, kg_total: Decimal) -> UnitTotal:
        return UnitTotal(of, count, kg_total, kg_total / whole if whole else None)

    found = [row(child, counts[child.id], sums.get(child.id, Decimal(0))) for child in children]
    found.sort(key=lambda each: (-each.kg_total, each.unit.code if each.unit else ""))
    return [*found, row(None, rest_count, rest)] if rest_count or rest else found
