"""Emissions of a dairy farm per kilogram of fat- and protein-corrected milk (M4.8)."""

from decimal import Decimal

from portal.calculation.problems import refuse


def milk_allocation(
    *,
    milk_kg: Decimal,
    fat: Decimal,
    protein: Decimal,
    meat_kg: Decimal,
    emissions_kg: Decimal,
) -> dict[str, Decimal]:
    """Corrected milk, the share of emissions that milk carries (IDF 479/2015), and kg CO2e per kg of it; fat and protein in %."""
    fpcm = milk_kg * (Decimal("0.1226") * fat + Decimal("0.0776") * protein + Decimal("0.2534"))
    share = 1 - Decimal("6.04") * meat_kg / fpcm
    if share < 0:
        raise refuse("case.input.too_high", "meat_kg", input="meat_kg", given=meat_kg)
    return {"fpcm_kg": fpcm, "af_milk": share, "cf_per_kg_fpcm": emissions_kg * share / fpcm}
