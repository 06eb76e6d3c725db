"""Where the alliance or a branch stands with plans and progress, read from summary rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import func, select

from portal.calculation.quantities import exactly
from portal.calculation.rounding import KG_PER_TONNE
from portal.domain.permissions import Permission
from portal.domain.programmes import Phase
from portal.services import portfolio, programmes, units
from portal.services.portfolio import YearTotals
from portal.services.programmes import InForce
from portal.services.trajectories import LAST_YEAR, PathYear
from portal.services.units import Tree
from portal.services.work import Work
from portal.store.alliance import OrgUnit
from portal.store.members import Member
from portal.store.summaries import (
    LikeForLike,
    MemberPlan,
    MemberYear,
    UnitLever,
    UnitPath,
    UnitProgress,
)


class Reach(StrEnum):
    """Where a phase of the roadmap stands: cut already, within what the plans come to, beyond them, or not to be told."""

    REACHED = "reached"
    PLANNED = "planned"
    BEYOND = "beyond"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Held:
    """What members without an approved plan last came to, in kg CO2e, and how many they are."""

    kg_total: Decimal
    member_count: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The cut from `since` to `year` as a ratio: year on year over members approved in both, so joining is no growth."""

    since: int
    year: int
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class PhaseStanding:
    """A phase with the cut that plans come to by its end, as ratios: if only what is under way comes, and if all does."""

    phase: Phase
    least: Decimal | None
    most: Decimal | None
    reach: Reach


@dataclass(frozen=True, slots=True)
class Lever:
    """The approved actions of one lever in a branch: kg CO2e and CNY a year, CNY per tonne, capex CNY."""

    lever: str
    kg_saving: Decimal
    annual_cost: Decimal
    cost_per_t: Decimal
    capex: Decimal
    action_count: int
    member_count: int


@dataclass(frozen=True, slots=True)
class Reductions:
    """What the page of reductions shows, of the whole alliance or of the branch of one unit."""

    tree: Tree
    unit: OrgUnit
    year: int
    years: list[int]
    active_count: int
    plan_count: int
    progress: UnitProgress | None
    in_force: InForce
    held: Held
    path: list[PathYear]
    levers: list[Lever]
    cut: Cut | None
    phases: list[PhaseStanding]

    @property
    def branch(self) -> str | None:
        """The code that narrows an address to the branch; None for the whole alliance."""
        return None if self.unit.parent_id is None else self.unit.code

    @property
    def systematic(self) -> Decimal | None:
        """The share of active members that reduce systematically, as a ratio; None without active members."""
        if not self.active_count:
            return None
        count = 0 if self.progress is None else self.progress.systematic_count
        return Decimal(count) / self.active_count


def reductions(work: Work, year: int | None = None, unit_code: str = "") -> Reductions:
    """Plans and progress at a glance, in a fixed number of statements; only totals of members without a plan grow with them."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    alliance = portfolio.the_alliance(work)
    years = portfolio.reporting_years(work)
    tree = units.tree(work)
    unit = tree.find(unit_code)
    progress = _progress_by_year(work, unit)
    chosen = year if year in years else max(progress, default=max(years))
    in_force = programmes.in_force(work.session, alliance.id)
    totals = portfolio.totals_by_year(work, unit)
    held = held_level(work, unit)
    sums = _path_sums(work, unit, totals[-1].year if totals else None)
    path = _path(totals, sums, held)
    cut = cut_so_far(_compared(work, unit), totals[-1].year if totals else None)
    return Reductions(
        tree,
        unit,
        chosen,
        years,
        portfolio.members_by_status(work, unit).get("active", 0),
        sums[-1].member_count if sums else 0,
        progress.get(chosen),
        in_force,
        held,
        path,
        _levers(work, unit),
        cut,
        [standing_of(phase, path, cut) for phase in in_force.programme.phases],
    )


def held_level(work: Work, unit: OrgUnit) -> Held:
    """What the members of a branch without an approved plan came to in their latest approved year."""
    latest = (
        select(func.max(MemberYear.year))
        .where(MemberYear.member_id == Member.id)
        .correlate(Member)
        .scalar_subquery()
    )
    query = (
        select(func.sum(MemberYear.kg_total), func.count())
        .select_from(Member)
        .join(MemberYear, (MemberYear.member_id == Member.id) & (MemberYear.year == latest))
        .outerjoin(MemberPlan, MemberPlan.member_id == Member.id)
        .where(MemberPlan.member_id.is_(None))
    )
    if unit.parent_id is not None:
        query = query.where(units.in_branch(unit.id))
    total, count = work.session.execute(query).one()
    return Held(total or Decimal(0), count)


def cut_so_far(rows: Sequence[LikeForLike], latest: int | None) -> Cut | None:
    """Chain the years that follow each other without a gap up to the latest; None while no two can be compared."""
    since, year, left = None, 0, Decimal(1)
    for row in rows:
        if not row.kg_co2e_before:
            since = None
            continue
        if since is None or row.year != year + 1:
            since, left = row.year - 1, Decimal(1)
        year = row.year
        with exactly():
            left = left * row.kg_co2e / row.kg_co2e_before
    return Cut(since, year, 1 - left) if since is not None and year == latest else None


def standing_of(phase: Phase, path: Sequence[PathYear], cut: Cut | None) -> PhaseStanding:
    """Hold the cut so far, and what plans add to it by the end of a phase, against what the phase asks for."""
    asked = phase.percent / 100
    ahead = next((year for year in path if year.year == phase.until), None)
    # Not the approved total: of a year that is still being reviewed that is only a part.
    start = next((year.high for year in path if year.high), None)
    least = most = None
    if cut is not None and start and ahead is not None and ahead.low is not None:
        left = 1 - cut.ratio
        with exactly():
            least = 1 - left * (ahead.high or Decimal(0)) / start
            most = 1 - left * ahead.low / start
    return PhaseStanding(phase, least, most, _reach(asked, cut, most))


def _reach(asked: Decimal, cut: Cut | None, most: Decimal | None) -> Reach:
    if cut is not None and cut.ratio >= asked:
        return Reach.REACHED
    if most is None:
        return Reach.UNKNOWN
    return Reach.PLANNED if most >= asked else Reach.BEYOND


def _progress_by_year(work: Work, unit: OrgUnit) -> dict[int, UnitProgress]:
    query = select(UnitProgress).where(UnitProgress.unit_id == unit.id)
    return {row.year: row for row in work.session.scalars(query)}


def _compared(work: Work, unit: OrgUnit) -> Sequence[LikeForLike]:
    query = select(LikeForLike).where(LikeForLike.unit_id == unit.id).order_by(LikeForLike.year)
    return work.session.scalars(query).all()


def _path_sums(work: Work, unit: OrgUnit, latest: int | None) -> Sequence[UnitPath]:
    if latest is None:
        return []
    query = (
        select(UnitPath)
        .where(UnitPath.unit_id == unit.id, UnitPath.year.between(latest, LAST_YEAR))
        .order_by(UnitPath.year)
    )
    return work.session.scalars(query).all()


def _path(totals: Sequence[YearTotals], sums: Sequence[UnitPath], held: Held) -> list[PathYear]:
    """Approved years by scope, then the years ahead; members without a plan are held at their latest level in all of them."""
    ahead = {row.year: row for row in sums}
    scopes = {
        each.year: (each.kg_scope1, each.kg_scope2_location, each.kg_scope3) for each in totals
    }
    return [
        _path_year(year, scopes.get(year, ()), ahead.get(year), held.kg_total)
        for year in sorted(scopes.keys() | ahead.keys())
    ]


def _path_year(
    year: int, scopes: tuple[Decimal, ...], row: UnitPath | None, held: Decimal
) -> PathYear:
    if row is None:
        return PathYear(year, scopes)
    return PathYear(
        year,
        scopes,
        target=row.kg_target + held,
        low=row.kg_low + held,
        high=row.kg_high + held,
    )


def _levers(work: Work, unit: OrgUnit) -> list[Lever]:
    """The levers of a branch, the cheapest tonne first."""
    query = select(UnitLever).where(UnitLever.unit_id == unit.id, UnitLever.kg_saving > 0)
    with exactly():
        found = [
            Lever(
                row.lever,
                row.kg_saving,
                row.annual_cost,
                row.annual_cost * KG_PER_TONNE / row.kg_saving,
                row.capex,
                row.action_count,
                row.member_count,
            )
            for row in work.session.scalars(query)
        ]
    return sorted(found, key=lambda lever: (lever.cost_per_t, lever.lever))
