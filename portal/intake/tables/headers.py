"""Where the titles of a table stand: in its first row, below some rows of headings, or in two rows above each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.intake.numbers import read_number
from portal.intake.tables.cells import Cell, Row, cell_text, is_filled
from portal.intake.tables.months import month_of
from portal.intake.tables.titles import folded_title, meaning_of

MOST_ROWS_ABOVE = 30
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Header:
    """The titles of a table, the number of the last row that they stand in, and the texts above them."""

    number: int
    titles: tuple[str, ...]
    above: tuple[str, ...] = ()


def find_header(rows: Sequence[Row]) -> Header | None:
    """The row of titles among the first rows, or None where none has two titles that mean something here."""
    filled = [row for row in rows if not row.is_blank][:MOST_ROWS_ABOVE]
    scores = [_score(_texts(row), row) for row in filled]
    best = max(scores, default=0)
    if best < _FEWEST:
        return None
    place = scores.index(best)
    headings = _headings(filled[:place])
    if place and (joined := _joined(filled[place - 1], filled[place], best)) is not None:
        return Header(filled[place].number, joined, headings)
    return Header(filled[place].number, tuple(_texts(filled[place])), headings)


def header_at(rows: Sequence[Row], number: int) -> Header:
    """The titles in the row with this number, because somebody said so; 0 says that there are none."""
    width = max((len(row.cells) for row in rows), default=0)
    row = next((each for each in rows if each.number == number), None)
    if row is None:
        return Header(0, ("",) * width)
    return Header(
        number, tuple(_texts(row)), _headings([each for each in rows if each.number < number])
    )


def _headings(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(text for row in rows for text in _texts(row) if text)


def _texts(row: Row) -> list[str]:
    return [cell_text(each).strip() for each in row.cells]


def _score(texts: Sequence[str], row: Row) -> int:
    """How many different columns the cells of a row name, each month being one; figures speak against it."""
    named: set[str] = set()
    for cell, text in zip(row.cells, texts, strict=True):
        if (month := month_of(cell)) is not None:
            named.add(f"month {month.year} {month.month}")
        elif (meaning := meaning_of(text)) is not None and meaning.role:
            named.add(meaning.role)
    figures = sum(_is_figure(each) for each in row.cells)
    return len(named) - figures


def _is_figure(cell: Cell) -> bool:
    if isinstance(cell, Decimal | int) and month_of(cell) is None:
        return True
    return isinstance(cell, str) and is_filled(cell) and read_number(cell).value is not None


def _joined(above: Row, below: Row, score: int) -> tuple[str, ...] | None:
    """Titles in two rows: what stands above is spread to the right over what stands below, as merged cells are."""
    if sum(map(is_filled, above.cells)) < _FEWEST or _score(_texts(above), above) < 1:
        return None
    upper, lower = _texts(above), _texts(below)
    width = max(len(upper), len(lower))
    titles, spread = [], ""
    for place in range(width):
        top = upper[place] if place < len(upper) else ""
        bottom = lower[place] if place < len(lower) else ""
        spread = top or spread
        titles.append(_one_title(top, spread, bottom))
    return tuple(titles)


def _one_title(top: str, spread: str, bottom: str) -> str:
    """A title of its own above counts alone; a word above several columns goes with each that says no more than a month."""
    if not bottom:
        return top
    if month_of(bottom) is not None and spread[:4].isdigit():
        return f"{spread} {bottom}" if month_of(f"{spread} {bottom}") else bottom
    if meaning_of(bottom) is not None or month_of(bottom) is not None:
        return bottom
    return (
        f"{spread} {bottom}" if spread and folded_title(spread) != folded_title(bottom) else bottom
    )
