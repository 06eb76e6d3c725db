"""Three-way merging of a table: what was handed out (base), what stands now, and what came back in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

Values = Mapping[str, str]
# Stands for the whole row where a choice is asked for: to keep it or to let it go.
WHOLE_ROW = "*"


class Fate(StrEnum):
    """What the file does to a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    # Removed in the portal and changed in the file, or the other way round: somebody has to say which counts.
    GONE_HERE = "gone_here"
    GONE_THERE = "gone_there"


class Choice(StrEnum):
    """Whose word counts where both sides changed the same thing."""

    FILE = "file"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of the file: its number in the sheet, its key if it has one, and its texts by column.

    A column that the file no longer has is not among its values: nothing is said about it.
    """

    number: int
    key: str
    values: Values


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A column that the file changes: as handed out, as it stands now, as it came back."""

    column: str
    base: str
    now: str
    file: str

    @property
    def is_conflict(self) -> bool:
        """Whether both sides changed it, and not alike."""
        return self.base != self.now != self.file


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A row that the file adds, changes or leaves out; `number` is 0 for one left out.

    `key` is empty for a new one, unless it was offered under a key that it shall keep.
    """

    fate: Fate
    key: str
    number: int
    cells: tuple[MergedCell, ...] = ()

    @property
    def name(self) -> str:
        """What the row is called where choices are kept: its key, or the row of the sheet for a new one."""
        return self.key or f"row-{self.number}"

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The columns that somebody has to choose for; WHOLE_ROW where the row itself is in question."""
        if self.fate in (Fate.GONE_HERE, Fate.GONE_THERE):
            return (WHOLE_ROW,)
        return tuple(cell.column for cell in self.cells if cell.is_conflict)


@dataclass(frozen=True, slots=True)
class Merge:
    """What a file does to a table: the rows that it touches, in its order, and how many it leaves as they are."""

    rows: tuple[MergedRow, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do to the table: add a row with these values, change these values of a row, or remove it."""

    row: MergedRow
    values: Values
    is_removal: bool = False

    @property
    def is_new(self) -> bool:
        """Whether a row is added."""
        return self.row.fate in (Fate.ADDED, Fate.GONE_HERE)


# Which side was chosen, by the row's name and the column.
Choices = Mapping[tuple[str, str], Choice]


def merge(
    base: Mapping[str, Values],
    now: Mapping[str, Values],
    file: Sequence[FileRow],
    offered: Set[str] = frozenset(),
) -> Merge:
    """Hold the three against each other, row by row and column by column.

    A row without a key, with one that nobody knows, or with one that stood above it already (copied) is new. A row
    whose cells were all emptied counts as left out. What only the portal changed stays as it stands now.

    The rows of `base` that are among `offered` were handed out to be filled in, and are none of the table: one is added
    under its key once something else is written into it, and says nothing until then.
    """
    found: list[MergedRow] = []
    met: set[str] = set()
    unchanged = 0
    for row in file:
        is_known = row.key in base or row.key in now
        if row.key in offered and (row.key in met or row.key not in now):
            if _is_filled_in(base.get(row.key, {}), row):
                found.extend(_added(row, "" if row.key in met else row.key))
                met.add(row.key)
            continue
        if not row.key or not is_known or row.key in met:
            found.extend(_added(row))
            continue
        if any(row.values.values()) or not any(_told(base.get(row.key, {}), row)):
            met.add(row.key)
            merged = _merged(row, base.get(row.key), now.get(row.key))
            found.extend([merged] if merged else [])
            unchanged += merged is None and row.key in now
    gone = now.keys() - met
    left_out = [
        _left_out(key, base[key], now[key]) for key in base if key in gone and key not in offered
    ]
    return Merge((*found, *left_out), unchanged)


def _told(values: Values, row: FileRow) -> Iterator[str]:
    """The texts that stood in the columns which the file still has."""
    return (text for column, text in values.items() if text and column in row.values)


def _is_filled_in(offer: Values, row: FileRow) -> bool:
    """Whether an offered row says something that was not offered."""
    return any(text and text != offer.get(column, "") for column, text in row.values.items())


def _added(row: FileRow, key: str = "") -> Iterator[MergedRow]:
    cells = tuple(MergedCell(column, "", "", text) for column, text in row.values.items() if text)
    if cells:
        yield MergedRow(Fate.ADDED, key, row.number, cells)


def _merged(row: FileRow, base: Values | None, now: Values | None) -> MergedRow | None:
    """What the file does to a row that it still has; None when it does nothing."""
    handed_out = base or {}
    changes = tuple(
        MergedCell(column, handed_out.get(column, ""), (now or {}).get(column, ""), text)
        for column, text in row.values.items()
        if text != handed_out.get(column, "")
    )
    if now is None:
        if not changes:
            return None
        every = tuple(
            MergedCell(column, handed_out.get(column, ""), "", text)
            for column, text in row.values.items()
            if text
        )
        return MergedRow(Fate.GONE_HERE, row.key, row.number, every)
    told = tuple(cell for cell in changes if cell.file != cell.now)
    return MergedRow(Fate.CHANGED, row.key, row.number, told) if told else None


def _left_out(key: str, base: Values, now: Values) -> MergedRow:
    """A row that was handed out, stands still, and is not in the file any more."""
    columns = base.keys() | now.keys()
    is_changed = any(base.get(column, "") != now.get(column, "") for column in columns)
    cells = tuple(
        MergedCell(column, base.get(column, ""), text, "") for column, text in now.items() if text
    )
    return MergedRow(Fate.GONE_THERE if is_changed else Fate.REMOVED, key, 0, cells)


def unchosen(merged: Merge, choices: Choices) -> list[tuple[str, str]]:
    """What somebody still has to choose for, by the row's name and the column."""
    return [
        (row.name, column)
        for row in merged.rows
        for column in row.conflicts
        if (row.name, column) not in choices
    ]


def steps(merged: Merge, choices: Choices, *, with_removals: bool) -> list[Step]:
    """What is to be done once everything is chosen; rows that were only left out go when somebody says so.

    Removals come first, so that what a row was called is free for another one.
    """
    every = [step for row in merged.rows for step in _steps(row, choices, with_removals)]
    return sorted(every, key=lambda step: not step.is_removal)


def _steps(row: MergedRow, choices: Choices, with_removals: bool) -> Iterator[Step]:
    takes_file = {
        column for column in row.conflicts if choices.get((row.name, column)) is Choice.FILE
    }
    match row.fate:
        case Fate.ADDED:
            yield Step(row, _texts(row))
        case Fate.GONE_HERE if takes_file:
            yield Step(row, _texts(row))
        case Fate.REMOVED if with_removals:
            yield Step(row, {}, is_removal=True)
        case Fate.GONE_THERE if takes_file:
            yield Step(row, {}, is_removal=True)
        case Fate.CHANGED:
            yield from _change(row, takes_file)
        case Fate.REMOVED | Fate.GONE_HERE | Fate.GONE_THERE:
            return
        case _:
            assert_never(row.fate)


def _change(row: MergedRow, takes_file: Set[str]) -> Iterator[Step]:
    kept = {
        cell.column: cell.file
        for cell in row.cells
        if not cell.is_conflict or cell.column in takes_file
    }
    if kept:
        yield Step(row, kept)


def _texts(row: MergedRow) -> dict[str, str]:
    return {cell.column: cell.file for cell in row.cells}
