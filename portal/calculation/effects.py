"""What reduction actions save together in a year, what they leave of their sources, and what a tonne costs (M9.3, M9.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby

from portal.calculation.actions import macc
from portal.calculation.problems import refuse
from portal.calculation.quantities import exactly
from portal.calculation.rounding import KG_PER_TONNE, as_result

_ZERO, _ONE = Decimal(0), Decimal(1)
_MONTHS = Decimal(12)


@dataclass(frozen=True, slots=True)
class Effect:
    """One action on one source: the kg CO2e that a full year of it saves of that source as it is today.

    An action on several sources is several effects of one key.
    """

    key: str
    source: str
    kg: Decimal
    start_on: date
    ramp_months: int = 0
    lifetime_years: int | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    """What actions save together in a year, kg CO2e: `overlap` is by how much each alone would save more, added up.

    An action alone saves at most its whole source, so a claim beyond that is no overlap. `by_effect` is by key, the
    effects of one key added up.
    `without_source` are the keys of actions none of whose sources emits anything, so that they can save nothing.
    """

    total: Decimal
    by_effect: Mapping[str, Decimal]
    by_source: Mapping[str, Decimal]
    overlap: Decimal
    without_source: tuple[str, ...] = ()


def combined(rates: Iterable[Decimal]) -> Decimal:
    """What several cuts of one source come to: 1 − Π(1 − r). Raises CalculationError for a rate outside 0 to 1."""
    left = _ONE
    with exactly():
        for rate in rates:
            if not _ZERO <= rate <= _ONE:
                raise refuse(
                    "case.input.out_of_domain",
                    "rates",
                    input="rates",
                    given=rate,
                    allowed="0 ≤ r ≤ 1",
                )
            left *= 1 - rate
        return 1 - left


def ramp(start_on: date, ramp_months: int, lifetime_years: int | None, year: int) -> Decimal:
    """Which share of a full year's saving falls in a calendar year, 0 to 1.

    Time counts in months, a started month by its days (30 to each). The saving grows evenly over `ramp_months`, so
    that the share is the area under that line; after `lifetime_years` there is none.
    """
    with exactly():
        start = (
            Decimal(start_on.year * 12 + start_on.month - 1)
            + Decimal(min(start_on.day, 30) - 1) / 30
        )
        first = Decimal(year * 12)
        last = first + 12
        end = last if lifetime_years is None else min(last, start + lifetime_years * 12)
        area = _area(end - start, ramp_months) - _area(min(first, end) - start, ramp_months)
        return max(_ZERO, area) / _MONTHS


def _area(months: Decimal, ramp_months: int) -> Decimal:
    """Months of full saving gathered after so many months: half of them while it grows."""
    if months <= 0:
        return _ZERO
    if not ramp_months:
        return months
    growing = min(months, Decimal(ramp_months))
    return growing * growing / (2 * ramp_months) + (months - growing)


def combine(sources: Mapping[str, Decimal], effects: Sequence[Effect], year: int) -> Combined:
    """What actions save together in a year of their sources' kg CO2e: multiplied on one source, in order of their start.

    Each takes its own share of what the earlier ones leave, so the parts add up to the whole. An action on several
    sources has an effect with its key on each of them.
    """
    parts = {effect.key: _ZERO for effect in effects}
    by_source: dict[str, Decimal] = {}
    acting: set[str] = set()
    alone = _ZERO
    ordered = sorted(effects, key=_turn)
    with exactly():
        for source, group in groupby(ordered, key=lambda each: each.source):
            whole = left = max(_ZERO, sources.get(source, _ZERO))
            for effect in group if whole else ():
                rate = _rate(effect, whole, year)
                saved = as_result(left * rate)
                parts[effect.key] += saved
                alone += as_result(whole * rate)
                left -= saved
                acting.add(effect.key)
            by_source[source] = whole - left
        total = sum(by_source.values(), _ZERO)
        idle = tuple(sorted(parts.keys() - acting))
        return Combined(total, parts, by_source, alone - total, idle)


def _turn(effect: Effect) -> tuple[object, ...]:
    """The order of implementation; what begins on one day is put in an order that no listing can change."""
    rest = (effect.kg, effect.ramp_months, effect.lifetime_years or 0)
    return effect.source, effect.start_on, effect.key, *rest


def _rate(effect: Effect, whole: Decimal, year: int) -> Decimal:
    """Which share of its source an effect alone saves in a year, 0 to 1."""
    share = ramp(effect.start_on, effect.ramp_months, effect.lifetime_years, year)
    return min(_ONE, max(_ZERO, effect.kg / whole)) * share


def forecast(
    sources: Mapping[str, Decimal],
    effects: Sequence[Effect],
    years: Iterable[int],
    *,
    since: int,
    growth: Decimal = _ZERO,
) -> tuple[tuple[int, Decimal], ...]:
    """What is left of all sources in future years, kg CO2e: held as in `since`, grown by a yearly rate, less the actions."""
    found: list[tuple[int, Decimal]] = []
    steady = _steady_from(effects)
    same: Decimal | None = None
    for year in years:
        if same is not None and year >= steady:
            found.append((year, same))
            continue
        with exactly():
            grown = (1 + growth) ** (year - since) if growth else _ONE
            now = {source: as_result(kg * grown) for source, kg in sources.items()}
            scaled = [_scaled(effect, grown) for effect in effects] if growth else effects
            left = sum(now.values(), _ZERO) - combine(now, scaled, year).total
        found.append((year, left))
        same = left if year >= steady and not growth else None
    return tuple(found)


def _steady_from(effects: Iterable[Effect]) -> int:
    """The first year from which on every effect saves the same each year: begun, grown, or worn out."""
    ends = [
        effect.start_on.year * 12
        + effect.start_on.month
        + max(effect.ramp_months, 12 * (effect.lifetime_years or 0))
        for effect in effects
    ]
    return -(-max(ends, default=0) // 12)


def _scaled(effect: Effect, by: Decimal) -> Effect:
    return Effect(
        effect.key,
        effect.source,
        effect.kg * by,
        effect.start_on,
        effect.ramp_months,
        effect.lifetime_years,
    )


def cost_per_tonne(
    *,
    capex: Decimal,
    rate: Decimal,
    lifetime_years: int,
    opex: Decimal,
    money_saved: Decimal,
    kg_per_year: Decimal,
) -> Decimal | None:
    """Marginal abatement cost in money per t CO2e; None where nothing is saved or the lifetime is unknown."""
    if kg_per_year <= 0 or lifetime_years <= 0:
        return None
    with exactly():
        return macc(
            capex=capex,
            r=rate,
            n=Decimal(lifetime_years),
            opex=opex,
            savings=money_saved,
            abatement_t=kg_per_year / KG_PER_TONNE,
        )["cost_per_t"]


@dataclass(frozen=True, slots=True)
class CostBlock:
    """One step of an abatement curve: kg CO2e saved a year, and what a tonne of it costs."""

    key: str
    kg: Decimal
    cost_per_t: Decimal
    kg_before: Decimal = field(default=_ZERO)


def curve(blocks: Iterable[CostBlock]) -> tuple[CostBlock, ...]:
    """The steps in order of their cost, each with the kg of those before it."""
    placed: list[CostBlock] = []
    gathered = _ZERO
    for block in sorted(blocks, key=lambda each: (each.cost_per_t, each.key)):
        placed.append(CostBlock(block.key, block.kg, block.cost_per_t, gathered))
        gathered += block.kg
    return tuple(placed)
