"""Emission factors and the editions they are published in: values with a source, a place and a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from fnmatch import translate
from functools import cached_property
from re import compile as compiled
from typing import Any

from portal.calculation.quantities import text


class Tier(IntEnum):
    """Where a factor stands in the order of selection; the lower number wins (methods, section 0.5)."""

    MEASURED = 1
    SECTOR_STANDARD = 2
    NATIONAL = 3
    IPCC = 4
    FOREIGN = 5
    SECONDARY = 6


@dataclass(frozen=True, slots=True)
class Family:
    """The publication that a factor belongs to: its id prefix, its tier, and the sector it binds, if any."""

    prefix: str
    tier: Tier
    sector: str | None
    name_en: str
    name_zh: str

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON; from_json reads them back."""
        return {
            "prefix": self.prefix,
            "tier": self.tier.name.lower(),
            "sector": self.sector,
            "name_en": self.name_en,
            "name_zh": self.name_zh,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Family":
        """Read back what as_json wrote."""
        return cls(
            raw["prefix"], Tier[raw["tier"].upper()], raw["sector"], raw["name_en"], raw["name_zh"]
        )


@dataclass(frozen=True, slots=True)
class Factor:
    """One row of the library: numbers per activity unit, with source, table, year, place and validity.

    `per` is the code of the activity unit, or None where the row is a parameter; `numbers` holds the
    row's decimals by column name (`co2` … in kg of gas per unit, `co2e` in kg CO2e under `gwp_set`), and
    `texts` the words of the table's other columns.
    """

    id: str
    table: str
    name_en: str
    name_zh: str
    region: str
    valid_from: date
    valid_to: date | None
    unit: str
    per: str | None
    numbers: Mapping[str, Decimal]
    texts: Mapping[str, str]
    gwp_set: str
    source: str
    source_table: str
    source_year: int
    verification: str
    confidence: str
    notes: str
    family: Family

    @property
    def is_trusted(self) -> bool:
        """Whether it may win a choice: verified, not of low confidence, and not marked as doubtful."""
        return (
            self.verification != "unverified"
            and self.confidence != "low"
            and "DOUBTFUL" not in self.notes
        )

    @property
    def country(self) -> str:
        """The country of its region, or the world or IPCC region it stands for."""
        return self.region[:2] if self.region[2:3] in {"", "-", ":"} else self.region

    def number(self, name: str) -> Decimal:
        """A number of the row by its column; a row without it can't be used for what is asked."""
        return self.numbers[name]

    def as_json(self) -> dict[str, Any]:
        """The whole row as plain values for JSON, numbers as decimal text; from_json reads them back to an equal row."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "valid_from": self.valid_from.isoformat(),
            "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
            "numbers": {name: text(number) for name, number in self.numbers.items()},
            "texts": dict(self.texts),
            "family": self.family.as_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Factor":
        """Read back what as_json wrote."""
        last = raw["valid_to"]
        return cls(
            **{name: raw[name] for name in _PLAIN},
            valid_from=date.fromisoformat(raw["valid_from"]),
            valid_to=None if last is None else date.fromisoformat(last),
            numbers={name: Decimal(number) for name, number in raw["numbers"].items()},
            texts=dict(raw["texts"]),
            family=Family.from_json(raw["family"]),
        )


# The columns of a row that are plain already.
_PLAIN = (
    "id",
    "table",
    "name_en",
    "name_zh",
    "region",
    "unit",
    "per",
    "gwp_set",
    "source",
    "source_table",
    "source_year",
    "verification",
    "confidence",
    "notes",
)


@dataclass(frozen=True)
class Edition:
    """A published set of factors, never changed afterwards; what was looked up once is remembered."""

    code: str
    published_on: date
    digest: str
    factors: tuple[Factor, ...]
    _by_pattern: dict[str, tuple[Factor, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    # Answers of selection.select, kept here because they are only true for this edition.
    remembered: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls, code: str, published_on: date, factors: Iterable[Factor], digest: str = ""
    ) -> "Edition":
        """Make an edition; two rows with one id are refused."""
        rows = tuple(factors)
        if len({row.id for row in rows}) != len(rows):
            raise ValueError(f"edition {code} has two factors with one id")
        return cls(code, published_on, digest, rows)

    @cached_property
    def by_id(self) -> Mapping[str, Factor]:
        """The factors by id."""
        return {row.id: row for row in self.factors}

    def table(self, name: str) -> tuple[Factor, ...]:
        """All rows of one table of the library, in their order."""
        return tuple(row for row in self.factors if row.table == name)

    def matching(self, pattern: str) -> tuple[Factor, ...]:
        """The factors whose id fits a pattern with `*` for any text; the answer is remembered."""
        found = self._by_pattern.get(pattern)
        if found is None:
            found = self._by_pattern[pattern] = self._search(pattern)
        return found

    def _search(self, pattern: str) -> tuple[Factor, ...]:
        if "*" not in pattern:
            row = self.by_id.get(pattern)
            return () if row is None else (row,)
        fits = compiled(translate(pattern)).match
        return tuple(row for row in self.factors if fits(row.id))


# How the library writes an activity unit, and which unit of ours that is. A unit that is not here makes
# the row a parameter, or one that no quantity may be multiplied with (gross calorific values, for one).
UNIT_CODES: Mapping[str, str] = {
    "10^4 Nm3": "10⁴Nm³",
    "GJ": "GJ",
    "L": "L",
    "TJ (NCV)": "TJ",
    "US gallon": "gal_us",
    "kWh": "kWh",
    "kWh (Net CV)": "kWh",
    "kg": "kg",
    "km": "km",
    "m3": "m³",
    "passenger.km": "p·km",
    "room night": "room·night",
    "t": "t",
    "t.km": "t·km",
}
