"""Rules about a year beside last year: copies, exchanged sources, growth apart from production, days left out, shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from portal.calculation.problems import CalculationError
from portal.calculation.units import UNITS, convert
from portal.domain.plausibility import figures, median, slip_of
from portal.domain.seasons import fold
from portal.domain.warnings.lines import by_slot
from portal.domain.warnings.sameness import side_of, sight
from portal.domain.warnings.seen import (
    Choices,
    Evidence,
    Product,
    RaisedWarning,
    ReportedLine,
    Series,
    Slot,
    Weight,
    about_source,
)

# So many lines of a source, and such a share of them, must equal last year's to the last digit.
LEAST_COPIED, COPIED_SHARE = 3, Decimal("0.8")
# Two sources that changed places: each is off by the first, and fits the other by the second.
EXCHANGED, FITS = Decimal("1.35"), Decimal("1.28")
MOST_EXCHANGED = 200  # of more sources that changed, two have changed places by chance
# A source's year, and production, beside last year's; production may double when a line is opened.
APART, OUTPUT_JUMP = Decimal("1.6"), Decimal("2.2")
INTENSITY_APART = Decimal("1.6")
# A scope's share of the whole that came or went.
SHIFTED = Decimal("0.25")
# The part of the days that a year must cover where last year covered all of them.
COVERED, WHOLE = Decimal("0.93"), Decimal("0.98")

SourceKey = tuple[str, str, Choices]


class YearTotals:
    """What each source came to this year and last year, in this year's unit; only those with both are known."""

    def __init__(self, seen: Evidence) -> None:
        self.lines = _grouped(seen.lines)
        self.last_lines = before = _grouped(seen.last_year)
        self.now: dict[SourceKey, Decimal] = {}
        self.before: dict[SourceKey, Decimal] = {}
        for key, lines in self.lines.items():
            unit = lines[0].unit
            now, last = _sum(lines, unit), _sum(before.get(key, ()), unit)
            if now and last:
                self.now[key], self.before[key] = now, last

    def growth(self, key: SourceKey) -> Decimal:
        """The year beside last year."""
        return self.now[key] / self.before[key]


def _grouped(lines: Iterable[ReportedLine]) -> dict[SourceKey, list[ReportedLine]]:
    found: dict[SourceKey, list[ReportedLine]] = defaultdict(list)
    for line in lines:
        found[*line.series, line.choices].append(line)
    return found


def _sum(lines: Iterable[ReportedLine], unit: str) -> Decimal:
    total = Decimal(0)
    for line in lines:
        if line.unit == unit:
            total += line.quantity
        else:
            try:
                total += convert(line.quantity, line.unit, unit)
            except CalculationError:
                return Decimal(0)
    return total


def copies(seen: Evidence) -> Iterator[RaisedWarning]:
    """Sources whose lines equal last year's to the last digit."""
    equal, comparable = _equal_to_last_year(seen)
    lines = _grouped(seen.lines)
    single: list[ReportedLine] = []
    singles = 0
    for key, count in comparable.items():
        same = equal.get(key, [])
        if count < LEAST_COPIED:
            single += same
            singles += count
        elif len(same) >= count * COPIED_SHARE and not _is_flat(lines[key]):
            yield about_source(
                key[:2],
                "series.copied",
                Weight.SERIOUS,
                same,
                seen=sight(size=Decimal(len(same))),
                count=str(len(same)),
            )
    if len(single) >= LEAST_COPIED and len(single) >= singles * COPIED_SHARE:
        yield RaisedWarning(
            "year.copied",
            "inventory/lines",
            Weight.SERIOUS,
            (("count", str(len(single))),),
            tuple(line.key for line in single),
            sight(size=Decimal(len(single))),
        )


def _equal_to_last_year(
    seen: Evidence,
) -> tuple[dict[SourceKey, list[ReportedLine]], dict[SourceKey, int]]:
    """By source: the lines that equal their counterpart, and how many have one."""
    said: dict[tuple[Slot, Choices], set[tuple[Decimal, str]]] = defaultdict(set)
    for line in seen.last_year:
        said[line.slot, line.choices].add((line.quantity, line.unit))
    equal: dict[SourceKey, list[ReportedLine]] = defaultdict(list)
    comparable: dict[SourceKey, int] = defaultdict(int)
    for line in seen.lines:
        twins = said.get((line.slot, line.choices))
        if not twins or not line.quantity:
            continue
        key = (*line.series, line.choices)
        comparable[key] += 1
        if (line.quantity, line.unit) in twins:
            equal[key].append(line)
    return equal, comparable


def _is_flat(lines: Sequence[ReportedLine]) -> bool:
    """Whether a source is the same in most periods, as a flat rate is, so that equal years say nothing."""
    return len({line.quantity for line in lines}) <= max(1, len(lines) // 4)


def exchanged(seen: Evidence) -> Iterator[RaisedWarning]:
    """Two sources that each have about what the other had last year: sites or rows mixed up."""
    totals = YearTotals(seen)
    off = [key for key in totals.now if fold(totals.growth(key)) >= EXCHANGED]
    if len(off) > MOST_EXCHANGED:
        return
    for place, first in enumerate(off):
        for second in off[place + 1 :]:
            if _changed_places(totals, first, second):
                lines = [*totals.lines[first], *totals.lines[second]]
                yield about_source(
                    first[:2],
                    "series.exchanged",
                    Weight.SERIOUS,
                    lines,
                    seen=sight(f"{second[:2]}"),
                    category=second[0],
                    site=second[1],
                )


def _changed_places(totals: YearTotals, first: SourceKey, second: SourceKey) -> bool:
    """Only neighbours in the table can be mixed up: one category at two sites, or two categories at one site."""
    is_neighbour = (first[0] == second[0]) != (first[1] == second[1]) or first[:2] == second[:2]
    unit, other = totals.lines[first][0].unit, totals.lines[second][0].unit
    if not is_neighbour or UNITS[unit].dimension is not UNITS[other].dimension:
        return False
    ours = fold(totals.now[first] / convert(totals.before[second], other, unit))
    theirs = fold(totals.now[second] / convert(totals.before[first], unit, other))
    return max(ours, theirs) <= FITS


def production_growth(seen: Evidence) -> Decimal | None:
    """How many times last year's production this year's is: the middle of the products that both years have."""
    now, before = seen.outputs.get(seen.year, {}), seen.outputs.get(seen.year - 1, {})
    ratios = [now[each] / before[each] for each in now if now[each] and before.get(each)]
    return median(ratios) if ratios else None


def growth_apart(seen: Evidence) -> Iterator[RaisedWarning]:
    """A source whose year grew or fell beyond what production did."""
    totals = YearTotals(seen)
    production = production_growth(seen)
    # Production that is wrong itself says nothing about the sources.
    made = production if production is not None and fold(production) < OUTPUT_JUMP else None
    for key in totals.now:
        lines = totals.lines[key]
        growth = _like_for_like(lines, totals.last_lines[key]) or totals.growth(key)
        if fold(growth) < APART or (made is not None and fold(growth / made) < APART):
            continue
        code = "series.year.grown" if made is None else "series.output.apart"
        named = {"ratio": figures(growth)} | ({} if made is None else {"made": figures(made)})
        apart = growth if made is None else growth / made
        seen_as = sight(side_of(apart), size=fold(apart))
        yield about_source(key[:2], code, Weight.CHECK, lines, seen=seen_as, **named)


def _like_for_like(lines: Sequence[ReportedLine], before: Sequence[ReportedLine]) -> Decimal | None:
    """The middle ratio of the periods that both years have, so that one wrong month doesn't speak for the year."""
    if len(lines) <= LEAST_COPIED:
        return None
    known = by_slot(before)
    ratios = []
    for line in lines:
        twins = known.get(line.slot)
        if twins and line.quantity and twins[0].quantity and twins[0].unit == line.unit:
            ratios.append(line.quantity / twins[0].quantity)
    return median(ratios) if len(ratios) > LEAST_COPIED else None


def production(seen: Evidence) -> Iterator[RaisedWarning]:
    """Production far from last year's, and emissions for each unit of it far from those of the years before."""
    now, before = seen.outputs.get(seen.year, {}), seen.outputs.get(seen.year - 1, {})
    for product in sorted(now):
        if now[product] and before.get(product):
            yield from _beside_last_output(product, now[product], before[product])
    if len(now) == 1:
        yield from _intensity(seen, next(iter(now)))


def _beside_last_output(product: Product, now: Decimal, before: Decimal) -> Iterator[RaisedWarning]:
    name, unit = product
    ratio = now / before
    if fold(ratio) < OUTPUT_JUMP:
        return
    dimension = UNITS[unit].dimension if unit in UNITS else None
    slipped = dimension is not None and slip_of(ratio, dimension) is not None
    values = (
        ("product", name),
        ("ratio", figures(ratio)),
        ("last", figures(before)),
        ("unit", unit),
    )
    code = "output.quantity.slip" if slipped else "output.quantity.jump"
    weight = Weight.SERIOUS if slipped else Weight.CHECK
    seen_as = sight(side_of(ratio), size=fold(ratio))
    yield RaisedWarning(code, f"output/{name}"[:100], weight, values, (), seen_as)


def _intensity(seen: Evidence, product: Product) -> Iterator[RaisedWarning]:
    kg: dict[int, Decimal] = defaultdict(Decimal)
    for line in (*seen.lines, *seen.last_year, *seen.earlier):
        kg[line.start.year] += line.kg_co2e
    intensities = {
        year: kg[year] / made[product]
        for year, made in seen.outputs.items()
        if made.get(product) and kg.get(year)
    }
    own = intensities.pop(seen.year, None)
    if own is None or not intensities:
        return
    usual = median(list(intensities.values()))
    if fold(own / usual) >= INTENSITY_APART:
        values = (("product", product[0]), ("ratio", figures(own / usual)))
        seen_as = sight(side_of(own / usual), size=fold(own / usual))
        yield RaisedWarning(
            "year.intensity.apart", "inventory/outputs", Weight.CHECK, values, (), seen_as
        )


def days_left_out(seen: Evidence) -> Iterator[RaisedWarning]:
    """A source that covers part of the year only, though it covered all of last year."""
    begin, end = date(seen.year, 1, 1), date(seen.year + 1, 1, 1)
    due = min(end, seen.through + timedelta(days=1))
    if due <= begin:
        return
    before = _by_series(seen.last_year)
    for series, lines in _by_series(seen.lines).items():
        months = {line.month for line in lines}
        if None not in months and len(months) >= LEAST_COPIED:
            continue  # told month by month
        whole = _covered(before.get(series, ()), date(seen.year - 1, 1, 1), begin)
        covered = _covered(lines, begin, due)
        if whole >= WHOLE and covered < COVERED:
            # The part that is missing, in percent: at least seven.
            seen_as = sight(size=(1 - covered) * 100)
            percent = figures(covered * 100)
            yield about_source(
                series, "series.days.missing", Weight.CHECK, lines, seen=seen_as, percent=percent
            )


def _by_series(lines: Iterable[ReportedLine]) -> dict[Series, list[ReportedLine]]:
    found: dict[Series, list[ReportedLine]] = defaultdict(list)
    for line in lines:
        found[line.series].append(line)
    return found


def _covered(lines: Iterable[ReportedLine], begin: date, end: date) -> Decimal:
    """The part of the days from `begin` to before `end` that the lines cover."""
    days = 0
    reached = begin
    for line in sorted(lines, key=lambda each: each.start):
        first, last = max(line.start, reached), min(line.end, end)
        if last > first:
            days += (last - first).days
            reached = last
    return Decimal(days) / (end - begin).days


def scopes_shifted(seen: Evidence) -> Iterator[RaisedWarning]:
    """A scope whose share of the whole is far from last year's."""
    now, before = _shares(seen.lines), _shares(seen.last_year)
    if not now or not before:
        return
    for scope in sorted(now.keys() | before.keys()):
        share, last = now.get(scope, Decimal(0)), before.get(scope, Decimal(0))
        if abs(share - last) >= SHIFTED:
            values = (
                ("scope", str(scope)),
                ("percent", figures(share * 100)),
                ("before", figures(last * 100)),
            )
            seen_as = sight("more" if share > last else "less", size=abs(share - last) * 100)
            yield RaisedWarning(
                "year.scope.shifted", f"inventory/scope{scope}", Weight.NOTE, values, (), seen_as
            )


def _shares(lines: Iterable[ReportedLine]) -> Mapping[int, Decimal]:
    kg: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        kg[line.scope] += line.kg_co2e
    total = sum(kg.values(), Decimal(0))
    return {scope: amount / total for scope, amount in kg.items()} if total and 0 not in kg else {}
