"""The plain values that documents are made of, and their canonical JSON both ways.

Amounts are kilograms of CO2e (of CO2 where it says biogenic) as exact decimals; nothing is rounded here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from portal.domain.canonical import canonical_json

F = TypeVar("F")


class Language(StrEnum):
    """The language that a document speaks first."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Name:
    """A name or a sentence in both languages; the English one may be missing."""

    zh: str
    en: str = ""

    def first(self, language: Language) -> str:
        """The wording in a language, or the other one where there is none."""
        return (self.en or self.zh) if language is Language.EN else (self.zh or self.en)

    def second(self, language: Language) -> str:
        """The wording in the other language, or nothing where that would repeat the first."""
        other = self.zh if language is Language.EN else self.en
        return "" if other == self.first(language) else other


@dataclass(frozen=True, slots=True)
class ScopeFigures:
    """A year's emissions: kg CO2e by scope, scope 2 in both accounts, and kg of biogenic CO2 outside."""

    scope_1: Decimal
    scope_2_location: Decimal
    scope_2_market: Decimal
    scope_3: Decimal
    biogenic: Decimal

    @property
    def total_location(self) -> Decimal:
        """Scopes 1, 2 (location-based) and 3 together, kg CO2e."""
        return self.scope_1 + self.scope_2_location + self.scope_3

    @property
    def total_market(self) -> Decimal:
        """Scopes 1, 2 (market-based) and 3 together, kg CO2e."""
        return self.scope_1 + self.scope_2_market + self.scope_3


@dataclass(frozen=True, slots=True)
class YearFigures:
    """One column of the chart of years: kg CO2e, scope 2 location-based."""

    year: int
    scope_1: Decimal
    scope_2: Decimal
    scope_3: Decimal


@dataclass(frozen=True, slots=True)
class TargetPoint:
    """What the target path allows for a year, kg CO2e."""

    year: int
    kg_co2e: Decimal


@dataclass(frozen=True, slots=True)
class CategoryFigure:
    """What a category comes to in the year, kg CO2e (electricity location-based)."""

    key: str
    name: Name
    scope: int
    kg_co2e: Decimal


@dataclass(frozen=True, slots=True)
class Intensity:
    """An output of the year and the kg CO2e for one unit of it."""

    product: Name
    quantity: Decimal
    unit: str
    kg_co2e_per_unit: Decimal


@dataclass(frozen=True, slots=True)
class Quality:
    """Data quality of the whole inventory: the emission-weighted score (1 best, 5 worst) and its grade."""

    grade: str
    score: Decimal


@dataclass(frozen=True, slots=True)
class Method:
    """By which rules and with which numbers the inventory was computed."""

    standard: Name
    gwp_set: str
    edition: str
    edition_digest: str


@dataclass(frozen=True, slots=True)
class SubmissionMark:
    """Which frozen submission a document speaks of: its version and the SHA-256 of its content."""

    version: int
    digest: str
    submitted_on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """Who approved, as a role and never as a person, and on which day."""

    role: Name
    decided_on: date


def read_facts(kind: type[F], data: bytes) -> F:
    """Build facts from their canonical JSON, the inverse of `canonical_json`.

    Raises ValueError when the bytes are not the facts of that kind in canonical form.
    """
    try:
        facts = _reader(kind)(json.loads(data))
    except (AttributeError, TypeError, ArithmeticError) as trouble:
        raise ValueError(f"these are not {kind.__name__}: {trouble}") from trouble
    if canonical_json(facts) != data:
        raise ValueError(f"these {kind.__name__} are not in canonical form")
    return facts


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Give the function that turns parsed JSON into a value of an annotated type."""
    if get_origin(kind) is tuple:
        read_item = _reader(get_args(kind)[0])
        return lambda items: tuple(read_item(item) for item in items)
    if get_origin(kind) in (Union, UnionType):
        (present,) = (option for option in get_args(kind) if option is not type(None))
        read_present = _reader(present)
        return lambda value: None if value is None else read_present(value)
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    return date.fromisoformat if kind is date else kind


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read(values: Any) -> Any:
        if values.keys() != readers.keys():
            raise TypeError(f"{kind.__name__} has other fields")
        return kind(**{name: read_field(values[name]) for name, read_field in readers.items()})

    return read
