"""Everything odd about one member now: open years, lateness, path, actions, certificates, peers, meters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from portal.domain.actions import UNDER_WAY, Status
from portal.domain.certificates import State as CertificateState
from portal.domain.inventories import State as InventoryState
from portal.domain.standing import Found
from portal.domain.warnings import OF_WHOLE_YEARS, dated
from portal.domain.warnings.dated import Step
from portal.services import warnings
from portal.services.warning_meters import Look, look_at_meters
from portal.services.warning_peers import Peers
from portal.services.work import Work
from portal.store.actions import Action, Milestone
from portal.store.alliance import ReportingYear
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.summaries import MemberProgress

# A year that is approved has its warnings frozen with it; what is asked about it is asked by the reviewer.
WATCHED = (InventoryState.DRAFT, InventoryState.RETURNED, InventoryState.SUBMITTED)
_STEPS_OF = tuple(status.value for status in (Status.PLANNED, *UNDER_WAY))


@dataclass(frozen=True, slots=True)
class Sight:
    """All warnings of a member as they stand, and the look at its meters that is to be kept with them."""

    found: Sequence[Found]
    look: Look | None


def sight_of(work: Work, member: Member, peers: Peers) -> Sight:
    """All warnings of a member as they stand now; `peers` are read once for all members."""
    of_meters = look_at_meters(work, member)
    found = [
        *_of_years(work, member),
        *_of_lateness(work, member),
        *_of_path(work, member),
        *_of_actions(work, member),
        *_of_certificates(work, member),
        *peers.said_of(member.id),
        *of_meters.found,
    ]
    return Sight(found, of_meters.look)


def _of_years(work: Work, member: Member) -> Iterator[Found]:
    query = (
        select(Inventory, ReportingYear.due_on)
        .join(
            ReportingYear,
            and_(
                ReportingYear.alliance_id == member.alliance_id,
                ReportingYear.year == Inventory.year,
            ),
        )
        .where(
            Inventory.member_id == member.id,
            Inventory.state.in_([state.value for state in WATCHED]),
        )
        .order_by(Inventory.year)
    )
    for inventory, due_on in work.session.execute(query).all():
        # What is missing from a draft may come yet, until its day.
        is_growing = inventory.state == InventoryState.DRAFT and work.today <= due_on
        for each in warnings.noticed(work, inventory):
            if not (is_growing and each.warning.code.startswith(OF_WHOLE_YEARS)):
                is_held = inventory.state == InventoryState.SUBMITTED
                has_reason = bool(each.reason)
                yield Found(inventory.year, each.warning, has_reason, is_held, each.given_for)


def _of_lateness(work: Work, member: Member) -> Iterator[Found]:
    handed_in = Inventory.state.in_([InventoryState.SUBMITTED.value, InventoryState.APPROVED.value])
    query = (
        select(ReportingYear.year, ReportingYear.due_on)
        .outerjoin(
            Inventory,
            and_(Inventory.member_id == member.id, Inventory.year == ReportingYear.year),
        )
        .where(
            ReportingYear.alliance_id == member.alliance_id,
            ReportingYear.year >= member.joined_on.year - 1,
            ReportingYear.due_on < work.today,
            or_(Inventory.id.is_(None), ~handed_in),
        )
    )
    for year, due_on in work.session.execute(query).all():
        for each in dated.late_report(year, due_on, work.today):
            yield Found(year, each)


def _of_path(work: Work, member: Member) -> Iterator[Found]:
    """The latest approved progress only: an older year off the path is history."""
    query = (
        select(MemberProgress)
        .where(MemberProgress.member_id == member.id)
        .order_by(MemberProgress.year.desc())
        .limit(1)
    )
    row = work.session.scalars(query).one_or_none()
    if row is not None and not row.is_on_path:
        for each in dated.missed_path(row.year, row.kg_actual, row.kg_target):
            yield Found(row.year, each)


def _of_actions(work: Work, member: Member) -> Iterator[Found]:
    query = (
        select(Action.uid, Action.name, Milestone.due_on)
        .join(Milestone, Milestone.action_id == Action.id)
        .where(
            Action.member_id == member.id,
            Action.status.in_(_STEPS_OF),
            Milestone.done_on.is_(None),
            Milestone.due_on < work.today,
        )
        .order_by(Action.position, Milestone.due_on)
    )
    steps = [Step(str(uid), name, due_on) for uid, name, due_on in work.session.execute(query)]
    for each in dated.overdue_steps(steps, work.today):
        yield Found(0, each)


def _of_certificates(work: Work, member: Member) -> Iterator[Found]:
    """The newest of each kind; one of an earlier year may end in peace."""
    query = (
        select(Certificate)
        .where(
            Certificate.member_id == member.id,
            Certificate.state == CertificateState.VALID.value,
        )
        .order_by(Certificate.year)
    )
    newest = {row.kind: row for row in work.session.scalars(query)}
    for row in newest.values():
        for each in dated.ending_certificate(row.number, row.valid_until, work.today):
            yield Found(row.year, each)
