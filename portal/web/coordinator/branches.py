"""The branch of the lead company's tree that an address is narrowed to."""

from __future__ import annotations

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


def chosen(tree: Tree | None = None) -> OrgUnit | None:
    """The unit that the address names; None for the whole alliance, NotFound for one that there isn't."""
    code = asked_for()
    return (tree or units.tree(current_work())).find(code) if code else None


def choices(tree: Tree) -> list[tuple[str, str]]:
    """Every unit below the root as (code, name), indented by how deep it stands."""
    return [
        (node.unit.code, "\u2003" * (node.depth - 1) + name_of(node.unit))
        for node in tree.nodes
        if node.depth
    ]
