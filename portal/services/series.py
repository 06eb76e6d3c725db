"""A member's years as series: what was reported, what was restated, outputs and power, ready to be held against a path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.calculation.pathways import Part, covers
from portal.store.base import AnySelect
from portal.store.dossiers import Dossier
from portal.store.restatements import MemberRestated
from portal.store.submissions import Submission
from portal.store.summaries import MemberOutput, MemberSummary, MemberYear

ALL_SCOPES = (1, 2, 3)


class CategoryKg(NamedTuple):
    """kg CO2e of one category in one year, location-based; `kg_market` differs for purchased electricity."""

    scope: int
    kg: Decimal
    kg_market: Decimal


class Made(NamedTuple):
    """What was produced of one product in one year."""

    unit: str
    quantity: Decimal


YearOf = Mapping[str, CategoryKg]


@dataclass(frozen=True, slots=True)
class MemberSeries:
    """The approved years of a member by category; a restated year stands beside the reported one and goes before it.

    `power` holds (kWh used, kWh renewable) of years where both were counted.
    """

    reported: Mapping[int, YearOf]
    restated: Mapping[int, YearOf]
    outputs: Mapping[int, Mapping[str, Made]]
    power: Mapping[int, tuple[Decimal, Decimal]]
    quality: Mapping[int, Decimal]

    @property
    def years(self) -> list[int]:
        """The approved years, oldest first."""
        return sorted(self.reported)

    @property
    def is_restated(self) -> bool:
        """Whether any year is restated."""
        return bool(self.restated)

    def in_force(self, year: int) -> YearOf:
        """The year's categories as they count today: restated where that was decided, else as reported."""
        return self.restated.get(year) or self.reported[year]

    def kg(
        self,
        year: int,
        scopes: tuple[int, ...] = ALL_SCOPES,
        part: Part = Part.ALL,
        *,
        as_reported: bool = False,
    ) -> Decimal:
        """kg CO2e of a year within scopes and part, scope 2 location-based."""
        rows = self.reported[year] if as_reported else self.in_force(year)
        return sum(
            (row.kg for name, row in rows.items() if covers(part, scopes, name, row.scope)),
            Decimal(0),
        )

    def by_scope(self, year: int, *, as_reported: bool = False) -> tuple[Decimal, Decimal, Decimal]:
        """kg CO2e of a year by scope."""
        first, second, third = (
            self.kg(year, (scope,), as_reported=as_reported) for scope in ALL_SCOPES
        )
        return first, second, third

    def made(self, year: int, product: str) -> Made | None:
        """What was produced of a product in a year."""
        return self.outputs.get(year, {}).get(product)

    def renewable_percent(self, year: int) -> Decimal | None:
        """The renewable share of the power used, in percent; None where no power was counted."""
        used, renewable = self.power.get(year, (Decimal(0), Decimal(0)))
        return renewable * 100 / used if used else None

    def products(self) -> list[str]:
        """What was produced in any year, the latest year's products first."""
        found: dict[str, None] = {}
        for year in sorted(self.outputs, reverse=True):
            found.update(dict.fromkeys(self.outputs[year]))
        return list(found)


def series_of(session: Session, member_id: int) -> MemberSeries:
    """The approved years of a member, in four statements."""
    return _series(session, member_id, _restated_rows(member_id))


def series_beneath(session: Session, dossier: Dossier) -> MemberSeries:
    """The approved years of a member as they count without what versions of this restatement brought already."""
    own = select(Submission.id).where(Submission.dossier_id == dossier.id)
    others = or_(MemberRestated.submission_id.is_(None), MemberRestated.submission_id.not_in(own))
    return _series(session, dossier.member_id, _restated_rows(dossier.member_id).where(others))


def top_layers(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Of restated rows, each beginning with what tells its year apart and ending with its layer, those in force."""
    found: dict[Any, dict[int, list[tuple[Any, ...]]]] = {}
    for key, *rest, layer in rows:
        found.setdefault(key, {}).setdefault(layer, []).append((key, *rest))
    for layers in found.values():
        yield from layers[max(layers)]


def _restated_rows(member_id: int) -> AnySelect:
    return select(
        MemberRestated.year,
        MemberRestated.category,
        MemberRestated.scope,
        MemberRestated.kg_co2e,
        MemberRestated.kg_co2e,
        MemberRestated.layer,
    ).where(MemberRestated.member_id == member_id)


def _series(session: Session, member_id: int, restated: AnySelect) -> MemberSeries:
    rows = session.execute(
        select(
            MemberSummary.year,
            MemberSummary.category,
            MemberSummary.scope,
            MemberSummary.kg_co2e,
            MemberSummary.kg_co2e_market,
        ).where(MemberSummary.member_id == member_id)
    )
    years = session.scalars(select(MemberYear).where(MemberYear.member_id == member_id)).all()
    reported = _by_year(rows)
    for year in years:  # a year without any emission has totals and no category
        reported.setdefault(year.year, {})
    return MemberSeries(
        reported,
        _by_year(top_layers(session.execute(restated))),
        _outputs(session, member_id),
        {
            year.year: (year.kwh_power, year.kwh_renewable)
            for year in years
            if year.kwh_power is not None and year.kwh_renewable is not None
        },
        {year.year: year.quality for year in years},
    )


def _by_year(
    rows: Iterable[tuple[int, str, int, Decimal, Decimal]],
) -> dict[int, dict[str, CategoryKg]]:
    found: dict[int, dict[str, CategoryKg]] = {}
    for year, category, scope, kg, market in rows:
        found.setdefault(year, {})[category] = CategoryKg(scope, kg, market)
    return found


def _outputs(session: Session, member_id: int) -> dict[int, dict[str, Made]]:
    found: dict[int, dict[str, Made]] = {}
    query = select(MemberOutput).where(MemberOutput.member_id == member_id)
    for row in session.scalars(query):
        found.setdefault(row.year, {})[row.product] = Made(row.unit, row.quantity)
    return found
