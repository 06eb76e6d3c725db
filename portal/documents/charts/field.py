"""The field between two axes: where an amount and a place in the row lie in it, and its grid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from portal.documents.charts.drawing import (
    GRID,
    MUTED,
    Anchor,
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

    @classmethod
    def inside(
        cls, size: Size, axis: Axis, *, above: int = 0, beside: Decimal = Decimal(0)
    ) -> Field:
        """What is left of a drawing after a key above, names beside, and the words of both axes."""
        widest = max(text_width(words, size.letter) for _, words in axis.ticks())
        return cls(
            left=widest + size.letter,
            right=size.width - beside - 2,
            top=Decimal(above + size.letter * 2),
            bottom=Decimal(size.height - size.letter * 2),
            axis=axis,
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
        y = at(self.top - Decimal(size.letter) * 3 / 4)
        return Label("0", y, unit.symbol, size=size.letter - 1, fill=MUTED)

    def place_label(self, x: Decimal, words: str, size: Size) -> Label:
        """The words under a place in the row."""
        y = at(self.bottom + size.letter * Decimal("1.4"))
        return Label(at(x), y, words, Anchor.MIDDLE, size.letter)


def every_that_fits(words: list[str], room: Decimal, size: Size) -> int:
    """Every how many places have a label, so that neighbours keep a space between them."""
    widest = max((text_width(word, size.letter) for word in words), default=Decimal(0))
    needed = (widest + Decimal(size.letter) / 2) / room
    return max(1, int(needed.to_integral_value(ROUND_CEILING)))
