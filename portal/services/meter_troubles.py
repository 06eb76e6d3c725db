"""What was wrong with messages of meters, kept for a while where the supplier sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.calculation.problems import Problem
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.permissions import Permission
from portal.domain.words import N_
from portal.services.line_reading import problem_json, problem_of
from portal.services.meters import known_meters
from portal.services.work import Work
from portal.store.base import upserting
from portal.store.members import Member
from portal.store.meters import Meter, MeterTrouble

TROUBLE_KEPT = timedelta(days=30)
MOST_KEPT = 200  # of each member
MOST_PROBLEMS = 5
LONGEST = 200  # of each text of a problem


def note_trouble(
    work: Work, member: Member, named: str, said: bytes, problems: Sequence[Problem]
) -> None:
    """Keep what was wrong with a machine's message where the supplier sees it; the same message again is counted.

    Each member has its newest ones: a machine that never says the same twice would fill the disk.
    """
    found = [_cut(each) for each in problems[:MOST_PROBLEMS]]
    known = known_meters(work.session, member.id).get(named.strip().casefold())
    row = {
        "member_id": member.id,
        "meter_id": None if known is None else known.key,
        "named": named[:60],
        "digest": digest([named, said.hex(), sorted({each.code for each in problems})]),
        "problems": [problem_json(each) for each in found],
        "first_at": work.moment,
        "last_at": work.moment,
        "count": 1,
    }
    again = {"last_at": work.moment, "count": MeterTrouble.count + 1}
    written = upserting(work.session)(MeterTrouble).values(row)
    work.session.execute(
        written.on_conflict_do_update(index_elements=["member_id", "digest"], set_=again)
    )
    kept = select(MeterTrouble.id).where(MeterTrouble.member_id == member.id)
    newest = kept.order_by(MeterTrouble.last_at.desc(), MeterTrouble.id.desc()).limit(MOST_KEPT)
    work.session.execute(
        delete(MeterTrouble).where(
            MeterTrouble.member_id == member.id, MeterTrouble.id.not_in(newest)
        )
    )


def _cut(found: Problem) -> Problem:
    """The problem without what would fill the disk, whatever a machine has sent."""
    values = tuple((name[:LONGEST], value[:LONGEST]) for name, value in found.values)
    readings = tuple(each[:LONGEST] for each in found.readings[:MOST_PROBLEMS])
    return replace(found, field=found.field[:LONGEST], values=values, readings=readings)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A machine's message that could not be taken: the meter as it named it, what was wrong, how often, and when last."""

    named: str
    problems: tuple[Problem, ...]
    count: int
    last_at: datetime


def troubles_of(work: Work, member: Member, meter: Meter | None = None) -> Sequence[Trouble]:
    """The latest messages that could not be taken: of one meter, or of the member altogether."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    query = select(MeterTrouble).where(MeterTrouble.member_id == member.id)
    if meter is not None:
        query = query.where(MeterTrouble.meter_id == meter.id)
    rows = work.session.scalars(query.order_by(MeterTrouble.last_at.desc()).limit(20))
    return [
        Trouble(row.named, tuple(problem_of(each) for each in row.problems), row.count, row.last_at)
        for row in rows
    ]


def purge_troubles(session: Session, before: datetime) -> None:
    """Forget messages that were last seen before a moment."""
    session.execute(delete(MeterTrouble).where(MeterTrouble.last_at < before))


MESSAGES = {
    "reading.message.failed": N_(
        "The portal could not work on this message. Whoever runs it finds the reason in its log."
    ),
}
