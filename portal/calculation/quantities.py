"""Decimal numbers as the portal computes with them: one precise context, and plain text in and out."""

from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction

# Fifty digits: input has at most 18, a chain multiplies a handful of published factors of up to 12 digits,
# so sums and products of real lines stay exact and only divisions are rounded, far below what anyone prints.
EXACT = Context(
    prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)

CARBON_TO_CO2 = Fraction(44, 12)
NITROGEN_TO_N2O = Fraction(44, 28)
METHANE_TO_CO2 = Fraction(44, 16)


def exactly() -> AbstractContextManager[Context]:
    """Compute the block's decimals with the portal's precision, whatever the caller's context is."""
    return localcontext(EXACT)


def times(amount: Decimal, factor: Fraction) -> Decimal:
    """Multiply a decimal with an exact fraction, dividing last so that whole results stay whole."""
    return EXACT.divide(
        EXACT.multiply(amount, Decimal(factor.numerator)), Decimal(factor.denominator)
    )


def text(amount: Decimal) -> str:
    """Write a decimal as plain digits without exponent and without trailing zeros: the canonical form."""
    if not amount:
        return "0"
    written = str(amount)
    if "E" in written:
        written = format(amount, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written
