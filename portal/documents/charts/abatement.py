"""A marginal abatement cost curve: measures from cheap to dear, as wide as they save and as high as a tonne costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.documents.charts.abatement_plot import Piece, Plot
from portal.documents.charts.descriptions import description, sentence
from portal.documents.charts.drawing import MUTED, PUNCTUATION, WIDE, Chart, Label, Size, at, fitted
from portal.documents.charts.numbered import Row, numbered
from portal.documents.charts.scales import Axis, Unit
from portal.documents.facts import Language, Name
from portal.documents.figures import number

# So many measures have a number; the rest is grey, for a key of hundreds is read by nobody.
MOST_NUMBERED = 15
# On a very narrow drawing fewer have one: two figures and a space are so many letters wide.
NUMBER_LETTERS = Decimal("1.5")

SAVED = Name("每年减排量", "Saved a year")
OTHERS = Name("其余 {} 项，平均成本", "{} others, mean cost")
NOT_DRAWN = Name("无减排量，未绘出", "Not drawn, as it saves nothing")
CUT = Name("带白色缺口的柱超出坐标范围，数值见下表", "A white notch: the bar goes beyond the axis")


@dataclass(frozen=True, slots=True)
class Block:
    """One measure: its name, kg CO2e saved a year, and what a tonne costs (below zero: it saves money)."""

    name: str
    kg: Decimal
    cost: Decimal


def abatement_curve(
    title: str,
    blocks: Sequence[Block],
    *,
    unit: Unit = Unit(),  # noqa: B008 -- frozen
    cost_unit: str = "",
    size: Size = WIDE,
    language: Language = Language.ZH,
) -> Chart:
    """Draw the measures by cost, the widest with numbers and a key beneath, the others grey in their places.

    Amounts in kg are divided by the unit's size; costs are shown as they are. What saves nothing is only described.
    """
    pieces = _in_places(blocks, unit, _most_numbered(size))
    plot = Plot.of(pieces, size, cost_unit)
    shapes, labels = plot.drawn(_amounts_title(unit, language))
    note = _note(plot, size, language)
    rows = _rows(pieces, plot.field.axis, language)
    top = size.height + size.letter // 2 + size.letter * 2 * len(note)
    beneath = numbered(rows, (unit.symbol, cost_unit), size, top=Decimal(top))
    told = [_told(row, unit.symbol, cost_unit, language) for row in rows]
    told += _not_drawn(blocks, unit, language)
    return Chart(
        size.width,
        top + beneath.height,
        title,
        description(told, Unit(), language),
        (*shapes, *beneath.shapes),
        (*labels, *note, *beneath.labels),
    )


def _most_numbered(size: Size) -> int:
    room = size.width - size.letter * 2
    return min(MOST_NUMBERED, int(room / (size.letter * NUMBER_LETTERS)))


def _in_places(blocks: Sequence[Block], unit: Unit, most: int) -> list[Piece]:
    """What saves something, from cheap to dear; the widest are numbered from left to right."""
    saving = [block for block in blocks if block.kg > 0]
    saving.sort(key=lambda block: (block.cost, -block.kg, block.name))
    widest = sorted(range(len(saving)), key=lambda index: (-saving[index].kg, index))
    # A rest of one is a measure with a name.
    places = sorted(widest if len(widest) == most + 1 else widest[:most])
    numbers = {index: place for place, index in enumerate(places, start=1)}
    pieces = []
    before = Decimal(0)
    for index, block in enumerate(saving):
        width = block.kg / unit.size
        pieces.append(Piece(before, width, block.cost, numbers.get(index, 0), block.name))
        before += width
    return pieces


def _amounts_title(unit: Unit, language: Language) -> str:
    words = SAVED.first(language)
    return f"{words}{PUNCTUATION[language].comma}{unit.symbol}" if unit.symbol else words


def _note(plot: Plot, size: Size, language: Language) -> list[Label]:
    if not plot.is_cut():
        return []
    letter = size.letter - 1
    words = fitted(CUT.first(language), letter, size.width)
    return [Label("0", at(size.height + size.letter), words, size=letter, fill=MUTED)]


def _rows(pieces: list[Piece], costs: Axis, language: Language) -> list[Row]:
    """A row for each numbered measure, and one for all others."""
    shown = [piece for piece in pieces if piece.number]
    others = [piece for piece in pieces if not piece.number]
    together = sum((piece.width for piece in others), Decimal(0))
    widths = [piece.width for piece in shown] + [together]
    amounts = Axis.around(widths).decimals_for(widths)
    money = costs.label_decimals
    rows = [
        Row(f"{p.number}", p.name, (number(p.width, amounts), number(p.cost, money))) for p in shown
    ]
    if others:
        mean = sum((piece.width * piece.cost for piece in others), Decimal(0)) / together
        name = OTHERS.first(language).format(len(others))
        rows.append(
            Row("", name, (number(together, amounts), number(mean, money)), others[0].series)
        )
    return rows


def _told(row: Row, unit: str, cost_unit: str, language: Language) -> str:
    numbers = [
        f"{amount} {symbol}".rstrip()
        for amount, symbol in zip(row.amounts, (unit, cost_unit), strict=True)
    ]
    return sentence(f"{row.number} {row.name}".lstrip(), numbers, language)


def _not_drawn(blocks: Sequence[Block], unit: Unit, language: Language) -> list[str]:
    """What saves nothing, or even costs emissions, by name as far as there are few."""
    names = [block.name for block in blocks if block.kg <= 0]
    if not names:
        return []
    shown = names[:MOST_NUMBERED] + ["…"] * (len(names) > MOST_NUMBERED)
    return [sentence(NOT_DRAWN.first(language), shown, language)]
