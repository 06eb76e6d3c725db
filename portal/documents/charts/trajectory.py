"""A trajectory: years as stacked columns, the path they should take, and the band in which they are expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from portal.documents.charts.columns import Column, Stacks
from portal.documents.charts.descriptions import amount_of, description, sentence
from portal.documents.charts.drawing import (
    INK,
    PALETTE,
    WHITE,
    WIDE,
    Box,
    Chart,
    Label,
    Shape,
    Size,
    at,
    horizontal,
    paper_behind,
    polyline,
    rectangle,
    text_width,
)
from portal.documents.charts.field import Field
from portal.documents.charts.keys import Entry, Key, key, path_entry, series_entry
from portal.documents.charts.scales import Axis, Unit
from portal.documents.facts import Language, Name
from portal.documents.figures import number

BAND = "#dde7f0"
BAND_EDGE = PALETTE[2]
# A drawing gets higher than asked for where its key would leave the columns less than so many letters.
LEAST_LETTERS = 12

TOTAL = Name("合计", "total")
UP_TO = Name("至", "to")


@dataclass(frozen=True, slots=True)
class YearPoint:
    """One year: amounts by series, what the target asks for, what is expected at least and at most, and another total."""

    label: str
    amounts: tuple[Decimal, ...] = ()
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    other: Decimal | None = None

    @property
    def band(self) -> tuple[Decimal, Decimal] | None:
        """The expected least and most; one of them alone is a band without width."""
        low = self.high if self.low is None else self.low
        high = self.low if self.high is None else self.high
        return None if low is None or high is None else (low, high)

    def in_unit(self, unit: Unit) -> YearPoint:
        """The same year, counted in a unit."""
        return YearPoint(
            self.label,
            tuple(amount / unit.size for amount in self.amounts),
            *(
                None if amount is None else amount / unit.size
                for amount in (self.target, self.low, self.high, self.other)
            ),
        )

    def column(self) -> Column:
        """The year as a stacked column."""
        return Column(self.label, self.amounts, self.target)

    def reach(self) -> list[Decimal]:
        """What an axis has to enclose."""
        return [*self.column().reach(), *(self.band or ()), self.other or Decimal(0)]


@dataclass(frozen=True, slots=True)
class _Names:
    """What is drawn, by its name: nothing is named that has no value."""

    series: tuple[str, ...]
    target: str
    forecast: str
    other: str

    @classmethod
    def of_values(cls, points: Sequence[YearPoint], names: _Names) -> _Names:
        return cls(
            names.series if any(p.amounts for p in points) else (),
            names.target if any(p.target is not None for p in points) else "",
            names.forecast if any(p.band for p in points) else "",
            names.other if any(p.other is not None for p in points) else "",
        )

    def entries(self) -> list[Entry]:
        found = [series_entry(index, name) for index, name in enumerate(self.series)]
        if self.target:
            found.append(path_entry(self.target))
        if self.forecast:
            found.append(Entry(self.forecast, _band_sign, letters=2))
        if self.other:
            found.append(Entry(self.other, _mark_sign))
        return found


def trajectory(
    title: str,
    points: Sequence[YearPoint],
    series: tuple[str, ...],
    *,
    unit: Unit = Unit(),  # noqa: B008 -- frozen
    target: str = "",
    forecast: str = "",
    other: str = "",
    size: Size = WIDE,
    language: Language = Language.ZH,
) -> Chart:
    """Draw years as columns with the target's dashed path, the forecast's band and the marks of another series.

    Each of the three is drawn if it has a name, and named if it has values; amounts are divided by the unit's size.
    Raises ValueError for a year without an amount for each series, or with a forecast whose least is above its most.
    """
    for point in points:
        _check(point, series)
    points = [point.in_unit(unit) for point in points]
    names = _Names.of_values(points, _Names(series, target, forecast, other))
    axis = Axis.around(amount for point in points for amount in point.reach())
    left = Field.inside(size, axis).left if size.width >= WIDE.width * 3 // 4 else Decimal(0)
    above = key(names.entries(), size, left=left)
    size = _high_enough(size, above)
    stacks = Stacks.inside([p.column() for p in points], axis, size, above=above.height, unit=unit)
    grid, words = stacks.field.grid(size, unit)
    numbers = _totals(stacks, points)
    shapes = [*above.shapes, *_drawn(stacks, points, names, grid), *paper_behind(numbers)]
    return Chart(
        size.width,
        size.height,
        title,
        _describe(points, names, axis.decimals + 1, unit, language),
        tuple(shapes),
        (*above.labels, *words, *stacks.names(), *numbers),
    )


def _check(point: YearPoint, series: tuple[str, ...]) -> None:
    if point.amounts and len(point.amounts) != len(series):
        raise ValueError(f"{point.label} has {len(point.amounts)} amounts for {len(series)} series")
    if point.band and point.band[0] > point.band[1]:
        raise ValueError(f"{point.label} is expected at least above its most")


def _high_enough(size: Size, above: Key) -> Size:
    least = above.height + size.letter * (LEAST_LETTERS + 4)
    return Size(size.width, max(size.height, least), size.letter)


def _drawn(
    stacks: Stacks, points: list[YearPoint], names: _Names, grid: list[Shape]
) -> list[Shape]:
    """From behind to the front: the band, the grid, the columns, the band's edges, the path and the marks."""
    bands = _bands(stacks, points) if names.forecast else []
    return [
        *(Shape(polyline([*upper, *lower[::-1]]) + "z", fill=BAND) for upper, lower in bands),
        *grid,
        *stacks.layers(len(names.series)),
        *(Shape(polyline(edge), stroke=BAND_EDGE) for band in bands for edge in band),
        *(_above_columns(stacks.path()) if names.target else ()),
        *(_marks(stacks, points) if names.other else ()),
    ]


def _above_columns(path: list[Shape]) -> list[Shape]:
    """A path with a white seam, so that its dashes show on dark columns too."""
    return [*(Shape(shape.path, stroke=WHITE, stroke_width="4") for shape in path), *path]


_Edge = list[tuple[Decimal, Decimal]]


def _bands(stacks: Stacks, points: list[YearPoint]) -> list[tuple[_Edge, _Edge]]:
    """The upper and the lower edge of each stretch of forecasts; one that follows an actual year begins at its total."""
    bands = []
    for expected, stretch in groupby(range(len(points)), lambda index: bool(points[index].band)):
        if expected:
            bands.append(_band(stacks, points, list(stretch)))
    return bands


def _band(stacks: Stacks, points: list[YearPoint], places: list[int]) -> tuple[_Edge, _Edge]:
    upper: _Edge = []
    lower: _Edge = []
    first = places[0]
    if first and points[first - 1].amounts:
        total = points[first - 1].column().total
        upper.append((stacks.x(first - 1), stacks.field.y(total)))
        lower.append(upper[0])
    elif len(places) == 1:
        # A single year has a band as wide as its column.
        places = [first, first]
    for turn, place in enumerate(places):
        low, high = points[place].band or (Decimal(0), Decimal(0))
        aside = Decimal(0)
        if len(places) == 2 and places[0] == places[1]:
            aside = stacks.width / 2 * (2 * turn - 1)
        upper.append((stacks.x(place) + aside, stacks.field.y(high)))
        lower.append((stacks.x(place) + aside, stacks.field.y(low)))
    return upper, lower


def _band_sign(box: Box) -> list[Shape]:
    edges = "".join(
        horizontal(box.x, y, box.x + box.width) for y in (box.y + 1, box.y + box.height - 1)
    )
    inner = rectangle(box.x, box.y + 1, box.width, box.height - 2)
    return [Shape(inner, fill=BAND), Shape(edges, stroke=BAND_EDGE)]


def _marks(stacks: Stacks, points: list[YearPoint]) -> list[Shape]:
    radius = max(Decimal(3), min(stacks.width / 2, Decimal("4.5")))
    path = "".join(
        _diamond(stacks.x(index), stacks.field.y(point.other), radius)
        for index, point in enumerate(points)
        if point.other is not None
    )
    return _mark(path)


def _mark_sign(box: Box) -> list[Shape]:
    middle = box.width / 2
    return _mark(_diamond(box.x + middle, box.y + middle, Decimal("4.5")))


def _mark(path: str) -> list[Shape]:
    return [Shape(path, fill=WHITE, stroke=INK, stroke_width="1.4")]


def _diamond(x: Decimal, y: Decimal, radius: Decimal) -> str:
    return polyline([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]) + "z"


def _totals(stacks: Stacks, points: list[YearPoint]) -> list[Label]:
    """The total above each actual year, or above the latest and the first where not all have room."""
    actual = [index for index, point in enumerate(points) if point.amounts]
    widest = max((_width(stacks, points[index]) for index in actual), default=Decimal(0))
    if widest + Decimal(stacks.size.letter) / 2 <= stacks.room:
        return [_total(stacks, points, index) for index in actual]
    ends = [_total(stacks, points, index) for index in actual[:1] + actual[-1:]]
    apart = len(actual) > 1 and Decimal(ends[1].x) - Decimal(ends[0].x) > widest
    return ends if apart else ends[-1:]


def _words(stacks: Stacks, point: YearPoint) -> str:
    return number(point.column().total, stacks.field.axis.label_decimals)


def _width(stacks: Stacks, point: YearPoint) -> Decimal:
    return text_width(_words(stacks, point), stacks.size.letter)


def _total(stacks: Stacks, points: list[YearPoint], index: int) -> Label:
    """The total above everything that stands where its words are, and within the field."""
    words, half = _words(stacks, points[index]), _width(stacks, points[index]) / 2
    field = stacks.field
    x = max(field.left + half, min(stacks.x(index), field.right - half))
    near = [i for i in range(len(points)) if abs(stacks.x(i) - x) < half + stacks.width / 2]
    y = min(_height(stacks, points[i]) for i in near)
    label = stacks.total(index, words, y)
    return Label(at(x), label.y, words, label.anchor, label.size, bold=True)


def _height(stacks: Stacks, point: YearPoint) -> Decimal:
    top = stacks.field.y(point.column().top)
    return top if point.other is None else min(top, stacks.field.y(point.other) - 4)


def _describe(
    points: list[YearPoint], names: _Names, decimals: int, unit: Unit, language: Language
) -> str:
    sentences = []
    for point in points:
        told = [amount_of(*pair, decimals) for pair in _named(point, names, language)]
        if names.forecast and point.band:
            low, high = (number(amount, decimals) for amount in point.band)
            told.append(f"{names.forecast} {low} {UP_TO.first(language)} {high}")
        if names.other and point.other is not None:
            told.append(amount_of(names.other, point.other, decimals))
        if told:
            sentences.append(sentence(point.label, told, language))
    return description(sentences, unit, language)


def _named(point: YearPoint, names: _Names, language: Language) -> list[tuple[str, Decimal]]:
    named = list(zip(names.series, point.amounts, strict=False))
    if len(point.amounts) > 1:
        named.append((TOTAL.first(language), point.column().total))
    if names.target and point.target is not None:
        named.append((names.target, point.target))
    return named
