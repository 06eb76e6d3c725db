"""Months beside the same months of earlier years: growth, level, the spread of a source's own past errors.

Everything is a ratio, so no unit matters: 1 is what was to be expected. A fold is how far a ratio lies from 1 on either
side, so that a third is as far as three times. Plain Decimals: dividing and comparing is all that is needed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.plausibility import median

YEAR = 12
# Years that a month is compared with; older ones say little about today.
YEARS_BACK = 3
# Of fewer months than this, with the same month of an earlier year, nothing is judged.
LEAST_COMPARABLE = 6
# Nobody's months repeat more exactly than this, and those of the new year's holiday, which moves, half as exactly.
LEAST_SPREAD = Decimal("0.03")
HOLIDAY_MONTHS, HOLIDAY_WIDTH = frozenset({1, 2}), Decimal(2)
# From the median of absolute errors to what is called a standard deviation of a plain noise.
TO_DEVIATION = Decimal("1.4826")
# How many usual errors a change of level must come to, and how many times better than no change it must explain the months.
MOST_ERRORS_OF_LEVEL, MUCH_BETTER = Decimal(4), Decimal("1.9")
# Months on either side of a change of level.
LEAST_SEGMENT = 3

Months = Mapping[int, Decimal]
ONE = Decimal(1)


def month_index(year: int, month: int) -> int:
    """Months counted on from year nought, so that the same month of the year before is twelve less."""
    return year * YEAR + month - 1


def month_of(index: int) -> int:
    """The calendar month, 1 to 12, of a counted one."""
    return index % YEAR + 1


def fold(ratio: Decimal) -> Decimal:
    """How far a positive ratio lies from 1 on either side, at least 1."""
    return ratio if ratio >= 1 else ONE / ratio


@dataclass(frozen=True, slots=True)
class Level:
    """A change that stays: the first month of the new level, and how many times the old one it is."""

    since: int
    ratio: Decimal
    is_gradual: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """The months of a year beside earlier years: `ratios` to what was expected after growth and a change of level.

    `growth` is the year against those before; `spread` is how far months of this source usually are from what is expected.
    """

    expected: Months
    ratios: Months
    growth: Decimal
    spread: Decimal
    level: Level | None

    def width(self, index: int) -> Decimal:
        """The usual error of a month; the new year's holiday moves between two of them."""
        return self.spread * HOLIDAY_WIDTH if month_of(index) in HOLIDAY_MONTHS else self.spread


def judge(
    values: Months, indices: Sequence[int], common: Months, least_level: Decimal
) -> Judged | None:
    """Judge the months at `indices` beside the same months of earlier years; None with too few to compare with.

    `common` are the ratios that all sources of the place share in a month, as in a shutdown; 1 where there is none.
    """
    raw = beside_earlier(values, indices)
    if len(raw) < LEAST_COMPARABLE:
        return None
    growth = median(list(raw.values()))
    shared = {index: raw[index] / common.get(index, ONE) for index in raw}
    fit = _best_fit(shared)
    spread = _spread(values, indices, fit.left(shared))
    level = _level(shared, fit, spread, least_level)
    usual = _usual(shared, level)
    ratios = {index: shared[index] / usual[index] for index in shared}
    expected = {index: values[index] / ratios[index] for index in ratios if ratios[index]}
    return Judged(expected, ratios, growth, spread, level)


def beside_earlier(values: Months, indices: Sequence[int]) -> dict[int, Decimal]:
    """The months' ratios to the same month of earlier years: the growth since the latest of them, and each month's own.

    Of the years further back only the shape counts.
    """
    growth: Decimal | None = None
    shapes: dict[int, list[Decimal]] = {}
    for back in range(1, YEARS_BACK + 1):
        ratios = _beside(values, indices, back * YEAR)
        if len(ratios) < LEAST_COMPARABLE:
            continue
        middle = median(list(ratios.values()))
        growth = middle if growth is None else growth
        for index, ratio in ratios.items():
            shapes.setdefault(index, []).append(ratio / middle)
    if growth is None:
        return {}
    return {index: growth * median(found) for index, found in shapes.items()}


def _beside(values: Months, indices: Sequence[int], back: int) -> dict[int, Decimal]:
    """Ratios of the months to those so many months before, where both have an amount."""
    return {
        index: values[index] / values[index - back]
        for index in indices
        if values.get(index) and values.get(index - back)
    }


def _spread(values: Months, indices: Sequence[int], left: Months) -> Decimal:
    """The usual error: what is left of this year's months, and of those of the years that have years before them."""
    errors = _errors(left)
    for back in (1, 2):
        earlier = beside_earlier(values, [index - back * YEAR for index in indices])
        errors += _errors(earlier)
    return max(LEAST_SPREAD, median(errors) * TO_DEVIATION)


def _errors(ratios: Months) -> list[Decimal]:
    if not ratios:
        return []
    middle = median(list(ratios.values()))
    return [fold(ratio / middle) - 1 for ratio in ratios.values()]


@dataclass(frozen=True, slots=True)
class _Fit:
    """An explanation of the months: what they would be by it, where a change begins, and how far it goes."""

    line: tuple[Decimal, ...]
    cost: Decimal
    place: int
    ratio: Decimal
    is_gradual: bool

    def left(self, ratios: Months) -> dict[int, Decimal]:
        """What the explanation leaves of each month."""
        return {
            index: ratios[index] / on for index, on in zip(sorted(ratios), self.line, strict=True)
        }


def _best_fit(ratios: Months) -> _Fit:
    """A step or a steady climb, whichever explains the months better."""
    values = [ratios[index] for index in sorted(ratios)]
    fits = [_step(values, at) for at in range(LEAST_SEGMENT, len(values) - LEAST_SEGMENT + 1)]
    climb = _climb(values)
    return min([*fits, *([climb] if climb else [])], key=lambda fit: fit.cost)


def _level(ratios: Months, fit: _Fit, spread: Decimal, least: Decimal) -> Level | None:
    """The change that explains the months best, where it is large beside their spread."""
    indices = sorted(ratios)
    middle = median(list(ratios.values()))
    plain = _cost([ratios[index] for index in indices], [middle] * len(indices))
    is_large = fold(fit.ratio) > max(least, 1 + MOST_ERRORS_OF_LEVEL * spread)
    if not is_large or fit.cost * MUCH_BETTER > plain:
        return None
    return Level(indices[fit.place], fit.ratio, fit.is_gradual)


def _step(values: Sequence[Decimal], place: int) -> _Fit:
    before, after = median(values[:place]), median(values[place:])
    line = (*[before] * place, *[after] * (len(values) - place))
    return _Fit(line, _cost(values, line), place, after / before, is_gradual=False)


def _cost(values: Sequence[Decimal], line: Sequence[Decimal]) -> Decimal:
    """How far the months lie from what they would be."""
    return sum((fold(v / on) - 1 for v, on in zip(values, line, strict=True)), Decimal(0))


def _climb(values: Sequence[Decimal]) -> _Fit | None:
    """A steady climb from the first third of the months to the last."""
    third = len(values) // 3
    first, last = median(values[:third]), median(values[-third:])
    slope = (last - first) / (len(values) - third)
    start = first - slope * (third - 1) / 2
    line = tuple(start + slope * place for place in range(len(values)))
    if min(line) <= 0:
        return None
    ratio = line[-1] / line[0]
    return _Fit(line, _cost(values, line), len(values) // 2, ratio, is_gradual=True)


def _usual(ratios: Months, level: Level | None) -> dict[int, Decimal]:
    """What each month's ratio would be without an oddity of its own: the middle of its part of the year."""
    if level is None:
        middle = median(list(ratios.values()))
        return dict.fromkeys(ratios, middle)
    parts = (
        [index for index in ratios if index < level.since],
        [index for index in ratios if index >= level.since],
    )
    return {index: median([ratios[each] for each in part]) for part in parts for index in part}


def common_of(ratios: Iterable[Months], least: int) -> dict[int, Decimal]:
    """What the sources of a place share in each month, where there are enough to tell: their middle ratio."""
    columns: dict[int, list[Decimal]] = {}
    for months in ratios:
        if months:
            middle = median(list(months.values()))
            for index, ratio in months.items():
                columns.setdefault(index, []).append(ratio / middle)
    return {index: median(column) for index, column in columns.items() if len(column) >= least}
