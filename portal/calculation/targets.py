"""Base year and pathways: when to recalculate, and how much a year may still emit (M9.1, M9.2)."""

from collections.abc import Iterable
from decimal import Decimal

from portal.calculation.problems import refuse

# SBTi counts the yearly cut from here even where the base year is later.
SBTI_START = Decimal(2020)
SIGNIFICANCE_PERCENT = Decimal(5)


def base_year(
    *,
    base: Decimal,
    changes: Iterable[Decimal],
    cumulative: Decimal | bool = True,
    threshold: Decimal = SIGNIFICANCE_PERCENT,
) -> dict[str, Decimal]:
    """Whether changes (t) since the base year ask for its recalculation, and the base that then holds.

    Sizes are cumulated without sign. `cumulative` may be the sum (t) of earlier changes that were too small
    alone; false looks at the largest single change instead, for programmes that don't cumulate.
    """
    listed = list(changes)
    earlier = Decimal(0) if isinstance(cumulative, bool) else cumulative
    sizes = [abs(change) for change in listed]
    size = max(sizes) if cumulative is False else sum(sizes, abs(earlier))
    percent = size * 100 / base
    due = percent >= threshold
    new_base = base + sum(listed, earlier) if due else base
    return {"change_pct": percent, "recalculate": Decimal(int(due)), "new_base": new_base}


def pathway_linear(
    *, base: Decimal, start: Decimal, year: Decimal, rate: Decimal
) -> dict[str, Decimal]:
    """An absolute linear pathway: base × (1 − rate × years since the start)."""
    return {"target": base * (1 - rate * _years("start", start, year))}


def pathway_sbti(
    *, base: Decimal, base_year: Decimal, year: Decimal, rate: Decimal
) -> dict[str, Decimal]:
    """The least cut that SBTi's absolute contraction asks for: years count from 2020 where the base year is later."""
    _years("base_year", base_year, year)
    cut = rate * (year - min(base_year, SBTI_START))
    return {"min_reduction_pct": cut * 100, "target": base * (1 - cut)}


def intensity_compound(
    *, base: Decimal, start: Decimal, year: Decimal, rate: Decimal
) -> dict[str, Decimal]:
    """A physical intensity cut by the same share each year: base × (1 − rate)^years."""
    years = _years("start", start, year)
    return {"target": base * (1 - rate) ** years if years else base}


def _years(since: str, start: Decimal, year: Decimal) -> Decimal:
    if year < start:
        raise refuse("case.input.not_less_than", "year", input="year", other=since)
    return year - start
