"""Comparing what was submitted with the version before and with last year, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Change(StrEnum):
    """What became of a line since the version before."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class FrozenLine:
    """A line as it was submitted; amounts in the unit as typed, results in kg CO2e."""

    key: str
    position: int
    category: str
    scope: int
    site: str
    start: str
    end: str
    quantity: Decimal
    unit: str
    parameters: Mapping[str, str]
    note: str
    kg_co2e: Decimal
    evidence: tuple[str, ...]

    @property
    def slot(self) -> tuple[str, str, str, str]:
        """Where the line belongs in any year: category, site and the part of the year it covers."""
        return (self.category, self.site, self.start[5:], self.end[5:])

    def says_the_same(self, other: FrozenLine) -> bool:
        """Whether nothing a person typed or attached differs (the position may)."""
        return (
            self.category == other.category
            and self.site == other.site
            and self.start == other.start
            and self.end == other.end
            and self.quantity == other.quantity
            and self.unit == other.unit
            and dict(self.parameters) == dict(other.parameters)
            and self.note == other.note
            and self.evidence == other.evidence
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row of the review: this line, the same line in the version before, and last year's counterpart."""

    change: Change
    now: FrozenLine | None
    before: FrozenLine | None
    last_year: FrozenLine | None

    @property
    def line(self) -> FrozenLine:
        """The line to name the row by."""
        line = self.now or self.before
        if line is None:
            raise ValueError("a comparison of nothing")
        return line


def compare(
    now: Sequence[FrozenLine],
    before: Sequence[FrozenLine] | None,
    last_year: Iterable[FrozenLine],
) -> list[Comparison]:
    """Put three versions side by side: changed lines first, then by position.

    `before` is None for a first submission: every line is then compared with last year only and counts as added.
    """
    earlier = {line.key: line for line in before or ()}
    slots = _by_slot(last_year)
    rows = [
        Comparison(
            _change(line, earlier.get(line.key)), line, earlier.get(line.key), _take(slots, line)
        )
        for line in now
    ]
    kept = {line.key for line in now}
    rows += [
        Comparison(Change.REMOVED, None, line, _take(slots, line))
        for key, line in earlier.items()
        if key not in kept
    ]
    return sorted(rows, key=lambda row: (row.change is Change.UNCHANGED, row.line.position))


def _change(line: FrozenLine, before: FrozenLine | None) -> Change:
    if before is None:
        return Change.ADDED
    return Change.UNCHANGED if line.says_the_same(before) else Change.CHANGED


def _by_slot(lines: Iterable[FrozenLine]) -> dict[tuple[str, str, str, str], list[FrozenLine]]:
    slots: dict[tuple[str, str, str, str], list[FrozenLine]] = {}
    for line in lines:
        slots.setdefault(line.slot, []).append(line)
    return slots


def _take(
    slots: dict[tuple[str, str, str, str], list[FrozenLine]], line: FrozenLine
) -> FrozenLine | None:
    # Two meters on one site share a slot: each takes one counterpart, in the order of last year's table.
    waiting = slots.get(line.slot)
    return waiting.pop(0) if waiting else None


@dataclass(frozen=True, slots=True)
class PartComparison:
    """A part of a dossier (target, action, adjustment) beside the version before, with the fields that differ."""

    change: Change
    now: Mapping[str, Any] | None
    before: Mapping[str, Any] | None
    fields: tuple[str, ...] = ()

    @property
    def part(self) -> Mapping[str, Any]:
        """The part to name the row by."""
        part = self.now or self.before
        if part is None:
            raise ValueError("a comparison of nothing")
        return part


# What follows from other data than a person's answer to this part: it changes without anybody's doing.
_DERIVED = frozenset(
    {"position", "kg_source", "source_now", "source_before", "cost_per_t", "estimate"}
)


def compare_parts(
    now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]] | None
) -> list[PartComparison]:
    """Put the parts of two versions side by side by their keys: changed ones first, then as they are listed."""
    earlier = {part["key"]: part for part in before or ()}
    rows = [_part_row(part, earlier.get(part["key"])) for part in now]
    kept = {part["key"] for part in now}
    rows += [
        PartComparison(Change.REMOVED, None, part)
        for key, part in earlier.items()
        if key not in kept
    ]
    return sorted(rows, key=lambda row: row.change is Change.UNCHANGED)


def _part_row(part: Mapping[str, Any], before: Mapping[str, Any] | None) -> PartComparison:
    if before is None:
        return PartComparison(Change.ADDED, part, None)
    fields = tuple(
        name
        for name in part
        if name not in _DERIVED and name in before and part[name] != before[name]
    )
    return PartComparison(Change.CHANGED if fields else Change.UNCHANGED, part, before, fields)


def change_percent(now: Decimal, before: Decimal) -> Decimal | None:
    """Relative change in percent, None when there is nothing to compare with."""
    return None if not before else (now - before) / before * 100
