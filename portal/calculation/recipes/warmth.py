"""Purchased steam and hot water, by mass and enthalpy or by the heat itself."""

from decimal import Decimal

from portal.calculation.gases import CO2
from portal.calculation.heat import FEED_WATER_KJ_KG, WATER_KJ_KG_K, steam_heat
from portal.calculation.heat import hot_water as hot_water_method
from portal.calculation.products import sum_products
from portal.calculation.quantities import text
from portal.calculation.trace import FactorUse, StepKind, brief, equation
from portal.calculation.units import Dimension
from portal.calculation.workings import Workings

_KG_PER_T = Decimal(1000)
_ROOM_TEMPERATURE = Decimal(20)


def steam(work: Workings) -> None:
    """Steam in tonnes with its enthalpy, above that of water at 20 °C; or heat as metered."""
    factor, use = _factor(work)
    if work.dimension is Dimension.ENERGY:
        _metered(work, factor, use)
        return
    mass, enthalpy = work.amount("t"), work.needed("enthalpy")
    made = steam_heat(
        mass_t=mass, enthalpy=enthalpy, enthalpy_ref=FEED_WATER_KJ_KG, ef=factor / _KG_PER_T
    )
    left = f"{brief(mass)} t × ({text(enthalpy)} − {FEED_WATER_KJ_KG}) kJ/kg ÷ 1000"
    _add(work, left, made, factor, use)


def hot_water(work: Workings) -> None:
    """Hot water in tonnes with its temperature, above 20 °C; or heat as metered."""
    factor, use = _factor(work)
    if work.dimension is Dimension.ENERGY:
        _metered(work, factor, use)
        return
    mass, temperature = work.amount("t"), work.needed("temperature")
    made = hot_water_method(
        mass_t=mass, t=temperature, t_ref=_ROOM_TEMPERATURE, ef=factor / _KG_PER_T
    )
    warmer = f"({text(temperature)} − {_ROOM_TEMPERATURE}) K"
    left = f"{brief(mass)} t × {warmer} × {WATER_KJ_KG_K} kJ/(kg·K) ÷ 1000"
    _add(work, left, made, factor, use)


def _factor(work: Workings) -> tuple[Decimal, FactorUse | None]:
    """Kilograms of CO2 per GJ: the supplier's own, else the default."""
    own = work.number("supplier_factor")
    if own is not None:
        work.own_factor(own, "kg CO2/GJ")
        return own, None
    chosen = work.choose("heat")
    return work.per_unit_kg_co2e(chosen.factor), chosen.use


def _metered(work: Workings, factor: Decimal, use: FactorUse | None) -> None:
    heat = work.amount("GJ")
    kg = sum_products(items=[(heat, factor)])["total"]
    work.add(CO2, kg, f"{brief(heat)} GJ × {text(factor)} kg/GJ", use)


def _add(
    work: Workings, left: str, made: dict[str, Decimal], factor: Decimal, use: FactorUse | None
) -> None:
    heat = made["heat_gj"]
    work.step(StepKind.HEAT, equation(left, heat, "GJ"))
    work.add(CO2, made["co2_t"] * _KG_PER_T, f"{brief(heat)} GJ × {text(factor)} kg/GJ", use)
