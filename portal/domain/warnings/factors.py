"""Rules about the factors that lines were assessed with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from portal.domain.warnings.sameness import sight
from portal.domain.warnings.seen import Evidence, RaisedWarning, ReportedLine, Weight, about_source

# Years that a factor may lie behind its line. Only what changes from year to year grows old: the mix of a grid; what a
# litre of diesel holds does not.
MOST_YEARS = 3
CHANGING = frozenset({"electricity.grid", "upstream.electricity"})


def outdated_factors(seen: Evidence) -> Iterator[RaisedWarning]:
    """Sources whose factor is of an earlier time than their lines."""
    old: dict[tuple[str, str, int], list[ReportedLine]] = defaultdict(list)
    for line in seen.lines:
        year = line.factor_year
        if year is not None and line.category in CHANGING and seen.year - year > MOST_YEARS:
            old[(line.category, line.site, year)].append(line)
    for (category, site, year), lines in old.items():
        yield about_source(
            (category, site),
            "factor.outdated",
            Weight.NOTE,
            lines,
            seen=sight(str(year)),
            factor_year=str(year),
        )
