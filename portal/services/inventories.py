"""Inventories: opening a member's year, and what belongs to it beside the lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.inventories import EDITABLE, State
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.services.work import Work
from portal.store.alliance import ReportingYear
from portal.store.base import rows_changed
from portal.store.inventories import Inventory, NotApplicable, Output
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member


class ScopeTotals(NamedTuple):
    """kg CO2e of an inventory's finished lines; biogenic CO2 lies outside the scopes."""

    scope1: Decimal = Decimal(0)
    scope2_location: Decimal = Decimal(0)
    scope2_market: Decimal = Decimal(0)
    scope3: Decimal = Decimal(0)
    biogenic: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """Scopes 1, 2 (location-based) and 3."""
        return self.scope1 + self.scope2_location + self.scope3


@dataclass(frozen=True, slots=True)
class Overview:
    """An inventory in numbers: its lines, how many are unfinished or proven, what lies beside them, and totals."""

    inventory: Inventory
    line_count: int
    unfinished_count: int
    evidenced_count: int
    not_applicable_count: int
    output_count: int
    totals: ScopeTotals


def open_inventory(work: Work, member: Member, year: int) -> Inventory:
    """Begin a year that the alliance has opened for reporting; a year begun already is given back as it is."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    reporting_year(work.session, member.alliance_id, year)
    begun = _inventory(work.session, member.id, year)
    if begun is not None:
        return begun
    inventory = Inventory(
        uid=work.new_uid(),
        member_id=member.id,
        year=year,
        state=State.DRAFT.value,
        note="",
        created_at=work.moment,
        changed_at=work.moment,
    )
    try:
        with work.session.begin_nested():
            work.session.add(inventory)
    except IntegrityError:  # somebody else of the member began it at the same moment
        return find_inventory(work, member, year)
    work.record(
        "inventory.opened",
        f"inventory/{inventory.uid}",
        on_behalf_of=member.code,
        detail={"year": year},
    )
    return inventory


def find_inventory(work: Work, member: Member, year: int) -> Inventory:
    """The member's inventory of a year; one not begun is answered like an unknown one."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    inventory = _inventory(work.session, member.id, year)
    if inventory is None:
        raise NotFound()
    return inventory


_OWN_YEAR = (
    select(Member, Inventory)
    .join(Inventory, Inventory.member_id == Member.id)
    .where(Member.id == bindparam("member"), Inventory.year == bindparam("year"))
)


def own_year(work: Work, year: int) -> tuple[Member, Inventory]:
    """The actor's own member and its inventory of a year; one not begun is answered like an unknown one."""
    member_id = work.actor.member_id
    if member_id is None:
        raise NotFound()
    work.demand(Permission.MEMBER_INVENTORY_READ, member_id)
    found = work.session.execute(_OWN_YEAR, {"member": member_id, "year": year}).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def inventories_of(work: Work, member: Member) -> list[Inventory]:
    """The years a member has begun, latest first."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    query = (
        select(Inventory).where(Inventory.member_id == member.id).order_by(Inventory.year.desc())
    )
    return list(work.session.scalars(query))


def reporting_year(session: Session, alliance_id: int, year: int) -> ReportingYear:
    """What the alliance fixed for a year; a year it has not opened is answered like an unknown one."""
    found = session.scalars(
        select(ReportingYear).where(
            ReportingYear.alliance_id == alliance_id, ReportingYear.year == year
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def begin_edit(work: Work, inventory: Inventory) -> Member:
    """Take the inventory for this transaction: only a draft or returned one can be edited, one writer after the other.

    The conditional UPDATE is what a submission races against: exactly one of editing and submitting wins.
    """
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(inventory.member_id))
    taken = rows_changed(
        work.session,
        update(Inventory)
        .where(
            Inventory.id == inventory.id, Inventory.state.in_([state.value for state in EDITABLE])
        )
        .values(changed_at=work.moment, version=Inventory.version + 1)
        .execution_options(synchronize_session=False),
    )
    work.session.refresh(inventory)
    if taken != 1:
        raise Conflict("inventory.state.moved_on", {"state": inventory.state})
    return work.session.get_one(Member, inventory.member_id)


_SUMS = (
    select(
        ActivityLine.is_complete,
        ActivityLine.scope,
        func.count().label("count"),
        func.sum(ActivityLine.kg_co2e).label("kg"),
        func.sum(ActivityLine.kg_co2e_market).label("kg_market"),
        func.sum(ActivityLine.kg_co2_biogenic).label("kg_biogenic"),
    )
    .where(ActivityLine.inventory_id == bindparam("inventory"))
    .group_by(ActivityLine.is_complete, ActivityLine.scope)
)
# Finished lines with evidence, categories that don't apply, products: three counts in one statement.
_BESIDE = select(
    select(func.count(func.distinct(LineEvidence.line_id)))
    .join(ActivityLine, ActivityLine.id == LineEvidence.line_id)
    .where(ActivityLine.inventory_id == bindparam("inventory"), ActivityLine.is_complete.is_(True))
    .scalar_subquery(),
    select(func.count())
    .select_from(NotApplicable)
    .where(NotApplicable.inventory_id == bindparam("inventory"))
    .scalar_subquery(),
    select(func.count())
    .select_from(Output)
    .where(Output.inventory_id == bindparam("inventory"))
    .scalar_subquery(),
)


def overview(work: Work, inventory: Inventory) -> Overview:
    """The inventory in numbers, at the same cost for ten lines and for ten thousand."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    rows = _sums(work.session, inventory.id)
    evidenced, absent, outputs = work.session.execute(_BESIDE, {"inventory": inventory.id}).one()
    return Overview(
        inventory,
        sum(row.count for row in rows if row.is_complete),
        sum(row.count for row in rows if not row.is_complete),
        evidenced,
        absent,
        outputs,
        _totals(rows),
    )


def totals(session: Session, inventory_id: int) -> ScopeTotals:
    """kg CO2e by scope over the finished lines."""
    return _totals(_sums(session, inventory_id))


def _sums(session: Session, inventory_id: int) -> Sequence[Any]:
    """Lines counted and added up, finished and unfinished apart, by scope."""
    return session.execute(_SUMS, {"inventory": inventory_id}).all()


def _totals(rows: Sequence[Any]) -> ScopeTotals:
    location: dict[int | None, Decimal] = {}
    market = biogenic = Decimal(0)
    for row in rows:
        if not row.is_complete:
            continue
        location[row.scope] = row.kg or Decimal(0)
        biogenic += row.kg_biogenic or Decimal(0)
        if row.scope == 2:
            market = row.kg_market or Decimal(0)
    none = Decimal(0)
    return ScopeTotals(
        location.get(1, none), location.get(2, none), market, location.get(3, none), biogenic
    )


def output_count(session: Session, inventory_id: int) -> int:
    """How many products the year has."""
    query = select(func.count()).select_from(Output).where(Output.inventory_id == inventory_id)
    return session.scalars(query).one()


def not_applicable(session: Session, inventory_id: int) -> list[NotApplicable]:
    """The categories that a member says it does not have, with their reasons."""
    query = (
        select(NotApplicable)
        .where(NotApplicable.inventory_id == inventory_id)
        .order_by(NotApplicable.category)
    )
    return list(session.scalars(query))


def reported(session: Session, inventory_id: int) -> set[str]:
    """The categories that have lines in the year, finished or not."""
    query = select(ActivityLine.category).where(
        ActivityLine.inventory_id == inventory_id, ActivityLine.category.is_not(None)
    )
    return {category for category in session.scalars(query.distinct()) if category}


def mark_not_applicable(work: Work, inventory: Inventory, category: str, reason: str) -> None:
    """Say, with a reason, that the member does not have a category this year; a reported one can't be marked."""
    member = begin_edit(work, inventory)
    query = select(ActivityLine.id).where(
        ActivityLine.inventory_id == inventory.id, ActivityLine.category == category
    )
    if work.session.scalars(query.limit(1)).first() is not None:
        raise Conflict("inventory.category.reported", {"category": category})
    marked = work.session.get(NotApplicable, (inventory.id, category))
    before = "" if marked is None else digest(marked.reason)
    if marked is None:
        marked = NotApplicable(inventory_id=inventory.id, category=category)
        work.session.add(marked)
    marked.reason, marked.account_id, marked.at = reason, work.actor.account_id, work.moment
    _record(
        work,
        member,
        inventory,
        "inventory.category.not_applicable",
        before,
        digest(reason),
        category,
    )


def mark_applicable(work: Work, inventory: Inventory, category: str) -> None:
    """Take the mark of a category away; without a mark nothing happens."""
    member = begin_edit(work, inventory)
    marked = work.session.get(NotApplicable, (inventory.id, category))
    if marked is None:
        return
    before = digest(marked.reason)
    work.session.execute(
        delete(NotApplicable).where(
            NotApplicable.inventory_id == inventory.id, NotApplicable.category == category
        )
    )
    _record(work, member, inventory, "inventory.category.applicable", before, "", category)


def write_note(work: Work, inventory: Inventory, note: str) -> None:
    """Keep the supplier's note for the reviewer; the same note again changes nothing."""
    if note == inventory.note:
        return
    member = begin_edit(work, inventory)
    before = digest(inventory.note) if inventory.note else ""
    work.session.execute(
        update(Inventory)
        .where(Inventory.id == inventory.id)
        .values(note=note)
        .execution_options(synchronize_session=False)
    )
    work.session.refresh(inventory)
    work.record(
        "inventory.noted",
        f"inventory/{inventory.uid}",
        on_behalf_of=member.code,
        before=before,
        after=digest(note),
    )


def _record(
    work: Work,
    member: Member,
    inventory: Inventory,
    kind: str,
    before: str,
    after: str,
    category: str,
) -> None:
    work.record(
        kind,
        f"inventory/{inventory.uid}",
        on_behalf_of=member.code,
        before=before,
        after=after,
        detail={"category": category},
    )


def _inventory(session: Session, member_id: int, year: int) -> Inventory | None:
    return session.scalars(
        select(Inventory).where(Inventory.member_id == member_id, Inventory.year == year)
    ).one_or_none()
