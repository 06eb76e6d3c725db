"""Why an approved year differs from the one before: its lines once more with the old factors, sites that came and went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from portal.calculation.assessment import Assessment
from portal.calculation.decomposition import Explanation, YearParts, explain
from portal.calculation.lines import AssessmentContext
from portal.calculation.periods import Period
from portal.calculation.problems import Problem
from portal.calculation.quantities import exactly
from portal.services import assessments
from portal.services.series import MemberSeries
from portal.store.alliance import ReportingYear


class Place(NamedTuple):
    """Where a frozen site lies."""

    country: str
    province: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """The parts of a change, the product that activity is counted in, and the years that are compared."""

    year_before: int
    parts: Explanation
    product: str
    unit: str
    output_before: Decimal | None
    output_after: Decimal | None
    came: tuple[str, ...]
    went: tuple[str, ...]


def explained(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    series: MemberSeries,
    product: str = "",
    *,
    old: AssessmentContext | None = None,
) -> Explained:
    """Divide the change between two frozen years; `product` is preferred where both years have it.

    `old` is what the earlier year was worked out under, where its edition isn't to be taken from those that are shipped.
    What a restatement adds to or takes from a year is structure: the comparison is of the years as they count today.
    """
    sites_before, sites_after = _sites(before), _sites(after)
    both = sites_before & sites_after
    if old is None:
        old = assessments.context_of(_old_method(before), after["member"]["sector"])
    comparable = frozen = Decimal(0)
    for line in after["lines"]:
        if line["site"] in both:
            found = at_old_factors(after, line, before["year"], old)
            comparable += Decimal(line["kg_co2e"])
            # What the earlier year's edition can't say stays as it is.
            frozen += found.kg_co2e if isinstance(found, Assessment) else Decimal(line["kg_co2e"])
    apart_after = _apart(after, both) + _restated(series, after["year"])
    apart_before = _apart(before, both) + _restated(series, before["year"])
    then = sum(
        (Decimal(each["kg_co2e"]) for each in before["lines"] if each["site"] in both), Decimal(0)
    )
    made = _output(before, after, product)
    parts = explain(
        YearParts(then, then, apart_before, made[2]),
        YearParts(comparable, frozen, apart_after, made[3]),
    )
    return Explained(
        before["year"],
        parts,
        *made,
        tuple(sorted(sites_after - sites_before)),
        tuple(sorted(sites_before - sites_after)),
    )


def _sites(content: Mapping[str, Any]) -> set[str]:
    return {line["site"] for line in content["lines"]}


def _apart(content: Mapping[str, Any], both: set[str]) -> Decimal:
    return sum(
        (Decimal(line["kg_co2e"]) for line in content["lines"] if line["site"] not in both),
        Decimal(0),
    )


def _restated(series: MemberSeries, year: int) -> Decimal:
    if year not in series.restated or year not in series.reported:
        return Decimal(0)
    return series.kg(year) - series.kg(year, as_reported=True)


def _old_method(content: Mapping[str, Any]) -> ReportingYear:
    method = content["method"]
    return ReportingYear(
        year=content["year"],
        edition=method["edition"],
        gwp_set=method["gwp_set"],
        options=method["options"],
    )


def at_old_factors(
    after: Mapping[str, Any], line: Mapping[str, Any], year: int, old: AssessmentContext
) -> Assessment | tuple[Problem, ...]:
    """What a line of a frozen year would have come to in the earlier year, under the method of that one."""
    site = next(each for each in after["sites"] if each["code"] == line["site"])
    return assessments.assess_frozen(
        old,
        line,
        period=_moved_to(line, year),
        year=year,
        site=Place(site["country"], site["province"]),
    )


def _moved_to(line: Mapping[str, Any], year: int) -> Period:
    start, end = (date.fromisoformat(line[each]) for each in ("start", "end"))
    return Period(_in_year(start, year), _in_year(end, year + end.year - start.year))


def _in_year(day: date, year: int) -> date:
    """The same day of another year; the 29th of February becomes the 1st of March where there is none."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(year, 3, 1) if is_leap_day and year % 4 else day.replace(year=year)


def _output(
    before: Mapping[str, Any], after: Mapping[str, Any], product: str
) -> tuple[str, str, Decimal | None, Decimal | None]:
    """(product, unit, then, now): the preferred product, or all products of the unit that both years share."""
    then = {(o["product"], o["unit"]): Decimal(o["quantity"]) for o in before["outputs"]}
    now = {(o["product"], o["unit"]): Decimal(o["quantity"]) for o in after["outputs"]}
    shared = [key for key in now if key in then]
    for key in shared:
        if key[0] == product:
            return (*key, then[key], now[key])
    if not shared:
        return "", "", None, None
    unit = shared[0][1]
    same = [key for key in shared if key[1] == unit]
    with exactly():
        return (
            " + ".join(key[0] for key in same),
            unit,
            sum((then[key] for key in same), Decimal(0)),
            sum((now[key] for key in same), Decimal(0)),
        )
