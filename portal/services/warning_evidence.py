"""What the rules of warnings look at, gathered for one inventory in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal import data
from portal.domain.seasons import YEARS_BACK
from portal.domain.warnings import CHANGING, Evidence, Product, ReportedLine, Series
from portal.services.inventories import output_count
from portal.store.inventories import Inventory, NotApplicable, Output
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, site_codes

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
    last_year, earlier = _earlier(session, inventory, sites)
    seen = Evidence(
        year=inventory.year,
        lines=[
            reported(row, sites, _factor_year(row.factor) if row.category in CHANGING else None)
            for row in rows
        ],
        last_year=last_year,
        history=_history(session, inventory, sites),
        expected=_expected(session, inventory),
        not_applicable=known.not_applicable,
        through=today,
        output_count=known.output_count,
        earlier=earlier,
        outputs=_outputs(session, inventory),
    )
    return seen, rows


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


# Of earlier years only amounts count, not who proved them.
_EARLIER = (
    select(
        Inventory.year,
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
    .order_by(ActivityLine.position, ActivityLine.id)
)


def _earlier(
    session: Session, inventory: Inventory, sites: Mapping[int, str]
) -> tuple[list[ReportedLine], list[ReportedLine]]:
    """Last year's lines in the order of its table, and those of the years before it that months are compared with."""
    last_year, earlier = inventory.year - 1, inventory.year - YEARS_BACK
    asked = {"member": inventory.member_id, "first": earlier, "last": last_year}
    found: tuple[list[ReportedLine], list[ReportedLine]] = ([], [])
    for (
        year,
        category,
        site,
        start,
        end,
        quantity,
        unit,
        kg,
        named,
        scope,
    ) in session.connection().execute(_EARLIER, asked):
        line = ReportedLine(
            "", 0, category, sites[site], start, end, quantity, unit, kg, False, named or {}, scope
        )
        found[year != last_year].append(line)
    return found


@lru_cache(maxsize=4096)
def _factor_year(factor: str | None) -> int | None:
    """The year that a factor speaks of, by its id; an id means the same in every edition that has it."""
    for code in reversed(data.editions()):
        row = data.load_edition(code).by_id.get(factor or "")
        if row is not None:
            return row.valid_from.year
    return None


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


def _expected(session: Session, inventory: Inventory) -> tuple[str, ...]:
    """The categories that the member's sector usually has."""
    sector = session.get_one(Member, inventory.member_id).sector
    known = data.load_sectors().get(sector)
    return () if known is None else known.categories


def _not_applicable(session: Session, inventory_id: int) -> frozenset[str]:
    query = select(NotApplicable.category).where(NotApplicable.inventory_id == inventory_id)
    return frozenset(session.scalars(query))
