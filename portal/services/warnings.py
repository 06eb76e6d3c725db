"""What is odd in a year, beside the reasons that the supplier gave for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import data
from portal.domain.actors import MemberId
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.warnings import Evidence, RaisedWarning, ReportedLine, Series, find_warnings
from portal.services import inventories
from portal.services.places import day_of
from portal.services.work import Work
from portal.store.inventories import Acknowledgement, Inventory, NotApplicable, Output
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site

YEARS_OF_HISTORY = 5


@dataclass(frozen=True, slots=True)
class Noticed:
    """A warning with the reason it may stand, empty while there is none."""

    warning: RaisedWarning
    reason: str


def noticed(work: Work, inventory: Inventory) -> list[Noticed]:
    """Every warning of an inventory, heaviest first; a reason counts only while the same thing is seen."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    query = select(Acknowledgement).where(Acknowledgement.inventory_id == inventory.id)
    reasons = {(row.code, row.subject): row.reason for row in work.session.scalars(query)}
    return [
        Noticed(warning, reasons.get((warning.code, warning.address), ""))
        for warning in find_warnings(_seen(work, inventory))
    ]


def acknowledge(work: Work, inventory: Inventory, code: str, address: str, reason: str) -> None:
    """Keep the reason why a warning may stand; a warning that is no longer raised can't be given one."""
    member = inventories.begin_edit(work, inventory)
    raised = {(each.warning.code, each.warning.address) for each in noticed(work, inventory)}
    if (code, address) not in raised:
        raise Conflict("warning.gone")
    kept = work.session.scalars(
        select(Acknowledgement).where(
            Acknowledgement.inventory_id == inventory.id,
            Acknowledgement.code == code,
            Acknowledgement.subject == address,
        )
    ).one_or_none()
    if kept is None:
        kept = Acknowledgement(inventory_id=inventory.id, code=code, subject=address)
        work.session.add(kept)
    kept.reason, kept.account_id, kept.at = reason, work.actor.account_id, work.moment
    work.record(
        "warning.acknowledged",
        f"inventory/{inventory.uid}",
        on_behalf_of=member.code,
        detail={"code": code, "address": address},
    )


def withdraw_reason(work: Work, inventory: Inventory, code: str, address: str) -> None:
    """Take a reason back."""
    member = inventories.begin_edit(work, inventory)
    kept = work.session.scalars(
        select(Acknowledgement).where(
            Acknowledgement.inventory_id == inventory.id,
            Acknowledgement.code == code,
            Acknowledgement.subject == address,
        )
    ).one_or_none()
    if kept is None:
        raise NotFound()
    work.session.delete(kept)
    work.record(
        "warning.reason.withdrawn",
        f"inventory/{inventory.uid}",
        on_behalf_of=member.code,
        detail={"code": code, "address": address},
    )


def _seen(work: Work, inventory: Inventory) -> Evidence:
    session = work.session
    member = session.get_one(Member, inventory.member_id)
    sector = data.load_sectors().get(member.sector)
    marked = session.scalars(
        select(NotApplicable.category).where(NotApplicable.inventory_id == inventory.id)
    )
    outputs = select(func.count()).where(Output.inventory_id == inventory.id)
    return Evidence(
        year=inventory.year,
        lines=_reported(session, inventory.member_id, inventory.year),
        last_year=_reported(session, inventory.member_id, inventory.year - 1),
        history=_history(session, inventory),
        expected=sector.categories if sector else (),
        not_applicable=frozenset(marked),
        through=_through(work, inventory),
        output_count=session.scalars(outputs).one(),
    )


def _through(work: Work, inventory: Inventory) -> date:
    return min(day_of(work.moment), date(inventory.year, 12, 31))


def _reported(session: Session, member_id: int, year: int) -> Sequence[ReportedLine]:
    proven = select(LineEvidence.line_id).where(LineEvidence.line_id == ActivityLine.id).exists()
    query = (
        select(
            ActivityLine.key,
            ActivityLine.position,
            ActivityLine.category,
            Site.code,
            ActivityLine.start_on,
            ActivityLine.end_on,
            ActivityLine.quantity,
            ActivityLine.unit,
            ActivityLine.kg_co2e,
            proven,
            ActivityLine.parameters,
        )
        .join(Inventory, Inventory.id == ActivityLine.inventory_id)
        .join(Site, Site.id == ActivityLine.site_id)
        .where(
            Inventory.member_id == member_id,
            Inventory.year == year,
            ActivityLine.is_complete.is_(True),
        )
        .order_by(ActivityLine.position, ActivityLine.id)
    )
    return [_line(row) for row in session.execute(query)]


def _line(row: Iterable[object]) -> ReportedLine:
    key, *middle, parameters = row
    named = {name: str(value) for name, value in dict(parameters or {}).items()}  # type: ignore[call-overload]  # a JSON object
    return ReportedLine(str(key), *middle, named)  # type: ignore[arg-type]  # the columns of _reported, in order


def _history(session: Session, inventory: Inventory) -> dict[Series, list[Decimal]]:
    query = (
        select(ActivityLine.category, Site.code, Inventory.year, func.sum(ActivityLine.kg_co2e))
        .join(Inventory, Inventory.id == ActivityLine.inventory_id)
        .join(Site, Site.id == ActivityLine.site_id)
        .where(
            Inventory.member_id == inventory.member_id,
            Inventory.year < inventory.year,
            Inventory.year >= inventory.year - YEARS_OF_HISTORY,
            ActivityLine.is_complete.is_(True),
        )
        .group_by(ActivityLine.category, Site.code, Inventory.year)
        .order_by(Inventory.year)
    )
    totals: dict[Series, list[Decimal]] = {}
    for category, site, _year, total in session.execute(query):
        totals.setdefault((category or "", site), []).append(total)
    return totals
