"""What is odd about a member's meters; a meter is read again only when something has come that could change what is said of it.

What is said rests on whole months, up to the one whose readings should be there by now. So each meter is looked at once
a month, and in between when readings of the last months came late, or what is said of a meter or its registers changed.
Otherwise what was found at the last look stands, as it is kept. Readings of older months count from the next month on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.calculation.periods import month_after, month_before
from portal.domain.canonical import digest
from portal.domain.standing import Found, State
from portal.domain.warnings import RaisedWarning, Weight, subject_of
from portal.domain.warnings import meters as meter_rules
from portal.domain.warnings.meters import MonthOfMeter
from portal.services.meter_months import MeterMonth, months_of
from portal.services.work import Work
from portal.store import schedules
from portal.store.members import Member
from portal.store.meters import Meter, MeterBatch, MeterReading, MeterRegister
from portal.store.standing_warnings import StandingWarning

# To be raised when the rules of meters change, so that the first night after that looks at all of them.
RULES = 1
# Whoever reads a meter at the end of a month has this long to enter it.
_DAYS_TO_ENTER = timedelta(days=15)
_YEARS_BEFORE = 3
# Readings are looked for so far back, and what was being written at the last look is looked at again: a batch has the
# moment at which it began, and an hour is longer than any takes.
_LATE, _OVERLAP = timedelta(days=100), timedelta(hours=1)
# No clock is further from Greenwich.
_FARTHEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Look:
    """That the meters of a member were looked at, to be kept together with what was found: as what, until when, and when."""

    name: str
    due_at: datetime
    moment: datetime


@dataclass(frozen=True, slots=True)
class MetersSeen:
    """What is odd about a member's meters, how many were read for it, and the look to be kept; None when none was read."""

    found: Sequence[Found]
    read: int
    look: Look | None


def look_at_meters(work: Work, member: Member) -> MetersSeen:
    """What is odd about a member's meters now."""
    through = month_before(work.today - _DAYS_TO_ENTER)
    all_meters = _meters(work.session, member)
    meters = [each for each in all_meters if not _has_ended(each, through)]
    if not meters:
        return MetersSeen((), 0, None)
    look = Look(_name(work.session, member, all_meters), _due(through), work.moment)
    since = schedules.noted_at(work.session, look.name, look.due_at)
    again = (
        {each.id for each in meters}
        if since is None
        else _with_news(work.session, member, since - _OVERLAP, through)
    )
    fresh = [each for each in meters if each.id in again]
    as_before = {str(each.uid) for each in meters if each.id not in again}
    found = [
        *(each for meter in fresh for each in _of_meter(work, meter, through)),
        *_as_kept(work.session, member, as_before),
    ]
    return MetersSeen(found, len(fresh), look if fresh else None)


def keep_look(work: Work, look: Look) -> None:
    """Keep that the meters were looked at."""
    schedules.note(work.session, look.name, look.due_at, moment=look.moment)


def _meters(session: Session, member: Member) -> list[Meter]:
    return list(
        session.scalars(select(Meter).where(Meter.member_id == member.id).order_by(Meter.id))
    )


def _has_ended(meter: Meter, through: date) -> bool:
    """Whether the meter was not in service any more on the last day of a month."""
    return meter.ends_on is not None and meter.ends_on + timedelta(days=1) < month_after(through)


def _name(session: Session, member: Member, meters: Sequence[Meter]) -> str:
    """The look's name, another one after anything was changed about the meters, their registers or the rules."""
    columns = MeterRegister.__table__.columns
    registers = session.execute(
        select(*columns)
        .where(MeterRegister.member_id == member.id)
        .order_by(MeterRegister.meter_id, MeterRegister.starts_at)
    )
    said = {
        "rules": RULES,
        "meters": [[each.id, each.version, each.starts_on, each.ends_on] for each in meters],
        "registers": [list(row) for row in registers],
    }
    return f"meters-looked-at:{member.id}:{digest(said)[:12]}"


def _due(through: date) -> datetime:
    """When the next month's readings should be there, so that every meter is to be looked at again."""
    following = month_after(month_after(through))
    return datetime.combine(following, time(), UTC) + _DAYS_TO_ENTER


def _with_news(session: Session, member: Member, since: datetime, through: date) -> set[int]:
    """The meters of which a reading came since a moment that the months through this one rest on."""
    end = datetime.combine(month_after(through), time(), UTC) + _FARTHEST
    own = (MeterReading.member_id == member.id) & (MeterReading.meter_id == Meter.id)
    # A month's last stretch goes on to the first reading behind it.
    behind = (
        select(func.min(MeterReading.moment))
        .where(own, MeterReading.moment >= end)
        .correlate(Meter)
        .scalar_subquery()
    )
    news = (
        select(MeterReading.meter_id)
        .join(MeterBatch, MeterBatch.id == MeterReading.batch_id)
        .where(
            own,
            MeterReading.moment >= end - _LATE,
            or_(MeterReading.moment < end, MeterReading.moment == behind),
            MeterBatch.entered_at >= since,
        )
        .correlate(Meter)
        .exists()
    )
    return set(session.scalars(select(Meter.id).where(Meter.member_id == member.id, news)))


def _of_meter(work: Work, meter: Meter, through: date) -> Iterator[Found]:
    """The whole months since last year; those of the years before are what they are compared with."""
    year = months_of(work, meter, through.year - _YEARS_BEFORE, through.year)
    months = [MonthOfMeter(each.month, each.use, _is_whole(each)) for each in year.months]
    begun = meter.starts_on if meter.starts_on.day == 1 else month_after(meter.starts_on)
    series = meter_rules.series_of(str(meter.uid), meter.name, meter.unit, months, through)
    since = max(date(through.year - 1, 1, 1), begun)
    for warning in meter_rules.find_meter_warnings(series, since):
        yield Found(0, warning)


def _is_whole(month: MeterMonth) -> bool:
    ends = month.last_day + timedelta(days=1)
    return month.first_day == month.month and ends == month_after(month.month)


def _as_kept(session: Session, member: Member, meters: Collection[str]) -> Iterator[Found]:
    """What stands of meters that are not looked at, as it was found at the last look."""
    if not meters:
        return
    query = select(StandingWarning).where(
        StandingWarning.member_id == member.id,
        StandingWarning.subject.startswith("meter/"),
        StandingWarning.state != State.RESOLVED.value,
    )
    for row in session.scalars(query.order_by(StandingWarning.id)):
        if subject_of(row.subject).key in meters:
            seen = row.address.partition("#")[2]
            values = tuple(row.values["values"].items())
            warning = RaisedWarning(row.code, row.subject, Weight(row.weight), values, (), seen)
            yield Found(row.year, warning)
