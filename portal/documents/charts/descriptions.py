"""Descriptions: all numbers of a chart as one text, with the marks of the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from portal.documents.charts.drawing import PUNCTUATION
from portal.documents.charts.scales import Unit
from portal.documents.facts import Language
from portal.documents.figures import number


def sentence(subject: str, numbers: Iterable[str], language: Language) -> str:
    """What is said of one place: "2025: Scope 1 12, Scope 2 3"."""
    mark = PUNCTUATION[language]
    return f"{subject}{mark.colon}{mark.comma.join(numbers)}"


def amount_of(name: str, amount: Decimal, decimals: int) -> str:
    """A name and its number."""
    return f"{name} {number(amount, decimals)}"


def description(sentences: Iterable[str], unit: Unit, language: Language) -> str:
    """The sentences behind each other, and the unit of their numbers."""
    text = PUNCTUATION[language].semicolon.join(sentences)
    return f"{text} ({unit.symbol})" if unit.symbol else text
