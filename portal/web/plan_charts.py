"""Charts of plans and progress for pages, wide and for phones, from the plain contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from portal.documents.charts.abatement import Block, abatement_curve
from portal.documents.charts.drawing import PHONE, WIDE, Chart
from portal.documents.charts.scales import emission_unit
from portal.documents.charts.trajectory import YearPoint, trajectory
from portal.documents.charts.waterfall import Step, waterfall
from portal.documents.facts import Language
from portal.domain.actions import COUNTED, Status
from portal.domain.levers import Ledger
from portal.web.language import current

_SIZES = (WIDE, PHONE)


def language() -> Language:
    """The reader's language as charts take it."""
    return Language.EN if current().code == "en" else Language.ZH


def trajectories(years: Sequence[Mapping[str, Any]], *, last: int) -> list[Chart]:
    """The years with their target path and forecast, wide and for phones; none while no year is approved."""
    shown = [year for year in years if year["year"] <= last]
    if not shown:
        return []
    points = [
        YearPoint(
            str(year["year"]),
            tuple(Decimal(kg) for kg in year["scopes"]),
            _amount(year["target"]),
            _amount(year["low"]),
            _amount(year["high"]),
            _amount(year["reported"]),
        )
        for year in shown
    ]
    return [
        trajectory(
            gettext("Emissions, target path and forecast"),
            points,
            (gettext("Scope 1"), gettext("Scope 2"), gettext("Scope 3")),
            unit=emission_unit([sum(p.amounts, Decimal(0)) for p in points]),
            target=gettext("Target path"),
            forecast=gettext("Forecast"),
            other=gettext("As reported"),
            size=size,
            language=language(),
        )
        for size in _SIZES
    ]


def waterfalls(content: Mapping[str, Any]) -> list[Chart]:
    """Why a year differs from the one before, wide and for phones; none where that isn't known."""
    change = content["change"]
    if change is None:
        return []
    now = Decimal(content["basis"]["kg_total"])
    delta = Decimal(change["delta"])
    effects = [
        (gettext("Structure"), change["structure"]),
        (gettext("Factors"), change["factor"]),
        (gettext("Activity"), change["activity"]),
        (gettext("Intensity"), change["intensity"]),
        (gettext("Activity and intensity"), change["undivided"]),
    ]
    steps = [Step(name, Decimal(kg)) for name, kg in effects if kg is not None and Decimal(kg)]
    return [
        waterfall(
            gettext("Why it changed since %(year)s", year=change["year_before"]),
            Step(str(change["year_before"]), now - delta),
            steps,
            Step(str(content["year"]), now),
            unit=emission_unit([now, now - delta]),
            size=size,
            language=language(),
        )
        for size in _SIZES
    ]


def abatements(actions: Iterable[Mapping[str, Any]]) -> list[Chart]:
    """What a tonne costs, action by action, wide and for phones; none where no action has a cost."""
    blocks = [
        Block(action["name"], Decimal(action["kg_saving"]), Decimal(action["cost_per_t"]))
        for action in actions
        if action["cost_per_t"] is not None
        and action["ledger"] == Ledger.INVENTORY
        and Status(action["status"]) in COUNTED
    ]
    return abatement_charts(gettext("Cost of each tonne avoided"), blocks)


def abatement_charts(title: str, blocks: Sequence[Block]) -> list[Chart]:
    """An abatement curve, wide and for phones; none without blocks."""
    if not blocks:
        return []
    return [
        abatement_curve(
            title,
            blocks,
            unit=emission_unit([sum((block.kg for block in blocks), Decimal(0))]),
            cost_unit=gettext("CNY/t CO₂e"),
            size=size,
            language=language(),
        )
        for size in _SIZES
    ]


def _amount(given: Any) -> Decimal | None:
    return None if given is None else Decimal(given)
