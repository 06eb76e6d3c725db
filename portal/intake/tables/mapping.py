"""What was settled about a table: which column is what, which texts mean what, and how its numbers and periods are read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from portal.calculation.problems import Problem, problem
from portal.intake.read import PARAMETER
from portal.intake.tables.titles import folded_title

# A column for each month of the year, whose cells are quantities.
MONTH = "month"
# A column of years beside one of months.
YEAR = "year"
ROLES = ("category", "quantity", "unit", "site", "period", "start", "end", YEAR, MONTH, "note")
MOST_COLUMNS = 200
# Texts of these columns are looked up among what was settled.
NAMED = ("category", "site", "unit")
# May come several times: the lines of a row differ by it.
_REPEATED = frozenset({"", "quantity", MONTH})
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class Numbers(StrEnum):
    """How a table writes a thousand two hundred thirty-four and a half: 1,234.5 or 1.234,5."""

    POINT = "point"
    COMMA = "comma"

    @property
    def locale(self) -> str:
        """A language that writes numbers so, as the reader of numbers takes it."""
        return "de" if self is Numbers.COMMA else "en"


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How the rows of one table become lines.

    `header` is the number of the last row of titles, 0 where there is none. `roles` says for each column what it is,
    "" for one that is left out. `titles` are those of the columns, with what stands above them. `own` holds what
    all lines of a column share, by the column's place: the category and unit of “Electricity (kWh)”. `texts` leads from texts of the
    columns in NAMED to what they mean, `fixed` holds what every line of the table shares, and `year` is the year of
    months that don't name theirs.
    """

    header: int
    titles: tuple[str, ...]
    roles: tuple[str, ...]
    year: int
    own: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    numbers: Numbers = Numbers.POINT

    def places(self, role: str) -> tuple[int, ...]:
        """The columns that have a role."""
        return tuple(place for place, each in enumerate(self.roles) if each == role)

    def has(self, column: str) -> bool:
        """Whether every line gets this column from somewhere."""
        if column in self.roles or self.fixed.get(column):
            return True
        amounts = [*self.places("quantity"), *self.places(MONTH)]
        return bool(amounts) and all(self.own.get(each, {}).get(column) for each in amounts)

    def problems(self) -> tuple[Problem, ...]:
        """What keeps the table from being read: columns that are missing, and columns that are there twice."""
        return (*self._twice(), *self._missing())

    def _twice(self) -> Iterable[Problem]:
        for role in sorted(set(self.roles) - _REPEATED):
            yield from _named_twice(role, self.places(role), self.titles)
        quantities = self.places("quantity")
        if len(quantities) > 1 and not all(
            "category" in self.own.get(each, {}) for each in quantities
        ):
            yield from _named_twice("quantity", quantities, self.titles)
        if quantities and self.places(MONTH):
            yield problem("table.amount.two_ways", "quantity")

    def _missing(self) -> Iterable[Problem]:
        has_amounts = self.has("quantity") or bool(self.places(MONTH))
        has_period = bool(self.places(MONTH)) or any(map(self.has, ("period", "start", YEAR)))
        found = {
            "category": self.has("category"),
            "quantity": has_amounts,
            "unit": self.has("unit"),
            "site": self.has("site"),
            "period": has_period,
        }
        for column, is_there in found.items():
            if not is_there:
                yield problem("table.column.missing", column, column=column)

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON; from_json reads them back to an equal mapping."""
        return {
            "header": self.header,
            "titles": list(self.titles),
            "roles": list(self.roles),
            "year": self.year,
            "own": {str(place): dict(values) for place, values in self.own.items()},
            "texts": {kind: dict(known) for kind, known in self.texts.items()},
            "fixed": dict(self.fixed),
            "numbers": self.numbers.value,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Read back what to_json wrote."""
        return cls(
            header=raw["header"],
            titles=tuple(raw["titles"]),
            roles=tuple(raw["roles"]),
            year=raw["year"],
            own={int(place): dict(values) for place, values in raw["own"].items()},
            texts={kind: dict(known) for kind, known in raw["texts"].items()},
            fixed=dict(raw["fixed"]),
            numbers=Numbers(raw["numbers"]),
        )


def _named_twice(role: str, places: Sequence[int], titles: Sequence[str]) -> Iterable[Problem]:
    if len(places) > 1:
        named = ", ".join(titles[place] if place < len(titles) else "?" for place in places)
        yield problem("table.column.twice", role, column=role, titles=named)


def shape_of_titles(titles: Sequence[str]) -> str:
    """A digest of a table's titles: equal for the same table of another year, whatever stands in its rows."""
    plain = [_YEARS.sub("#", folded_title(title)) for title in titles]
    while plain and not plain[-1]:
        plain.pop()
    return hashlib.sha256("\x1f".join(plain).encode("utf-8", "replace")).hexdigest()


def is_role(role: str, parameters: Container[str]) -> bool:
    """Whether a column may have this role; `parameters` are the names of all that lines may be asked for."""
    if role.startswith(PARAMETER):
        return role.removeprefix(PARAMETER) in parameters
    return role == "" or role in ROLES
