"""Targets: what a path allows in a year, and whether a target is as ambitious as the published pathways (M9.2)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.calculation.problems import refuse
from portal.calculation.quantities import exactly, text
from portal.calculation.targets import SBTI_START, intensity_compound, pathway_linear, pathway_sbti

_HUNDRED = Decimal(100)

# Cuts of the base year's emissions per year: SBTi corporate criteria, FLAG sector guidance v1.1.
RATE_15 = Decimal("0.042")
RATE_WB2C = Decimal("0.025")
RATE_FLAG = Decimal("0.0303")
# A physical or economic intensity falls by this share of the year before, each year.
RATE_INTENSITY = Decimal("0.07")
# What may remain in the net-zero year is a tenth; of land and livestock (FLAG) 28 %.
NET_ZERO_CUT = Decimal("0.90")
NET_ZERO_CUT_FLAG = Decimal("0.72")
# Renewable electricity, in percent of the power used: SBTi's thresholds for 2025 and 2030.
RENEWABLE_STEPS = ((Decimal(2025), Decimal(80)), (Decimal(2030), Decimal(100)))
NEAR_TERM_YEARS = range(5, 11)


class Kind(StrEnum):
    """What is promised: a cut of emissions, of an intensity, or a share to reach."""

    ABSOLUTE = "absolute"
    PHYSICAL_INTENSITY = "physical_intensity"
    ECONOMIC_INTENSITY = "economic_intensity"
    RENEWABLE_SHARE = "renewable_share"
    SUPPLIER_ENGAGEMENT = "supplier_engagement"

    @property
    def is_share(self) -> bool:
        """Whether the target is a share to reach, so that more is better."""
        return self in (Kind.RENEWABLE_SHARE, Kind.SUPPLIER_ENGAGEMENT)

    @property
    def is_intensity(self) -> bool:
        """Whether emissions are divided by an output."""
        return self in (Kind.PHYSICAL_INTENSITY, Kind.ECONOMIC_INTENSITY)


class Pathway(StrEnum):
    """How the way from base year to target year is divided."""

    LINEAR = "linear"
    COMPOUND = "compound"
    SBTI_15 = "sbti_15"
    SBTI_WB2C = "sbti_wb2c"
    FLAG = "flag"


class Part(StrEnum):
    """Which emissions a target covers: all, only land and livestock (FLAG), or all but those."""

    ALL = "all"
    FLAG = "flag"
    NON_FLAG = "non_flag"


RATES: Mapping[Pathway, Decimal] = {
    Pathway.SBTI_15: RATE_15,
    Pathway.SBTI_WB2C: RATE_WB2C,
    Pathway.FLAG: RATE_FLAG,
}


def is_flag(category: str) -> bool:
    """Whether a category is land or livestock in the sense of SBTi FLAG: enteric fermentation, manure, soils."""
    return category.startswith(("livestock.", "soils."))


def covers(part: Part, scopes: tuple[int, ...], category: str, scope: int) -> bool:
    """Whether a target of these scopes and this part counts a category."""
    if scope not in scopes:
        return False
    return part is Part.ALL or is_flag(category) == (part is Part.FLAG)


@dataclass(frozen=True, slots=True)
class TargetTerms:
    """A target with its base: kg CO2e (absolute), kg CO2e per unit of output (intensities), percent (shares).

    `percent` is the cut by the target year in percent of the base, of shares the share to reach.
    """

    kind: Kind
    pathway: Pathway
    part: Part
    scopes: tuple[int, ...]
    base_year: int
    target_year: int
    percent: Decimal
    base: Decimal
    net_zero_year: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One pathway that a target is held against: the cut (or share) needed and given, in percent, and the arithmetic."""

    name: str
    needed_percent: Decimal
    given_percent: Decimal
    meets: bool
    formula: str


def target_value(terms: TargetTerms) -> Decimal:
    """What the target year comes to, in the unit of the base; of shares the share."""
    if terms.kind.is_share:
        return terms.percent
    with exactly():
        return terms.base * (1 - terms.percent / _HUNDRED)


def allowed(terms: TargetTerms, year: int) -> Decimal:
    """What the path allows for a year (of shares: asks for), in the unit of the base.

    The base year itself is allowed its base. From there to the target year the pathway's own curve holds, and never
    more than a standard pathway allows where one was chosen, until the target is reached; after the target year a
    straight line to the net-zero year, then level; without a net-zero year level.
    Raises CalculationError for a year before the base year, for a target year that doesn't come after it, and for a
    compound path from or to nothing.
    """
    if terms.target_year <= terms.base_year:
        raise refuse(
            "case.input.out_of_domain",
            "target_year",
            input="target_year",
            given=terms.target_year,
            allowed=f"later than {terms.base_year}",
        )
    if year < terms.base_year:
        raise refuse("case.input.not_less_than", "year", input="year", other="base_year")
    with exactly():
        if year <= terms.target_year:
            return _on_the_way(terms, year)
        return _after(terms, year)


def path(terms: TargetTerms, first: int, last: int) -> tuple[tuple[int, Decimal], ...]:
    """What the path allows in each year from `first` to `last`."""
    return tuple((year, allowed(terms, year)) for year in range(first, last + 1))


def _on_the_way(terms: TargetTerms, year: int) -> Decimal:
    end = target_value(terms)
    passed, whole = Decimal(year - terms.base_year), Decimal(terms.target_year - terms.base_year)
    straight = _between(terms.base, end, passed, whole)
    if terms.kind.is_share:
        return straight
    if terms.pathway is Pathway.COMPOUND:
        return _compound(terms, end, passed / whole)
    # A later base year begins at its base, although SBTi already counts the years since 2020 against the next one.
    if terms.pathway in RATES and passed:
        return max(end, min(straight, _standard(terms, year)))
    return straight


def _between(first: Decimal, last: Decimal, passed: Decimal, whole: Decimal) -> Decimal:
    """A point of the straight line; its end is taken as it is, so that thirds leave no noise there."""
    return last if passed >= whole else first + (last - first) * passed / whole


def _compound(terms: TargetTerms, end: Decimal, share: Decimal) -> Decimal:
    """The base times the same factor each year; ends exactly at the target, where a power would leave noise."""
    for name, given, is_fit, fit in (
        ("base", terms.base, terms.base > 0, "above 0"),
        ("percent", terms.percent, end > 0, "below 100"),
    ):
        if not is_fit:
            raise refuse("case.input.out_of_domain", name, input=name, given=given, allowed=fit)
    return end if share == 1 else terms.base * (end / terms.base) ** share


def _standard(terms: TargetTerms, year: int) -> Decimal:
    """What the pathway's own yearly cut leaves of the base."""
    rate, base, when = RATES[terms.pathway], terms.base, Decimal(year)
    if terms.pathway is Pathway.FLAG:
        left = pathway_linear(base=base, start=Decimal(terms.base_year), year=when, rate=rate)
    else:
        left = pathway_sbti(base=base, base_year=Decimal(terms.base_year), year=when, rate=rate)
    return left["target"]


def _after(terms: TargetTerms, year: int) -> Decimal:
    end = target_value(terms)
    if (
        terms.kind.is_share
        or terms.net_zero_year is None
        or terms.net_zero_year <= terms.target_year
    ):
        return end
    cut = NET_ZERO_CUT_FLAG if terms.part is Part.FLAG else NET_ZERO_CUT
    last = min(end, terms.base * (1 - cut))
    passed, whole = year - terms.target_year, terms.net_zero_year - terms.target_year
    return _between(end, last, Decimal(passed), Decimal(whole))


def ambition(terms: TargetTerms) -> tuple[Check, ...]:
    """Hold a target against the published pathways that apply to its kind, each with its arithmetic."""
    with exactly():
        return tuple(_checks(terms))


def _checks(terms: TargetTerms) -> Iterator[Check]:
    match terms.kind:
        case Kind.ABSOLUTE if terms.part is Part.FLAG:
            yield _linear_check("flag", RATE_FLAG, terms, Decimal(terms.base_year))
        case Kind.ABSOLUTE:
            start = min(Decimal(terms.base_year), SBTI_START)
            yield _linear_check("sbti_15", RATE_15, terms, start)
            yield _linear_check("sbti_wb2c", RATE_WB2C, terms, start)
        case Kind.PHYSICAL_INTENSITY | Kind.ECONOMIC_INTENSITY:
            yield _compound_check(terms)
        case Kind.RENEWABLE_SHARE:
            yield _renewable_check(terms)
        case Kind.SUPPLIER_ENGAGEMENT:
            return  # SBTi asks for a share that follows from the scope 3 of the supplier's own suppliers


def _linear_check(name: str, rate: Decimal, terms: TargetTerms, start: Decimal) -> Check:
    raw = rate * (terms.target_year - start) * _HUNDRED
    needed = min(raw, _HUNDRED)
    formula = f"{text(rate * _HUNDRED)} % × ({terms.target_year} − {text(start)}) = {_limited(raw, needed)}"
    return Check(name, needed, terms.percent, terms.percent >= needed, formula)


def _limited(raw: Decimal, needed: Decimal) -> str:
    """A result in percent, followed by what is asked for where that is less or more."""
    return f"{text(raw)} %" if raw == needed else f"{text(raw)} % → {text(needed)} %"


def _compound_check(terms: TargetTerms) -> Check:
    years = terms.target_year - terms.base_year
    left = intensity_compound(
        base=Decimal(1),
        start=Decimal(terms.base_year),
        year=Decimal(terms.target_year),
        rate=RATE_INTENSITY,
    )["target"]
    needed = (1 - left) * _HUNDRED
    shown = text(needed.quantize(Decimal("0.01")))
    formula = f"1 − (1 − {text(RATE_INTENSITY * _HUNDRED)} %)^{years} = {shown} %"
    return Check("intensity_7", needed, terms.percent, terms.percent >= needed, formula)


def _renewable_check(terms: TargetTerms) -> Check:
    (first, low), (last, high) = RENEWABLE_STEPS
    year = Decimal(terms.target_year)
    raw = low + (high - low) * (year - first) / (last - first)
    needed = min(max(raw, low), high)
    formula = (
        f"{text(low)} % + {text(high - low)} % × ({text(year)} − {text(first)})"
        f" ÷ {text(last - first)} = {_limited(raw, needed)}"
    )
    return Check("renewable", needed, terms.percent, terms.percent >= needed, formula)


def is_near_term(target_year: int, made_in: int) -> bool:
    """Whether a target lies five to ten years ahead of the year it is made in."""
    return target_year - made_in in NEAR_TERM_YEARS


def cut_percent(base: Decimal, actual: Decimal) -> Decimal:
    """By how much a year lies below its base, in percent of the base (below zero: above it); zero for a base of nothing."""
    with exactly():
        return (base - actual) * _HUNDRED / base if base else Decimal(0)


def share_of_way(base: Decimal, actual: Decimal, target: Decimal) -> Decimal | None:
    """How much of the way to a target is gone: (base − actual) ÷ (base − target); 1 is all of it, below 0 the wrong way.

    None where the target is the base, since there is no way to go.
    """
    if base == target:
        return None
    with exactly():
        return (base - actual) / (base - target)


def is_on_path(terms: TargetTerms, year: int, actual: Decimal) -> bool:
    """Whether a year's value is on or below what the path allows, of shares on or above what it asks for."""
    limit = allowed(terms, year)
    return actual >= limit if terms.kind.is_share else actual <= limit
