"""Activity amounts times factors per unit: purchases, waste, water, travel and whatever else is that simple (M1.3)."""

from collections.abc import Iterable
from decimal import Decimal


def sum_products(
    *, items: Iterable[tuple[Decimal, Decimal]], scale: Decimal = Decimal(1)
) -> dict[str, Decimal]:
    """The sum of amount × factor, times a scale (0.001 turns kg into t)."""
    return {"total": sum((amount * factor for amount, factor in items), Decimal(0)) * scale}
