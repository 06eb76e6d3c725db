"""Years beside each other: what was emitted, what the leading target allows, what the plan forecasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.calculation.effects import Effect, forecast
from portal.calculation.pathways import Kind, TargetTerms, allowed
from portal.calculation.quantities import exactly
from portal.calculation.rounding import as_result
from portal.domain.actions import COUNTED, UNDER_WAY, Status
from portal.domain.levers import Ledger
from portal.services.series import MemberSeries
from portal.services.sources import SourceBook

LAST_YEAR = 2050


@dataclass(frozen=True, slots=True)
class PathYear:
    """One year in kg CO2e of the whole inventory: by scope where it is approved, the total as reported where it was
    restated, what the leading target allows, and the forecast from below (all planned actions) and above (those under way).
    """

    year: int
    scopes: tuple[Decimal, ...] = ()
    reported: Decimal | None = None
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def total(self) -> Decimal | None:
        """The approved total, None for a year that lies ahead."""
        return sum(self.scopes, Decimal(0)) if self.scopes else None

    def content(self) -> dict[str, Any]:
        """The year as plans and reports freeze it."""
        return {
            "year": self.year,
            "scopes": list(self.scopes),
            "reported": self.reported,
            "target": self.target,
            "low": self.low,
            "high": self.high,
        }


def effects_of(
    actions: Iterable[Mapping[str, Any]], book: SourceBook | None, *, statuses: frozenset[Status]
) -> list[Effect]:
    """The effects of frozen actions on the inventory; one for the whole company is divided over the sites of its source.

    An action lasts until it is stopped: what wears out is renewed. Its lifetime only spreads what it costs.
    """
    found = []
    for action in actions:
        if action["ledger"] != Ledger.INVENTORY or Status(action["status"]) not in statuses:
            continue
        found += _effects(action, book)
    return found


def _effects(action: Mapping[str, Any], book: SourceBook | None) -> list[Effect]:
    kg, start = Decimal(action["kg_saving"]), start_of(action)
    terms = (start, action["ramp_months"])
    sources = {} if book is None else book.of(action["category"], action["site"])
    whole = sum(sources.values(), Decimal(0))
    if whole <= 0:
        return [Effect(action["key"], f"{action['category']}@{action['site']}", kg, *terms)]
    with exactly():
        return [
            Effect(action["key"], source.key, kg * part / whole, *terms)
            for source, part in sources.items()
        ]


def kg_allowed(terms: TargetTerms, product: str, series: MemberSeries, year: int) -> Decimal | None:
    """What the leading target allows a year's whole inventory: its own path, and what it doesn't cover as it was.

    Years ahead take outputs and what isn't covered from the latest approved year. None where an output is missing.
    """
    if year < terms.base_year or not series.years:
        return None
    at = year if year in series.reported else max(series.years)
    rest = series.kg(at) - series.kg(at, terms.scopes, terms.part)
    limit = allowed(terms, year)
    if terms.kind is Kind.ABSOLUTE:
        return as_result(rest + limit)
    made = series.made(at, product)
    if made is None or not terms.kind.is_intensity:
        return None
    with exactly():
        return as_result(rest + limit * made.quantity)


def trajectory(
    series: MemberSeries,
    main: tuple[TargetTerms, str] | None,
    actions: Sequence[Mapping[str, Any]],
    book: SourceBook | None,
    *,
    last: int = LAST_YEAR,
) -> list[PathYear]:
    """Every year from the first that is known to `last`."""
    if not series.years:
        return []
    latest = max(series.years)
    first = min(series.years[0], main[0].base_year if main else series.years[0])
    ahead = range(latest + 1, last + 1)
    low, high = (
        forecasts(actions, book, ahead, latest) if book is not None and actions else ({}, {})
    )
    return [
        PathYear(
            year,
            series.by_scope(year) if year in series.reported else (),
            series.kg(year, as_reported=True) if year in series.restated else None,
            kg_allowed(*main, series, year) if main else None,
            low.get(year),
            high.get(year),
        )
        for year in range(first, last + 1)
    ]


def forecasts(
    actions: Sequence[Mapping[str, Any]], book: SourceBook, ahead: range, latest: int
) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """What is left if all planned actions come, and if only those under way do.

    Savings that the latest year shows already are not counted twice: an action that was in full effect then has none to
    come, one that began has what it still grows by. What is still planned though its day has passed shows in no year yet.
    """
    actions = [_to_come(action, latest) for action in actions]
    found = []
    for statuses in (COUNTED, UNDER_WAY):
        effects = effects_of(actions, book, statuses=statuses)
        already = dict(forecast(book.keyed, effects, [latest], since=latest))[latest]
        whole = sum(book.kg.values(), Decimal(0))
        shown = whole - already
        years = forecast(book.keyed, effects, ahead, since=latest)
        found.append({year: min(kg + shown, whole) for year, kg in years})
    low, high = found
    return low, high


def _to_come(action: Mapping[str, Any], latest: int) -> Mapping[str, Any]:
    if Status(action["status"]) is not Status.PLANNED:
        return action
    return {**action, "start": max(start_of(action), date(latest + 1, 1, 1))}


def start_of(action: Mapping[str, Any]) -> date:
    """When an action begins to save, whether it is frozen already or not."""
    return day_in(action["start"])


def day_in(given: date | str) -> date:
    """A day of a document, whether that is frozen already or not."""
    return given if isinstance(given, date) else date.fromisoformat(given)
