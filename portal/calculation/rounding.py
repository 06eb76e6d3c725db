"""The one rounding rule: results keep milligrams, and everything shown is rounded half to even from there."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from portal.calculation.quantities import EXACT

# Thirds and sevenths never end, so a result is cut once, where it is made, at a milligram of CO2e: far below
# any measurement, and what both databases keep exactly. Sums of results are therefore exact everywhere.
RESULT = Decimal("0.000001")
# Masses of single gases can be tiny beside their effect (1 mg of SF6 is 24 kg CO2e): a nanogram.
GAS_MASS = Decimal("0.000000000001")

# Fifty digits leave noise where a third was multiplied by three; it is taken off first, so that a half is a half.
_NOISE = Decimal("1E-24")

_ZERO = Decimal(0)
KG_PER_TONNE = Decimal(1000)


def as_result(kg_co2e: Decimal) -> Decimal:
    """An amount of CO2e in kg as results keep it: to the milligram, half to even."""
    return _cut(kg_co2e, RESULT)


def as_gas_mass(kg: Decimal) -> Decimal:
    """The mass of one gas in kg as results keep it: to the nanogram, half to even."""
    return _cut(kg, GAS_MASS)


def _cut(amount: Decimal, step: Decimal) -> Decimal:
    if not amount:
        return _ZERO
    cut = amount.quantize(step, rounding=ROUND_HALF_EVEN, context=EXACT)
    if cut == amount:
        return cut
    quiet = amount.quantize(_NOISE, rounding=ROUND_HALF_EVEN, context=EXACT)
    return quiet.quantize(step, rounding=ROUND_HALF_EVEN, context=EXACT)


def shown(amount: Decimal, places: int) -> Decimal:
    """An amount as it is shown, with a fixed number of decimal places, half to even."""
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=EXACT)


def tonnes(kg: Decimal, places: int = 2) -> Decimal:
    """Kilograms as tonnes with a fixed number of decimal places, rounded once from the exact amount."""
    return shown(EXACT.divide(kg, KG_PER_TONNE), places)


def percentages(amounts: Sequence[Decimal], places: int = 0) -> tuple[Decimal, ...]:
    """Shares of a whole in percent that add up to exactly 100: what rounding leaves goes to the largest remainders.

    All zero gives all zero; amounts below zero are refused, since a share of them says nothing.
    """
    if any(amount < 0 for amount in amounts):
        raise ValueError("shares of amounts below zero mean nothing")
    total = sum(amounts, Decimal(0))
    if not total:
        return tuple(Decimal(0) for _ in amounts)
    step = Decimal(1).scaleb(-places)
    exact = [EXACT.divide(EXACT.multiply(amount, Decimal(100)), total) for amount in amounts]
    floors = [EXACT.multiply(EXACT.divide_int(share, step), step) for share in exact]
    missing = int(EXACT.divide(Decimal(100) - sum(floors, Decimal(0)), step))
    by_remainder = sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])
    for position in by_remainder[:missing]:
        floors[position] += step
    return tuple(floors)
