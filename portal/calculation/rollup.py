"""Totals of many assessments: by scope with both scope-2 figures, by category, what stays outside, and the grade. Exact."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from portal.calculation.assessment import Assessment
from portal.calculation.quality import dq_weighted
from portal.calculation.quantities import exactly

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """What one category comes to, in kg; `lines` says of how many lines."""

    category: str
    scope: int
    kg_co2e: Decimal
    kg_co2e_market: Decimal
    kg_co2_biogenic: Decimal
    kg_co2e_outside: Decimal
    lines: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What an inventory comes to, in kg. Biogenic CO2 and Montreal gases stand apart and are in no scope.

    `quality` is the grade weighted by emissions, None where nothing was emitted.
    """

    scope_1: Decimal
    scope_2_location: Decimal
    scope_2_market: Decimal
    scope_3: Decimal
    kg_co2_biogenic: Decimal
    kg_co2e_outside: Decimal
    quality: Decimal | None
    categories: tuple[CategoryTotal, ...]

    @property
    def total_location(self) -> Decimal:
        """All scopes, electricity location-based."""
        return self.scope_1 + self.scope_2_location + self.scope_3

    @property
    def total_market(self) -> Decimal:
        """All scopes, electricity market-based."""
        return self.scope_1 + self.scope_2_market + self.scope_3


@dataclass(slots=True)
class _Sum:
    scope: int
    kg_co2e: Decimal = _ZERO
    kg_co2e_market: Decimal = _ZERO
    kg_co2_biogenic: Decimal = _ZERO
    kg_co2e_outside: Decimal = _ZERO
    lines: int = 0


@dataclass(slots=True)
class RollUp:
    """Adds assessments up one by one, so that a list of any length needs no memory for its lines."""

    _sums: dict[str, _Sum] = field(default_factory=dict)
    _by_grade: dict[int, Decimal] = field(default_factory=dict)

    def add(self, assessment: Assessment) -> None:
        """Count one more line."""
        row = self._sums.get(assessment.category)
        if row is None:
            row = self._sums[assessment.category] = _Sum(assessment.scope)
        with exactly():
            row.kg_co2e += assessment.kg_co2e
            row.kg_co2e_market += assessment.kg_co2e_market
            if assessment.kg_co2_biogenic:
                row.kg_co2_biogenic += assessment.kg_co2_biogenic
            if assessment.kg_co2e_outside:
                row.kg_co2e_outside += assessment.kg_co2e_outside
            row.lines += 1
            graded = self._by_grade.get(assessment.quality, _ZERO)
            self._by_grade[assessment.quality] = graded + assessment.kg_co2e

    def totals(self) -> Totals:
        """The sums so far, categories in alphabetical order."""
        with exactly():
            return Totals(
                scope_1=self._scope(1, "kg_co2e"),
                scope_2_location=self._scope(2, "kg_co2e"),
                scope_2_market=self._scope(2, "kg_co2e_market"),
                scope_3=self._scope(3, "kg_co2e"),
                kg_co2_biogenic=sum((r.kg_co2_biogenic for r in self._sums.values()), _ZERO),
                kg_co2e_outside=sum((r.kg_co2e_outside for r in self._sums.values()), _ZERO),
                quality=self._quality(),
                categories=tuple(
                    CategoryTotal(
                        category,
                        row.scope,
                        row.kg_co2e,
                        row.kg_co2e_market,
                        row.kg_co2_biogenic,
                        row.kg_co2e_outside,
                        row.lines,
                    )
                    for category, row in sorted(self._sums.items())
                ),
            )

    def _scope(self, scope: int, amount: str) -> Decimal:
        rows = (row for row in self._sums.values() if row.scope == scope)
        return sum((getattr(row, amount) for row in rows), _ZERO)

    def _quality(self) -> Decimal | None:
        weights = [(kg, Decimal(grade)) for grade, kg in self._by_grade.items() if kg]
        return dq_weighted(items=weights)["score"] if weights else None


def roll_up(assessments: Iterable[Assessment]) -> Totals:
    """The totals of some assessments."""
    sums = RollUp()
    for assessment in assessments:
        sums.add(assessment)
    return sums.totals()
