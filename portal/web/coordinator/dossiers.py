"""The review page of a plan, a progress report or a restatement; its decisions are those of every submission."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from portal.domain.actions import STATUS_NAMES, Status
from portal.domain.submissions import Kind
from portal.services.dossier_review import DossierReview
from portal.web import formats, names, plan_charts

# What of a part is worth showing when it changed, and how it is called.
FIELD_NAMES = {
    "name": lazy_gettext("Name"),
    "status": lazy_gettext("Status"),
    "kg_saving": lazy_gettext("Saving, t CO₂e"),
    "kg_measured": lazy_gettext("Measured, t CO₂e"),
    "kg_change": lazy_gettext("Change, t CO₂e"),
    "percent": lazy_gettext("Per cent"),
    "target_year": lazy_gettext("Target year"),
    "base_year": lazy_gettext("Base year"),
    "category": lazy_gettext("Source"),
    "site": lazy_gettext("Site"),
    "start": lazy_gettext("Begins to save on"),
    "owner_post": lazy_gettext("Accountable"),
    "capex": lazy_gettext("Investment, CNY"),
    "lifetime_years": lazy_gettext("Lifetime in years"),
    "evidence": lazy_gettext("Evidence"),
    "milestones": lazy_gettext("Milestones"),
    "note": lazy_gettext("Note"),
    "reason": lazy_gettext("Reason"),
    "measured_how": lazy_gettext("How it was measured"),
    "progress_note": lazy_gettext("Note"),
}


def values_of(shown: DossierReview) -> dict[str, Any]:
    """What the template needs beside the review itself: names of fields, and the charts of its kind."""
    found: dict[str, Any] = {"field_names": FIELD_NAMES, "part_value": part_value}
    if shown.kind is not Kind.RESTATEMENT:
        last = shown.content["year"] + 5
        found["trajectory"] = plan_charts.trajectories(shown.content["trajectory"], last=last)
    if shown.kind is Kind.PROGRESS:
        found["waterfall"] = plan_charts.waterfalls(shown.content)
    return found


def part_value(field: str, value: Any) -> str:
    """A field of a part as a reader compares it."""
    if value is None or value == "":
        return "–"
    if field.startswith("kg_"):
        return formats.tonnes(value)
    if field == "status":
        return gettext(STATUS_NAMES[Status(value)])
    if field == "category":
        return names.category_name(value)
    if field in ("evidence", "milestones"):
        return str(len(value))
    return str(value)
