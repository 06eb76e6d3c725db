"""What every chart is made of: shapes, labels, a palette that survives grey printing, and text measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.documents.facts import Language
from portal.documents.texts import cut_to_width, width_in_ems, wrapped_to_width

INK = "#1d2b26"
MUTED = "#55635c"
GRID = "#d9e2dc"
WHITE = "#ffffff"
# Dark green, ochre, blue, plum, grey: at least 3:1 on white, and apart for every kind of colour vision.
PALETTE = ("#1f6048", "#b7791f", "#41729f", "#8a4f7d", "#6b7770")
DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 5")
PATH_DASH = "5 4"

Coordinate = Decimal | int


class Anchor(StrEnum):
    """Where a label's own point lies in its text."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Shape:
    """A path: filled, or drawn with a stroke of a width, dashed or not."""

    path: str
    fill: str = "none"
    stroke: str = "none"
    stroke_width: str = "1"
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place."""

    x: str
    y: str
    words: str
    anchor: Anchor = Anchor.START
    size: int = 12
    bold: bool = False
    fill: str = INK


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its words for those who can't see it: the title sums it up, the description has all numbers."""

    width: int
    height: int
    title: str
    description: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a chart is drawn, in units of its own; letters keep their size when the chart gets narrow."""

    width: int
    height: int
    letter: int = 12


WIDE = Size(720, 300, 13)
PHONE = Size(350, 280, 13)


@dataclass(frozen=True, slots=True)
class Punctuation:
    """The marks between the numbers of a description."""

    colon: str
    comma: str
    semicolon: str


PUNCTUATION = {
    Language.ZH: Punctuation("：", "，", "；"),
    Language.EN: Punctuation(": ", ", ", "; "),
}


def at(coordinate: Coordinate) -> str:
    """A coordinate as SVG text, to a tenth of a unit."""
    text = f"{Decimal(coordinate):.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def rectangle(x: Coordinate, y: Coordinate, width: Coordinate, height: Coordinate) -> str:
    """The path of a rectangle."""
    return f"M{at(x)} {at(y)}h{at(width)}v{at(height)}h{at(-width)}z"


def horizontal(x: Coordinate, y: Coordinate, end: Coordinate) -> str:
    """The path of a level line."""
    return f"M{at(x)} {at(y)}H{at(end)}"


def polyline(points: Sequence[tuple[Coordinate, Coordinate]]) -> str:
    """The path through some points."""
    return "".join(f"{'L' if i else 'M'}{at(x)} {at(y)}" for i, (x, y) in enumerate(points))


def paper_behind(labels: Sequence[Label]) -> list[Shape]:
    """White behind labels, so that neither a path nor the grid runs through them."""
    path = ""
    for label in labels:
        width = text_width(label.words, label.size)
        left = Decimal(label.x) - width * _BEFORE[label.anchor]
        top = Decimal(label.y) - label.size * Decimal("0.85")
        path += rectangle(left - 1, top, width + 2, label.size)
    return [Shape(path, fill=WHITE)] if path else []


# How much of a label lies before its point.
_BEFORE = {Anchor.START: Decimal(0), Anchor.MIDDLE: Decimal("0.5"), Anchor.END: Decimal(1)}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle to be filled."""

    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal


def filled(series: int, *boxes: Box) -> list[Shape]:
    """Rectangles in a series' colour and, from the second series on, its hatching in white."""
    if not boxes:
        return []
    path = "".join(rectangle(box.x, box.y, box.width, box.height) for box in boxes)
    shapes = [Shape(path, fill=PALETTE[series % len(PALETTE)])]
    hatching = "".join(_hatching(series, box) for box in boxes)
    return [*shapes, Shape(hatching, stroke=WHITE, stroke_width="0.8")] if hatching else shapes


def _hatching(series: int, box: Box) -> str:
    match series % len(PALETTE):
        case 1:
            return _diagonals(box.x, box.y, box.width, box.height, step=7)
        case 2:
            ends = box.x + box.width
            return "".join(horizontal(box.x, box.y + d, ends) for d in _steps(box.height, 5))
        case 3:
            tops = (f"M{at(box.x + d)} {at(box.y)}" for d in _steps(box.width, 5))
            return "".join(f"{top}v{at(box.height)}" for top in tops)
        case _:
            return ""


def _diagonals(x: Decimal, y: Decimal, width: Decimal, height: Decimal, *, step: int) -> str:
    lines = []
    for distance in map(Decimal, _steps(width + height, step)):
        left, right = max(Decimal(0), distance - height), min(distance, width)
        lines.append(
            f"M{at(x + left)} {at(y + distance - left)}L{at(x + right)} {at(y + distance - right)}"
        )
    return "".join(lines)


def _steps(length: Decimal, step: int) -> range:
    return range(step, int(length) + (length % 1 > 0), step)


def text_width(words: str, size: int) -> Decimal:
    """About how wide words of a letter size come out."""
    return width_in_ems(words) * size


def fitted(words: str, size: int, width: Coordinate) -> str:
    """The words, or as much of them as a width takes, with "…"."""
    return cut_to_width(words, Decimal(width) / size)


def wrapped(words: str, size: int, width: Coordinate, most: int) -> list[str]:
    """The words in at most so many lines of a width, the lines about equally long."""
    ems = Decimal(width) / size
    lines = wrapped_to_width(words, ems, most)
    if width_in_ems(words) > ems * len(lines):
        return lines
    # A last line of one character looks lost: the narrowest width that needs no line more spreads them.
    narrow = width_in_ems(words) / len(lines)
    while narrow < ems:
        even = wrapped_to_width(words, narrow, len(lines) + 1)
        if len(even) <= len(lines) and not is_cut(words, even):
            return even
        narrow += Decimal("0.5")
    return lines


def is_cut(words: str, lines: Sequence[str]) -> bool:
    """Whether lines don't have all of their words."""
    return "".join(lines).replace(" ", "") != words.replace(" ", "")
