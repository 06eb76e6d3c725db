"""What an action is expected to save in a full year, worked out with the factors of the latest approved inventory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import data
from portal.calculation.actions import project_reduction
from portal.calculation.assessment import Assessment
from portal.calculation.categories import Category, ParameterKind
from portal.calculation.lines import AssessmentContext
from portal.calculation.periods import Period
from portal.calculation.problems import Problem, problem
from portal.calculation.quantities import exactly, text
from portal.calculation.rounding import KG_PER_TONNE, as_result
from portal.calculation.units import UNITS
from portal.domain.actions import MOST_TONNES
from portal.domain.canonical import decimal_text
from portal.domain.levers import Method
from portal.intake.numbers import NumberRules
from portal.intake.typed import Reading
from portal.intake.units import read_unit
from portal.services import assessments, inventories
from portal.services.assessments import Located
from portal.services.sources import SourceBook
from portal.store.alliance import ReportingYear
from portal.store.members import Member, Site

_PERCENT = NumberRules(maximum=Decimal(100), unusual_from=None, decimals=2)
_AMOUNT = NumberRules(unusual_from=None)
_TONNES = NumberRules(maximum=MOST_TONNES, unusual_from=None)
_MAYBE_TONNES = NumberRules(is_required=False, maximum=MOST_TONNES, unusual_from=None)
ESTIMATE_FIELDS = (
    "percent",
    "quantity",
    "unit",
    "to_category",
    "to_quantity",
    "to_unit",
    "leakage_t",
    "stated_t",
    "how",
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """An expected saving (kg CO2e in a full year), the year it was compared with, and how it came about.

    `workings` are plain values that are kept with the action: the amounts, the formula and the factors used.
    """

    kg_saving: Decimal
    basis_year: int | None
    workings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """A year of a quantity, assessed like a line of the inventory at one of the member's sites."""

    found: Assessment
    quantity: Decimal
    unit: str
    site: Located
    parameters: Mapping[str, str | Decimal]

    @property
    def kg(self) -> Decimal:
        """kg CO2e, location-based."""
        return self.found.kg_co2e

    def to_json(self) -> dict[str, Any]:
        """Plain values: all that was assessed beside what it came to, so that it can be worked out again from them alone."""
        return self.found.to_json() | {
            "quantity": decimal_text(self.quantity),
            "unit": self.unit,
            "country": self.site.country,
            "province": self.site.province,
            "parameters": {
                name: value if isinstance(value, str) else decimal_text(value)
                for name, value in self.parameters.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Basis:
    """What estimates of a member rest on: its latest approved year, if there is one, and what the alliance fixed for it."""

    member: Member
    sites: Mapping[str, Site]
    book: SourceBook | None
    reporting: ReportingYear

    @property
    def year(self) -> int:
        """The year whose factors are used."""
        return self.reporting.year


def basis_of(session: Session, member: Member, book: SourceBook | None) -> Basis:
    """Gather what estimates rest on; without an approved year the newest reporting year gives the factors."""
    sites = session.scalars(select(Site).where(Site.member_id == member.id).order_by(Site.code))
    if book is not None:
        reporting = inventories.reporting_year(session, member.alliance_id, book.year)
    else:
        query = (
            select(ReportingYear)
            .where(ReportingYear.alliance_id == member.alliance_id)
            .order_by(ReportingYear.year.desc())
            .limit(1)
        )
        reporting = session.scalars(query).one()
    return Basis(member, {site.code: site for site in sites}, book, reporting)


def estimate(
    reading: Reading, basis: Basis, method: Method, category: str, site: str
) -> Estimate | None:
    """Read what the method asks for and work the saving out; None with the problems gathered in `reading`."""
    found = _by_method(reading, basis, method, category, site)
    if found is not None and abs(found.kg_saving) > MOST_TONNES * KG_PER_TONNE:
        reading.refuse(problem("action.saving.too_large", _AMOUNT_OF[method], most=MOST_TONNES))
        return None
    return found


# The field that a saving of each method is checked at.
_AMOUNT_OF = {
    Method.SHARE: "percent",
    Method.QUANTITY: "quantity",
    Method.SWITCH: "quantity",
    Method.STATED: "stated_t",
}


def _by_method(
    reading: Reading, basis: Basis, method: Method, category: str, site: str
) -> Estimate | None:
    match method:
        case Method.SHARE:
            return _share(reading, basis, category, site)
        case Method.QUANTITY:
            return _quantity(reading, basis, category, site)
        case Method.SWITCH:
            return _switch(reading, basis, category, site)
        case Method.STATED:
            return _stated(reading, basis)


def _share(reading: Reading, basis: Basis, category: str, site: str) -> Estimate | None:
    percent = reading.percent("percent", _PERCENT)
    source = Decimal(0) if basis.book is None else basis.book.kg_of(category, site)
    if not source:
        reading.refuse(problem("action.source.not_reported", "category", category=category))
    if percent is None or not source:
        return None
    saving, formula = saving_of_share(source, percent)
    return _done(basis, "share", saving, formula, source=source, percent=percent)


def _quantity(reading: Reading, basis: Basis, category: str, site: str) -> Estimate | None:
    quantity = reading.number("quantity", _AMOUNT)
    found = _assessed(reading, basis, category, site, quantity, "quantity", "unit")
    leakage = _leakage(reading)
    if found is None or not reading.is_settled:
        return None
    saving, formula = saving_of_project(found.kg, Decimal(0), leakage)
    return _done(
        basis, "quantity", saving, formula, baseline=found.kg, leakage=leakage, uses=[found]
    )


def _switch(reading: Reading, basis: Basis, category: str, site: str) -> Estimate | None:
    quantity = reading.number("quantity", _AMOUNT)
    was = _assessed(reading, basis, category, site, quantity, "quantity", "unit")
    to_category = reading.choice("to_category", list(data.load_categories()))
    to_quantity = reading.number("to_quantity", _AMOUNT)
    becomes = (
        _assessed(reading, basis, to_category, site, to_quantity, "to_quantity", "to_unit")
        if to_category
        else None
    )
    leakage = _leakage(reading)
    if was is None or becomes is None or not reading.is_settled:
        return None
    saving, formula = saving_of_project(was.kg, becomes.kg, leakage)
    return _done(
        basis,
        "switch",
        saving,
        formula,
        baseline=was.kg,
        project=becomes.kg,
        leakage=leakage,
        uses=[was, becomes],
    )


def _stated(reading: Reading, basis: Basis) -> Estimate | None:
    tonnes = reading.number("stated_t", _TONNES)
    how = reading.long_text("how", is_required=True)
    if tonnes is None or not how:
        return None
    saving, formula = saving_as_stated(tonnes)
    return _done(basis, "stated", saving, formula, how=how)


def saving_of_share(source: Decimal, percent: Decimal) -> tuple[Decimal, str]:
    """Percent of what a source emits, kg CO2e, with the sum as a person would write it."""
    with exactly():
        saving = as_result(source * percent / 100)
    return saving, f"{text(source)} kg × {text(percent)} % = {text(saving)} kg CO2e"


def saving_of_project(baseline: Decimal, becomes: Decimal, leakage: Decimal) -> tuple[Decimal, str]:
    """What a year emits without the action, less what it emits with it and elsewhere, kg CO2e, with the sum."""
    saving = project_reduction(baseline=baseline, project=becomes, leakage=leakage)["reduction"]
    formula = f"{text(baseline)} − {text(becomes)} − {text(leakage)} = {text(saving)} kg CO2e"
    return saving, formula


def saving_as_stated(tonnes: Decimal) -> tuple[Decimal, str]:
    """A supplier's own figure in t, as kg CO2e, with the sum."""
    saving = as_result(tonnes * KG_PER_TONNE)
    return saving, f"{text(tonnes)} t × 1000 = {text(saving)} kg CO2e"


def _leakage(reading: Reading) -> Decimal:
    tonnes = reading.number("leakage_t", _MAYBE_TONNES)
    return Decimal(0) if tonnes is None else as_result(tonnes * KG_PER_TONNE)


def _assessed(
    reading: Reading,
    basis: Basis,
    category: str,
    site: str,
    quantity: Decimal | None,
    quantity_field: str,
    unit_field: str,
) -> Taken | None:
    """A year of a quantity, through the same door as a line: its parameters are those of the source's largest line."""
    known = data.load_categories()[category]
    unit = read_unit(
        reading.typed.values.get(unit_field) or "",
        field=unit_field,
        allowed=known.accepted_units,
        confirmed=reading.typed.confirmed.get(unit_field),
    )
    reading.problems += unit.problems
    place = basis.sites.get(site) or next(iter(basis.sites.values()), None)
    if quantity is None or unit.value is None or place is None:
        return None
    parameters = _parameters(basis, known, site)
    found = assess_year(
        assessments.context_of(basis.reporting, basis.member.sector),
        basis.year,
        category=category,
        quantity=quantity,
        unit=unit.value,
        site=place,
        parameters=parameters,
    )
    if isinstance(found, Assessment):
        return Taken(found, quantity, unit.value, place, parameters)
    for each in found:
        reading.refuse(_on_the_action(each, known, quantity_field))
    return None


def assess_year(
    context: AssessmentContext,
    year: int,
    *,
    category: str,
    quantity: Decimal,
    unit: str,
    site: Located,
    parameters: Mapping[str, str | Decimal],
) -> Assessment | tuple[Problem, ...]:
    """Work out a whole year of a quantity at a site, as if it were a line with evidence."""
    return assessments.assess_line(
        context,
        key="estimate",
        category=category,
        quantity=quantity,
        unit=unit,
        period=Period.of_year(year),
        year=year,
        site=site,
        parameters=parameters,
        has_evidence=True,
    )


def _parameters(basis: Basis, category: Category, site: str) -> dict[str, str | Decimal]:
    """Kinds and ratios of the source's largest line; amounts of its own (stocks, certificates) are not this quantity's."""
    line = None if basis.book is None else basis.book.usual_line(category.id, site)
    usual = {} if line is None else line["parameters"]
    found: dict[str, str | Decimal] = {}
    for each in category.parameters:
        is_amount = each.kind is ParameterKind.DECIMAL and each.unit in UNITS
        if each.name in usual and not is_amount:
            found[each.name] = usual[each.name]
        elif each.is_required:
            found[each.name] = each.options[0].code if each.options else Decimal(0)
    return found


def _on_the_action(found: Problem, category: Category, quantity_field: str) -> Problem:
    """What is wrong with a line is said beside the quantity; parameters are not asked for here."""
    if found.field.startswith("parameters."):
        return problem("action.source.needs_line", "category", category=category.id)
    return Problem(found.code, quantity_field, found.values, found.severity, found.readings)


def _done(
    basis: Basis,
    method: str,
    saving: Decimal,
    formula: str,
    *,
    uses: list[Taken] | None = None,
    how: str = "",
    **amounts: Decimal,
) -> Estimate:
    workings: dict[str, Any] = {
        "method": method,
        "formula": formula,
        "edition": basis.reporting.edition,
        "gwp_set": basis.reporting.gwp_set,
        "options": dict(basis.reporting.options),
        "sector": basis.member.sector,
        "amounts": {name: decimal_text(amount) for name, amount in amounts.items()},
        "uses": [taken.to_json() for taken in uses or ()],
        "how": how,
    }
    basis_year = basis.year if basis.book is not None or uses else None
    return Estimate(saving, basis_year, workings)
