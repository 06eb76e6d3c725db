"""Electricity: bought from the grid, bought green, made on site, and what lies upstream of it."""

from decimal import Decimal

from portal.calculation.electricity import market_based
from portal.calculation.factors import Tier
from portal.calculation.gases import UNSPLIT
from portal.calculation.products import sum_products
from portal.calculation.quantities import text
from portal.calculation.selection import Flag
from portal.calculation.trace import StepKind, brief, equation
from portal.calculation.workings import Chosen, Workings

_ZERO = Decimal(0)
_KWH_PER_CERTIFICATE = Decimal(1000)


def grid_power(work: Workings) -> None:
    """Power from the grid: location-based by the grid's average, market-based by certificates, contracts and the residual mix."""
    kwh = work.amount("kWh")
    location = _by_location(work, kwh)
    certified = (work.number("green_certificates") or _ZERO) * _KWH_PER_CERTIFICATE
    contracted = work.number("contract_kwh") or _ZERO
    factor = work.needed("contract_factor", beside="contract_kwh") if contracted else _ZERO
    _by_market(work, kwh, [(certified, _ZERO), (contracted, factor)], location)


def green_power(work: Workings) -> None:
    """Green power bought with its certificates: the grid's average by location, nothing by market."""
    kwh = work.amount("kWh")
    location = _by_location(work, kwh)
    _by_market(work, kwh, [(kwh, _ZERO)], location)


def own_power(work: Workings) -> None:
    """Power made and used on site from sun or wind: nothing, unless its certificates were sold."""
    kwh = work.amount("kWh")
    work.tiers.append(Tier.MEASURED)
    work.add("co2", _ZERO, f"{brief(kwh)} kWh × 0 kg/kWh")
    if work.code("certificates") == "sold":
        _by_market(work, kwh, [], None)
    else:
        work.kg_co2e_market = _ZERO


def _grid_average(work: Workings) -> Chosen:
    return work.choose(work.context.options.grid.value)


def _by_location(work: Workings, kwh: Decimal) -> Chosen:
    chosen = _grid_average(work)
    work.add_per_unit(kwh, "kWh", chosen)
    return chosen


def _by_market(
    work: Workings,
    kwh: Decimal,
    contracts: list[tuple[Decimal, Decimal]],
    location: Chosen | None,
) -> None:
    claimed = [(amount, factor) for amount, factor in contracts if amount]
    covered = sum((amount for amount, _ in claimed), _ZERO)
    residual, use = _ZERO, None
    if covered < kwh:
        mix = work.try_choose("residual")
        if mix is None:
            work.flags.add(Flag.NO_RESIDUAL_MIX)
        chosen = mix or location or _grid_average(work)
        residual, use = work.per_unit_kg_co2e(chosen.factor), chosen.use
    market = market_based(kwh, claimed, residual)
    parts = [f"{text(amount)} kWh × {text(factor)}" for amount, factor in claimed]
    parts += [f"{brief(kwh - covered)} kWh × {text(residual)}"] if covered < kwh else []
    work.kg_co2e_market = market
    work.step(StepKind.MARKET, equation(" + ".join(parts) or "0 kWh", market, "kg CO2e"), use)


def power_upstream(work: Workings) -> None:
    """Upstream of power: published rows added up, or where there are none, footprint less direct factor of one year."""
    kwh = work.amount("kWh")
    if work.line.country == "CN":
        _footprint_less_direct(work, kwh)
        return
    first = work.choose("upstream")
    for slot in ("upstream", "losses", "losses_upstream"):
        chosen = first if slot == "upstream" else work.try_choose(slot)
        if chosen is not None:
            work.add_per_unit(kwh, "kWh", chosen)


def _footprint_less_direct(work: Workings, kwh: Decimal) -> None:
    footprint = work.choose("footprint")
    direct = work.choose("direct", year=str(footprint.factor.valid_from.year))
    whole, inside = footprint.factor.number("co2e"), work.per_unit_kg_co2e(direct.factor)
    outside = whole - inside
    kg = sum_products(items=[(kwh, outside)])["total"]
    left = f"{brief(kwh)} kWh × ({text(whole)} − {text(inside)}) kg/kWh"
    work.step(
        StepKind.FACTOR, equation(f"{text(whole)} − {text(inside)}", outside, "kg/kWh"), direct.use
    )
    work.add(UNSPLIT, kg, left, footprint.use)
    work.note_set(footprint.factor)
