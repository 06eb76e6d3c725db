"""A table of a member's own as it waits in the database: what its columns are, and what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.intake.tables.mapping import TableMapping
from portal.services.tables.surveys import Survey


def plain(name: str) -> str:
    """A word that marks nothing."""
    return name


def a_mapping(word: Callable[[str], str] = plain) -> dict[str, Any]:
    """Five columns under titles, and a text that was understood."""
    return TableMapping(
        header=1,
        titles=("site", "period", word("table_title"), "quantity", "unit"),
        roles=("site", "period", "category", "quantity", "unit"),
        year=2025,
        texts={"category": {word("table_known"): "electricity.grid"}},
    ).to_json()


def a_survey(word: Callable[[str], str] = plain) -> dict[str, Any]:
    """One row, and a site that nobody knows."""
    return Survey(
        sheet="CSV",
        sheets=("CSV",),
        hidden_count=0,
        hides_rows=False,
        encoding="utf-8",
        separator=",",
        rows=1,
        sample=((2, (word("table_site"), "2025-01", word("table_known"), "1", "kWh")),),
        texts={"category": {word("table_known"): 1}, "site": {word("table_site"): 1}},
        offers={"site": {word("table_site"): ()}},
        doubts=frozenset(),
        problems=(),
    ).to_json()
