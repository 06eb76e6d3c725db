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

from portal.calculation.pathways import Kind, Part, Pathway, TargetTerms
from portal.domain.canonical import canonical_json
from portal.domain.levels import Criterion, LevelRule, Measure, level_of

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


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """What the approved plan lets expect for a coming year, in the unit of the target: the lowest and the highest."""

    year: int
    low: Decimal
    high: Decimal


class Series(StrEnum):
    """Which numbers a document compares: those first reported, or those restated since."""

    REPORTED = "reported"
    RESTATED = "restated"


@dataclass(frozen=True, slots=True)
class TargetTermsFacts:
    """A target with its base: kg CO2e (absolute), kg CO2e per unit of output (intensities), percent (shares).

    `percent` is the cut by the target year in percent of the base, of shares the share to reach; `unit` is the base's
    as it is printed ("kg CO₂e", "kg CO₂e/t", "%"), `product` what an intensity is divided by.
    """

    kind: Kind
    pathway: Pathway
    part: Part
    scopes: tuple[int, ...]
    base_year: int
    target_year: int
    percent: Decimal
    base: Decimal
    unit: str
    net_zero_year: int | None = None
    product: Name = Name("")

    @property
    def terms(self) -> TargetTerms:
        """The target as the formulas of pathways take it."""
        return TargetTerms(
            self.kind,
            self.pathway,
            self.part,
            self.scopes,
            self.base_year,
            self.target_year,
            self.percent,
            self.base,
            self.net_zero_year,
        )


@dataclass(frozen=True, slots=True)
class PathStanding:
    """A year beside its target, all in the target's unit (kg CO2e of the whole inventory where there is no target).

    `allowed` and `is_on_path` are None where there is no target or no path for the year; `cut_percent` is the cut since
    the base year, below zero where the year lies above it.
    """

    base: Decimal
    actual: Decimal
    cut_percent: Decimal
    allowed: Decimal | None = None
    is_on_path: bool | None = None


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """One condition of a level with the value that was measured: yes is 1 and no is 0; None is unknown."""

    measure: Measure
    label: Name
    at_least: Decimal | None
    at_most: Decimal | None
    value: Decimal | None
    is_met: bool


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """A level of the programme with its published text and its conditions."""

    id: str
    name: Name
    text: Name
    criteria: tuple[CriterionFacts, ...]


def recomputed_level(levels: tuple[LevelFacts, ...]) -> str:
    """The level that the stated values come to by the stated rules, lowest level first; empty for none.

    Raises ValueError where one measure has two values, or where a condition is called met against its own value.
    """
    measured: dict[Measure, Decimal | None] = {}
    for fact in (fact for level in levels for fact in level.criteria):
        if measured.setdefault(fact.measure, fact.value) != fact.value:
            raise ValueError(f"{fact.measure} has two values")
        if _criterion(fact).is_met(fact.value) != fact.is_met:
            raise ValueError(f"{fact.measure}: {fact.value} is said to be what it is not")
    rules = [
        LevelRule(
            level.id,
            level.name.zh,
            level.name.en,
            level.text.zh,
            level.text.en,
            tuple(_criterion(fact) for fact in level.criteria),
        )
        for level in levels
    ]
    return level_of(rules, measured)


def _criterion(fact: CriterionFacts) -> Criterion:
    return Criterion(fact.measure, fact.at_least, fact.at_most)


@dataclass(frozen=True, slots=True)
class ActionTotals:
    """How many actions stand where, and what they come to in the year, kg CO2e.

    `kg_expected` is what the plan had for the year with overlaps taken out, `kg_measured` what was reported as measured,
    `kg_verified` that part of it which evidence proves; the avoided amounts lie outside the inventory's boundary and are
    in none of the others.
    """

    idea: int
    planned: int
    in_progress: int
    done: int
    stopped: int
    kg_expected: Decimal
    kg_measured: Decimal
    kg_verified: Decimal
    kg_avoided_expected: Decimal
    kg_avoided_measured: Decimal

    @property
    def count(self) -> int:
        """All actions."""
        return self.idea + self.planned + self.in_progress + self.done + self.stopped


def read_facts(kind: type[F], data: bytes) -> F:
    """Build facts from their canonical JSON, the inverse of `canonical_json`.

    Raises ValueError when the bytes are not the facts of that kind in canonical form.
    """
    try:
        facts: F = _reader(kind)(json.loads(data))  # type: ignore[arg-type]  # a class can be hashed
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
