"""The branch of the lead company's tree that an address is narrowed to."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext

from portal.services import units
from portal.services.units import Tree
from portal.store.alliance import OrgUnit
from portal.web import queries
from portal.web.names import name_of
from portal.web.requests import current_work

UNIT = "unit"


def asked_for() -> str:
    """The code of the unit that the address names, empty for the whole alliance."""
    return queries.word(UNIT)


def chosen() -> OrgUnit | None:
    """The unit that the address names; None for the whole alliance, NotFound for one that there isn't."""
    code = asked_for()
    return units.find(current_work(), code) if code else None


def choices() -> list[tuple[str, str]]:
    """Every unit below the root as (code, name), indented by how deep it stands."""
    return choices_of(units.tree(current_work()))


def choices_of(tree: Tree) -> list[tuple[str, str]]:
    """The same of a tree that is at hand already."""
    return [
        (node.unit.code, "\u2003" * (node.depth - 1) + name_of(node.unit))
        for node in tree.nodes
        if node.depth
    ]


def above(tree: Tree, unit: OrgUnit, year: int) -> list[dict[str, Any]]:
    """The way to a unit as breadcrumbs, each to the overview of its branch."""
    return [
        {
            "label": gettext("Overview") if each is tree.root else name_of(each),
            "href": url_for(".dashboard", year=year, unit=None if each is tree.root else each.code),
            "is_data": each is not tree.root,
        }
        for each in tree.path(unit)[:-1]
    ]
