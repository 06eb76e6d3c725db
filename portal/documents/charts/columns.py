"""Stacked columns, one a year as a rule, with the path of a target across them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.documents.charts.drawing import (
    INK,
    PATH_DASH,
    PUNCTUATION,
    WIDE,
    Anchor,
    Box,
    Chart,
    Label,
    Shape,
    Size,
    at,
    filled,
    key,
    polyline,
    text_width,
)
from portal.documents.charts.field import Field, every_that_fits
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
        """The column's height."""
        return sum(self.amounts, Decimal(0))


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
    axis = Axis.around([c.total for c in columns] + [c.target or Decimal(0) for c in columns])
    left = Field.inside(size, axis).left
    above = key(series, size, left=left, path=target)
    field = Field.inside(size, axis, above=above.height)
    shapes, labels = field.grid(size, unit)
    for index in range(len(series)):
        shapes += _layer(field, columns, index, size)
    labels += _totals(field, columns, size)
    labels += _names(field, columns, size)
    if target:
        shapes += _path(field, columns)
    description = _describe(columns, series, unit, target, language)
    return Chart(
        size.width,
        size.height,
        title,
        description,
        (*above.shapes, *shapes),
        (*above.labels, *labels),
    )


def _in_unit(column: Column, unit: Unit) -> Column:
    if min(column.amounts, default=Decimal(0)) < 0:
        raise ValueError(f"column {column.label} has an amount below zero")
    target = None if column.target is None else column.target / unit.size
    return Column(column.label, tuple(amount / unit.size for amount in column.amounts), target)


def _place(field: Field, columns: list[Column], index: int) -> tuple[Decimal, Decimal]:
    """The middle of a column and the room that it has."""
    room = (field.right - field.left) / max(1, len(columns))
    return field.left + room * index + room / 2, room


def _layer(field: Field, columns: list[Column], series: int, size: Size) -> list[Shape]:
    """One series through all columns, as one path and one hatching: few shapes print faster than many."""
    boxes = []
    for index, column in enumerate(columns):
        x, room = _place(field, columns, index)
        width = min(room * 62 / 100, Decimal(size.letter * 5))
        below = sum(column.amounts[:series], Decimal(0))
        upto = sum(column.amounts[: series + 1], Decimal(0))
        if upto > below:
            boxes.append(Box(x - width / 2, field.y(upto), width, field.y(below) - field.y(upto)))
    return filled(series, *boxes)


def _totals(field: Field, columns: list[Column], size: Size) -> list[Label]:
    """Each column's total above it, where the room is wide enough for all."""
    labels = []
    for index, column in enumerate(columns):
        x, room = _place(field, columns, index)
        words = number(column.total, field.axis.decimals)
        if text_width(words, size.letter) > room:
            return []
        if column.amounts:
            y = at(field.y(column.total) - Decimal(size.letter) / 3)
            labels.append(Label(at(x), y, words, Anchor.MIDDLE, size.letter - 1, bold=True))
    return labels


def _names(field: Field, columns: list[Column], size: Size) -> list[Label]:
    if not columns:
        return []
    names = [column.label for column in columns]
    every = every_that_fits(names, _place(field, columns, 0)[1], size)
    return [
        field.place_label(_place(field, columns, index)[0], names[index], size)
        for index in range(0, len(names), every)
    ]


def _path(field: Field, columns: list[Column]) -> list[Shape]:
    points = [
        (_place(field, columns, index)[0], field.y(column.target))
        for index, column in enumerate(columns)
        if column.target is not None
    ]
    return [Shape(polyline(points), stroke=INK, stroke_width="2", dash=PATH_DASH)] if points else []


def _describe(
    columns: list[Column], series: tuple[str, ...], unit: Unit, target: str, language: Language
) -> str:
    mark = PUNCTUATION[language]
    decimals = Axis.around(column.total for column in columns).decimals + 1
    sentences = []
    for column in columns:
        named = list(zip(series, column.amounts, strict=False))
        if target and column.target is not None:
            named.append((target, column.target))
        numbers = mark.comma.join(f"{name} {number(amount, decimals)}" for name, amount in named)
        sentences.append(f"{column.label}{mark.colon}{numbers}")
    return mark.semicolon.join(sentences) + (f" ({unit.symbol})" if unit.symbol else "")
