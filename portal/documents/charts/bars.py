"""Level bars: the largest of many, the parts of a whole, and one amount against its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.documents.charts.drawing import (
    GRID,
    INK,
    MUTED,
    PALETTE,
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
    fitted,
    rectangle,
    text_width,
)
from portal.documents.charts.keys import key, series_entries
from portal.documents.facts import Language

NARROW = 420


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its amount, and the amount in words as it stands beside it."""

    name: str
    amount: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class _Rows:
    """How bars stand under each other: names beside them, or above them on a narrow drawing."""

    size: Size
    names_above: bool
    left: Decimal
    longest: Decimal

    @classmethod
    def for_bars(cls, bars: Sequence[Bar], size: Size) -> _Rows:
        above = size.width < NARROW
        left = Decimal(0) if above else _room_for_names(bars, size)
        beside = max((text_width(bar.words, size.letter) for bar in bars), default=Decimal(0))
        return cls(size, above, left, max(Decimal(1), size.width - left - beside - size.letter))

    @property
    def height(self) -> int:
        return self.size.letter * (28 if self.names_above else 20) // 10

    def middle(self, index: int) -> Decimal:
        return self.height * (index + (Decimal("0.72") if self.names_above else Decimal("0.5")))

    def box(self, index: int, part: Decimal) -> Box:
        height = self.size.letter * (Decimal("0.75") if self.names_above else Decimal("1.25"))
        width = max(self.longest * part, Decimal(1))
        return Box(self.left, self.middle(index) - height / 2, width, height)

    def name(self, index: int, name: str) -> Label:
        letter = self.size.letter
        if self.names_above:
            y = at(self.height * index + letter * Decimal("1.2"))
            return Label("0", y, fitted(name, letter, self.size.width), size=letter)
        words = fitted(name, letter, self.left - letter)
        x = at(self.left - Decimal(letter) / 2)
        return Label(x, self._baseline(index), words, Anchor.END, letter)

    def amount(self, index: int, part: Decimal, words: str) -> Label:
        x = at(self.left + self.longest * part + self.size.letter // 2)
        return Label(x, self._baseline(index), words, size=self.size.letter, fill=MUTED)

    def _baseline(self, index: int) -> str:
        return at(self.middle(index) + self.size.letter * Decimal("0.36"))


def level_bars(
    title: str,
    bars: Sequence[Bar],
    *,
    size: Size = WIDE,
    language: Language = Language.ZH,
) -> Chart:
    """Draw the amounts as bars under each other, the order kept; the drawing is as high as they need.

    On a narrow drawing a name stands above its bar. Raises ValueError for an amount below zero.
    """
    if min((bar.amount for bar in bars), default=Decimal(0)) < 0:
        raise ValueError("a bar has an amount below zero")
    rows = _Rows.for_bars(bars, size)
    largest = max((bar.amount for bar in bars), default=Decimal(0)) or Decimal(1)
    labels: list[Label] = []
    for index, bar in enumerate(bars):
        labels.append(rows.name(index, bar.name))
        labels.append(rows.amount(index, bar.amount / largest, bar.words))
    boxes = [rows.box(i, bar.amount / largest) for i, bar in enumerate(bars) if bar.amount]
    mark = PUNCTUATION[language]
    description = mark.semicolon.join(f"{bar.name}{mark.colon}{bar.words}" for bar in bars)
    height = max(1, rows.height * len(bars))
    shapes = tuple(filled(0, *boxes))
    return Chart(size.width, height, title, description, shapes, tuple(labels))


def _room_for_names(bars: Sequence[Bar], size: Size) -> Decimal:
    widest = max((text_width(bar.name, size.letter) for bar in bars), default=Decimal(0))
    return min(widest + size.letter, Decimal(size.width) * 42 / 100)


def share_bar(
    title: str,
    parts: Sequence[Bar],
    *,
    size: Size = WIDE,
    language: Language = Language.ZH,
) -> Chart:
    """Draw the parts of a whole as one bar, each with its hatching, and a key with the words beneath."""
    whole = sum((part.amount for part in parts), Decimal(0))
    height = size.letter * 4
    mark = PUNCTUATION[language]
    shapes = [Shape(rectangle(0, 0, size.width, height), fill=GRID)]
    x = Decimal(0)
    for series, part in enumerate(parts):
        width = size.width * part.amount / whole if whole else Decimal(0)
        if width:
            shapes += filled(series, Box(x, Decimal(0), width, Decimal(height)))
        x += width
    names = [f"{part.name} {part.words}" for part in parts]
    beneath = key(series_entries(names), size, left=0, top=height + size.letter)
    return Chart(
        size.width,
        height + size.letter + beneath.height,
        title,
        mark.semicolon.join(f"{part.name}{mark.colon}{part.words}" for part in parts),
        (*shapes, *beneath.shapes),
        tuple(beneath.labels),
    )


def bullet(
    title: str,
    *,
    amount: Decimal,
    target: Decimal,
    most: Decimal,
    size: Size = Size(120, 14),  # noqa: B008 -- frozen
) -> Chart:
    """Draw one amount as a bar against a tick at its target, both out of `most`; the title says both in words."""
    scale = Decimal(size.width) / (most or Decimal(1))
    inner = Decimal(size.height) / 4
    reach = max(Decimal(0), min(amount * scale, Decimal(size.width)))
    tick = max(Decimal(1), min(target * scale, Decimal(size.width) - 1))
    shapes = (
        Shape(rectangle(0, inner, size.width, size.height - inner * 2), fill=GRID),
        Shape(rectangle(0, inner, reach, size.height - inner * 2), fill=PALETTE[0]),
        Shape(f"M{at(tick)} 0v{at(size.height)}", stroke=INK, stroke_width="2"),
    )
    return Chart(size.width, size.height, title, "", shapes, ())
