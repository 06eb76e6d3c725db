"""Everything odd about one member now: open years, lateness, path, actions, certificates, peers, meters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import and_, func, or_, select

from portal.calculation.metering import ENOUGH
from portal.calculation.periods import month_after, month_before
from portal.domain.actions import UNDER_WAY, Status
from portal.domain.certificates import State as CertificateState
from portal.domain.inventories import State as InventoryState
from portal.domain.standing import Found
from portal.domain.warnings import OF_WHOLE_YEARS, dated
from portal.domain.warnings import meters as meter_rules
from portal.domain.warnings.dated import Step
from portal.domain.warnings.meters import Counted, MeterSeries
from portal.services import meters, warnings
from portal.services.meter_months import MeterMonth, months_of
from portal.services.work import Work
from portal.store.actions import Action, Milestone
from portal.store.alliance import ReportingYear
from portal.store.certificates import Certificate
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.summaries import MemberOutput, MemberProgress, MemberYear

# A year that is approved has its warnings frozen with it; what is asked about it is asked by the reviewer.
WATCHED = (InventoryState.DRAFT, InventoryState.RETURNED, InventoryState.SUBMITTED)
# Whoever reads a meter at the end of a month has this long to enter it.
_DAYS_TO_ENTER = timedelta(days=15)
_YEARS_BEFORE = 3
_STEPS_OF = tuple(status.value for status in (Status.PLANNED, *UNDER_WAY))


def sight_of(work: Work, member: Member) -> list[Found]:
    """All warnings of a member as they stand now."""
    return [
        *_of_years(work, member),
        *_of_lateness(work, member),
        *_of_path(work, member),
        *_of_actions(work, member),
        *_of_certificates(work, member),
        *_of_peers(work, member),
        *_of_meters(work, member),
    ]


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
                yield Found(inventory.year, each.warning, bool(each.reason), is_held)


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


def _of_peers(work: Work, member: Member) -> Iterator[Found]:
    """The latest approved year beside members of the sector that make something counted in the same unit."""
    latest = (
        select(func.max(MemberYear.year)).where(MemberYear.member_id == member.id).scalar_subquery()
    )
    query = (
        select(
            MemberYear.member_id,
            MemberYear.year,
            MemberYear.kg_total,
            MemberOutput.unit,
            MemberOutput.quantity,
        )
        .join(Member, Member.id == MemberYear.member_id)
        .join(
            MemberOutput,
            and_(
                MemberOutput.member_id == MemberYear.member_id,
                MemberOutput.year == MemberYear.year,
            ),
        )
        .where(
            Member.alliance_id == member.alliance_id,
            Member.sector == member.sector,
            MemberYear.year == latest,
            MemberOutput.quantity > 0,
        )
    )
    rows: dict[int, list[tuple[int, Decimal, str, Decimal]]] = {}
    for member_id, year, kg, unit, quantity in work.session.execute(query):
        rows.setdefault(member_id, []).append((year, kg, unit, quantity))
    single = {member_id: found[0] for member_id, found in rows.items() if len(found) == 1}
    own = single.pop(member.id, None)
    if own is None:
        return
    year, kg, unit, made = own
    others = [(kg_of, q) for _year, kg_of, its_unit, q in single.values() if its_unit == unit]
    intensities, amounts = [kg_of / q for kg_of, q in others], [kg_of for kg_of, _q in others]
    for each in dated.beside_peers(year, kg / made, intensities, amounts):
        yield Found(year, each)


def _of_meters(work: Work, member: Member) -> Iterator[Found]:
    """The whole months of meters since last year; those of the years before are what they are compared with."""
    through = month_before(work.today - _DAYS_TO_ENTER)
    last_year = date(through.year - 1, 1, 1)
    for row in meters.meters_of(work, member):
        meter = row.meter
        if meter.ends_on is not None and meter.ends_on < through:
            continue
        found = months_of(work, meter, through.year - _YEARS_BEFORE, through.year)
        values = [
            Counted(each.month, each.use.amount)
            for each in found.months
            if each.use is not None and each.month <= through and _is_whole(each)
        ]
        begun = meter.starts_on if meter.starts_on.day == 1 else month_after(meter.starts_on)
        series = MeterSeries(
            str(meter.uid), meter.name, meter.unit, meter_rules.Step.MONTH, values, through
        )
        for warning in meter_rules.find_meter_warnings(series, max(last_year, begun)):
            yield Found(0, warning)


def _is_whole(month: MeterMonth) -> bool:
    is_in_service = month.first_day == month.month and month.last_day + timedelta(
        days=1
    ) == month_after(month.month)
    return is_in_service and month.use is not None and month.use.completeness >= ENOUGH
