"""Rules about what a year should hold: expected categories, those of last year, and production."""

from __future__ import annotations

from collections.abc import Iterator

from portal.domain.warnings.seen import Evidence, RaisedWarning, Weight


def what_is_absent(seen: Evidence) -> Iterator[RaisedWarning]:
    """Categories that are neither reported nor settled, and production that nobody entered."""
    settled = {line.category for line in seen.lines} | seen.not_applicable
    last_year = {line.category for line in seen.last_year}
    for category in dict.fromkeys([*seen.expected, *sorted(last_year)]):
        if category not in settled:
            code = (
                "category.last_year.absent" if category in last_year else "category.expected.absent"
            )
            yield RaisedWarning(code, f"category/{category}", Weight.CHECK)
    if seen.output_count == 0:
        yield RaisedWarning("inventory.output.absent", "inventory/outputs", Weight.CHECK)
