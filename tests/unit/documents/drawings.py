"""Where the shapes and labels of a chart lie, so that tests can say what leaves it and what runs into what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from portal.documents.charts.drawing import Anchor, Chart, Label, text_width

D = Decimal
BEFORE = {Anchor.START: D(0), Anchor.MIDDLE: D("0.5"), Anchor.END: D(1)}
# Coordinates are written to a tenth, relative ones too.
ROUNDING = D("0.2")


@dataclass(frozen=True)
class Extent:
    """A rectangle that something takes up."""

    left: Decimal
    top: Decimal
    right: Decimal
    bottom: Decimal
    what: str

    def meets(self, other: Extent) -> bool:
        """Whether both take up some of the same place."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > ROUNDING and down > ROUNDING


def label_extent(label: Label) -> Extent:
    """From the tops of the capitals to the baseline, as wide as the words are set."""
    width = text_width(label.words, label.size)
    left = D(label.x) - width * BEFORE[label.anchor]
    y = D(label.y)
    return Extent(left, y - label.size * D("0.75"), left + width, y, label.words)


def path_points(path: str) -> list[tuple[Decimal, Decimal]]:
    """Every corner of a path of the commands that charts use."""
    points = []
    x = y = D(0)
    for command, values in re.findall(r"([MLHVhvz])([-\d. ]*)", path):
        numbers = [D(value) for value in values.split()]
        if command in "ML":
            x, y = numbers
        elif command in "Hh":
            x = numbers[0] + (x if command == "h" else 0)
        elif command in "Vv":
            y = numbers[0] + (y if command == "v" else 0)
        points.append((x, y))
    return points


def boxes(chart: Chart, fill: str) -> list[Extent]:
    """The rectangles of a colour, in the order in which they are drawn."""
    found = []
    for shape in chart.shapes:
        if shape.fill == fill:
            for x, y, width, height in re.findall(
                r"M(-?[\d.]+) (-?[\d.]+)h([\d.]+)v([\d.]+)h", shape.path
            ):
                left, top = D(x), D(y)
                found.append(Extent(left, top, left + D(width), top + D(height), fill))
    return found


def strays(chart: Chart) -> list[str]:
    """What leaves the drawing."""
    extents = [label_extent(label) for label in chart.labels]
    for shape in chart.shapes:
        for x, y in path_points(shape.path):
            extents.append(Extent(x, y, x, y, shape.path[:60]))
    return [
        found.what
        for found in extents
        if found.left < -ROUNDING
        or found.top < -ROUNDING
        or found.right > chart.width + ROUNDING
        or found.bottom > chart.height + ROUNDING
    ]


def collisions(chart: Chart) -> list[tuple[str, str]]:
    """Which labels run into each other."""
    extents = [label_extent(label) for label in chart.labels]
    return [(a.what, b.what) for a, b in combinations(extents, 2) if a.meets(b)]
