"""Reminders that the portal sends by itself: a year that is due, a certificate that ends; each stage once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import and_, func, or_, select

from portal.domain.actors import MemberId
from portal.domain.certificates import State as CertificateState
from portal.domain.inventories import State as InventoryState
from portal.domain.members import Status
from portal.services import notices
from portal.services.places import day_of
from portal.services.work import Work
from portal.store import schedules
from portal.store.alliance import ReportingYear
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory
from portal.store.members import Member

# Days before (and, negative, after) the due date; days before a certificate's end.
REPORT_STAGES = (14, 3, -1, -14)
EXPIRY_STAGES = (60, 14)
# After a longer standstill a stage is left out: people would get a week-old countdown.
LATEST = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A stage that a member has come to in a year; `stage_on` is the day it began."""

    member_id: MemberId
    year: int
    due_on: date
    stage_on: date


def stage_on(due_on: date, today: date, stages: Sequence[int]) -> date | None:
    """The day on which the present stage began, or None before the first and long after each."""
    begun = [due_on - timedelta(days=days) for days in stages]
    latest = max((day for day in begun if day <= today), default=None)
    return latest if latest is not None and today - latest <= LATEST else None


def due_reminders(work: Work) -> list[Reminder]:
    """Every active member's year that has come to a stage and is not handed in."""
    today = day_of(work.moment)
    handed_in = Inventory.state.in_([InventoryState.SUBMITTED.value, InventoryState.APPROVED.value])
    query = (
        select(Member.id, Member.joined_on, ReportingYear.year, ReportingYear.due_on)
        .join(ReportingYear, ReportingYear.alliance_id == Member.alliance_id)
        .outerjoin(
            Inventory,
            and_(Inventory.member_id == Member.id, Inventory.year == ReportingYear.year),
        )
        .where(Member.status == Status.ACTIVE.value, or_(Inventory.id.is_(None), ~handed_in))
        .order_by(Member.id, ReportingYear.year)
    )
    found = []
    for member_id, joined_on, year, due_on in work.session.execute(query):
        began = stage_on(due_on, today, REPORT_STAGES)
        if began is not None and joined_on.year <= year + 1:
            found.append(Reminder(MemberId(member_id), year, due_on, began))
    return found


def remind_late(work: Work, reminder: Reminder) -> int:
    """Remind a member unless this stage was done before; returns how many people were written to."""
    name = f"remind:{reminder.member_id}:{reminder.year}"
    if not _take(work, name, reminder.stage_on):
        return 0
    today = day_of(work.moment)
    return notices.remind(work, reminder.member_id, reminder.year, reminder.due_on, "", today)


def ending_certificates(work: Work) -> list[tuple[int, date]]:
    """The ids of the certificates that have come to a stage before their end, and the day it began."""
    today = day_of(work.moment)
    newest = (
        select(func.max(Certificate.year))
        .where(
            Certificate.member_id == Member.id, Certificate.state == CertificateState.VALID.value
        )
        .correlate(Member)
        .scalar_subquery()
    )
    query = (
        select(Certificate.id, Certificate.valid_until)
        .join(Member, Member.id == Certificate.member_id)
        .where(
            Certificate.state == CertificateState.VALID.value,
            Certificate.year == newest,
            Member.status == Status.ACTIVE.value,
            Certificate.valid_until >= today,
        )
        .order_by(Certificate.id)
    )
    stages = (
        (found_id, stage_on(until, today, EXPIRY_STAGES))
        for found_id, until in work.session.execute(query)
    )
    return [(found_id, began) for found_id, began in stages if began is not None]


def announce_end(work: Work, certificate_id: int, began: date) -> int:
    """Tell a member that a certificate ends unless this stage was done before; returns how many people were written to."""
    if not _take(work, f"certificate-ends:{certificate_id}", began):
        return 0
    certificate = work.session.get_one(Certificate, certificate_id)
    return notices.certificate_expiring(work, certificate)


def _take(work: Work, name: str, day: date) -> bool:
    due_at = datetime.combine(day, time(), UTC)
    return schedules.take(work.session, name, due_at, moment=work.moment)
