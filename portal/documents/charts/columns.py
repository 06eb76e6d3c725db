"""Stacked columns, one a year as a rule, with the path of a target across them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.documents.charts.descriptions import amount_of, description, sentence
from portal.documents.charts.drawing import (
    INK,
    PATH_DASH,
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
    polyline,
    text_width,
)
from portal.documents.charts.field import Field, places_labelled
from portal.documents.charts.keys import key, series_entries
from portal.documents.charts.scales import Axis, Unit
from portal.documents.facts import Language
from portal.documents.figures import number


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its label, an amount for each series (none where nothing is reported), and the target's."""

    label: str
    amounts: tuple[Decimal, ...] = ()
    target: Decimal | None = None

    @property
    def total(self) -> Decimal:
        """What the amounts come to."""
        return sum(self.amounts, Decimal(0))

    @property
    def top(self) -> Decimal:
        """The column's height: its amounts above zero."""
        return sum((amount for amount in self.amounts if amount > 0), Decimal(0))

    @property
    def foot(self) -> Decimal:
        """The column's depth: its amounts below zero, which hang from the ground."""
        return sum((amount for amount in self.amounts if amount < 0), Decimal(0))

    def reach(self) -> list[Decimal]:
        """What an axis has to enclose."""
        return [self.top, self.foot, self.target or Decimal(0)]

    def part(self, series: int) -> tuple[Decimal, Decimal]:
        """Where an amount begins and ends: stacked on those before it with the same sign."""
        amount = self.amounts[series] if series < len(self.amounts) else Decimal(0)
        before = (a for a in self.amounts[:series] if (a < 0) == (amount < 0))
        start = sum(before, Decimal(0))
        return start, start + amount


def stacked_columns(
    title: str,
    columns: Sequence[Column],
    series: tuple[str, ...],
    *,
    unit: Unit = Unit(),  # noqa: B008 -- frozen
    target: str = "",
    size: Size = WIDE,
    language: Language = Language.ZH,
) -> Chart:
    """Draw amounts that add up, column by column; `target` names the dashed line, drawn if it has a name.

    Amounts are divided by the unit's size. Raises ValueError for an amount below zero: it has no height.
    """
    columns = [_in_unit(column, unit) for column in columns]
    axis = Axis.around(amount for column in columns for amount in column.reach())
    left = Field.inside(size, axis).left
    above = key(series_entries(series, target), size, left=left)
    stacks = Stacks.inside(columns, axis, size, above=above.height, unit=unit)
    shapes, labels = stacks.field.grid(size, unit)
    shapes += stacks.layers(len(series))
    labels += stacks.totals()
    labels += stacks.names()
    if target:
        shapes += stacks.path()
    return Chart(
        size.width,
        size.height,
        title,
        _describe(columns, series, unit, target, language),
        (*above.shapes, *shapes),
        (*above.labels, *labels),
    )


def _in_unit(column: Column, unit: Unit) -> Column:
    if min(column.amounts, default=Decimal(0)) < 0:
        raise ValueError(f"column {column.label} has an amount below zero")
    target = None if column.target is None else column.target / unit.size
    return Column(column.label, tuple(amount / unit.size for amount in column.amounts), target)


@dataclass(frozen=True, slots=True)
class Stacks:
    """Columns beside each other in a field: what a chart of columns is drawn with."""

    field: Field
    columns: tuple[Column, ...]
    size: Size

    @classmethod
    def inside(
        cls,
        columns: Sequence[Column],
        axis: Axis,
        size: Size,
        *,
        above: int,
        unit: Unit = Unit(),  # noqa: B008 -- frozen
    ) -> Stacks:
        """Place the columns under a key so high; where they stand close, the last name keeps room beside them."""
        field = Field.inside(size, axis, above=above, unit=unit)
        room = (field.right - field.left) / max(1, len(columns))
        widest = max((text_width(column.label, size.letter) for column in columns), default=0)
        beside = max(Decimal(0), (widest - room) / 2)
        field = Field.inside(size, axis, above=above, beside=beside, unit=unit)
        return cls(field, tuple(columns), size)

    @property
    def room(self) -> Decimal:
        """How wide a place in the row is."""
        return (self.field.right - self.field.left) / max(1, len(self.columns))

    @property
    def width(self) -> Decimal:
        """How wide a column is drawn."""
        return min(self.room * 62 / 100, Decimal(self.size.letter * 5))

    def x(self, index: int) -> Decimal:
        """The middle of a column."""
        return self.field.left + self.room * index + self.room / 2

    def layers(self, count: int) -> list[Shape]:
        """So many series, each as one path and one hatching: few shapes print faster than many."""
        return [shape for series in range(count) for shape in filled(series, *self._layer(series))]

    def _layer(self, series: int) -> list[Box]:
        boxes = []
        for index, column in enumerate(self.columns):
            ends = sorted(column.part(series))
            if ends[0] < ends[1]:
                top, bottom = self.field.y(ends[1]), self.field.y(ends[0])
                boxes.append(Box(self.x(index) - self.width / 2, top, self.width, bottom - top))
        return boxes

    def totals(self) -> list[Label]:
        """Each column's total above it, where the room is wide enough for all."""
        words = [number(column.total, self.field.axis.decimals) for column in self.columns]
        widest = max((text_width(word, self.size.letter) for word in words), default=Decimal(0))
        if widest + Decimal(self.size.letter) / 3 > self.room:
            return []
        return [
            self.total(index, words[index], self.field.y(column.top))
            for index, column in enumerate(self.columns)
            if column.amounts
        ]

    def total(self, index: int, words: str, y: Decimal) -> Label:
        """Words that stand on a height, in the middle over a column."""
        letter = self.size.letter
        x = at(self.x(index))
        return Label(x, at(y - Decimal(letter) / 3), words, Anchor.MIDDLE, letter - 1, bold=True)

    def names(self) -> list[Label]:
        """The columns' labels, all or as many as have room, the first and the last among them."""
        names = [column.label for column in self.columns]
        return [
            self.field.place_label(self.x(index), names[index], self.size)
            for index in places_labelled(names, self.room, self.size)
        ]

    def path(self) -> list[Shape]:
        """The dashed line through the targets; a single one is a dash across its column."""
        points = [
            (self.x(index), self.field.y(column.target))
            for index, column in enumerate(self.columns)
            if column.target is not None
        ]
        if not points:
            return []
        x, y = points[0]
        single = horizontal(x - self.width / 2, y, x + self.width / 2)
        path = polyline(points) if len(points) > 1 else single
        return [Shape(path, stroke=INK, stroke_width="2", dash=PATH_DASH)]


def _describe(
    columns: list[Column], series: tuple[str, ...], unit: Unit, target: str, language: Language
) -> str:
    decimals = Axis.around(column.total for column in columns).decimals + 1
    sentences = []
    for column in columns:
        named = list(zip(series, column.amounts, strict=False))
        if target and column.target is not None:
            named.append((target, column.target))
        numbers = [amount_of(name, amount, decimals) for name, amount in named]
        sentences.append(sentence(column.label, numbers, language))
    return description(sentences, unit, language)
