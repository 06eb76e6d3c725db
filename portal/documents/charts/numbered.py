"""A numbered list beneath a drawing: what each number means, with two amounts in columns at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.documents.charts.drawing import (
    GRID,
    INK,
    MUTED,
    Anchor,
    Box,
    Label,
    Shape,
    Size,
    at,
    filled,
    horizontal,
    text_width,
    wrapped,
)
from portal.documents.charts.keys import Key

# From here on a list stands in two columns beside each other, if it has more rows than a few.
TWO_COLUMNS = 600
FEW = 4
MOST_LINES = 3
LINE = Decimal("1.2")
ROW = Decimal("1.65")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (or none, then a swatch of a series stands there), its name and two amounts in words."""

    number: str
    name: str
    amounts: tuple[str, str]
    series: int = 0


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of rows: where it is, and where its amounts end."""

    left: Decimal
    right: Decimal
    number: Decimal
    widths: tuple[Decimal, Decimal]
    letter: int

    @property
    def ends(self) -> tuple[Decimal, Decimal]:
        return self.right - self.widths[1] - self.letter, self.right

    @property
    def name_width(self) -> Decimal:
        return self.ends[0] - self.widths[0] - Decimal(self.letter) / 2 - self.left - self.number

    def amounts(self, words: tuple[str, str], y: Decimal, fill: str = INK) -> list[Label]:
        return [
            Label(at(x), at(y), word, Anchor.END, self.letter, fill=fill)
            for x, word in zip(self.ends, words, strict=True)
        ]


def numbered(rows: Sequence[Row], heads: tuple[str, str], size: Size, *, top: Decimal) -> Key:
    """The rows under a head with the units of both amounts, in one column or in two."""
    if not rows:
        return Key([], [], 0)
    count = 2 if size.width >= TWO_COLUMNS and len(rows) > FEW else 1
    shapes: list[Shape] = []
    labels: list[Label] = []
    lowest = top
    share = -(-len(rows) // count)
    for index in range(count):
        column = _column(rows, heads, size, index, count)
        found, words, bottom = _rows(column, rows[index * share : (index + 1) * share], heads, top)
        shapes += found
        labels += words
        lowest = max(lowest, bottom)
    return Key(shapes, labels, int(lowest - top) + 1)


def _column(
    rows: Sequence[Row], heads: tuple[str, str], size: Size, index: int, count: int
) -> _Column:
    letter = size.letter
    gap = letter * 2 * (count - 1)
    width = Decimal(size.width - gap) / count
    left = (width + gap) * index
    widths = [
        max(text_width(words, letter) for words in (head, *(row.amounts[place] for row in rows)))
        for place, head in enumerate(heads)
    ]
    # Bold figures are wider than others, and a swatch wants room too.
    number = max(text_width(row.number, letter) for row in rows) + Decimal(letter) * 3 / 4
    number = max(number, Decimal(letter) * 3 / 2)
    return _Column(left, left + width, number, (widths[0], widths[1]), letter)


def _rows(
    column: _Column, rows: Sequence[Row], heads: tuple[str, str], top: Decimal
) -> tuple[list[Shape], list[Label], Decimal]:
    letter = column.letter
    labels = column.amounts(heads, top + letter, fill=MUTED)
    y = top + ROW * letter
    rules, signs = horizontal(column.left, y - Decimal(letter) / 4, column.right), []
    for row in rows:
        baseline = y + letter
        lines = wrapped(row.name, letter, column.name_width, MOST_LINES)
        if row.number:
            number_x = at(column.left + column.number - Decimal(letter) / 2)
            labels.append(Label(number_x, at(baseline), row.number, Anchor.END, letter, bold=True))
        else:
            signs += filled(row.series, Box(column.left, y, Decimal(letter), Decimal(letter)))
        x = at(column.left + column.number)
        labels += [
            Label(x, at(baseline + LINE * letter * n), line, size=letter)
            for n, line in enumerate(lines)
        ]
        labels += column.amounts(row.amounts, baseline)
        y += (ROW + LINE * (len(lines) - 1)) * letter
    return [Shape(rules, stroke=GRID), *signs], labels, y
