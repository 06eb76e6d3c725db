"""A waterfall: one total, what changed it step by step, and the total that came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from itertools import pairwise

from portal.documents.charts.descriptions import description, sentence
from portal.documents.charts.drawing import (
    MUTED,
    WIDE,
    Anchor,
    Box,
    Chart,
    Label,
    Shape,
    Size,
    at,
    filled,
    horizontal,
    is_cut,
    paper_behind,
    text_width,
    wrapped,
)
from portal.documents.charts.field import Field
from portal.documents.charts.scales import Axis, Unit
from portal.documents.facts import Language
from portal.documents.figures import MINUS, number, signed_number

MOST_LINES = 3
LINE = Decimal("1.2")


@dataclass(frozen=True, slots=True)
class Step:
    """A total, or a change of it: its name and its amount."""

    name: str
    amount: Decimal


class _Kind(IntEnum):
    """What a bar is, as the series whose colour and hatching it has."""

    FALL = 0
    RISE = 1
    TOTAL = 4


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: its name, where it begins and ends in the chart's unit, and what it is."""

    name: str
    begin: Decimal
    end: Decimal
    kind: _Kind

    @property
    def low(self) -> Decimal:
        return min(self.begin, self.end)

    @property
    def high(self) -> Decimal:
        return max(self.begin, self.end)

    def words(self, decimals: int) -> str:
        """The total, or the change with its sign."""
        if self.kind is _Kind.TOTAL:
            return number(self.end, decimals)
        change = self.end - self.begin
        smallest = Decimal(1).scaleb(-decimals)
        if change and abs(change) < smallest / 2:
            return f"< {smallest:f}" if change > 0 else f"> {MINUS}{smallest:f}"
        return signed_number(change, decimals)


def waterfall(
    title: str,
    start: Step,
    steps: Sequence[Step],
    end: Step,
    *,
    unit: Unit = Unit(),  # noqa: B008 -- frozen
    size: Size = WIDE,
    language: Language = Language.ZH,
) -> Chart:
    """Draw two totals from zero and the steps between them, each from where the one before it ended.

    Columns beside each other where their names have room, else bars under each other, as high as they need.
    Amounts are divided by the unit's size. Raises ValueError if the start and the steps don't come to the end.
    """
    if start.amount + sum((step.amount for step in steps), Decimal(0)) != end.amount:
        raise ValueError(f"the steps from {start.name} don't come to {end.name}")
    bars = _bars(start, steps, end, unit)
    axis = Axis.around(level for bar in bars for level in (bar.begin, bar.end))
    decimals = axis.decimals_for(bar.end - bar.begin for bar in bars)
    upright = _Upright.of(bars, axis, size, unit, decimals)
    shapes, labels, height = (
        upright.drawn(size, unit)
        if upright
        else _Lying.of(bars, axis, size, unit, decimals).drawn()
    )
    told = [sentence(bar.name, [bar.words(decimals + 1)], language) for bar in bars]
    return Chart(
        size.width, height, title, description(told, unit, language), tuple(shapes), tuple(labels)
    )


def _bars(start: Step, steps: Sequence[Step], end: Step, unit: Unit) -> list[_Bar]:
    level = start.amount / unit.size
    bars = [_Bar(start.name, Decimal(0), level, _Kind.TOTAL)]
    for step in steps:
        kind = _Kind.RISE if step.amount > 0 else _Kind.FALL
        bars.append(_Bar(step.name, level, level + step.amount / unit.size, kind))
        level = bars[-1].end
    return [*bars, _Bar(end.name, Decimal(0), end.amount / unit.size, _Kind.TOTAL)]


_Drawn = tuple[list[Shape], list[Label], int]


@dataclass(frozen=True, slots=True)
class _Upright:
    """Bars as columns, their names beneath in some lines."""

    bars: list[_Bar]
    field: Field
    names: list[list[str]]
    words: list[str]

    @classmethod
    def of(
        cls, bars: list[_Bar], axis: Axis, size: Size, unit: Unit, decimals: int
    ) -> _Upright | None:
        """The layout, or None where names or numbers don't fit."""
        field = Field.inside(size, axis, unit=unit)
        room = (field.right - field.left) / len(bars)
        names = [
            wrapped(b.name, size.letter, room - Decimal(size.letter) / 2, MOST_LINES) for b in bars
        ]
        words = [bar.words(decimals) for bar in bars]
        cut = any(is_cut(bar.name, name) for bar, name in zip(bars, names, strict=True))
        if cut or max(text_width(word, size.letter) for word in words) > room:
            return None
        beneath = int((max(map(len, names)) - 1) * LINE * size.letter)
        shorter = Size(size.width, size.height - beneath, size.letter)
        return cls(bars, Field.inside(shorter, axis, unit=unit), names, words)

    @property
    def room(self) -> Decimal:
        return (self.field.right - self.field.left) / len(self.bars)

    def x(self, index: int) -> Decimal:
        return self.field.left + self.room * index + self.room / 2

    def drawn(self, size: Size, unit: Unit) -> _Drawn:
        shapes, labels = self.field.grid(size, unit)
        numbers = [self._number(index, size) for index in range(len(self.bars))]
        shapes += [*paper_behind(numbers), *self._connectors(size)]
        shapes += _filled([(bar.kind, self._box(i, size)) for i, bar in enumerate(self.bars)])
        names = [label for index in range(len(self.bars)) for label in self._name(index, size)]
        return shapes, [*labels, *names, *numbers], size.height

    def _width(self, size: Size) -> Decimal:
        return min(self.room * 62 / 100, Decimal(size.letter * 5))

    def _box(self, index: int, size: Size) -> Box:
        bar, width = self.bars[index], self._width(size)
        top = self.field.y(bar.high)
        height = max(self.field.y(bar.low) - top, Decimal(1))
        return Box(self.x(index) - width / 2, top, width, height)

    def _connectors(self, size: Size) -> list[Shape]:
        half = self._width(size) / 2
        path = "".join(
            horizontal(self.x(i) + half, self.field.y(bar.end), self.x(i + 1) - half)
            for i, bar in enumerate(self.bars[:-1])
        )
        return [Shape(path, stroke=MUTED)]

    def _number(self, index: int, size: Size) -> Label:
        y = self.field.y(self.bars[index].high) - Decimal(size.letter) / 3
        return Label(
            at(self.x(index)), at(y), self.words[index], Anchor.MIDDLE, size.letter - 1, bold=True
        )

    def _name(self, index: int, size: Size) -> list[Label]:
        top = self.field.bottom + size.letter * Decimal("1.4")
        return [
            Label(
                at(self.x(index)),
                at(top + line * LINE * size.letter),
                words,
                Anchor.MIDDLE,
                size.letter,
            )
            for line, words in enumerate(self.names[index])
        ]


@dataclass(frozen=True, slots=True)
class _Lying:
    """Bars under each other, their names beside them in some lines."""

    bars: list[_Bar]
    axis: Axis
    names: list[list[str]]
    words: list[str]
    left: Decimal
    right: Decimal
    top: Decimal
    unit: str
    letter: int

    @classmethod
    def of(cls, bars: list[_Bar], axis: Axis, size: Size, unit: Unit, decimals: int) -> _Lying:
        letter = size.letter
        room = Decimal(size.width) * 38 / 100
        names = [wrapped(bar.name, letter, room, MOST_LINES) for bar in bars]
        words = [bar.words(decimals) for bar in bars]
        beside = max(text_width(word, letter) for word in words)
        left = max(text_width(line, letter) for name in names for line in name) + letter
        top = Decimal(letter) * 8 / 5 if unit.symbol else Decimal(0)
        right = max(size.width - beside - letter, left + 1)
        return cls(bars, axis, names, words, left, right, top, unit.symbol, letter)

    @property
    def row(self) -> Decimal:
        lines = max(map(len, self.names))
        return max(Decimal(2), lines * LINE + Decimal("0.6")) * self.letter

    def x(self, amount: Decimal) -> Decimal:
        low = min(bar.low for bar in self.bars)
        high = max(bar.high for bar in self.bars)
        return self.left + (self.right - self.left) * (amount - low) / ((high - low) or Decimal(1))

    def middle(self, index: int) -> Decimal:
        return self.top + self.row * index + self.row / 2

    def drawn(self) -> _Drawn:
        height = int(self.top + self.row * len(self.bars)) + 1
        ground = f"M{at(self.x(Decimal(0)))} {at(self.top)}V{at(height)}"
        boxes = [(bar.kind, self._box(index)) for index, bar in enumerate(self.bars)]
        numbers = [self._number(index) for index in range(len(self.bars))]
        behind = [Shape(ground, stroke=MUTED), *paper_behind(numbers), *self._connectors()]
        shapes = [*behind, *_filled(boxes)]
        labels = [label for index in range(len(self.bars)) for label in self._name(index)]
        labels += numbers
        if self.unit:
            labels.append(Label("0", at(self.letter), self.unit, size=self.letter - 1, fill=MUTED))
        return shapes, labels, height

    def _box(self, index: int) -> Box:
        bar, height = self.bars[index], self.letter * Decimal("1.25")
        width = max(self.x(bar.high) - self.x(bar.low), Decimal(1))
        return Box(self.x(bar.low), self.middle(index) - height / 2, width, height)

    def _connectors(self) -> list[Shape]:
        path = ""
        for (index, bar), _ in pairwise(enumerate(self.bars)):
            below = self.middle(index) + self.letter * Decimal("0.625")
            above = self.middle(index + 1) - self.letter * Decimal("0.625")
            path += f"M{at(self.x(bar.end))} {at(below)}V{at(above)}"
        return [Shape(path, stroke=MUTED)]

    def _baseline(self, index: int) -> Decimal:
        return self.middle(index) + self.letter * Decimal("0.36")

    def _number(self, index: int) -> Label:
        x = at(self.x(self.bars[index].high) + Decimal(self.letter) / 2)
        y = at(self._baseline(index))
        return Label(x, y, self.words[index], size=self.letter - 1, bold=True)

    def _name(self, index: int) -> list[Label]:
        lines = self.names[index]
        first = self._baseline(index) - (len(lines) - 1) * LINE * self.letter / 2
        x = at(self.left - Decimal(self.letter) / 2)
        return [
            Label(x, at(first + n * LINE * self.letter), line, Anchor.END, self.letter)
            for n, line in enumerate(lines)
        ]


def _filled(boxes: list[tuple[_Kind, Box]]) -> list[Shape]:
    """Totals, falls and rises, each as one path with its own hatching."""
    return [
        shape
        for kind in _Kind
        for shape in filled(kind, *(box for found, box in boxes if found is kind))
    ]
