"""Nitrogen, lime and urea brought onto fields (M4.7)."""

from collections.abc import Iterable
from decimal import Decimal

from portal.calculation.quantities import CARBON_TO_CO2, NITROGEN_TO_N2O, times

UREA_CARBON = Decimal("0.20")
_KG_PER_T = Decimal(1000)


def soil_n2o(
    *,
    n_kg: Decimal,
    ef1: Decimal,
    fracgas: Decimal,
    ef4: Decimal,
    fracleach: Decimal,
    ef5: Decimal,
    gwp_n2o: Decimal,
    urea_t: Decimal = Decimal(0),
) -> dict[str, Decimal]:
    """Kilograms of N2O from nitrogen applied, direct and indirect, and tonnes of CO2 from urea (0.20 t C per t)."""
    direct = times(n_kg * ef1, NITROGEN_TO_N2O)
    indirect = times(n_kg * (fracgas * ef4 + fracleach * ef5), NITROGEN_TO_N2O)
    return {
        "n2o_direct_kg": direct,
        "n2o_indirect_kg": indirect,
        "co2e_t": (direct + indirect) * gwp_n2o / _KG_PER_T,
        "urea_co2_t": times(urea_t * UREA_CARBON, CARBON_TO_CO2),
    }


def lime_co2(*, items: Iterable[tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    """Tonnes of CO2 from carbonates spread: Σ t of pure carbonate × t C per t × 44/12."""
    carbon = sum((amount * content for amount, content in items), Decimal(0))
    return {"co2_t": times(carbon, CARBON_TO_CO2)}
