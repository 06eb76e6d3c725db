"""What the rules look at and what they say: lines as reported, and warnings with their subject and address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

Series = tuple[str, str]
Choices = tuple[tuple[str, str], ...]
Slot = tuple[str, str, int, int]
# Name and unit of what is produced.
Product = tuple[str, str]


class Weight(IntEnum):
    """How much a warning matters; the reviewer reads the heaviest first."""

    NOTE = 1
    CHECK = 2
    SERIOUS = 3


@dataclass(frozen=True, slots=True)
class ReportedLine:
    """A finished line as the rules see it: period half-open, quantity in its own unit, result in kg CO2e."""

    key: str
    position: int
    category: str
    site: str
    start: date
    end: date
    quantity: Decimal
    unit: str
    kg_co2e: Decimal
    has_evidence: bool
    parameters: Mapping[str, str]
    scope: int = 0
    factor_year: int | None = None

    @property
    def series(self) -> Series:
        """What it belongs to in any year: its category and site."""
        return (self.category, self.site)

    @property
    def slot(self) -> Slot:
        """Its place in any year: series and the part of the year it covers."""
        return (self.category, self.site, day_of_year(self.start), day_of_year(self.end))

    @property
    def choices(self) -> Choices:
        """Its parameters as one value, which tells it from other sources of its series."""
        return tuple(sorted(self.parameters.items()))

    @property
    def month(self) -> int | None:
        """The one calendar month it covers, None for any other period."""
        follows = (self.start.year + self.start.month // 12, self.start.month % 12 + 1)
        is_month = (
            self.start.day == 1 and self.end.day == 1 and (self.end.year, self.end.month) == follows
        )
        return self.start.month if is_month else None


class Amount(Protocol):
    """What a line is compared with: a quantity in its unit, with what tells it from others in its place."""

    @property
    def quantity(self) -> Decimal:
        """The quantity in its own unit."""

    @property
    def unit(self) -> str:
        """The unit's code."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters as they are kept."""


def day_of_year(day: date) -> int:
    """Month and day as one number, the same in every year: 315 for the 15th of March."""
    return day.month * 100 + day.day


@dataclass(frozen=True, slots=True)
class RaisedWarning:
    """One odd thing: what was seen (`code` and `values`), where (`subject`, `lines` by key), how much it matters.

    `seen` is a mark of what was seen (`sameness.sight`): a reason holds only while the same thing is seen, not much worse.
    """

    code: str
    subject: str
    weight: Weight
    values: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    seen: str = ""

    @property
    def address(self) -> str:
        """What an acknowledgement is kept under: the subject and what was seen there."""
        return f"{self.subject}#{self.seen}" if self.seen else self.subject

    @property
    def named_values(self) -> Mapping[str, str]:
        """The values as the mapping that the message's %(name)s placeholders ask for."""
        return dict(self.values)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a warning is about: a kind of thing, the key of one, and a part of it, such as the site of a category."""

    kind: str
    key: str
    part: str = ""


def subject_of(text: str) -> Subject:
    """The subject that stands as kind/key@part."""
    kind, _, rest = text.partition("/")
    key, _, part = rest.partition("@")
    return Subject(kind, key, part)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the rules look at for one inventory; `history` holds earlier years' totals by series.

    `earlier` are the lines of the years before last year, `outputs` what was produced by year.
    `through` is the last day whose data can exist: a month that has not ended yet is not missing.
    """

    year: int
    lines: Sequence[ReportedLine]
    last_year: Sequence[ReportedLine]
    history: Mapping[Series, Sequence[Decimal]]
    expected: Sequence[str]
    not_applicable: frozenset[str]
    through: date
    output_count: int = 1
    earlier: Sequence[ReportedLine] = ()
    outputs: Mapping[int, Mapping[Product, Decimal]] = field(default_factory=dict)


def fingerprint(seen: str) -> str:
    """Eight hexadecimal digits that change when what was seen changes."""
    return hashlib.sha256(seen.encode()).hexdigest()[:8]


def about(
    line: ReportedLine, code: str, weight: Weight, seen: str = "", **values: str
) -> RaisedWarning:
    """A warning about one line; `seen` is the mark of what an acknowledgement of it holds for."""
    return RaisedWarning(code, f"line/{line.key}", weight, tuple(values.items()), (line.key,), seen)


def about_source(
    series: Series,
    code: str,
    weight: Weight,
    lines: Sequence[ReportedLine],
    *,
    seen: str = "",
    **values: str,
) -> RaisedWarning:
    """A warning about a source: a category at a site; `seen` is the mark of what was seen."""
    category, site = series
    return RaisedWarning(
        code,
        f"series/{category}@{site}",
        weight,
        tuple(values.items()),
        tuple(line.key for line in lines),
        seen,
    )
