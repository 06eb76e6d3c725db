"""What an activity line comes to: kilograms per gas, CO2e, the factors, the grade, and a trace a person can read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException
from typing import Any, Self

from portal.calculation.categories import Category
from portal.calculation.gases import CO2, CO2_BIOGENIC, UNSPLIT, GwpSet, is_outside_scopes
from portal.calculation.lines import ActivityLine, AssessmentContext
from portal.calculation.problems import CalculationError, Problem, problem
from portal.calculation.quality import Grade, grade
from portal.calculation.quantities import exactly, text
from portal.calculation.recipes import RECIPES
from portal.calculation.rounding import as_gas_mass, as_result
from portal.calculation.selection import Flag
from portal.calculation.trace import FactorUse, Step, StepKind, equation
from portal.calculation.validation import line_problems
from portal.calculation.workings import PRINTED_GASES, Workings

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A line's result. All masses in kg; `kg_co2e` counts the scopes only, location-based for scope 2.

    `kg_co2e_market` is the market-based figure (equal to `kg_co2e` outside scope 2), `kg_co2_biogenic` and
    `kg_co2e_outside` (Montreal Protocol gases) are reported outside the scopes and never in a total.
    """

    category: str
    scope: int
    ghg_category: int
    kg: Mapping[str, Decimal]
    kg_co2e: Decimal
    kg_co2e_market: Decimal
    kg_co2_biogenic: Decimal
    kg_co2e_outside: Decimal
    edition: str
    gwp_set: GwpSet
    factors: tuple[FactorUse, ...]
    quality: Grade
    flags: tuple[Flag, ...]
    trace: tuple[Step, ...]

    @property
    def factor(self) -> str:
        """The id of the factor the result rests on first, or nothing where the supplier's own was used."""
        return self.factors[0].id if self.factors else ""

    def to_json(self, *, with_trace: bool = True) -> dict[str, Any]:
        """Plain values for JSON, amounts as decimal text; from_json reads them back to an equal assessment."""
        plain: dict[str, Any] = {
            "category": self.category,
            "scope": self.scope,
            "ghg_category": self.ghg_category,
            "kg": {gas: text(mass) for gas, mass in self.kg.items()},
            "kg_co2e": text(self.kg_co2e),
            "kg_co2e_market": text(self.kg_co2e_market),
            "kg_co2_biogenic": text(self.kg_co2_biogenic),
            "kg_co2e_outside": text(self.kg_co2e_outside),
            "edition": self.edition,
            "gwp_set": self.gwp_set.value,
            "factors": [use.as_json() for use in self.factors],
            "quality": int(self.quality),
            "flags": [flag.value for flag in self.flags],
        }
        if with_trace:
            plain["trace"] = [step.as_json() for step in self.trace]
        return plain

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Read back what to_json wrote, with or without its trace."""
        return cls(
            category=raw["category"],
            scope=raw["scope"],
            ghg_category=raw["ghg_category"],
            kg={gas: Decimal(mass) for gas, mass in raw["kg"].items()},
            kg_co2e=Decimal(raw["kg_co2e"]),
            kg_co2e_market=Decimal(raw["kg_co2e_market"]),
            kg_co2_biogenic=Decimal(raw["kg_co2_biogenic"]),
            kg_co2e_outside=Decimal(raw["kg_co2e_outside"]),
            edition=raw["edition"],
            gwp_set=GwpSet(raw["gwp_set"]),
            factors=tuple(FactorUse.from_json(use) for use in raw["factors"]),
            quality=Grade(raw["quality"]),
            flags=tuple(Flag(flag) for flag in raw["flags"]),
            trace=tuple(Step.from_json(step) for step in raw.get("trace", ())),
        )


def assess(
    line: ActivityLine, context: AssessmentContext, *, with_trace: bool = True
) -> Assessment | tuple[Problem, ...]:
    """Work out one line, or say everything that is wrong with it; the same line and context always give the same.

    Without its trace, which nobody reads of a hundred thousand lines at once, a line takes a quarter less.
    """
    category = context.categories.get(line.category)
    if category is None:
        return (problem("line.category.unknown", "category", given=line.category),)
    problems = line_problems(line, category, context.places)
    if problems:
        return tuple(problems)
    work = Workings(line, category, context, traces=with_trace)
    try:
        with exactly():
            RECIPES[category.recipe](work)
            return _result(work, category)
    except CalculationError as error:
        return tuple(_on_the_line(found, category) for found in error.problems)
    except DecimalException:
        return (problem("line.arithmetic", "quantity"),)


def _on_the_line(found: Problem, category: Category) -> Problem:
    """A method names its inputs; on a line the same names are parameters."""
    if category.parameter(found.field) is None:
        return found
    return replace(found, field=f"parameters.{found.field}")


def _result(work: Workings, category: Category) -> Assessment:
    inside = outside = _ZERO
    for gas, kg in work.gases.items():
        if gas == CO2_BIOGENIC:
            continue
        co2e = kg * work.potential(gas)
        if is_outside_scopes(gas):
            outside += co2e
        else:
            inside += co2e
    if work.traces:
        _last_steps(work, inside, outside)
    kg_co2e = as_result(inside)
    market = work.kg_co2e_market
    return Assessment(
        category=category.id,
        scope=category.scope,
        ghg_category=category.ghg_category,
        kg={gas: as_gas_mass(kg) for gas, kg in work.gases.items()},
        kg_co2e=kg_co2e,
        kg_co2e_market=kg_co2e if market is None else as_result(market),
        kg_co2_biogenic=as_result(work.gases.get(CO2_BIOGENIC, _ZERO)),
        kg_co2e_outside=as_result(outside),
        edition=work.context.edition.code,
        gwp_set=work.context.gwp_set,
        factors=tuple({use.id: use for use in work.uses}.values()),
        quality=grade(
            tuple(work.tiers),
            is_proxy=work.is_proxy,
            is_doubtful=work.is_doubtful,
            has_evidence=work.line.has_evidence,
        ),
        flags=tuple(sorted(work.flags)),
        trace=tuple(work.steps) if work.traces else (),
    )


def _last_steps(work: Workings, inside: Decimal, outside: Decimal) -> None:
    counted = [gas for gas in work.gases if gas != CO2_BIOGENIC and not is_outside_scopes(gas)]
    if counted and counted not in ([CO2], [UNSPLIT]):
        work.step(StepKind.CO2E, equation(_sum(work, counted), inside, "kg CO2e"))
    if CO2_BIOGENIC in work.gases:
        kg = text(as_result(work.gases[CO2_BIOGENIC]))
        work.step(StepKind.OUTSIDE, f"{kg} kg CO2 (biogenic)")
    montreal = [gas for gas in work.gases if is_outside_scopes(gas)]
    if montreal:
        work.step(StepKind.OUTSIDE, equation(_sum(work, montreal), outside, "kg CO2e"))


def _sum(work: Workings, gases: list[str]) -> str:
    return " + ".join(
        f"{text(as_gas_mass(work.gases[gas]))} kg {PRINTED_GASES.get(gas, gas)} × {text(work.potential(gas))}"
        for gas in gases
    )
