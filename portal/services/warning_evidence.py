"""What the rules of warnings look at, gathered for one inventory in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal import data
from portal.domain.seasons import YEARS_BACK
from portal.domain.warnings import CHANGING, Evidence, Product, ReportedLine, Series
from portal.services.inventories import output_count
from portal.store.alliance import ReportingYear
from portal.store.inventories import Inventory, NotApplicable, Output
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site

_has_evidence = select(LineEvidence.line_id).where(LineEvidence.line_id == ActivityLine.id).exists()
REPORTED = (
    ActivityLine.key,
    ActivityLine.position,
    ActivityLine.category,
    ActivityLine.site_id,
    ActivityLine.start_on,
    ActivityLine.end_on,
    ActivityLine.quantity,
    ActivityLine.unit,
    ActivityLine.kg_co2e,
    ActivityLine.parameters,
    ActivityLine.problems,
    ActivityLine.scope,
    ActivityLine.factor,
    _has_evidence.label("has_evidence"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a caller has asked for already: the categories that don't apply, and how many products there are."""

    not_applicable: frozenset[str]
    output_count: int


def evidence_of(
    session: Session, inventory: Inventory, known: Known | None, today: date
) -> tuple[Evidence, Sequence[Any]]:
    """All that the rules look at, and the rows of the year's finished lines."""
    sites = site_codes(session, inventory.member_id)
    rows = list(session.execute(_lines_of(inventory.id)))
    if known is None:
        known = Known(_not_applicable(session, inventory.id), output_count(session, inventory.id))
    factor_year = _factor_years(session, inventory)
    seen = Evidence(
        year=inventory.year,
        lines=[
            reported(row, sites, factor_year(row.factor) if row.category in CHANGING else None)
            for row in rows
        ],
        last_year=_last_year(session, inventory, sites),
        history=_history(session, inventory, sites),
        expected=_expected(session, inventory),
        not_applicable=known.not_applicable,
        through=today,
        output_count=known.output_count,
        earlier=_earlier(session, inventory, sites),
        outputs=_outputs(session, inventory),
    )
    return seen, rows


def site_codes(session: Session, member_id: int) -> dict[int, str]:
    """The codes of a member's sites by id."""
    query = select(Site.id, Site.code).where(Site.member_id == member_id)
    return dict(session.execute(query).all())


def reported(row: Any, sites: Mapping[int, str], factor_year: int | None = None) -> ReportedLine:
    """A finished line as the rules see it; the site by its code."""
    return ReportedLine(
        key=str(row.key),
        position=row.position,
        category=row.category,
        site=sites[row.site_id],
        start=row.start_on,
        end=row.end_on,
        quantity=row.quantity,
        unit=row.unit,
        kg_co2e=row.kg_co2e,
        has_evidence=bool(row.has_evidence),
        parameters=row.parameters or {},
        scope=row.scope or 0,
        factor_year=factor_year,
    )


def _lines_of(inventory_id: Any) -> Any:
    return (
        select(*REPORTED)
        .where(ActivityLine.inventory_id == inventory_id, ActivityLine.is_complete.is_(True))
        .order_by(ActivityLine.position, ActivityLine.id)
    )


def _last_year(
    session: Session, inventory: Inventory, sites: Mapping[int, str]
) -> list[ReportedLine]:
    return [reported(row, sites) for row in session.execute(_lines_of(inventory_before(inventory)))]


def inventory_before(inventory: Inventory) -> Any:
    """The id of the member's inventory of the year before, as part of a statement."""
    return (
        select(Inventory.id)
        .where(Inventory.member_id == inventory.member_id, Inventory.year == inventory.year - 1)
        .scalar_subquery()
    )


def _history(
    session: Session, inventory: Inventory, sites: Mapping[int, str]
) -> dict[Series, list[Decimal]]:
    """kg CO2e of each series in the years before, oldest first."""
    query: Any = (
        select(ActivityLine.category, ActivityLine.site_id, func.sum(ActivityLine.kg_co2e))
        .join(Inventory, Inventory.id == ActivityLine.inventory_id)
        .where(
            Inventory.member_id == inventory.member_id,
            Inventory.year < inventory.year,
            ActivityLine.is_complete.is_(True),
        )
        .group_by(ActivityLine.category, ActivityLine.site_id, Inventory.year)
        .order_by(Inventory.year)
    )
    found: dict[Series, list[Decimal]] = {}
    for category, site_id, total in session.execute(query):
        found.setdefault((category, sites[site_id]), []).append(total)
    return found


# Of the years before last year only amounts count, and not all of them: they are what months are compared with.
_EARLIER = (
    select(
        ActivityLine.category,
        ActivityLine.site_id,
        ActivityLine.start_on,
        ActivityLine.end_on,
        ActivityLine.quantity,
        ActivityLine.unit,
        ActivityLine.kg_co2e,
        ActivityLine.parameters,
        ActivityLine.scope,
    )
    .join(Inventory, Inventory.id == ActivityLine.inventory_id)
    .where(
        Inventory.member_id == bindparam("member"),
        Inventory.year >= bindparam("first"),
        Inventory.year <= bindparam("last"),
        ActivityLine.is_complete.is_(True),
    )
)


def _earlier(
    session: Session, inventory: Inventory, sites: Mapping[int, str]
) -> list[ReportedLine]:
    """The lines of the years before last year that months are compared with."""
    asked = {
        "member": inventory.member_id,
        "first": inventory.year - YEARS_BACK,
        "last": inventory.year - 2,
    }
    return [
        ReportedLine(
            "", 0, category, sites[site], start, end, quantity, unit, kg, False, named or {}, scope
        )
        for category, site, start, end, quantity, unit, kg, named, scope in (
            session.connection().execute(_EARLIER, asked)
        )
    ]


def _outputs(session: Session, inventory: Inventory) -> dict[int, dict[Product, Decimal]]:
    """What was produced in this year and in those that it is compared with."""
    query = (
        select(Inventory.year, Output.product, Output.unit, Output.quantity)
        .join(Inventory, Inventory.id == Output.inventory_id)
        .where(
            Inventory.member_id == inventory.member_id,
            Inventory.year >= inventory.year - YEARS_BACK,
            Inventory.year <= inventory.year,
        )
    )
    found: dict[int, dict[Product, Decimal]] = {}
    for year, product, unit, quantity in session.execute(query):
        made = found.setdefault(year, {})
        made[product, unit] = made.get((product, unit), Decimal(0)) + quantity
    return found


def _factor_years(session: Session, inventory: Inventory) -> Callable[[str | None], int | None]:
    """The year that a factor of the inventory's edition speaks of, by its id."""
    query = (
        select(ReportingYear.edition)
        .join(Member, Member.alliance_id == ReportingYear.alliance_id)
        .where(Member.id == inventory.member_id, ReportingYear.year == inventory.year)
    )
    code = session.scalars(query).one_or_none()
    known = data.load_edition(code).by_id if code in data.editions() else {}

    def year_of(factor: str | None) -> int | None:
        row = known.get(factor or "")
        return None if row is None else row.valid_from.year

    return year_of


def _expected(session: Session, inventory: Inventory) -> tuple[str, ...]:
    """The categories that the member's sector usually has."""
    sector = session.get_one(Member, inventory.member_id).sector
    known = data.load_sectors().get(sector)
    return () if known is None else known.categories


def _not_applicable(session: Session, inventory_id: int) -> frozenset[str]:
    query = select(NotApplicable.category).where(NotApplicable.inventory_id == inventory_id)
    return frozenset(session.scalars(query))
