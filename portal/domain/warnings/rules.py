"""The rules of a year in one list, and what they find together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from portal.domain.warnings.categories import what_is_absent
from portal.domain.warnings.factors import outdated_factors
from portal.domain.warnings.lines import duplicates, lines_beside_last_year
from portal.domain.warnings.months import months_beside_earlier_years
from portal.domain.warnings.seen import Evidence, RaisedWarning
from portal.domain.warnings.sources import sources_by_themselves
from portal.domain.warnings.years import (
    copies,
    days_left_out,
    exchanged,
    growth_apart,
    production,
    scopes_shifted,
)

RULES: tuple[Callable[[Evidence], Iterable[RaisedWarning]], ...] = (
    lines_beside_last_year,
    duplicates,
    months_beside_earlier_years,
    sources_by_themselves,
    growth_apart,
    copies,
    exchanged,
    days_left_out,
    production,
    scopes_shifted,
    outdated_factors,
    what_is_absent,
)
# What is said about the amount of one line is said once, by the first rule that says it.
_ABOUT_AMOUNTS = ("line.slip.", "line.quantity.", "line.month.")
# A source whose lines are odd, or that changed places with another, is odd as a whole too: that goes without saying.
_OF_THE_WHOLE = frozenset({"series.year.grown", "series.output.apart"})
_EXPLAINS = (*_ABOUT_AMOUNTS, "series.exchanged", "series.total.", "series.months.level")


def find_warnings(seen: Evidence) -> list[RaisedWarning]:
    """All warnings of an inventory, heaviest first, then in the order of the lines."""
    places = {line.key: line.position for line in seen.lines}
    found = _said_once(warning for rule in RULES for warning in rule(seen))
    return sorted(
        found, key=lambda each: (-each.weight, _place(each, places), each.code, each.subject)
    )


def _said_once(found: Iterable[RaisedWarning]) -> list[RaisedWarning]:
    """Without the second warning about one amount, and without those about a whole that its parts explain."""
    kept: dict[tuple[str, str], RaisedWarning] = {}
    for each in found:
        is_amount = each.code.startswith(_ABOUT_AMOUNTS)
        known = ("amount", each.subject) if is_amount else (each.code, each.address)
        kept.setdefault(known, each)
    said = list(kept.values())
    explained = {key for each in said if each.code.startswith(_EXPLAINS) for key in each.lines}
    return [
        each
        for each in said
        if each.code not in _OF_THE_WHOLE or not _mostly(each.lines, explained)
    ]


def _mostly(lines: Sequence[str], explained: Set[str]) -> bool:
    return sum(1 for key in lines if key in explained) * 2 > len(lines)


def _place(warning: RaisedWarning, places: Mapping[str, int]) -> int:
    return min((places[key] for key in warning.lines if key in places), default=0)
