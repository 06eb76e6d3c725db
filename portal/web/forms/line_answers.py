"""What the table's script is told after it saved a draft: keys, results, messages and totals, each by its control."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import get_template_attribute
from flask_babel import gettext

from portal.services.inventories import ScopeTotals
from portal.services.line_page import LinePage
from portal.services.line_saving import Fate, Outcome, Saved
from portal.web import formats
from portal.web.forms.line_rows import answered_row
from portal.web.forms.line_table import LineRow


def autosave_answer(page: LinePage, saved: Saved, at: str) -> dict[str, Any]:
    """The answer to a draft that was kept; nothing that a person types is in it."""
    fields: dict[str, str] = {}
    texts = {item["id"]: item["value"] for item in total_items(page.totals)}
    errors: dict[str, str] = {}
    below: dict[str, str] = {}
    for outcome in saved.outcomes:
        prefix = f"lines-{outcome.row.index}"
        fields |= _hidden(prefix, outcome)
        if outcome.line is None or outcome.fate is Fate.REMOVED:
            continue
        row = answered_row(outcome, page)
        texts[f"{prefix}-result"] = row.result or formats.NOTHING
        texts[f"{prefix}-note"] = row.result_note or ""
        errors |= dict(_errors(prefix, row))
        below[prefix] = _below(row)
    return {"saved": at, "fields": fields, "texts": texts, "errors": errors, "more": below}


def _hidden(prefix: str, outcome: Outcome) -> dict[str, str]:
    """A removed line forgets its key, so that Undo brings it back as a new one."""
    line = outcome.line
    if outcome.fate is Fate.REMOVED:
        return {f"{prefix}-key": "", f"{prefix}-version": ""}
    if line is None or outcome.fate is Fate.IGNORED:
        return {}
    return {f"{prefix}-key": str(line.key), f"{prefix}-version": str(line.version)}


def _errors(prefix: str, row: LineRow) -> Iterator[tuple[str, str]]:
    for column, message in row.errors.items():
        yield f"{prefix}-{column}", message
    for each in row.inputs:
        if each.error:
            yield f"{prefix}-{each.name}", each.error


def _below(row: LineRow) -> str:
    """What stands under the line, as HTML: empty where nothing does."""
    if not (row.asked or row.inputs or row.remarks):
        return ""
    drawn: str = get_template_attribute("parts/lines.html", "more")(
        row, gettext("line {number}").replace("{number}", str(row.number))
    )
    return drawn.strip()


def total_items(totals: ScopeTotals) -> list[dict[str, str]]:
    """The totals that stay in sight, each with the id of its number."""
    named = (
        ("total-1", gettext("Scope 1"), totals.scope1),
        ("total-2", gettext("Scope 2 (location)"), totals.scope2_location),
        ("total-2-market", gettext("Scope 2 (market)"), totals.scope2_market),
        ("total-3", gettext("Scope 3"), totals.scope3),
        ("total", gettext("Total"), totals.total),
    )
    return [{"id": name, "label": label, "value": formats.tonnes(kg)} for name, label, kg in named]
