"""Transport of goods: legs of tonne-kilometres (M6.1) and a haulier's own fuel shared out (M6.2)."""

from collections.abc import Iterable
from decimal import Decimal

from portal.calculation.problems import refuse


def freight(*, legs: Iterable[tuple[Decimal, Decimal, Decimal]]) -> dict[str, Decimal]:
    """Kilograms of CO2e of legs (t, km, kg CO2e per t·km)."""
    return {"co2e_kg": sum((t * km * ef for t, km, ef in legs), Decimal(0))}


def freight_fuel_allocated(
    *,
    fuel_l: Decimal,
    ef_ttw: Decimal,
    own_tkm: Decimal,
    total_tkm: Decimal,
    ef_wtt: Decimal = Decimal(0),
) -> dict[str, Decimal]:
    """A vehicle's fuel (L) shared by tonne-kilometres, empty and return trips included; factors in kg CO2e per L."""
    if own_tkm > total_tkm:
        raise refuse("case.input.not_more_than", "own_tkm", input="own_tkm", other="total_tkm")
    vehicle = fuel_l * (ef_ttw + ef_wtt)
    return {
        "vehicle_co2e_kg": vehicle,
        "allocated_co2e_kg": vehicle * own_tkm / total_tkm,
        "intensity_g_tkm": vehicle * 1000 / total_tkm,
    }
