"""The lead company's tree of units: a branch of it is what lists and totals can be narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement

from portal.domain.refusals import Conflict, NotFound
from portal.services.work import Work
from portal.store.alliance import OrgClosure, OrgUnit
from portal.store.members import Member


@dataclass(frozen=True, slots=True)
class Node:
    """A unit, how far below the root it stands, and how many members its branch has."""

    unit: OrgUnit
    depth: int
    member_count: int


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

    def children(self, unit: OrgUnit) -> list[Node]:
        """The units directly below one."""
        return [node for node in self.nodes if node.unit.parent_id == unit.id]


def tree(work: Work) -> Tree:
    """The whole tree in two statements; a Conflict while the alliance has none."""
    units = work.session.scalars(select(OrgUnit).order_by(OrgUnit.code)).all()
    counts = _counts(work, units)
    below: dict[int | None, list[OrgUnit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id, []).append(unit)
    nodes: list[Node] = []
    waiting = [(unit, 0) for unit in below.get(None, ())]
    while waiting:
        unit, depth = waiting.pop()
        nodes.append(Node(unit, depth, counts.get(unit.id, 0)))
        waiting += [(child, depth + 1) for child in reversed(below.get(unit.id, []))]
    if not nodes:
        raise Conflict("alliance.missing")
    return Tree(tuple(nodes))


def _counts(work: Work, units: Sequence[OrgUnit]) -> dict[int, int]:
    """How many members each branch has: counted once by unit, then added to every unit above."""
    counted = select(Member.unit_id, func.count()).group_by(Member.unit_id)
    own = dict(work.session.execute(counted).all())
    parents = {unit.id: unit.parent_id for unit in units}
    sums = dict.fromkeys(parents, 0)
    for unit_id, count in own.items():
        above: int | None = unit_id
        while above is not None:
            sums[above] += count
            above = parents[above]
    return sums


def in_branch(unit_id: int) -> ColumnElement[bool]:
    """The condition that a member belongs to a unit or to one below it."""
    below = select(OrgClosure.descendant_id).where(OrgClosure.ancestor_id == unit_id)
    return Member.unit_id.in_(below)
