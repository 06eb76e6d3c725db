"""Recalculating years: the causes that ask for it, and whether a change is large enough (GHG Protocol chapter 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.calculation.quantities import exactly, text
from portal.calculation.targets import base_year
from portal.domain.words import N_


class Trigger(StrEnum):
    """What can ask for recalculation; growth or decline of the business never does."""

    STRUCTURE = "structure"
    METHOD = "method"
    ERROR = "error"


TRIGGER_NAMES = {
    Trigger.STRUCTURE: N_("Structure: bought, sold, merged, outsourced or insourced"),
    Trigger.METHOD: N_("Method or factor changed"),
    Trigger.ERROR: N_("Error, or several errors together"),
}


@dataclass(frozen=True, slots=True)
class YearChange:
    """One change of a year in kg CO2e (below zero: less), and what the year came to before it."""

    year: int
    kg_change: Decimal


@dataclass(frozen=True, slots=True)
class Weighed:
    """Whether changes ask for recalculation, with the arithmetic. Percent are of the base year, or of the year that
    changes most where that is more; `new_base` is the base year's kg CO2e that then holds.
    """

    base_year: int
    base: Decimal
    size_percent: Decimal
    largest_year: int
    largest_percent: Decimal
    is_due: bool
    new_base: Decimal
    formula: str


def weigh(
    *,
    base_of: int,
    totals: dict[int, Decimal],
    changes: Sequence[YearChange],
    earlier: Sequence[YearChange],
    threshold: Decimal,
) -> Weighed:
    """Hold changes, with earlier ones that were too small alone, against the threshold in percent.

    `totals` are the years' kg CO2e as they count today. Sizes are cumulated without sign. A year other than the base
    year is recalculated too where its own change alone passes the threshold.
    """
    every = [*earlier, *changes]
    base = totals.get(base_of, Decimal(0))
    in_base = [each.kg_change for each in every if each.year == base_of]
    with exactly():
        found = (
            base_year(base=base, changes=in_base, threshold=threshold)
            if base and in_base
            else {"change_pct": Decimal(0), "recalculate": Decimal(0), "new_base": base}
        )
        largest_year, largest = _largest(totals, every)
        is_due = bool(found["recalculate"]) or largest >= threshold
        sizes = " + ".join(text(abs(kg)) for kg in in_base) or "0"
        formula = (
            f"({sizes}) ÷ {text(base)} = {text(found['change_pct'].quantize(Decimal('0.01')))} %"
            f" {'≥' if found['recalculate'] else '<'} {text(threshold)} %"
        )
        return Weighed(
            base_of,
            base,
            found["change_pct"],
            largest_year,
            largest,
            is_due,
            base + sum(in_base, Decimal(0)) if is_due else base,
            formula,
        )


def _largest(totals: dict[int, Decimal], changes: Sequence[YearChange]) -> tuple[int, Decimal]:
    """The year that changes most in percent of itself, and by how much."""
    sums: dict[int, Decimal] = {}
    for each in changes:
        sums[each.year] = sums.get(each.year, Decimal(0)) + abs(each.kg_change)
    shares = {year: kg * 100 / totals[year] for year, kg in sums.items() if totals.get(year)}
    if not shares:
        return 0, Decimal(0)
    year = max(shares, key=lambda each: shares[each])
    return year, shares[year]


MESSAGES = {
    "adjustment.below_zero": N_(
        "The year %(year)s has only %(kg)s kg CO₂e of this category, so no more can be taken away."
    ),
    "adjustment.taken": N_(
        "There is a change of this year and category already. Remove that one first."
    ),
}
