"""The key of a chart: what its colours, dashes and marks mean, in a row that wraps to the drawing's width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.documents.charts.drawing import (
    INK,
    PATH_DASH,
    Box,
    Coordinate,
    Label,
    Shape,
    Size,
    at,
    filled,
    fitted,
    horizontal,
    text_width,
)

# Draws a sign into the box that a key keeps free for it.
Sign = Callable[[Box], list[Shape]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a key: its name, how to draw its sign, and how many letters the sign is wide."""

    name: str
    sign: Sign
    letters: int = 1


@dataclass(frozen=True, slots=True)
class Key:
    """The explanation of a chart's colours and dashes, and how high it comes out."""

    shapes: list[Shape]
    labels: list[Label]
    height: int


def key(entries: Sequence[Entry], size: Size, *, left: Coordinate, top: int = 0) -> Key:
    """A sign and a name for each entry in a row, wrapped to the width."""
    letter, row = size.letter, size.letter * 8 // 5
    found = Key([], [], row)
    x, y = Decimal(left), top
    for entry in entries:
        mark = letter * entry.letters
        name = fitted(entry.name, letter, size.width - left - mark - letter)
        needed = mark + letter // 2 + text_width(name, letter)
        if x > left and x + needed > size.width:
            x, y = Decimal(left), y + row
        found.shapes.extend(entry.sign(Box(x, Decimal(y), Decimal(mark), Decimal(letter))))
        words_at = at(x + mark + letter // 2)
        found.labels.append(Label(words_at, at(y + letter - 1), name, size=letter))
        x += needed + letter
    return Key(found.shapes, found.labels, y - top + row)


def series_entry(series: int, name: str) -> Entry:
    """A swatch in the colour and hatching of a series."""
    return Entry(name, lambda box: filled(series, box))


def path_entry(name: str) -> Entry:
    """The dashed line of a target's path."""
    return Entry(name, _path_sign, letters=2)


def series_entries(names: Sequence[str], path: str = "") -> list[Entry]:
    """An entry for each series in their order and, where it has a name, for the target's path."""
    entries = [series_entry(series, name) for series, name in enumerate(names)]
    return [*entries, path_entry(path)] if path else entries


def _path_sign(box: Box) -> list[Shape]:
    line = horizontal(box.x, box.y + box.height / 2, box.x + box.width)
    return [Shape(line, stroke=INK, stroke_width="2", dash=PATH_DASH)]
