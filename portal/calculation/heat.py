"""Purchased heat: steam and hot water by enthalpy (M2.4), and the split of a combined plant's emissions (M2.5)."""

from decimal import Decimal

from portal.calculation.problems import refuse

# kJ per kg and kelvin: mean specific heat of water as the NDRC guidelines print it.
WATER_KJ_KG_K = Decimal("4.1868")
# kJ per kg: enthalpy of water at 20 °C, what steam from a boiler starts from (NDRC guidelines).
FEED_WATER_KJ_KG = Decimal("83.74")
_KJ_KG_PER_GJ_T = Decimal(1000)


def steam_heat(
    *, mass_t: Decimal, enthalpy: Decimal, ef: Decimal, enthalpy_ref: Decimal = Decimal(0)
) -> dict[str, Decimal]:
    """Heat (GJ) and CO2 (t) of steam: t × (h − h_ref)/1000, h in kJ/kg, `ef` in t CO2 per GJ."""
    if enthalpy_ref > enthalpy:
        raise refuse(
            "case.input.not_more_than", "enthalpy_ref", input="enthalpy_ref", other="enthalpy"
        )
    heat = mass_t * (enthalpy - enthalpy_ref) / _KJ_KG_PER_GJ_T
    return {"heat_gj": heat, "co2_t": heat * ef}


def hot_water(
    *, mass_t: Decimal, t: Decimal, ef: Decimal, t_ref: Decimal = Decimal(20)
) -> dict[str, Decimal]:
    """Heat (GJ) and CO2 (t) of hot water: t × (T − T_ref) × 4.1868/1000, temperatures in °C."""
    if t_ref > t:
        raise refuse("case.input.not_more_than", "t_ref", input="t_ref", other="t")
    heat = mass_t * (t - t_ref) * WATER_KJ_KG_K / _KJ_KG_PER_GJ_T
    return {"heat_gj": heat, "co2_t": heat * ef}


def chp_efficiency(
    *,
    emissions: Decimal,
    heat: Decimal,
    power: Decimal,
    eff_heat: Decimal,
    eff_power: Decimal,
) -> dict[str, Decimal]:
    """Emissions of combined heat and power, split by the fuel each would need alone (GHG Protocol CHP guidance)."""
    for_heat, for_power = heat / eff_heat, power / eff_power
    if for_heat + for_power == 0:
        raise refuse("case.sum_is_zero", "heat", input="heat + power")
    heat_emissions = emissions * for_heat / (for_heat + for_power)
    return {"heat_emissions": heat_emissions, "power_emissions": emissions - heat_emissions}
