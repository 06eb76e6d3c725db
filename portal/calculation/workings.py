"""The sheet on which one line is worked out: it asks for factors, converts, adds gases, and keeps every step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from portal.calculation.categories import Category, Slot
from portal.calculation.factors import Factor, Tier
from portal.calculation.gases import (
    CH4_BIOGENIC,
    CH4_FOSSIL,
    CO2,
    CO2_BIOGENIC,
    N2O,
    UNSPLIT,
    is_outside_scopes,
    potential,
)
from portal.calculation.labels import Label, why
from portal.calculation.lines import ActivityLine, AssessmentContext
from portal.calculation.problems import refuse
from portal.calculation.quantities import text
from portal.calculation.selection import Flag, Query, doubts, select
from portal.calculation.trace import FactorUse, Step, StepKind, brief, equation
from portal.calculation.units import UNITS, Dimension, convert
from portal.calculation.validation import as_decimal

# Columns of a factor that hold the mass of a gas per unit, and the gas where methane is of fossil origin.
_GAS_COLUMNS = (("co2", CO2), ("ch4", CH4_FOSSIL), ("n2o", N2O), ("co2_bio", CO2_BIOGENIC))


@dataclass(frozen=True, slots=True)
class Reach:
    """What a factor may be per for a quantity as typed: these dimensions, or any with an energy content in these units."""

    dimensions: frozenset[Dimension]
    through: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A factor that was chosen, with its tier, how the trace shows it, and whether it is a doubtful one."""

    factor: Factor
    tier: Tier
    use: FactorUse
    is_doubtful: bool


class Workings:
    """One line being worked out. Recipes read from it and write gases and steps to it."""

    __slots__ = (
        "category",
        "context",
        "flags",
        "gases",
        "is_doubtful",
        "is_proxy",
        "kg_co2e_market",
        "line",
        "sector",
        "steps",
        "tiers",
        "traces",
        "uses",
        "year",
    )

    def __init__(
        self,
        line: ActivityLine,
        category: Category,
        context: AssessmentContext,
        *,
        traces: bool = True,
    ) -> None:
        self.line = line
        self.category = category
        self.context = context
        self.year = line.period.start.year
        # Whose standard binds: the category's own, else what the line says, else what the inventory says.
        own = category.settings.get("sector") or line.parameters.get("sector")
        self.sector = context.options.sector if own is None else str(own)
        self.gases: dict[str, Decimal] = {}
        self.traces = traces
        self.flags: set[Flag] = set()
        self.steps: list[Step] = []
        if traces:
            self.step(StepKind.TYPED, f"{text(line.quantity)} {line.unit}")
        self.uses: list[FactorUse] = []
        self.tiers: list[Tier] = []
        self.is_proxy = False
        self.is_doubtful = False
        self.kg_co2e_market: Decimal | None = None

    # What was given for the line.

    @property
    def dimension(self) -> Dimension:
        """What the typed unit measures."""
        return UNITS[self.line.unit].dimension

    def code(self, name: str) -> str:
        """The code of a choice, or its default, or nothing."""
        given = self.line.parameters.get(name)
        if given is not None:
            return str(given)
        parameter = self.category.parameter(name)
        return "" if parameter is None or parameter.default is None else parameter.default

    def number(self, name: str) -> Decimal | None:
        """A number given for the line, or its default, or None."""
        given = self.line.parameters.get(name)
        if given is None:
            parameter = self.category.parameter(name)
            given = None if parameter is None else parameter.default
        return None if given is None else as_decimal(given)

    def needed(self, name: str, *, beside: str = "") -> Decimal:
        """A number without which this line can't be computed, because of its unit or because of what else is given."""
        value = self.number(name)
        if value is not None:
            return value
        field = f"parameters.{name}"
        if beside:
            raise refuse("line.parameter.goes_with", field, name=name, beside=beside)
        raise refuse("line.parameter.needed", field, name=name, unit=self.line.unit)

    def key(self, name: str, key: str) -> str:
        """The word that factor patterns know a chosen option by; the option's own code where it has no other."""
        code = self.code(name)
        parameter = self.category.parameter(name)
        option = None if parameter is None else parameter.option(code)
        return code if option is None else option.keys.get(key, code)

    # Steps.

    def step(
        self, kind: StepKind, formula: str, use: FactorUse | None = None, flag: Flag | None = None
    ) -> None:
        """Write down a step."""
        self.steps.append(Step(kind, formula, use, flag))
        if flag is not None:
            self.flags.add(flag)

    def amount(self, unit: str) -> Decimal:
        """The quantity in a unit of its own dimension; writes the conversion down where there is one."""
        line = self.line
        if line.unit == unit:
            return line.quantity
        amount = convert(line.quantity, line.unit, unit)
        if self.traces:
            left = f"{text(line.quantity)} {line.unit}"
            self.step(StepKind.CONVERTED, equation(left, amount, unit))
        return amount

    # Factors.

    def choose(
        self,
        slot: str,
        reach: Reach | None = None,
        /,
        **words: str,
    ) -> Chosen:
        """The factor for a slot; none or several are refused with what the person may change."""
        found = self.try_choose(slot, reach, **words)
        if found is None:
            asked = self.category.slots[slot]
            raise refuse("factor.none", asked.field, **self.asked())
        return found

    def try_choose(
        self,
        slot: str,
        reach: Reach | None = None,
        /,
        **words: str,
    ) -> Chosen | None:
        """The factor for a slot, or None where the edition has none for this place; several are refused."""
        place = (self.line.country, self.line.region)
        wanted = None if reach is None else (reach.dimensions, reach.through)
        question = (self.category.id, slot, wanted, *place, self.year, self.sector, *words.values())
        remembered = self.context.remembered
        if question not in remembered:
            remembered[question] = self._select(self.category.slots[slot], reach, words)
        found: Chosen | None = remembered[question]
        if found is not None:
            self.use(found)
        return found

    def use(self, chosen: Chosen) -> None:
        """Count a factor among those the line rests on, with what a reader must know about it."""
        self.uses.append(chosen.use)
        self.tiers.append(chosen.tier)
        if chosen.use.flags:
            self.flags.update(chosen.use.flags)
        if chosen.is_doubtful:
            self.is_doubtful = True

    def _select(self, slot: Slot, reach: Reach | None, words: dict[str, str]) -> Chosen | None:
        line, context = self.line, self.context
        patterns = tuple(dict.fromkeys(pattern.format(**words) for pattern in slot.patterns))
        query = Query(
            patterns=patterns,
            country=line.country,
            areas=context.places.areas(line.country, line.region),
            year=self.year,
            sector=self.sector,
            dimensions=None if reach is None else reach.dimensions,
            through=frozenset() if reach is None else reach.through,
            may_be_foreign=slot.may_be_foreign,
            early_standards=context.options.early_standards,
        )
        choice = select(context.edition, query)
        if choice.is_several:
            raise refuse(
                "factor.several", slot.field, factors=", ".join(choice.rivals), **self.asked()
            )
        if choice.factor is None or choice.tier is None:
            return None
        row, tier = choice.factor, choice.tier
        use = self._use(row, why(row, tier, choice, self.year), choice.flags)
        return Chosen(row, tier, use, not row.is_trusted)

    def constant(self, row: Factor, reason: Label, value: str) -> Chosen:
        """A row of the edition that needs no choosing, such as a potential, used by the line."""
        use = replace(self._use(row, reason, doubts(row)), value=value)
        chosen = Chosen(row, Tier.MEASURED, use, not row.is_trusted)
        self.use(chosen)
        return chosen

    def own_factor(self, value: Decimal, unit: str) -> None:
        """Note that a factor of the supplier or the site itself is used instead of one of the edition."""
        self.tiers.append(Tier.MEASURED)
        self.step(StepKind.OWN_FACTOR, f"{text(value)} {unit}")

    def _use(self, row: Factor, reason: Label, flags: Sequence[Flag]) -> FactorUse:
        return FactorUse(
            id=row.id,
            edition=self.context.edition.code,
            name=Label(row.name_en, row.name_zh),
            value=_value(row),
            unit=_unit(row),
            source=row.source,
            table=row.source_table,
            year=row.source_year,
            region=row.region,
            why=reason,
            flags=tuple(flags),
        )

    def asked(self) -> dict[str, str]:
        """The question as a message names it: category, place and year."""
        return {
            "category": self.category.id,
            "place": self.line.region or self.line.country,
            "year": str(self.year),
        }

    # Gases.

    def potential(self, gas: str) -> Decimal:
        """Kilograms of CO2e per kilogram of a gas under the inventory's set."""
        known = self.context.potentials.get(gas)
        return (
            potential(gas, self.context.potentials, self.context.gwp_set)
            if known is None
            else known
        )

    def add(self, gas: str, kg: Decimal, left: str, use: FactorUse | None = None) -> None:
        """Add kilograms of a gas, with the sum they come from."""
        if self.traces:
            self.step(StepKind.GAS, equation(left, kg, f"kg {PRINTED_GASES.get(gas, gas)}"), use)
        self.gases[gas] = self.gases.get(gas, Decimal(0)) + kg
        if is_outside_scopes(gas):
            self.flags.add(Flag.MONTREAL)

    def add_per_unit(
        self, amount: Decimal, unit: str, chosen: Chosen, methane: str = CH4_FOSSIL
    ) -> None:
        """Add the gases of an amount times a factor per unit, gas by gas where it was published so."""
        numbers = chosen.factor.numbers
        use: FactorUse | None = chosen.use
        found = [(gas, numbers[column]) for column, gas in _GAS_COLUMNS if column in numbers]
        if not found:
            found = [(UNSPLIT, numbers["co2e"])]
            self.note_set(chosen.factor)
        for gas, factor in found:
            own = methane if gas == CH4_FOSSIL else gas
            left = f"{brief(amount)} {unit} × {text(factor)} kg/{unit}" if self.traces else ""
            self.add(own, amount * factor, left, use)
            use = None

    def note_set(self, factor: Factor) -> None:
        """Flag a factor that exists only as CO2e of another set of potentials than the inventory's."""
        if not factor.gwp_set.startswith(self.context.gwp_set.value):
            self.flags.add(Flag.MIXED_GWP)

    def per_unit_kg_co2e(self, factor: Factor) -> Decimal:
        """Kilograms of CO2e per unit of a factor under the inventory's set, biogenic CO2 left out."""
        found = [
            factor.numbers[column] * self.potential(gas)
            for column, gas in _GAS_COLUMNS
            if column in factor.numbers
        ]
        if not found:
            self.note_set(factor)
        return sum(found, Decimal(0)) if found else factor.numbers["co2e"]


PRINTED_GASES = {
    CO2: "CO2",
    CH4_FOSSIL: "CH4",
    CH4_BIOGENIC: "CH4",
    N2O: "N2O",
    CO2_BIOGENIC: "CO2 (biogenic)",
    UNSPLIT: "CO2e",
}


def _value(row: Factor) -> str:
    """What the row says, as the trace shows it: every number that counts, with its name where there are several."""
    numbers = row.numbers
    if "value" in numbers:
        return text(numbers["value"])
    if "carbon_content_tc_per_gj" in numbers and row.per != "TJ":
        ncv, carbon = text(numbers["ncv"]), text(numbers["carbon_content_tc_per_gj"])
        oxidised = text(numbers["oxidation_fraction"])
        return f"NCV {ncv} {row.texts['ncv_unit']}; CC {carbon} tC/GJ; OF {oxidised}"
    gases = [f"{name.upper()} {text(numbers[name])}" for name, _ in _GAS_COLUMNS if name in numbers]
    if not gases:
        single = (numbers[name] for name in ("co2e", "density_kg_per_l") if name in numbers)
        return text(next(single, Decimal(0)))
    if "ncv" in numbers:
        gases.append(f"NCV {text(numbers['ncv'])} {row.texts['ncv_unit']}")
    return "; ".join(gases)


def _unit(row: Factor) -> str:
    """The unit of what `_value` says; empty where each number says its own."""
    numbers, per = row.numbers, row.per or row.unit
    if "value" in numbers or "density_kg_per_l" in numbers:
        return row.unit
    if "carbon_content_tc_per_gj" in numbers and row.per != "TJ":
        return ""
    if any(name in numbers for name, _ in _GAS_COLUMNS):
        return f"kg/{per}"
    return f"kg CO2e/{per}" if "co2e" in numbers else row.unit
