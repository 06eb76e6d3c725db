"""Working out lines: the one way from stored values to a result, whichever door they came through."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from portal import data
from portal.calculation.assessment import Assessment, assess
from portal.calculation.factors import Edition
from portal.calculation.gases import CO2_BIOGENIC, GwpSet, is_outside_scopes, potential
from portal.calculation.lines import ActivityLine as Activity
from portal.calculation.lines import AssessmentContext, Grid, Options
from portal.calculation.periods import Period
from portal.calculation.problems import Problem, problem
from portal.calculation.rounding import as_result
from portal.store.alliance import ReportingYear
from portal.store.base import LARGEST_STORED
from portal.store.lines import ActivityLine
from portal.store.members import Site

TRUE = "true"


class Located(Protocol):
    """Where a line's site lies: its country (ISO 3166-1) and province (ISO 3166-2)."""

    @property
    def country(self) -> str:
        """The country's code."""

    @property
    def province(self) -> str | None:
        """The province's code, None abroad."""


def context_of(reporting: ReportingYear, sector: str) -> AssessmentContext:
    """What all lines of a member's year share: the edition and GWP set that the alliance fixed, and its choices."""
    options = tuple(sorted(reporting.options.items()))
    return _context(reporting.edition, reporting.gwp_set, options, sector)


@lru_cache(maxsize=64)
def _context(
    edition: str, gwp_set: str, options: tuple[tuple[str, str], ...], sector: str
) -> AssessmentContext:
    return context_with(data.load_edition(edition), gwp_set, dict(options), sector)


def context_with(
    edition: Edition, gwp_set: str, chosen: Mapping[str, str], sector: str
) -> AssessmentContext:
    """The same for an edition that is at hand, shipped or brought along, with the alliance's choices by name."""
    known = data.load_sectors().get(sector)
    return AssessmentContext(
        edition,
        data.load_categories(),
        data.load_places(),
        GwpSet(gwp_set),
        Options(
            grid=Grid(chosen.get("grid", Grid.NATIONAL.value)),
            include_ch4_n2o=chosen.get("include_ch4_n2o") == TRUE,
            sector=known.standard if known else Options().sector,
        ),
    )


def assess_line(
    context: AssessmentContext,
    *,
    key: str,
    category: str,
    quantity: Decimal,
    unit: str,
    period: Period,
    year: int,
    site: Located,
    parameters: Mapping[str, str | Decimal],
    has_evidence: bool,
    with_trace: bool = True,
) -> Assessment | tuple[Problem, ...]:
    """Work out one line of a year at a site; a result beyond what can be stored is a problem of its quantity, not an overflow."""
    found = assess(
        Activity(
            key=key,
            category=category,
            quantity=quantity,
            unit=unit,
            period=_part_in_year(period, year),
            country=site.country,
            region=site.province or "",
            parameters=parameters,
            has_evidence=has_evidence,
        ),
        context,
        with_trace=with_trace,
    )
    if isinstance(found, Assessment) and _is_beyond(found):
        return (problem("line.quantity.too_large", "quantity", given=quantity),)
    return found


def assess_frozen(
    context: AssessmentContext,
    line: Mapping[str, Any],
    *,
    period: Period,
    year: int,
    site: Located,
) -> Assessment | tuple[Problem, ...]:
    """Work out a frozen line of a year again, under its own or another edition or GWP set."""
    return assess_line(
        context,
        key=line["key"],
        category=line["category"],
        quantity=Decimal(line["quantity"]),
        unit=line["unit"],
        period=period,
        year=year,
        site=site,
        parameters=line["parameters"],
        has_evidence=bool(line["evidence"]),
    )


def _part_in_year(period: Period, year: int) -> Period:
    """A bill across New Year takes the factors of the inventory's year; it counts whole there, with a remark."""
    if period.is_within_one_year:
        return period
    whole = Period.of_year(year)
    return Period(max(period.start, whole.start), min(period.end, whole.end))


def _is_beyond(found: Assessment) -> bool:
    return (
        abs(found.kg_co2e) >= LARGEST_STORED
        or abs(found.kg_co2e_market) >= LARGEST_STORED
        or abs(found.kg_co2_biogenic) >= LARGEST_STORED
    )


def columns_of(found: Assessment) -> dict[str, Any]:
    """The columns of a finished line that repeat its assessment; the trace follows from the pinned edition."""
    return {
        "scope": found.scope,
        "kg_co2e": found.kg_co2e,
        "kg_co2e_market": found.kg_co2e_market,
        "kg_co2_biogenic": found.kg_co2_biogenic,
        "quality": int(found.quality),
        "factor": found.factor,
        "assessment": found.to_json(with_trace=False),
    }


def assess_stored(
    line: ActivityLine,
    site: Site,
    context: AssessmentContext,
    *,
    year: int,
    has_evidence: bool,
) -> Assessment | tuple[Problem, ...]:
    """Work a finished line out again from its columns, as things stand now."""
    return assess_line(
        context,
        key=str(line.key),
        category=line.category or "",
        quantity=line.quantity or Decimal(0),
        unit=line.unit or "",
        period=Period(line.start_on, line.end_on),  # type: ignore[arg-type]  # a finished line has both
        year=year,
        site=site,
        parameters=line.parameters or {},
        has_evidence=has_evidence,
    )


def reassess(
    line: ActivityLine,
    site: Site,
    context: AssessmentContext,
    *,
    year: int,
    has_evidence: bool,
) -> Assessment:
    """Work a finished line out again, with its trace; raises when it no longer comes to what is pinned."""
    found = assess_stored(line, site, context, year=year, has_evidence=has_evidence)
    if not isinstance(found, Assessment):
        raise RuntimeError(f"line {line.key} can't be worked out any more: {found}")  # noqa: TRY004 -- a broken promise, not a wrong type
    if not is_pinned(found, line):
        raise RuntimeError(f"line {line.key} no longer comes to its pinned result")
    return found


def is_pinned(found: Assessment, line: ActivityLine) -> bool:
    """Whether an assessment is the one that was kept with the line."""
    return found.to_json(with_trace=False) == line.assessment


def co2e_of(gas: str, kg: Decimal, edition: str, gwp_set: str) -> Decimal:
    """What a mass of a gas comes to in kg CO2e; biogenic CO2 and gases outside the scopes come to nothing."""
    if gas == CO2_BIOGENIC or is_outside_scopes(gas):
        return Decimal(0)
    context = _context(edition, gwp_set, (), "")
    return as_result(kg * potential(gas, context.potentials, context.gwp_set))
