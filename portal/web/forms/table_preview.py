"""What a checked table comes to: its lines by category, its first rows, and all that is to be put right, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from portal import data
from portal.services.line_reading import problem_of
from portal.services.pages import Page, slice_of
from portal.store.members import Site
from portal.web import formats
from portal.web.forms.line_rows import label_of, words_of


@dataclass(frozen=True, slots=True)
class PlacedMessage:
    """Something about one cell of the file: where it stands, which column of a line it is, and what is said of it."""

    row: int
    cell: str
    label: str
    message: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class CategoryLines:
    """The lines of one category and what they come to."""

    category: str
    lines: int
    kg_co2e: Decimal


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One of the first lines as it would stand."""

    row: int
    category: str
    quantity: str
    unit: str
    period: str
    site: str
    result: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A check as a page shows it; `problems` is one page of those that are kept."""

    lines: int
    left_out: int
    bad_count: int
    categories: tuple[CategoryLines, ...]
    kg_co2e: Decimal
    problems: Page[PlacedMessage]
    remarks: tuple[PlacedMessage, ...]
    samples: tuple[SampleRow, ...]


def preview_of(check: Mapping[str, Any], sites: Sequence[Site], number: int) -> Preview:
    """A check with one page of its problems."""
    found = slice_of(check["problems"], number)
    categories = tuple(
        CategoryLines(each["category"], each["lines"], Decimal(each["kg_co2e"]))
        for each in check["categories"]
    )
    codes = {site.id: site.code for site in sites}
    return Preview(
        lines=check["lines"],
        left_out=check["left_out"],
        bad_count=check["bad_count"],
        categories=categories,
        kg_co2e=sum((each.kg_co2e for each in categories), Decimal(0)),
        problems=replace(found, rows=[_placed(each) for each in found.rows]),
        remarks=tuple(_placed(each) for each in check["remarks"]),
        samples=tuple(_sample(each, codes) for each in check["samples"]),
    )


def _placed(raw: Mapping[str, Any]) -> PlacedMessage:
    found = problem_of(raw["problem"])
    column = "" if "!" in raw["column"] else raw["column"]
    cell = raw["address"].rpartition("!")[2]
    message = words_of(found, None)
    return PlacedMessage(
        raw["row"],
        cell if cell[-1:].isdigit() else gettext("row %(row)s", row=raw["row"]),
        _label(column) if column else "",
        message,
        raw.get("count", 1),
    )


def _label(column: str) -> str:
    for category in data.load_categories().values():
        label = label_of(column, category)
        if label != column:
            return label
    return column


def _sample(raw: Mapping[str, Any], codes: Mapping[int, str]) -> SampleRow:
    typed = raw["raw"]
    kg = raw["kg_co2e"]
    has_period = raw["start_on"] and raw["end_on"]
    return SampleRow(
        raw["row"],
        raw["category"] or typed.get("category", ""),
        raw["quantity"] or typed.get("quantity", ""),
        raw["unit"] or typed.get("unit", ""),
        formats.period(raw["start_on"], raw["end_on"]) if has_period else typed.get("period", ""),
        codes.get(raw["site_id"], "") or typed.get("site", ""),
        formats.tonnes(Decimal(kg)) if kg is not None else formats.NOTHING,
    )
