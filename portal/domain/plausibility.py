"""Plain statistics behind the warnings: slips of unit and decimal point, medians, outliers, figures for messages."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.canonical import decimal_text

# Median absolute deviations that a total may lie from the median of at least this many earlier years.
MOST_DEVIATIONS, LEAST_YEARS = Decimal(6), 4
# A total this close to the median is never an outlier, however steady the years before were.
STEADY = Decimal("1.5")


@dataclass(frozen=True, slots=True)
class _Slip:
    """A factor that two quantities differ by when a unit or a decimal point slipped, and how near counts.

    One of two units that are taken for each other explains a quantity in one of these only.
    """

    code: str
    factor: Decimal
    near: Decimal
    units: frozenset[str] | None = None


_HOURS_AND_JOULES = frozenset({"kWh", "MWh", "GWh", "万kWh", "kJ", "MJ", "GJ", "TJ"})
_JOULES_AND_COAL = frozenset({"kJ", "MJ", "GJ", "TJ", "kgce", "tce"})
_SLIPS = (
    _Slip("line.slip.mega_joule", Decimal("3.6"), Decimal("1.2"), _HOURS_AND_JOULES),
    _Slip("line.slip.coal_equivalent", Decimal("29.3076"), Decimal("1.08"), _JOULES_AND_COAL),
    _Slip("line.slip.ten", Decimal(10), Decimal("1.25")),
    _Slip("line.slip.hundred", Decimal(100), Decimal("1.25")),
    _Slip("line.slip.thousand", Decimal(1000), Decimal("1.3")),
    _Slip("line.slip.ten_thousand", Decimal(10_000), Decimal("1.3")),
    _Slip("line.slip.million", Decimal(1_000_000), Decimal("1.3")),
)


def slip_of(ratio: Decimal, unit: str) -> str | None:
    """The code of the slip that explains a ratio of two quantities in that unit, None when none does."""
    size = ratio if ratio >= 1 else 1 / ratio
    for slip in _SLIPS:
        fits = slip.units is None or unit in slip.units
        if fits and slip.factor / slip.near <= size <= slip.factor * slip.near:
            return slip.code
    return None


def is_outlier(value: Decimal, history: Sequence[Decimal]) -> bool:
    """Whether a value lies far from the median of enough earlier ones, in median absolute deviations."""
    if len(history) < LEAST_YEARS:
        return False
    middle = median(history)
    spread = median([abs(each - middle) for each in history])
    is_near = middle / STEADY <= value <= middle * STEADY
    return not is_near and abs(value - middle) > MOST_DEVIATIONS * spread


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the two middle ones; an empty sequence is refused."""
    ordered = sorted(values)
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2


def median_without(ordered: Sequence[Decimal], own: Decimal) -> Decimal:
    """The median of at least two sorted values without one of them, which is not sorted again for that."""
    place = bisect_left(ordered, own)

    def at(number: int) -> Decimal:
        return ordered[number if number < place else number + 1]

    half, is_odd = divmod(len(ordered) - 1, 2)
    return at(half) if is_odd else (at(half - 1) + at(half)) / 2


def figures(number: Decimal) -> str:
    """A number for a message: three significant figures, whole numbers kept whole, no exponent."""
    rounded = number.quantize(Decimal(1)) if number >= 100 else Decimal(f"{number:.3g}")
    return decimal_text(rounded)
