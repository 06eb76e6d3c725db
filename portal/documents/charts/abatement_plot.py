"""The bars of an abatement cost curve between their axes, with numbers that never run into each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from portal.documents.charts.drawing import (
    INK,
    MUTED,
    WHITE,
    Anchor,
    Box,
    Label,
    Shape,
    Size,
    at,
    filled,
    fitted,
    polyline,
    text_width,
)
from portal.documents.charts.field import Field, every_that_fits
from portal.documents.charts.lines import spread
from portal.documents.charts.scales import Axis, Unit

SAVES, COSTS, REST = 0, 1, 4
# A few kilograms at a huge cost would press all others flat: bars beyond so many times what nearly all cost are cut.
NEARLY_ALL = Decimal("0.95")
BEYOND = 4
# Grey bars are drawn together until they are so wide: thousands of thinner ones look the same.
LEAST_GREY = Decimal(2)


@dataclass(frozen=True, slots=True)
class Piece:
    """A measure in its place: what is saved before it, its width, its cost, its number (0: none) and its name."""

    before: Decimal
    width: Decimal
    cost: Decimal
    number: int = 0
    name: str = ""

    @property
    def series(self) -> int:
        """Whose colour and hatching it has."""
        if not self.number:
            return REST
        return SAVES if self.cost < 0 else COSTS


@dataclass(frozen=True, slots=True)
class Plot:
    """The pieces, from cheap to dear, in a field of costs over amounts."""

    pieces: list[Piece]
    field: Field
    across: Axis
    total: Decimal
    size: Size
    cost_unit: str

    @classmethod
    def of(cls, pieces: list[Piece], size: Size, cost_unit: str) -> Plot:
        """Lay out both axes, and above them a line for the numbers of bars too thin to carry them."""
        axis = Axis.around(_within_limit(pieces))
        total = sum((piece.width for piece in pieces), Decimal(0))
        across = Axis.around([total])
        half = text_width(across.ticks()[-1][1], size.letter) / 2
        field = Field.inside(size, axis, beside=half)
        field = replace(field, left=max(field.left, half))
        plot = cls(pieces, field, across, total or across.high, size, cost_unit)
        return replace(plot, field=plot._with_room(size.letter))

    def _with_room(self, letter: int) -> Field:
        headroom = letter * Decimal("2.7") if self._thin() else Decimal(letter)
        bottom = self.size.height - letter * Decimal("3.4")
        return replace(self.field, top=letter * 2 + headroom, bottom=bottom, headroom=headroom)

    def is_cut(self) -> bool:
        """Whether a bar goes beyond the axis."""
        return any(self._is_beyond(piece) for piece in self.pieces)

    def _is_beyond(self, piece: Piece) -> bool:
        return not self.field.axis.low <= piece.cost <= self.field.axis.high

    def x(self, amount: Decimal) -> Decimal:
        """The place of so much saved."""
        return self.field.left + (self.field.right - self.field.left) * amount / self.total

    def y(self, cost: Decimal) -> Decimal:
        """The height of a cost, or the end of the axis."""
        axis = self.field.axis
        return self.field.y(max(axis.low, min(cost, axis.high)))

    def box(self, piece: Piece) -> Box:
        """A bar from the ground to its cost; the thinnest and the lowest are still to be seen."""
        left, ground, end = self.x(piece.before), self.y(Decimal(0)), self.y(piece.cost)
        width = max(self.x(piece.before + piece.width) - left, Decimal("0.6"))
        return Box(left, min(ground, end), width, max(abs(ground - end), Decimal(1)))

    def drawn(self, amounts_title: str) -> tuple[list[Shape], list[Label]]:
        """The grid, the bars with their numbers, and the amounts beneath under their title."""
        shapes, labels = self.field.grid(self.size, Unit(symbol=self.cost_unit))
        bars = self._bars()
        for series in (SAVES, COSTS, REST):
            shapes += filled(series, *(self.box(bar) for bar in bars if bar.series == series))
        ground = polyline([(self.x(a), self.y(Decimal(0))) for a in (Decimal(0), self.total)])
        shapes += [*self._seams(bars), *self._notches(bars), Shape(ground, stroke=INK)]
        thin = self._thin()
        places = self._spread(thin)
        shapes += self._leaders(thin, places)
        labels += [*self._numbers(thin, places), *self._amounts(amounts_title)]
        return shapes, labels

    def _bars(self) -> list[Piece]:
        least = self.total * LEAST_GREY / (self.field.right - self.field.left)
        bars: list[Piece] = []
        for piece in self.pieces:
            if bars and _go_together(bars[-1], piece, least):
                bars[-1] = _together(bars[-1], piece)
            else:
                bars.append(piece)
        return bars

    def _seams(self, bars: list[Piece]) -> list[Shape]:
        """White between bars that are wide enough to be told apart."""
        boxes = [self.box(bar) for bar in bars]
        path = "".join(f"M{at(b.x)} {at(b.y)}v{at(b.height)}" for b in boxes if b.width >= 4)
        return [Shape(path, stroke=WHITE)] if path else []

    def _notches(self, bars: list[Piece]) -> list[Shape]:
        path = ""
        for bar in bars:
            if self._is_beyond(bar):
                box = self.box(bar)
                near = box.y + 9 if bar.cost > 0 else box.y + box.height - 9
                path += polyline([(box.x, near + 2), (box.x + box.width, near - 2)])
        return [Shape(path, stroke=WHITE, stroke_width="3")] if path else []

    def _needed(self, piece: Piece) -> Decimal:
        return text_width(f"{piece.number}", self.size.letter) + 2

    def _thin(self) -> list[Piece]:
        """The numbered bars that are narrower than their number."""
        numbered = (piece for piece in self.pieces if piece.number)
        return [piece for piece in numbered if self.box(piece).width < self._needed(piece)]

    def _middle(self, piece: Piece) -> Decimal:
        box = self.box(piece)
        return box.x + box.width / 2

    def _spread(self, thin: list[Piece]) -> list[Decimal]:
        """Where the numbers of thin bars stand in their line: over their bars, or as near as there is room."""
        if not thin:
            return []
        least = max(self._needed(piece) for piece in thin) + 2
        return spread([self._middle(piece) for piece in thin], least, self.field.right)

    def _line(self) -> Decimal:
        """The baseline of the numbers of thin bars."""
        return self.field.top - self.field.headroom + self.size.letter * Decimal("0.4")

    def _leaders(self, thin: list[Piece], places: list[Decimal]) -> list[Shape]:
        """From a number aslant to the place over its bar, then straight down: so that none crosses a number."""
        bend = self.field.top - self.size.letter * Decimal("1.1")
        path = ""
        for piece, place in zip(thin, places, strict=True):
            middle = self._middle(piece)
            end = self.y(max(piece.cost, Decimal(0)))
            path += polyline([(place, self._line() + 3), (middle, bend), (middle, end)])
        return [Shape(path, stroke=MUTED, stroke_width="0.8")] if path else []

    def _numbers(self, thin: list[Piece], places: list[Decimal]) -> list[Label]:
        above = {piece.number: place for piece, place in zip(thin, places, strict=True)}
        labels = []
        for piece in self.pieces:
            if piece.number in above:
                labels.append(self._number(piece, above[piece.number], self._line()))
            elif piece.number:
                # Over the ground where a bar hangs beneath it: there is always room.
                y = self.y(max(piece.cost, Decimal(0))) - Decimal(self.size.letter) / 3
                labels.append(self._number(piece, self._middle(piece), y))
        return labels

    def _number(self, piece: Piece, x: Decimal, y: Decimal) -> Label:
        letter = self.size.letter
        return Label(at(x), at(y), f"{piece.number}", Anchor.MIDDLE, letter - 1, bold=True)

    def _amounts(self, title: str) -> list[Label]:
        ticks = self.across.ticks()
        room = self.x(self.across.step) - self.field.left
        labels = [
            self.field.place_label(self.x(value), words, self.size)
            for value, words in ticks[:: every_that_fits([ticks[-1][1]], room, self.size)]
            if value <= self.total
        ]
        letter = self.size.letter
        y = at(self.field.bottom + letter * Decimal("2.8"))
        words = fitted(title, letter - 1, self.size.width - 2)
        x = at(self.size.width - 2)
        return [*labels, Label(x, y, words, Anchor.END, letter - 1, fill=MUTED)]


def _within_limit(pieces: list[Piece]) -> Iterable[Decimal]:
    """The costs, those far beyond what nearly all of the saving costs brought back to a limit."""
    limit = _limit(pieces)
    costs = [piece.cost for piece in pieces]
    return [max(-limit, min(cost, limit)) for cost in costs] if limit else costs


def _limit(pieces: list[Piece]) -> Decimal:
    whole = sum((piece.width for piece in pieces), Decimal(0))
    reached = Decimal(0)
    for piece in sorted(pieces, key=lambda piece: abs(piece.cost)):
        reached += piece.width
        if reached >= whole * NEARLY_ALL:
            return abs(piece.cost) * BEYOND
    return Decimal(0)


def _go_together(before: Piece, piece: Piece, least: Decimal) -> bool:
    grey = not before.number and not piece.number
    return grey and before.width < least and (before.cost < 0) == (piece.cost < 0)


def _together(before: Piece, piece: Piece) -> Piece:
    """Both as one, at their mean cost."""
    width = before.width + piece.width
    mean = (before.width * before.cost + piece.width * piece.cost) / width
    return Piece(before.before, width, mean)
