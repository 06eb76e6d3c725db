"""What plans, progress reports and restatements are called, and where the supplier finds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext

from portal.calculation.problems import Problem
from portal.domain.submissions import Kind
from portal.store.dossiers import Dossier
from portal.web.names import category_name, kind_name

# What blocks any dossier lies on one of these pages.
_PAGES = {"set_up": "supplier.set_up", "signatory": "supplier.set_up", "plan": "supplier.plan_page"}


def dossier_title(dossier: Any) -> str:
    """What a dossier is called; anything with kind, year and quarter will do."""
    match Kind(dossier.kind):
        case Kind.PROGRESS if dossier.quarter:
            words = gettext("Progress report %(year)s, quarter %(quarter)s")
            return words % {"year": dossier.year, "quarter": dossier.quarter}
        case Kind.PROGRESS:
            return gettext("Progress report %(year)s", year=dossier.year)
        case Kind.RESTATEMENT:
            return gettext("Recalculation of %(year)s", year=dossier.year)
        case _:
            return gettext("Reduction plan")


def dossier_arguments(dossier: Dossier) -> dict[str, Any]:
    """What the addresses of a dossier's pages say; there is one plan, so it goes by no year."""
    if dossier.kind == Kind.PLAN:
        return {"kind": dossier.kind, "year": 0, "quarter": 0}
    return {"kind": dossier.kind, "year": dossier.year, "quarter": dossier.quarter}


def dossier_url(dossier: Dossier, page: str, **arguments: Any) -> str:
    """The address of one of the pages that all dossiers have: check, submit, withdraw, discard, questions, answer, page."""
    return url_for(f"supplier.dossier_{page}", **dossier_arguments(dossier), **arguments)


def dossier_home(dossier: Dossier) -> str:
    """The page on which the supplier works at a dossier."""
    match Kind(dossier.kind):
        case Kind.PROGRESS:
            return url_for("supplier.progress_page", year=dossier.year, quarter=dossier.quarter)
        case Kind.RESTATEMENT:
            return url_for("supplier.restatement_page", year=dossier.year)
        case _:
            return url_for("supplier.plan_page")


def dossier_list(kind: Kind) -> str:
    """The page that lists the progress reports or the restatements of a member."""
    is_progress = kind is Kind.PROGRESS
    return url_for("supplier.progress_list" if is_progress else "supplier.restatement_list")


def place_of_problem(problem: Problem, dossier: Dossier) -> str:
    """The page on which what blocks a dossier can be put right."""
    kind, _, rest = problem.field.partition("/")
    if kind in _PAGES:
        return url_for(_PAGES[kind])
    if kind == "inventory":
        return url_for("supplier.home", year=dossier.year)
    if kind == "questions":
        return dossier_url(dossier, "questions")
    if kind == "target":
        return url_for("supplier.target_page", target=rest)
    return f"{dossier_home(dossier)}#{kind}"


def piece_name(piece: Mapping[str, Any]) -> str:
    """What a part of a dossier is called: an action by its name, a target by its kind, a change by year and category."""
    if "name" in piece:
        return str(piece["name"])
    if "kg_change" in piece:
        return f"{piece['year']} · {category_name(piece['category'])}"
    return kind_name(piece["kind"])


def piece_url(piece: Mapping[str, Any], dossier: Dossier) -> str:
    """The page on which the supplier changes a part of a dossier."""
    if "kg_change" in piece:
        return dossier_home(dossier)
    if "name" not in piece:
        return url_for("supplier.target_page", target=piece["key"])
    if dossier.kind == Kind.PROGRESS:
        return url_for(
            "supplier.progress_action",
            year=dossier.year,
            quarter=dossier.quarter,
            action=piece["key"],
        )
    return url_for("supplier.action_page", action=piece["key"])


def init_app(app: Flask) -> None:
    """Give the templates the names and links of this module."""
    app.jinja_env.globals.update(
        dossier_home=dossier_home,
        dossier_title=dossier_title,
        dossier_url=dossier_url,
        piece_name=piece_name,
        piece_url=piece_url,
        place_of_problem=place_of_problem,
    )
