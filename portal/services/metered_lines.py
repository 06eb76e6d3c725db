"""Months of meters that a person makes activity lines of, each with how its quantity came about, as it was then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem, problem
from portal.calculation.quantities import text
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.inventories import EDITABLE
from portal.domain.permissions import Permission
from portal.domain.words import N_
from portal.intake.units import clear_spelling
from portal.services.line_reading import period_code
from portal.services.line_saving import Saved, SubmittedLine, save_lines
from portal.services.meter_months import MeterMonth, MeterYear, working_of
from portal.services.work import Work
from portal.store.asking import in_parts
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from portal.store.meters import Meter, MeteredLine

MOST_BESIDE = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """A month that is a line already: the line as it stands, and what the meter said when it was made."""

    line: ActivityLine
    amount: Decimal
    working: Mapping[str, Any]

    @property
    def is_changed_by_hand(self) -> bool:
        """Whether the line says something else than it was made to say."""
        return not says(self.line, self.working)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What taking months over came to: how many lines were written, or what stands in the way of all of them."""

    lines: int = 0
    problems: tuple[Problem, ...] = ()
    saved: Saved | None = None


def taken_of(work: Work, meter: Meter, year: int) -> dict[date, Taken]:
    """The months of a year that are lines, by their first day."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(meter.member_id))
    query = (
        select(MeteredLine, ActivityLine)
        .join(ActivityLine, ActivityLine.id == MeteredLine.line_id)
        .where(
            MeteredLine.member_id == meter.member_id,
            MeteredLine.meter_id == meter.id,
            MeteredLine.month >= date(year, 1, 1),
            MeteredLine.month <= date(year, 12, 1),
        )
    )
    return {
        made.month: Taken(line, made.amount, made.working)
        for made, line in work.session.execute(query)
    }


def open_year(work: Work, meter: Meter, year: int) -> Inventory | None:
    """The member's inventory of a year while it can be edited."""
    found = work.session.scalars(
        select(Inventory).where(Inventory.member_id == meter.member_id, Inventory.year == year)
    ).one_or_none()
    return found if found is not None and found.state in EDITABLE else None


def take_over(work: Work, member: Member, found: MeterYear, months: Iterable[date]) -> Confirmed:
    """Make lines of several months of one year at once, or bring their lines up to date; all of them or none."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    chosen = [month for first in months if (month := found.month(first)) is not None]
    if not chosen:
        return Confirmed(problems=(problem("meter.month.none", "months"),))
    if in_the_way := tuple(month.obstacle for month in chosen if month.obstacle is not None):
        return Confirmed(problems=in_the_way)
    year = chosen[0].month.year
    inventory = open_year(work, found.meter, year)
    if inventory is None:
        return Confirmed(problems=(problem("meter.month.elsewhere", "months", year=year),))
    # Held before it is asked what is taken: a second click waits here, and finds what the first has written.
    work.session.refresh(inventory, with_for_update=True)
    taken = taken_of(work, found.meter, year)
    workings = {
        month.month: working_of(found, month, month.use)
        for month in chosen
        if month.use is not None
    }
    site = work.session.get_one(Site, found.meter.site_id)
    rows = [
        _row(work, place, found, site, month, workings[month.month], taken.get(month.month))
        for place, month in enumerate(chosen)
    ]
    saved = save_lines(work, inventory, rows, locale="en", keep_unfinished=False)
    if not saved.is_kept:
        return Confirmed(problems=_in_the_way(saved), saved=saved)
    _keep(work, found.meter, saved, chosen, workings)
    _record(work, member, found.meter, chosen, workings)
    return Confirmed(lines=len(chosen), saved=saved)


def typed_beside(work: Work, meter: Meter, year: int) -> Sequence[ActivityLine]:
    """Finished lines of the meter's category and site in a year that no meter made: perhaps the same use once more."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(meter.member_id))
    made = select(MeteredLine.line_id).where(MeteredLine.line_id == ActivityLine.id).exists()
    query = (
        select(ActivityLine)
        .join(Inventory, Inventory.id == ActivityLine.inventory_id)
        .where(
            Inventory.member_id == meter.member_id,
            Inventory.year == year,
            ActivityLine.category == meter.category,
            ActivityLine.site_id == meter.site_id,
            ActivityLine.is_complete.is_(True),
            ~made,
        )
        .order_by(ActivityLine.position)
        .limit(MOST_BESIDE)
    )
    return work.session.scalars(query).all()


def workings_of(session: Session, lines: Sequence[ActivityLine]) -> dict[int, Mapping[str, Any]]:
    """How metered lines' quantities came about, by line; one that was changed by hand since has nothing to show for it."""
    by_id = {line.id: line for line in lines}
    made = select(MeteredLine.line_id, MeteredLine.working)
    return {
        line_id: working
        for part in in_parts(list(by_id))
        for line_id, working in session.execute(made.where(MeteredLine.line_id.in_(part)))
        if says(by_id[line_id], working)
    }


def origin_of(work: Work, line: ActivityLine) -> Taken | None:
    """What the meter said that a line was made of; None for a line that somebody typed."""
    made = work.session.scalars(
        select(MeteredLine).where(MeteredLine.line_id == line.id)
    ).one_or_none()
    return None if made is None else Taken(line, made.amount, made.working)


def says(line: ActivityLine, working: Mapping[str, Any]) -> bool:
    """Whether a line's quantity and unit are still those of the working."""
    if line.quantity is None:
        return False
    return (text(line.quantity), line.unit) == (working["amount"], working["unit"])


def _row(
    work: Work,
    place: int,
    found: MeterYear,
    site: Site,
    month: MeterMonth,
    working: Mapping[str, Any],
    taken: Taken | None,
) -> SubmittedLine:
    values = {
        "category": found.meter.category,
        "quantity": working["amount"],
        "unit": clear_spelling(found.meter.unit),
        "site": site.code,
        "period": period_code(month.first_day, month.last_day + timedelta(days=1)),
        "start": "",
        "end": "",
        "note": _note(working),
    }
    if taken is None:
        return SubmittedLine(place, values, key=work.new_uid())
    return SubmittedLine(place, values, key=taken.line.key, version=taken.line.version)


def _note(working: Mapping[str, Any]) -> str:
    """What a reader of the table sees of it, in signs that need no translation."""
    serials = ", ".join(each["serial"] for each in working["registers"] if each["serial"])
    name = f"{working['meter']} ({serials})" if serials else working["meter"]
    parts = [
        f"{_count(each['from'])} → {_count(each['to'])}, × {each['multiplier']}"
        for each in working["registers"]
        if each["from"]
    ]
    return f"{name}: {'; '.join(parts)}"


def _count(shown: Mapping[str, Any]) -> str:
    return f"{shown['at'][:16].replace('T', ' ')}Z {shown['value']}"


def _in_the_way(saved: Saved) -> tuple[Problem, ...]:
    found = [each for outcome in saved.blocked for each in outcome.problems]
    return tuple(found) or (problem("meter.month.stale", "months"),)


def _keep(
    work: Work,
    meter: Meter,
    saved: Saved,
    chosen: Sequence[MeterMonth],
    workings: Mapping[date, dict[str, Any]],
) -> None:
    keys = [outcome.line.key for outcome in saved.outcomes if outcome.line is not None]
    rows = work.session.execute(
        select(ActivityLine.key, ActivityLine.id).where(ActivityLine.key.in_(keys))
    )
    ids = {row.key: row.id for row in rows}
    for month, outcome in zip(chosen, saved.outcomes, strict=True):
        if outcome.line is None:
            continue
        line_id = ids[outcome.line.key]
        made = work.session.get(MeteredLine, line_id)
        if made is None:
            made = MeteredLine(
                line_id=line_id, member_id=meter.member_id, meter_id=meter.id, month=month.month
            )
            work.session.add(made)
        working = workings[month.month]
        made.amount = Decimal(working["amount"])
        made.working = working
        made.confirmed_at = work.moment
        made.confirmed_by = work.actor.account_id
    work.session.flush()


def _record(
    work: Work,
    member: Member,
    meter: Meter,
    chosen: Sequence[MeterMonth],
    workings: Mapping[date, dict[str, Any]],
) -> None:
    work.record(
        "meter.months_taken_over",
        f"meter/{meter.uid}",
        on_behalf_of=member.code,
        after=digest([workings[month.month] for month in chosen]),
        detail={"months": [month.name for month in chosen]},
    )


MESSAGES = {
    "meter.month.none": N_("Choose at least one month."),
    "meter.month.elsewhere": N_(
        "The year %(year)s is not open for you, so the month can’t be taken over."
    ),
    "meter.month.stale": N_(
        "Somebody changed the month’s line meanwhile. Look at the page again before you take the month over."
    ),
}
