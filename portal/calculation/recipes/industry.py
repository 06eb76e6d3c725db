"""Carbon dioxide of processes: carbonates that react, and bought CO2 that escapes."""

from decimal import Decimal

from portal.calculation.gases import CO2, CO2_BIOGENIC
from portal.calculation.products import sum_products
from portal.calculation.quantities import text
from portal.calculation.trace import brief
from portal.calculation.workings import Workings

_ONE = Decimal(1)


def carbonate(work: Workings) -> None:
    """A carbonate used up: tonnes × purity × stoichiometric CO2."""
    used, purity = work.amount("t"), work.number("purity")
    share = _ONE if purity is None else purity
    chosen = work.choose("carbonate", carbonate=work.code("carbonate"))
    factor = chosen.factor.number("co2")
    kg = sum_products(items=[(used * share, factor)])["total"]
    left = f"{brief(used)} t × {text(share)} × {text(factor)} kg/t"
    work.add(CO2, kg, left, chosen.use)


def industrial_co2(work: Workings) -> None:
    """Bought carbon dioxide: what escapes of it; of biological origin it stays outside the scopes."""
    bought, escaped = work.amount("t"), work.number("escaped_share")
    share = _ONE if escaped is None else escaped
    chosen = work.choose("co2")
    factor = chosen.factor.number("co2")
    kg = sum_products(items=[(bought * share, factor)])["total"]
    gas = CO2_BIOGENIC if work.code("origin") == "biogenic" else CO2
    work.add(gas, kg, f"{brief(bought)} t × {text(share)} × {text(factor)} kg/t", chosen.use)
