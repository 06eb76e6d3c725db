"""A supplier with two sites, and tables of its own as rows of cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from portal.data import load_categories
from portal.intake.line_rules import LineRules
from portal.intake.tables.cells import Cell, Row
from portal.intake.tables.guessing import Guess, guess_columns, settle_texts
from portal.intake.tables.rows import read_through, seen_texts

RULES = LineRules(
    today=date(2026, 11, 24),
    inventory_year=2025,
    sites={"SITE-001": "SITE-001", "一号工厂": "SITE-001", "SITE-002": "SITE-002"},
    categories=load_categories(),
    locale="en",
)


def rows(*lines: Sequence[Cell]) -> list[Row]:
    """Rows numbered from 1."""
    return [Row(number, tuple(cells)) for number, cells in enumerate(lines, start=1)]


def guessed(table: list[Row], rules: LineRules = RULES) -> Guess:
    """The whole guess: columns, then texts."""
    guess = guess_columns(table, rules)
    texts = seen_texts(guess.mapping, table, most=300)
    return settle_texts(guess, texts, rules)


def lines(guess: Guess, table: list[Row]) -> list[dict[str, object]]:
    """The raw values of each line that the table comes to."""
    return [dict(each.fields) for each in read_through(guess.mapping, table, "Sheet1")]
