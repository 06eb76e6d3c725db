"""Refrigerants and other fluorinated gases: what leaked, and what that comes to (section 3)."""

from collections.abc import Iterable
from decimal import Decimal

from portal.calculation.problems import refuse

_KG_PER_T = Decimal(1000)
# Shares are printed with a few digits; their sum may miss 1 by that much.
_SHARE_SLACK = Decimal("0.000001")


def refrigerant_leak(
    *, charge_kg: Decimal, leak_fraction: Decimal, gwp: Decimal, years: Decimal = Decimal(1)
) -> dict[str, Decimal]:
    """Screening: charge × annual leak × years, in kg and t CO2e."""
    leak = charge_kg * leak_fraction * years
    return {"leak_kg": leak, "co2e_t": leak * gwp / _KG_PER_T}


def refrigerant_mass_balance(
    *,
    stock_begin: Decimal,
    stock_end: Decimal,
    purchases: Decimal,
    sales_returned: Decimal,
    capacity_increase: Decimal,
    gwp: Decimal,
) -> dict[str, Decimal]:
    """Mass balance in kg: opening − closing stock + bought − given back − growth of the plants' full charge."""
    leak = stock_begin - stock_end + purchases - sales_returned - capacity_increase
    return {"leak_kg": leak, "co2e_t": leak * gwp / _KG_PER_T}


def blend_gwp(*, components: Iterable[tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    """The potential of a blend: Σ mass share × potential of the part."""
    parts = list(components)
    if sum((share for share, _ in parts), Decimal(0)) > 1 + _SHARE_SLACK:
        raise refuse("case.shares_exceed_one", "components", input="components")
    return {"gwp": sum((share * gwp for share, gwp in parts), Decimal(0))}
