"""Rules about months beside the same months of earlier years: spikes, slips, swaps, changes of level, drift, repeats.

A source's months are judged by `portal.domain.seasons`; the months of all sources of a site that fell together (a
shutdown, a holiday) are taken off first, where the site has enough sources to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from portal.calculation.problems import CalculationError
from portal.calculation.units import convert
from portal.domain.plausibility import figures, slip_of
from portal.domain.seasons import Judged, beside_earlier, common_of, fold, judge, month_index
from portal.domain.warnings.sameness import side_of, sight
from portal.domain.warnings.seen import (
    Evidence,
    RaisedWarning,
    ReportedLine,
    Weight,
    about,
    about_source,
)

# How many usual errors a month lies off, and how many times what was expected, before it is odd. Falls are more often real
# (a shutdown) than rises.
MOST_ERRORS, LEAST_RISE, LEAST_FALL = Decimal(7), Decimal("1.5"), Decimal("2.1")
# A change that stays asks for a reason from here on.
LEAST_LEVEL = Decimal("1.42")
# Two months that are both off and each fit the other's place.
SWAP_ERRORS, SWAP_FOLD, SWAP_FIT = Decimal(4), Decimal("1.22"), Decimal("2.5")
# Sources of a site that tell what the months of all of them have in common.
LEAST_SOURCES = 4
# Months in a row with one and the same amount.
LEAST_EQUAL = 3
# Amounts that are rounded are equal by chance: so many more than ever before is none.
BEYOND_CHANCE = 2

Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class MonthlySource:
    """A source's months, of this year and those before it, in one unit; two meters of a month are added up."""

    category: str
    site: str
    unit: str
    lines: dict[int, list[ReportedLine]] = field(default_factory=dict)
    values: dict[int, Decimal] = field(default_factory=dict)

    @property
    def indices(self) -> list[int]:
        """This year's months, in their order."""
        return sorted(self.lines)

    def lines_of(self, indices: Iterable[int]) -> list[ReportedLine]:
        """The lines of some months."""
        return [line for index in indices for line in self.lines.get(index, ())]


def monthly_sources(seen: Evidence) -> list[MonthlySource]:
    """The sources that are reported by month this year, with what earlier years have of them."""
    found: dict[Key, MonthlySource] = {}
    for line in seen.lines:
        if line.month is None:
            continue
        source = found.setdefault(_key(line), MonthlySource(line.category, line.site, line.unit))
        source.lines.setdefault(month_index(line.start.year, line.month), []).append(line)
        _add(source, line)
    for line in (*seen.last_year, *seen.earlier):
        known = found.get(_key(line))
        if known is not None and line.month is not None:
            _add(known, line)
    return list(found.values())


def _key(line: ReportedLine) -> Key:
    parameters = line.parameters
    return (line.category, line.site, tuple(sorted(parameters.items())) if parameters else ())


def _add(source: MonthlySource, line: ReportedLine) -> None:
    quantity = line.quantity
    if line.unit != source.unit:
        try:
            quantity = convert(quantity, line.unit, source.unit)
        except CalculationError:
            return
    index = month_index(line.start.year, line.start.month)
    source.values[index] = source.values.get(index, Decimal(0)) + quantity


def months_beside_earlier_years(seen: Evidence) -> Iterator[RaisedWarning]:
    """What is odd about the months of each source beside those of earlier years."""
    sources = monthly_sources(seen)
    common = _common(sources)
    for source in sources:
        yield from _repeats(source)
        shared = common.get(source.site, {})
        found = judge(source.values, source.indices, shared, LEAST_LEVEL)
        if found is not None:
            yield from _changes(source, found)
            yield from _odd(source, found)


def _common(sources: Sequence[MonthlySource]) -> dict[str, Mapping[int, Decimal]]:
    """By site: what the months of its sources have in common."""
    by_site: dict[str, list[Mapping[int, Decimal]]] = defaultdict(list)
    for source in sources:
        by_site[source.site].append(beside_earlier(source.values, source.indices))
    return {site: common_of(ratios, LEAST_SOURCES) for site, ratios in by_site.items()}


def _changes(source: MonthlySource, found: Judged) -> Iterator[RaisedWarning]:
    """A level that changed and stayed, or a drift."""
    level = found.level
    if level is None:
        return
    code = "series.months.drift" if level.is_gradual else "series.months.level"
    since = [index for index in source.indices if index >= level.since]
    yield about_source(
        (source.category, source.site),
        code,
        Weight.CHECK,
        source.lines_of(since),
        seen=sight(side_of(level.ratio), size=fold(level.ratio)),
        ratio=figures(level.ratio),
        month=_named(level.since),
    )


def _odd(source: MonthlySource, found: Judged) -> Iterator[RaisedWarning]:
    """Two months that changed places, else each month that lies off by itself."""
    swap = _swapped(source, found)
    if swap is not None:
        first, second = swap
        yield about_source(
            (source.category, source.site),
            "series.months.swapped",
            Weight.SERIOUS,
            source.lines_of(swap),
            seen=sight(f"{first}/{second}"),
            first=_named(first),
            second=_named(second),
        )
        return
    for index, ratio in found.ratios.items():
        for line in source.lines[index][:1]:
            yield from _odd_month(line, ratio, found.width(index), found.expected[index])


def _odd_month(
    line: ReportedLine, ratio: Decimal, width: Decimal, expected: Decimal
) -> Iterator[RaisedWarning]:
    off = fold(ratio)
    least = LEAST_RISE if ratio > 1 else LEAST_FALL
    if off < least or off < 1 + MOST_ERRORS * width:
        return
    named = {"last": figures(expected), "unit": line.unit}
    seen = sight(size=off)
    slip = slip_of(ratio, line.unit)
    if slip is not None:
        yield about(line, slip, Weight.SERIOUS, sight(side_of(ratio)), **named)
    elif ratio > 1:
        yield about(line, "line.month.high", Weight.CHECK, seen, ratio=figures(ratio), **named)
    else:
        percent = figures(ratio * 100)
        yield about(line, "line.month.low", Weight.CHECK, seen, percent=percent, **named)


def _swapped(source: MonthlySource, found: Judged) -> tuple[int, int] | None:
    """Two months, one too high and one too low, that each fit when they change places."""
    ordered = sorted(found.ratios, key=lambda index: found.ratios[index])
    low, high = ordered[0], ordered[-1]
    for index in (low, high):
        least = max(SWAP_FOLD, 1 + SWAP_ERRORS * found.width(index))
        if fold(found.ratios[index]) < least:
            return None
    if not found.ratios[low] < 1 < found.ratios[high]:
        return None
    fits = fold(source.values[high] / found.expected[low]) <= 1 + SWAP_FIT * found.width(
        low
    ) and fold(source.values[low] / found.expected[high]) <= 1 + SWAP_FIT * found.width(high)
    return (min(low, high), max(low, high)) if fits else None


def _repeats(source: MonthlySource) -> Iterator[RaisedWarning]:
    """The same amount month after month, in a source that is not the same all the time."""
    run = longest_run(source.values, source.indices)
    earlier = sorted(index for index in source.values if index not in source.lines)
    usual = len(longest_run(source.values, earlier))
    if len(run) < max(LEAST_EQUAL, usual + BEYOND_CHANCE if usual else 0):
        return
    before = [source.values[index] for index in earlier]
    # A flat rate repeats every year; where no year before tells, most of a year with one amount may be one.
    flat_before = len(set(before)) <= max(1, len(before) // 4)
    is_flat = flat_before and len(run) * 2 > len(source.indices)
    if is_flat:
        return
    yield about_source(
        (source.category, source.site),
        "series.months.equal",
        Weight.CHECK,
        source.lines_of(run),
        seen=sight(f"{run[0]}", size=Decimal(len(run))),
        count=str(len(run)),
        last=figures(source.values[run[0]]),
        unit=source.unit,
        month=_named(run[0]),
    )


def longest_run(values: Mapping[int, Decimal], indices: Sequence[int]) -> list[int]:
    """The longest row of months, one after the other, with one and the same amount that is not nothing."""
    best: list[int] = []
    run: list[int] = []
    for index in indices:
        follows = bool(run) and run[-1] == index - 1 and values[index] == values[run[-1]]
        run = [*run, index] if follows else [index]
        if values[index] and len(run) > len(best):
            best = run
    return best if len(best) > 1 else []


def _named(index: int) -> str:
    """A counted month as people write it."""
    return f"{index // 12}-{index % 12 + 1:02d}"
