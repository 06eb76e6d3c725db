"""What had been decided about a member when something was handed in: its approved submissions, replayed in their order.

Everything here follows from frozen content, so it is the same whether a database or a bundle gave that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from portal.calculation.power import power_used
from portal.domain.submissions import Kind
from portal.services.series import CategoryKg, Made, MemberSeries, YearOf
from portal.services.sources import SourceBook, book_of
from portal.services.summaries import by_category
from portal.store.base import MICRO


@dataclass(frozen=True, slots=True)
class Handed:
    """A submission that was approved. `before` says how many decisions of the chain had been taken when it was handed in,
    `dossier` which plan, report or recalculation it is a version of, `programme` which version of the rules was in force.
    """

    file: str
    uid: str
    kind: Kind
    year: int
    number: int
    digest: str
    dossier: str
    submitted_at: datetime
    decided_at: datetime
    before: int
    programme: int
    content: Mapping[str, Any]

    @property
    def quarter(self) -> int:
        """The quarter that a progress report is about, 0 for a whole year and for all else."""
        return int(self.content.get("quarter", 0))


@dataclass(frozen=True, slots=True)
class TrialLayer:
    """A trial of another factor edition that was decided to restate the member's years; rows in kg CO2e."""

    uid: str
    edition: str
    gwp_set: str
    decided_at: datetime
    rows: Sequence[Mapping[str, Any]]


Decision = Handed | TrialLayer


@dataclass(frozen=True, slots=True)
class Chain:
    """The decisions about a member in their order; each question says how many of them had been taken."""

    decisions: Sequence[Decision]

    def submissions(self, count: int, kind: Kind) -> Iterator[Handed]:
        """The approved submissions of a kind, in the order of their approval; each version for itself."""
        for each in self.decisions[:count]:
            if isinstance(each, Handed) and each.kind is kind:
                yield each

    def inventories(self, count: int) -> dict[int, Handed]:
        """The version of each year that counted."""
        return {each.year: each for each in self.submissions(count, Kind.BASELINE)}

    def plan(self, count: int) -> Handed | None:
        """The plan that counted."""
        return next(iter(reversed(list(self.submissions(count, Kind.PLAN)))), None)

    def report(self, count: int, year: int) -> Handed | None:
        """The progress report of a whole year that counted."""
        found = [
            each
            for each in self.submissions(count, Kind.PROGRESS)
            if each.year == year and not each.quarter
        ]
        return found[-1] if found else None

    def recalculations(self, count: int, *, without: str) -> list[Handed]:
        """The recalculations that counted, one version of each, in the order of their approval."""
        found: dict[str, Handed] = {}
        for each in self.submissions(count, Kind.RESTATEMENT):
            found.pop(each.dossier, None)
            found[each.dossier] = each
        return [each for dossier, each in found.items() if dossier != without]

    def book(self, count: int, *, last: int | None = None) -> SourceBook | None:
        """The sources of the latest year that counted, at most `last`."""
        years = self.inventories(count)
        known = [year for year in years if last is None or year <= last]
        return book_of(years[max(known)].content) if known else None

    def series(self, count: int, *, without: str = "") -> MemberSeries:
        """The approved years as they counted, without what versions of the recalculation `without` brought."""
        years = {year: each.content for year, each in self.inventories(count).items()}
        power = {year: _power(content) for year, content in years.items()}
        return MemberSeries(
            {year: _categories(content) for year, content in years.items()},
            self._restated(count, without),
            {
                year: {o["product"]: Made(o["unit"], Decimal(o["quantity"])) for o in c["outputs"]}
                for year, c in years.items()
                if c["outputs"]
            },
            power,
            {year: Decimal(content["totals"]["quality"]) for year, content in years.items()},
        )

    def _restated(self, count: int, without: str) -> dict[int, YearOf]:
        """The highest layer of each year: each decision lays one, and a year that is approved anew has none any more."""
        layers: list[tuple[str, dict[int, YearOf]]] = []
        for each in self.decisions[:count]:
            match each:
                case TrialLayer():
                    layers.append(("", _rows(each.rows, "kg_after")))
                case Handed(kind=Kind.RESTATEMENT):
                    layers = [layer for layer in layers if layer[0] != each.dossier]
                    layers.append((each.dossier, _rows(each.content["restated"], "kg_co2e")))
                case Handed(kind=Kind.BASELINE):
                    for _dossier, years in layers:
                        years.pop(each.year, None)
        found: dict[int, YearOf] = {}
        for dossier, years in layers:
            if not dossier or dossier != without:
                found.update(years)
        return found


def _rows(rows: Sequence[Mapping[str, Any]], amount: str) -> dict[int, YearOf]:
    found: dict[int, dict[str, CategoryKg]] = {}
    for row in rows:
        kg = Decimal(row[amount])
        found.setdefault(row["year"], {})[row["category"]] = CategoryKg(row["scope"], kg, kg)
    return dict(found)


def _categories(content: Mapping[str, Any]) -> YearOf:
    return {
        row["category"]: CategoryKg(row["scope"], row["kg_co2e"], row["kg_co2e_market"])
        for row in by_category(content["lines"])
    }


def _power(content: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """kWh used and renewable, as the summary row keeps them: to a millionth."""
    found = power_used(
        (line["category"], Decimal(line["quantity"]), line["unit"], line["parameters"])
        for line in content["lines"]
    )
    used, renewable = (
        kwh.quantize(MICRO, rounding=ROUND_HALF_EVEN) for kwh in (found.kwh, found.kwh_renewable)
    )
    return used, renewable
