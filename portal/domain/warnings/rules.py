"""The rules of a year in one list, and what they find together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from portal.domain.warnings.categories import what_is_absent
from portal.domain.warnings.lines import duplicates, lines_beside_last_year
from portal.domain.warnings.seen import Evidence, RaisedWarning
from portal.domain.warnings.sources import sources_by_themselves

RULES: tuple[Callable[[Evidence], Iterable[RaisedWarning]], ...] = (
    lines_beside_last_year,
    duplicates,
    sources_by_themselves,
    what_is_absent,
)


def find_warnings(seen: Evidence) -> list[RaisedWarning]:
    """All warnings of an inventory, heaviest first, then in the order of the lines."""
    places = {line.key: line.position for line in seen.lines}
    found = [warning for rule in RULES for warning in rule(seen)]
    return sorted(
        found, key=lambda each: (-each.weight, _place(each, places), each.code, each.subject)
    )


def _place(warning: RaisedWarning, places: Mapping[str, int]) -> int:
    return min((places[key] for key in warning.lines if key in places), default=0)
