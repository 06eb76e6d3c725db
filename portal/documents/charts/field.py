"""The field between two axes: where an amount and a place in the row lie in it, and its grid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from portal.documents.charts.drawing import (
    GRID,
    MUTED,
    Anchor,
    Coordinate,
    Label,
    Shape,
    Size,
    at,
    horizontal,
    text_width,
)
from portal.documents.charts.scales import Axis, Unit


@dataclass(frozen=True, slots=True)
class Field:
    """A rectangle of the drawing with an axis of amounts on its left."""

    left: Decimal
    right: Decimal
    top: Decimal
    bottom: Decimal
    axis: Axis
    headroom: Decimal = Decimal(0)

    @classmethod
    def inside(
        cls,
        size: Size,
        axis: Axis,
        *,
        above: Coordinate = 0,
        beside: Decimal = Decimal(0),
        unit: Unit = Unit(),  # noqa: B008 -- frozen
    ) -> Field:
        """What is left of a drawing after a key above, names beside, and the words of both axes.

        A unit that is wider than the numbers of the axis gets a line of its own above what stands on the columns.
        """
        left = max(text_width(words, size.letter) for _, words in axis.ticks()) + size.letter
        headroom = size.letter if text_width(unit.symbol, size.letter) > left else 0
        return cls(
            left=left,
            right=size.width - beside - 2,
            top=Decimal(above + size.letter * 2 + headroom),
            bottom=Decimal(size.height - size.letter * 2),
            axis=axis,
            headroom=Decimal(headroom),
        )

    def y(self, amount: Decimal) -> Decimal:
        """The height of an amount."""
        return self.bottom - (self.bottom - self.top) * self.axis.part(amount)

    def grid(self, size: Size, unit: Unit) -> tuple[list[Shape], list[Label]]:
        """A line and its number for each step of the axis, and the unit above them."""
        labels = [self._unit(size, unit)]
        x = at(self.left - Decimal(size.letter) / 2)
        steps = ""
        for value, words in self.axis.ticks():
            y = self.y(value)
            if value:
                steps += horizontal(self.left, y, self.right)
            middle = at(y + Decimal(size.letter) / 3)
            labels.append(Label(x, middle, words, Anchor.END, size.letter - 1, fill=MUTED))
        ground = horizontal(self.left, self.y(Decimal(0)), self.right)
        return [Shape(steps, stroke=GRID), Shape(ground, stroke=MUTED)], labels

    def _unit(self, size: Size, unit: Unit) -> Label:
        y = at(self.top - self.headroom - Decimal(size.letter) * 3 / 4)
        return Label("0", y, unit.symbol, size=size.letter - 1, fill=MUTED)

    def place_label(self, x: Decimal, words: str, size: Size) -> Label:
        """The words under a place in the row."""
        y = at(self.bottom + size.letter * Decimal("1.4"))
        return Label(at(x), y, words, Anchor.MIDDLE, size.letter)


def places_labelled(words: list[str], room: Decimal, size: Size) -> list[int]:
    """Which places have a label: all, or every second, fifth, tenth counted back from the last, and the first."""
    every = every_that_fits(words, room, size)
    step = next((step for step in _EVEN_STEPS if step >= every), every)
    shown = list(range(len(words) - 1, -1, -step))[::-1]
    if shown and shown[0] >= every:
        return [0, *shown]
    # Where the first is too near to the next, the next one gives way: a path is read from its base year.
    return [0, *shown[1:]] if len(shown) > 1 else shown


_EVEN_STEPS = (1, 2, 5, 10, 20, 50)


def every_that_fits(words: list[str], room: Decimal, size: Size) -> int:
    """Every how many places have a label, so that neighbours keep a space between them."""
    widest = max((text_width(word, size.letter) for word in words), default=Decimal(0))
    needed = (widest + Decimal(size.letter) / 2) / room
    return max(1, int(needed.to_integral_value(ROUND_CEILING)))
