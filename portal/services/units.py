"""The lead company's tree of units: a branch of it is what lists and totals can be narrowed to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement

from portal.domain.members import Status
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.services.work import Work
from portal.store.alliance import OrgClosure, OrgUnit
from portal.store.members import Member


@dataclass(frozen=True, slots=True)
class Node:
    """A unit and how far below the root it stands."""

    unit: OrgUnit
    depth: int


@dataclass(frozen=True, slots=True)
class Tree:
    """Every unit, each before those below it, in the order of their codes."""

    nodes: tuple[Node, ...]

    @property
    def root(self) -> OrgUnit:
        """The unit whose branch is the whole alliance."""
        return self.nodes[0].unit

    def find(self, code: str) -> OrgUnit:
        """The unit with a code, the root for no code; NotFound for an unknown one."""
        if not code:
            return self.root
        for node in self.nodes:
            if node.unit.code == code:
                return node.unit
        raise NotFound()

    def path(self, unit: OrgUnit) -> list[OrgUnit]:
        """The units above one, from the root down, and itself."""
        by_id = {node.unit.id: node.unit for node in self.nodes}
        found = [unit]
        while found[0].parent_id is not None:
            found.insert(0, by_id[found[0].parent_id])
        return found

    def children(self, unit: OrgUnit) -> list[OrgUnit]:
        """The units directly below one."""
        return [node.unit for node in self.nodes if node.unit.parent_id == unit.id]


def tree(work: Work) -> Tree:
    """The whole tree; a Conflict while the alliance has none."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    # Sorted here: databases differ in where they put a hyphen.
    units = sorted(work.session.scalars(select(OrgUnit)), key=lambda unit: unit.code)
    below: dict[int | None, list[OrgUnit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id, []).append(unit)
    nodes: list[Node] = []
    waiting = [(unit, 0) for unit in below.get(None, ())]
    while waiting:
        unit, depth = waiting.pop()
        nodes.append(Node(unit, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(unit.id, []))]
    if not nodes:
        raise Conflict("alliance.missing")
    return Tree(tuple(nodes))


def find(work: Work, code: str) -> OrgUnit:
    """The unit with a code; NotFound for an unknown one."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    found = work.session.scalars(select(OrgUnit).where(OrgUnit.code == code)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def active_members(work: Work, tree: Tree) -> dict[int, int]:
    """How many active members each branch has, by the id of its unit."""
    work.demand(Permission.ALLIANCE_PORTFOLIO_READ)
    # Counted once by unit and then added to every unit above: the closure would count each member at every depth.
    counted = (
        select(Member.unit_id, func.count())
        .where(Member.status == Status.ACTIVE.value)
        .group_by(Member.unit_id)
    )
    own = dict(work.session.execute(counted).all())
    sums = {node.unit.id: own.get(node.unit.id, 0) for node in tree.nodes}
    for node in reversed(tree.nodes):  # whatever is below a unit has been added to it by then
        if node.unit.parent_id is not None:
            sums[node.unit.parent_id] += sums[node.unit.id]
    return sums


def in_branch(unit_id: int) -> ColumnElement[bool]:
    """The condition that a member belongs to a unit or to one below it."""
    below = select(OrgClosure.descendant_id).where(OrgClosure.ancestor_id == unit_id)
    return Member.unit_id.in_(below)
