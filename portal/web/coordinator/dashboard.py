"""The coordinator's first page: what waits, where the alliance stands, what weighs most."""

from __future__ import annotations

from decimal import Decimal

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.documents.charts.bars import Bar, level_bars
from portal.documents.charts.columns import Column, stacked_columns
from portal.documents.charts.drawing import PHONE, WIDE, Chart, Size
from portal.documents.charts.scales import emission_unit
from portal.documents.facts import Language
from portal.services import portfolio, review_queue, standing_warnings
from portal.services.portfolio import Dashboard
from portal.web import formats, queries
from portal.web.coordinator import blueprint, branches
from portal.web.language import current
from portal.web.names import category_name
from portal.web.requests import current_work

WAITING_SHOWN = 6


@blueprint.get("/")
def dashboard() -> ResponseReturnValue:
    """Show the alliance at a glance."""
    work = current_work()
    shown = portfolio.dashboard(work, queries.whole("year"), branches.asked_for())
    return render_template(
        "coordinator/dashboard/dashboard.html",
        shown=shown,
        breadcrumbs=branches.above(shown.tree, shown.unit, shown.year),
        change=_change(shown),
        warnings=standing_warnings.counts_of_alliance(work, shown.unit),
        trajectory=[_trajectory(shown, size) for size in (WIDE, PHONE)],
        # It stands in a narrow column on every screen, so the drawing for phones fits everywhere.
        largest=_largest(shown, PHONE),
        waiting=review_queue.longest_waiting(
            work, WAITING_SHOWN, shown.unit if shown.branch else None
        ),
    )


def _language() -> Language:
    return Language.EN if current().code == "en" else Language.ZH


def _trajectory(shown: Dashboard, size: Size) -> Chart:
    columns = [
        Column(str(t.year), (t.kg_scope1, t.kg_scope2_location, t.kg_scope3)) for t in shown.totals
    ]
    return stacked_columns(
        gettext("Approved emissions by scope and year"),
        columns,
        (gettext("Scope 1"), gettext("Scope 2"), gettext("Scope 3")),
        unit=emission_unit([t.kg_total for t in shown.totals]),
        size=size,
        language=_language(),
    )


def _largest(shown: Dashboard, size: Size) -> Chart:
    bars = [
        Bar(category_name(c.category), c.kg_co2e, formats.tonnes(c.kg_co2e))
        for c in shown.categories
    ]
    return level_bars(
        gettext("Largest categories in %(year)s, t CO₂e", year=shown.year),
        bars,
        size=size,
        language=_language(),
    )


def _change(shown: Dashboard) -> Decimal | None:
    """The year against the one before it, as a ratio, over the members that are approved in both."""
    row = shown.like_for_like
    if row is None or not row.kg_co2e_before:
        return None
    return (row.kg_co2e - row.kg_co2e_before) / row.kg_co2e_before
