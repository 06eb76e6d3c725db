"""What a member's targets come to against its approved years: base, latest value, path and ambition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.calculation.pathways import (
    Check,
    Kind,
    Part,
    Pathway,
    TargetTerms,
    allowed,
    ambition,
    is_near_term,
    is_on_path,
    share_of_way,
)
from portal.calculation.problems import Problem, problem
from portal.calculation.quantities import exactly
from portal.services.series import MemberSeries
from portal.store.targets import Target


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target against the approved years; values in the unit of its base (kg, kg per unit, percent).

    Without terms there is no base yet and `problems` say why. `share_of_way` is 1 where the target is reached.
    """

    target: Target
    terms: TargetTerms | None
    unit: str
    problems: tuple[Problem, ...]
    checks: Sequence[Check]
    is_near_term: bool
    latest_year: int | None
    latest: Decimal | None
    allowed_latest: Decimal | None
    is_on_path: bool | None
    share_of_way: Decimal | None


def view_of(target: Target, series: MemberSeries, today: date) -> TargetView:
    """Hold a target against the approved years."""
    terms, unit, problems = terms_of(target, series)
    made_in = today.year
    if terms is None:
        return TargetView(target, None, unit, problems, (), False, None, None, None, None, None)
    latest_year = max(series.years, default=None)
    latest = None if latest_year is None else value_in(target, series, latest_year)
    goal = allowed(terms, terms.target_year)
    way = None if latest is None else share_of_way(terms.base, latest, goal)
    shown = None if latest_year is None else allowed(terms, max(latest_year, terms.base_year))
    on_path = (
        None
        if latest is None or latest_year is None or latest_year < terms.base_year
        else is_on_path(terms, latest_year, latest)
    )
    return TargetView(
        target,
        terms,
        unit,
        (),
        ambition(terms),
        is_near_term(terms.target_year, made_in),
        latest_year,
        latest,
        shown,
        on_path,
        way,
    )


def terms_of(
    target: Target, series: MemberSeries
) -> tuple[TargetTerms | None, str, tuple[Problem, ...]]:
    """The target with its base from the approved base year, the unit of both, or what is missing for that."""
    kind = Kind(target.kind)
    unit, missing = _unit(target, kind, series)
    if (
        missing is None
        and target.base_year not in series.reported
        and kind is not Kind.SUPPLIER_ENGAGEMENT
    ):
        missing = problem("target.base.not_approved", "base_year", year=target.base_year)
    base = None if missing else value_in(target, series, target.base_year, is_base=True)
    if missing is None and not base and not kind.is_share:
        missing = problem("target.base.zero", "base_year", year=target.base_year)
    if missing is None and base is None:
        missing = problem("target.power.missing", "base_year", year=target.base_year)
    if missing is not None or base is None:
        return None, unit, (missing,) if missing else ()
    terms = TargetTerms(
        kind,
        Pathway(target.pathway),
        Part(target.part),
        tuple(target.scopes),
        target.base_year,
        target.target_year,
        target.percent,
        base,
        target.net_zero_year,
    )
    return terms, unit, ()


def value_in(
    target: Target, series: MemberSeries, year: int, *, is_base: bool = False
) -> Decimal | None:
    """What a year came to in the target's unit: kg, kg per unit of output, or percent; None where it isn't known."""
    kind = Kind(target.kind)
    if kind is Kind.SUPPLIER_ENGAGEMENT:
        return target.stated_base if is_base else target.stated_now
    if year not in series.reported:
        return None
    if kind is Kind.RENEWABLE_SHARE:
        return series.renewable_percent(year)
    kg = series.kg(year, tuple(target.scopes), Part(target.part))
    if kind is Kind.ABSOLUTE:
        return kg
    made = series.made(year, target.product)
    with exactly():
        return kg / made.quantity if made is not None and made.quantity else None


def _unit(target: Target, kind: Kind, series: MemberSeries) -> tuple[str, Problem | None]:
    if kind.is_share:
        return "%", None
    if kind is Kind.ABSOLUTE:
        return "kg CO₂e", None
    made = series.made(target.base_year, target.product)
    if made is None or not made.quantity:
        missing = problem(
            "target.output.missing", "product", product=target.product, year=target.base_year
        )
        return "kg CO₂e", missing
    return f"kg CO₂e/{made.unit}", None
