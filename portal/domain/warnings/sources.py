"""Rules about a source, a category at a site: missing months and files, overlaps, odd months, odd totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from portal.calculation.periods import month_after
from portal.domain.plausibility import figures, is_outlier, median, median_without
from portal.domain.seasons import fold
from portal.domain.warnings.lines import JUMP
from portal.domain.warnings.sameness import side_of, sight
from portal.domain.warnings.seen import (
    Evidence,
    RaisedWarning,
    ReportedLine,
    Series,
    Weight,
    about,
    about_source,
)

# Months differ by season; only a month beyond this multiple of the others' median is odd.
ODD_MONTH = Decimal(6)
LEAST_MONTHS = 3


def sources_by_themselves(seen: Evidence) -> Iterator[RaisedWarning]:
    """Each source of the year, beside its totals of earlier years."""
    now, before = by_source(seen.lines), by_source(seen.last_year)
    for series, lines in now.items():
        yield from _missing_evidence(series, lines)
        yield from _missing_months(series, lines, before.get(series, ()), seen)
        yield from _overlaps(series, lines)
        yield from _odd_months(lines, before.get(series, ()))
        yield from _totals(series, lines, before.get(series, ()), seen.history.get(series, ()))


def by_source(lines: Iterable[ReportedLine]) -> dict[Series, list[ReportedLine]]:
    """Lines by category and site, each in the order of the table."""
    found: dict[Series, list[ReportedLine]] = defaultdict(list)
    for line in lines:
        found[line.series].append(line)
    return found


def _missing_evidence(series: Series, lines: Sequence[ReportedLine]) -> Iterator[RaisedWarning]:
    bare = [line for line in lines if not line.has_evidence]
    if bare:
        yield about_source(
            series, "series.evidence.missing", Weight.NOTE, bare, count=str(len(bare))
        )


def _missing_months(
    series: Series,
    lines: Sequence[ReportedLine],
    before: Sequence[ReportedLine],
    seen: Evidence,
) -> Iterator[RaisedWarning]:
    """A gap in a monthly series; one that also has longer periods is not monthly.

    Of several materials (animals, …) of a source each is looked at for itself, where last year had it in that month.
    """
    now, last = _months_by_parameters(lines), _months_by_parameters(before)
    monthly = {k: months for k, months in now.items() if None not in months}
    months = set[int | None]().union(*monthly.values())
    if len(months) < LEAST_MONTHS:
        return
    lacking = {
        month
        for kind, own in monthly.items()
        if len(own) >= LEAST_MONTHS and len(now) > 1
        for month in last.get(kind, set()) - own
    }
    year = seen.year
    ended = [month for month in range(1, 13) if month_after(date(year, month, 1)) <= seen.through]
    missing = [month for month in ended if month not in months or month in lacking]
    if missing:
        names = ", ".join(f"{year}-{month:02d}" for month in missing)
        yield about_source(
            series,
            "series.month.missing",
            Weight.CHECK,
            lines,
            seen=sight(months=missing),
            months=names,
        )


def _months_by_parameters(
    lines: Iterable[ReportedLine],
) -> dict[tuple[tuple[str, str], ...], set[int | None]]:
    found: dict[tuple[tuple[str, str], ...], set[int | None]] = defaultdict(set)
    for line in lines:
        found[line.choices].add(line.month)
    return found


def _overlaps(series: Series, lines: Sequence[ReportedLine]) -> Iterator[RaisedWarning]:
    """A year's line beside monthly ones counts twice; equal periods are two meters or duplicates, not this."""
    alike: dict[tuple[tuple[str, str], ...], list[ReportedLine]] = defaultdict(list)
    for line in lines:
        alike[line.choices].append(line)
    for group in alike.values():
        pair = _first_overlap(group)
        if pair is not None:
            wide, line = pair
            named = {"position": str(line.position), "other": str(wide.position)}
            seen = sight(f"{wide.key}/{line.key}")
            yield about_source(
                series, "series.period.overlap", Weight.SERIOUS, pair, seen=seen, **named
            )


def _first_overlap(lines: Sequence[ReportedLine]) -> tuple[ReportedLine, ReportedLine] | None:
    """The first two lines that share days and differ in length, the longer-reaching one first."""
    ordered = sorted(lines, key=lambda line: (line.start, -line.end.toordinal()))
    wide = ordered[0]
    for line in ordered[1:]:
        if line.start < wide.end and (line.start, line.end) != (wide.start, wide.end):
            return wide, line
        if line.end > wide.end:
            wide = line
    return None


def _odd_months(
    lines: Sequence[ReportedLine], before: Sequence[ReportedLine]
) -> Iterator[RaisedWarning]:
    """A month far above the other months, where last year offers no counterpart to compare with."""
    months = [line for line in lines if line.month is not None and line.quantity]
    known = {line.slot for line in before}
    units = {line.unit for line in months}
    if len(months) < LEAST_MONTHS + 1 or len(units) != 1:
        return
    ordered = sorted(line.quantity for line in months)
    for line in months:
        usual = median_without(ordered, line.quantity)
        if line.slot not in known and line.quantity > usual * ODD_MONTH:
            ratio = line.quantity / usual
            named = {"ratio": figures(ratio), "last": figures(usual), "unit": line.unit}
            yield about(line, "line.quantity.odd_month", Weight.CHECK, sight(size=ratio), **named)


def _totals(
    series: Series,
    lines: Sequence[ReportedLine],
    before: Sequence[ReportedLine],
    history: Sequence[Decimal],
) -> Iterator[RaisedWarning]:
    """The series' kg CO2e of the year beside last year's and beside the years before."""
    total = sum((line.kg_co2e for line in lines), Decimal(0))
    last = sum((line.kg_co2e for line in before), Decimal(0))
    comparable = {line.slot for line in lines} & {line.slot for line in before}
    if total and last and not comparable:  # where slots match, the lines themselves were compared
        ratio = total / last
        seen = sight(size=fold(ratio))
        if ratio > JUMP:
            yield about_source(
                series, "series.total.jump", Weight.CHECK, lines, seen=seen, ratio=figures(ratio)
            )
            return
        if ratio * JUMP < 1:
            percent = figures(ratio * 100)
            yield about_source(
                series, "series.total.drop", Weight.CHECK, lines, seen=seen, percent=percent
            )
            return
    if is_outlier(total, history):
        middle = median(history)
        yield about_source(
            series,
            "series.total.outlier",
            Weight.CHECK,
            lines,
            seen=_apart(total, middle),
            median=figures(middle),
        )


def _apart(total: Decimal, middle: Decimal) -> str:
    """How far a total lies from the middle of others; from nothing, or of nothing, nobody can say how many times."""
    if total <= 0 or middle <= 0:
        return sight("none")
    return sight(side_of(total / middle), size=fold(total / middle))
