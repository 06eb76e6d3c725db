"""Activity lines and their context for tests; quantity, unit and period are never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from portal import data
from portal.calculation.assessment import Assessment, assess
from portal.calculation.gases import GwpSet
from portal.calculation.lines import ActivityLine, AssessmentContext, Grid, Options
from portal.calculation.periods import Period
from portal.calculation.problems import Problem

_CONTEXTS: dict[tuple[object, ...], AssessmentContext] = {}


def context(
    *,
    gwp: str = "GBT",
    grid: str = "national",
    include_ch4_n2o: bool = False,
    sector: str = "food",
    early_standards: bool = True,
) -> AssessmentContext:
    """The shipped edition and categories under an alliance's choices; equal choices share one context."""
    key = (gwp, grid, include_ch4_n2o, sector, early_standards)
    if key not in _CONTEXTS:
        _CONTEXTS[key] = AssessmentContext(
            data.load_edition(),
            data.load_categories(),
            data.load_places(),
            GwpSet(gwp),
            Options(Grid(grid), include_ch4_n2o, sector, early_standards),
        )
    return _CONTEXTS[key]


def line(
    category: str,
    quantity: str,
    unit: str,
    *,
    period: Period | int,
    country: str = "CN",
    region: str = "CN-NM",
    has_evidence: bool = True,
    **parameters: str,
) -> ActivityLine:
    """A line of a category; a period given as a number is that calendar year."""
    return ActivityLine(
        key="test",
        category=category,
        quantity=Decimal(quantity),
        unit=unit,
        period=Period.of_year(period) if isinstance(period, int) else period,
        country=country,
        region=region if country == "CN" else "",
        parameters=parameters,
        has_evidence=has_evidence,
    )


def line_of(raw: dict[str, Any]) -> ActivityLine:
    """The line of a worked case in YAML."""
    return ActivityLine(
        key="case",
        category=raw["category"],
        quantity=Decimal(raw["quantity"]),
        unit=raw["unit"],
        period=Period(date.fromisoformat(raw["start"]), date.fromisoformat(raw["end"])),
        country=raw["country"],
        region=raw["region"],
        parameters=raw.get("parameters", {}),
    )


def assessed(given: ActivityLine, under: AssessmentContext | None = None) -> Assessment:
    """The assessment of a line that must have one."""
    found = assess(given, under or context())
    assert isinstance(found, Assessment), found
    return found


def refused(given: ActivityLine, under: AssessmentContext | None = None) -> tuple[Problem, ...]:
    """The problems of a line that must have some."""
    found = assess(given, under or context())
    assert not isinstance(found, Assessment), found
    return found
