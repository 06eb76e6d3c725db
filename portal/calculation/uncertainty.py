"""How sure a number is: error propagation (M8.3) and pedigree (M8.2)."""

from collections.abc import Iterable
from decimal import Decimal

from portal.calculation.problems import refuse


def uncertainty(*, items: Iterable[tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    """The ± percent of a sum of (amount, ± %), IPCC Approach 1: √Σ(x·U)² / Σx."""
    pairs = list(items)
    total = sum((amount for amount, _ in pairs), Decimal(0))
    if total == 0:
        raise refuse("case.sum_is_zero", "items", input="items")
    squares = sum(((amount * percent) ** 2 for amount, percent in pairs), Decimal(0))
    return {"total": total, "u_pct": squares.sqrt() / abs(total)}


def uncertainty_product(*, u: Iterable[Decimal]) -> dict[str, Decimal]:
    """The ± percent of a product of parts with these ± percents: √ΣU²."""
    return {"u_pct": sum((percent**2 for percent in u), Decimal(0)).sqrt()}


def pedigree(*, factors: Iterable[Decimal]) -> dict[str, Decimal]:
    """The 95 % range as a geometric deviation: exp √Σ ln²U (GHG Protocol Scope 3 Standard, chapter 7)."""
    squares = sum((factor.ln() ** 2 for factor in factors), Decimal(0))
    return {"sdg95": squares.sqrt().exp()}
