"""Desks that need no database: what lines are read against, with sites that only the test knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from portal import data
from portal.calculation.gases import GwpSet
from portal.intake.line_rules import LineRules
from portal.services.assessments import context_with
from portal.services.line_reading import Desk
from portal.store.members import Site


def a_desk(codes: Sequence[str], *, year: int = 2025, locale: str = "en") -> Desk:
    """The desk of a supplier of packaging with these sites in Inner Mongolia, under the latest edition."""
    edition = data.load_edition(max(data.editions()))
    context = context_with(edition, GwpSet.GBT.value, {}, "packaging")
    sites = {
        code: Site(
            id=place,
            member_id=1,
            code=code,
            name_zh=f"场所{code}",
            name_en=f"Site {code}",
            country="CN",
            province="CN-NM",
            is_active=True,
        )
        for place, code in enumerate(codes, start=1)
    }
    rules = LineRules(
        today=date(2026, 11, 24),
        inventory_year=year,
        sites={code: code for code in codes},
        categories=context.categories,
        locale=locale,
    )
    return Desk(1, year, rules, context, cast(Any, sites))
