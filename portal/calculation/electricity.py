"""Purchased electricity, location-based (M2.1) and market-based (M2.2); both figures are always made."""

from collections.abc import Sequence
from decimal import Decimal

from portal.calculation.problems import refuse

_KG_PER_T = Decimal(1000)


def market_based(
    kwh: Decimal, contracts: Sequence[tuple[Decimal, Decimal]], ef_residual: Decimal
) -> Decimal:
    """Kilograms of CO2 for `kwh`: contracts of (kWh, kg/kWh) first, the rest at the residual mix."""
    covered = sum((amount for amount, _ in contracts), Decimal(0))
    if covered > kwh:
        raise refuse("line.contracts.exceed_quantity", "contract_kwh", covered=covered, kwh=kwh)
    claimed = sum((amount * factor for amount, factor in contracts), Decimal(0))
    return claimed + (kwh - covered) * ef_residual


def electricity(
    *,
    kwh: Decimal,
    ef_location: Decimal,
    contract_kwh: Decimal = Decimal(0),
    ef_contract: Decimal = Decimal(0),
    ef_residual: Decimal | None = None,
) -> dict[str, Decimal]:
    """Tonnes of CO2 of `kwh` by the grid average and by contract; without a residual mix the average stands in."""
    residual = ef_location if ef_residual is None else ef_residual
    market = market_based(kwh, [(contract_kwh, ef_contract)], residual)
    return {"location_t": kwh * ef_location / _KG_PER_T, "market_t": market / _KG_PER_T}
