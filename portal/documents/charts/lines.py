"""Lines over time, each with its own dash and its name at its end, and the small line for a table cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from portal.documents.charts.descriptions import amount_of, description, sentence
from portal.documents.charts.drawing import (
    DASHES,
    PALETTE,
    WIDE,
    Chart,
    Label,
    Shape,
    Size,
    at,
    fitted,
    polyline,
    rectangle,
    text_width,
)
from portal.documents.charts.field import Field, every_that_fits
from portal.documents.charts.scales import Axis, Unit
from portal.documents.facts import Language

Points = list[tuple[Decimal, Decimal]]
LINE_HEIGHT = Decimal("1.25")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name and an amount for each label; None is a gap in it."""

    name: str
    amounts: tuple[Decimal | None, ...]


def lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Line],
    *,
    unit: Unit = Unit(),  # noqa: B008 -- frozen
    size: Size = WIDE,
    language: Language = Language.ZH,
) -> Chart:
    """Draw several series over the same labels; names at the ends keep a line's height apart.

    Amounts are divided by the unit's size. Raises ValueError when a series has not an amount for each label.
    """
    series = [_in_unit(line, unit, len(labels)) for line in series]
    axis = Axis.around(a for line in series for a in line.amounts if a is not None)
    names = [fitted(line.name, size.letter, Decimal(size.width) * 30 / 100) for line in series]
    widest = max((text_width(name, size.letter) for name in names), default=Decimal(0))
    field = Field.inside(size, axis, beside=widest + size.letter)
    shapes, words = field.grid(size, unit)
    words += _places(field, labels, size)
    ends: list[Decimal] = []
    for index, line in enumerate(series):
        stretches = _stretches(field, line)
        shapes += _drawn(index, stretches)
        ends.append(stretches[-1][-1][1] if stretches else field.bottom)
    words += _names_at(ends, names, field, size)
    told = _describe(labels, series, axis.decimals + 1, unit, language)
    return Chart(size.width, size.height, title, told, tuple(shapes), tuple(words))


def _in_unit(line: Line, unit: Unit, count: int) -> Line:
    if len(line.amounts) != count:
        raise ValueError(f"line {line.name} has {len(line.amounts)} amounts for {count} labels")
    return Line(line.name, tuple(None if a is None else a / unit.size for a in line.amounts))


def _x(field: Field, index: int, count: int) -> Decimal:
    return field.left + (field.right - field.left) * index / max(1, count - 1)


def _places(field: Field, labels: Sequence[str], size: Size) -> list[Label]:
    room = (field.right - field.left) / max(1, len(labels) - 1)
    every = every_that_fits(list(labels), room, size)
    return [
        field.place_label(_x(field, index, len(labels)), labels[index], size)
        for index in range(0, len(labels), every)
    ]


def _stretches(field: Field, line: Line) -> list[Points]:
    """The line's points, cut at its gaps."""
    count = len(line.amounts)
    return _cut_at_gaps(
        [
            None if amount is None else (_x(field, index, count), field.y(amount))
            for index, amount in enumerate(line.amounts)
        ]
    )


def _cut_at_gaps(points: Sequence[tuple[Decimal, Decimal] | None]) -> list[Points]:
    stretches: list[Points] = [[]]
    for point in points:
        if point is not None:
            stretches[-1].append(point)
        elif stretches[-1]:
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def _drawn(series: int, stretches: list[Points]) -> list[Shape]:
    colour = PALETTE[series % len(PALETTE)]
    dash = DASHES[series % len(DASHES)]
    shapes = [Shape(polyline(s), stroke=colour, stroke_width="2", dash=dash) for s in stretches]
    dots = "".join(rectangle(x - 2, y - 2, 4, 4) for stretch in stretches for x, y in stretch)
    return [*shapes, Shape(dots, fill=colour)] if dots else shapes


def _names_at(ends: list[Decimal], names: list[str], field: Field, size: Size) -> list[Label]:
    x = at(field.right + Decimal(size.letter) / 2)
    return [
        Label(
            x,
            at(end + Decimal(size.letter) / 3),
            names[series],
            size=size.letter,
            fill=PALETTE[series % len(PALETTE)],
        )
        for series, end in enumerate(spread(ends, size.letter * LINE_HEIGHT, field.bottom))
    ]


def spread(places: list[Decimal], least: Decimal, lowest: Decimal) -> list[Decimal]:
    """The places moved as little as needed, so that neighbours are so far apart and none is below `lowest`.

    Places are counted downwards from the top, as in a drawing; too many for the room end up above its top.
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    apart = list(places)
    for upper, lower in pairwise(order):
        apart[lower] = max(apart[lower], apart[upper] + least)
    limit = lowest
    for index in reversed(order):
        apart[index] = min(apart[index], limit)
        limit = apart[index] - least
    return apart


def _describe(
    labels: Sequence[str], series: list[Line], decimals: int, unit: Unit, language: Language
) -> str:
    sentences = []
    for line in series:
        numbers = [
            amount_of(label, amount, decimals)
            for label, amount in zip(labels, line.amounts, strict=True)
            if amount is not None
        ]
        sentences.append(sentence(line.name, numbers, language))
    return description(sentences, unit, language)


def sparkline(
    title: str,
    amounts: Sequence[Decimal | None],
    *,
    size: Size = Size(96, 24),  # noqa: B008 -- frozen
) -> Chart:
    """Draw a series without axes, its last point marked; the title says what it shows in words."""
    present = [amount for amount in amounts if amount is not None]
    low, high = min(present, default=Decimal(0)), max(present, default=Decimal(0))
    step = Decimal(size.width - 2 * _INSET) / max(1, len(amounts) - 1)
    scale = (size.height - 2 * _INSET) / ((high - low) or Decimal(1))
    stretches = _cut_at_gaps(
        [
            None if a is None else (_INSET + step * i, _INSET + (high - a) * scale)
            for i, a in enumerate(amounts)
        ]
    )
    shapes = [Shape(polyline(s), stroke=PALETTE[0], stroke_width="1.5") for s in stretches]
    if stretches:
        x, y = stretches[-1][-1]
        shapes.append(Shape(rectangle(x - 2, y - 2, 4, 4), fill=PALETTE[1]))
    return Chart(size.width, size.height, title, "", tuple(shapes), ())


_INSET = 3
