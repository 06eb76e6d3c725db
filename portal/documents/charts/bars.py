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
    key,
    rectangle,
    text_width,
)
from portal.documents.facts import Language

NARROW = 420


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its amount, and the amount in words as it stands beside it."""

    name: str
    amount: Decimal
    words: str


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
    above = size.width < NARROW
    row = size.letter * (28 if above else 20) // 10
    beside = max((text_width(bar.words, size.letter) for bar in bars), default=Decimal(0))
    left = Decimal(0) if above else _room_for_names(bars, size)
    longest = max(Decimal(1), size.width - left - beside - size.letter)
    largest = max((bar.amount for bar in bars), default=Decimal(0)) or Decimal(1)
    shapes: list[Shape] = []
    labels: list[Label] = []
    for index, bar in enumerate(bars):
        top = Decimal(row * index)
        middle = top + Decimal(row) * (Decimal("0.72") if above else Decimal("0.5"))
        width = longest * bar.amount / largest
        height = Decimal(size.letter) * (Decimal("0.75") if above else Decimal("1.25"))
        if bar.amount:
            box = rectangle(left, middle - height / 2, max(width, Decimal(1)), height)
            shapes.append(Shape(box, fill=PALETTE[0]))
        text_y = at(middle + Decimal(size.letter) * 36 / 100)
        labels.append(_bar_name(bar, size, left, top, text_y, above=above))
        labels.append(
            Label(
                at(left + width + size.letter // 2), text_y, bar.words, size=size.letter, fill=MUTED
            )
        )
    mark = PUNCTUATION[language]
    description = mark.semicolon.join(f"{bar.name}{mark.colon}{bar.words}" for bar in bars)
    height = max(1, row * len(bars))
    return Chart(size.width, height, title, description, tuple(shapes), tuple(labels))


def _room_for_names(bars: Sequence[Bar], size: Size) -> Decimal:
    widest = max((text_width(bar.name, size.letter) for bar in bars), default=Decimal(0))
    return min(widest + size.letter, Decimal(size.width) * 42 / 100)


def _bar_name(bar: Bar, size: Size, left: Decimal, top: Decimal, y: str, *, above: bool) -> Label:
    if above:
        words = fitted(bar.name, size.letter, size.width)
        return Label("0", at(top + Decimal(size.letter) * Decimal("1.2")), words, size=size.letter)
    words = fitted(bar.name, size.letter, left - size.letter)
    return Label(at(left - Decimal(size.letter) / 2), y, words, Anchor.END, size.letter)


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
    names = tuple(f"{part.name} {part.words}" for part in parts)
    beneath = key(names, size, left=0, top=height + size.letter)
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
