"""Readings of meters: taken in by every door in batches that are kept whole or not at all, each moment exactly once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal.calculation.problems import Problem, problem
from portal.calculation.quantities import text
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.meters import MOST_A_DAY, MOST_READINGS, MOST_ROWS, Door
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.domain.words import N_
from portal.intake.meter_readings import (
    BatchRead,
    BatchRules,
    KnownMeter,
    ReadingValues,
    read_readings,
)
from portal.intake.raw import RawLine
from portal.services.meter_days import DayCounts
from portal.services.meters import known_meters
from portal.services.work import Work
from portal.store import jobs, meter_partitions, throttle
from portal.store.asking import in_parts
from portal.store.members import Member
from portal.store.meters import Meter, MeterBatch, MeterReading
from portal.store.throttle import Limit

LAY_PARTITIONS = "lay_partitions"
# What somebody mends is a handful of rows; nobody reads a thousand messages that say the same.
MOST_TOLD = 200
MOST_CORRECTIONS = 20  # of one moment
# Of a company within a day and by one door, so that bringing history in by files keeps no meter's own line waiting:
# what five hundred meters that are read every fifteen minutes come to in two months.
MOST_OF_A_COMPANY = 3_000_000
_TABLE = cast(Table, MeterReading.__table__)


@dataclass(slots=True)
class Recorded:
    """What taking readings in came to: how many are new, how many were there already; with problems nothing is kept."""

    kept: int = 0
    repeated: int = 0
    problems: list[Problem] = field(default_factory=list)
    flags: list[Problem] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        """Whether everything was right."""
        return not self.problems


@dataclass(slots=True)
class ReadFile:
    """A file's readings as they were read against the meters, part by part; none of them is kept yet."""

    rules: BatchRules
    parts: list[BatchRead] = field(default_factory=list)


def record_readings(
    work: Work,
    member: Member,
    readings: Sequence[RawLine],
    *,
    door: Door,
    locale: str = "en",
    is_local: bool = False,
) -> Recorded:
    """Keep a batch of readings, all of it or nothing; what is kept already and says the same is counted as repeated.

    A reading has the columns meter (code or serial number), ts, value, unit, and where needed start and reason; numbers
    are text in the locale's convention, int or Decimal. `is_local` takes times without an offset as those of the
    meter's place. Problems are addressed by what the door made its lines with: pointer, cell or field.
    """
    rules = rules_of(work, member, locale=locale, is_local=is_local)
    if not readings:
        return Recorded(problems=[problem("reading.none", "")])
    if len(readings) > MOST_READINGS:
        return Recorded(problems=[problem("reading.too_many", "", most=MOST_READINGS)])
    return _record(work, member, door, rules, [partial(read_readings, readings)])


def rules_of(work: Work, member: Member, *, locale: str, is_local: bool) -> BatchRules:
    """What readings of the member are read against."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    return BatchRules(known_meters(work.session, member.id), work.moment, locale, is_local)


def read_rows(readings: Iterable[RawLine], rules: BatchRules) -> ReadFile:
    """Read a file's readings while no transaction is open, which takes far longer than keeping them."""
    read = ReadFile(rules)
    rows = iter(readings)
    count = told = 0
    while told < MOST_TOLD and count <= MOST_ROWS and (chunk := list(islice(rows, MOST_READINGS))):
        count += len(chunk)
        part = read_readings(chunk, rules)
        if count > MOST_ROWS:
            part.problems.append(problem("reading.too_many", "", most=MOST_ROWS))
        # What was typed is needed no longer, only where it stands.
        part.origins = [dataclasses.replace(each, fields={}) for each in part.origins]
        read.parts.append(part)
        told += len(part.problems)
    if not count:
        read.parts.append(BatchRead(problems=[problem("reading.none", "")]))
    return read


def record_file(work: Work, member: Member, read: ReadFile, *, door: Door) -> Recorded:
    """Keep the readings of a file as one batch: all of it or nothing.

    Raises Conflict when somebody changed a meter since the file was read against it.
    """
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))

    def as_read(part: BatchRead, rules: BatchRules) -> BatchRead:
        if rules != read.rules:
            raise Conflict("reading.meter_changed")
        return part

    readers = [partial(as_read, part) for part in read.parts]
    return _record(work, member, door, read.rules, readers)


def _record(
    work: Work, member: Member, door: Door, rules: BatchRules, readers: Iterable[_Reader]
) -> Recorded:
    taking = _Taking(work, member, rules, door)
    try:
        with work.session.begin_nested():
            for reader in readers:
                taking.take(reader)
            taking.finish()
    except _NotKept:  # with it goes whatever was written before the first problem was found
        taking.found.kept = 0
    return taking.found


class _NotKept(Exception):
    """Undoes a batch in which something is wrong."""


# Reads a part of a batch against the rules that hold; asked again where somebody changed them meanwhile.
_Reader = Callable[[BatchRules], BatchRead]


@dataclass(slots=True)
class _Taking:
    """Takes the readings of one batch in, part by part."""

    work: Work
    member: Member
    rules: BatchRules
    door: Door
    found: Recorded = field(default_factory=Recorded)
    _batch: MeterBatch | None = None
    _digest: str = ""
    # The latest moment that each meter has a reading of; None for one without any.
    _latest: dict[int, datetime | None] = field(default_factory=dict)
    _meters: dict[int, KnownMeter] = field(default_factory=dict)
    _months: set[datetime] = field(default_factory=set)
    _days: DayCounts = field(init=False)

    def __post_init__(self) -> None:
        self._days = DayCounts(self.work.session, self.member.id)

    def take(self, reader: _Reader) -> None:
        """Hold what was read against what is there, and write what is new while nothing is wrong."""
        read = reader(self.rules)
        while self._lock({each.meter for each in read.values}):
            read = reader(self.rules)
        self.found.problems += read.problems
        self.found.flags += read.flags[: MOST_TOLD - len(self.found.flags)]
        self.found.repeated += read.repeated
        rows = list(self._new(read.values, read.origins))
        if self.found.problems or not rows:
            return
        batch_id = self._batch_of().id
        self._digest = digest([self._digest, [self._said(row) for row in rows]])
        for row in rows:
            row["batch_id"] = batch_id
        self.work.session.connection().execute(insert(_TABLE), rows)
        self.found.kept += len(rows)
        self._months |= {row["moment"] for row in rows}
        for row in rows:
            before = self._latest[row["meter_id"]]
            if before is None or before < row["moment"]:
                self._latest[row["meter_id"]] = row["moment"]

    def finish(self) -> None:
        """Enter what was kept in the ledger: one entry for the batch, with its count and digest."""
        # Counted last: whoever waits for this count has its meters already, so nobody waits in a circle.
        if self.found.kept and not self._has_room(self.found.kept):
            self.found.problems.append(
                problem("reading.too_many_a_day", "", most=MOST_OF_A_COMPANY)
            )
        if not self.found.is_kept:
            raise _NotKept
        batch = self._batch
        if batch is None:
            return
        values = {"count": self.found.kept, "digest": self._digest}
        self.work.session.execute(
            update(MeterBatch).where(MeterBatch.id == batch.id).values(values)
        )
        self.work.record(
            "readings.recorded",
            f"batch/{batch.uid}",
            on_behalf_of=self.member.code,
            after=self._digest,
            detail={"count": self.found.kept, "door": self.door.value},
        )
        _ask_for_partitions(self.work, self._months)

    def _has_room(self, count: int) -> bool:
        limit = Limit(
            f"taken:{self.door.value}:{self.member.uid}", MOST_OF_A_COMPANY, timedelta(days=1)
        )
        return throttle.reserve(self.work.session, [limit], self.work.moment, count) is None

    def _batch_of(self) -> MeterBatch:
        if self._batch is None:
            self._batch = MeterBatch(
                uid=self.work.new_uid(),
                member_id=self.member.id,
                door=self.door.value,
                count=1,
                digest="",
                entered_at=self.work.moment,
                entered_by=self.work.actor.account_id,
            )
            self.work.session.add(self._batch)
            self.work.session.flush()
        return self._batch

    def _lock(self, meters: set[int]) -> bool:
        """Take the meters for this transaction, in one order, so that two batches of a meter follow each other.

        Says whether somebody changed a meter before it was taken, so that readings have to be read against it again.
        """
        fresh = sorted(meters - self._latest.keys())
        if not fresh:
            return False
        session = self.work.session
        session.execute(
            select(Meter.id).where(Meter.id.in_(fresh)).order_by(Meter.id).with_for_update()
        )
        known = known_meters(session, self.member.id)
        is_changed = known != self.rules.meters
        self.rules = dataclasses.replace(self.rules, meters=known)
        self._meters |= {each.key: each for each in known.values()}
        for meter_id in fresh:
            query = select(func.max(MeterReading.moment)).where(
                MeterReading.member_id == self.member.id, MeterReading.meter_id == meter_id
            )
            self._latest[meter_id] = session.scalar(query)
        return is_changed

    def _new(
        self, values: Sequence[ReadingValues], origins: Sequence[RawLine]
    ) -> Iterator[dict[str, Any]]:
        """The rows to write: first readings of their moment, and corrections; the rest is repeated or a conflict."""
        there = _there(self.work.session, self.member.id, self._perhaps_there(values))
        for each, origin in zip(values, origins, strict=True):
            said = there.get((each.meter, each.at), [])
            before = said[-1] if said else None
            # Without a reason it may be a file that is sent once more, from before a reading of it was corrected.
            repeats = said[-1:] if each.reason else said
            if any((row.value, row.began_at) == (each.value, each.began_at) for row in repeats):
                self.found.repeated += 1
            elif before is not None and not each.reason:
                self.found.problems.append(self._conflict(origin, before))
            elif before is not None and before.number > MOST_CORRECTIONS:
                address = origin.address("reason")
                self.found.problems.append(
                    problem("reading.corrections.many", address, most=MOST_CORRECTIONS)
                )
            else:
                self._count(each, origin, is_correction=before is not None)
                yield (
                    self._row(each, 1, None)
                    if before is None
                    else self._row(each, before.number + 1, each.reason)
                )

    def _count(self, values: ReadingValues, origin: RawLine, *, is_correction: bool) -> None:
        latest = self._latest[values.meter]
        if self._days.is_overfull(values.meter, values.at, latest, is_correction=is_correction):
            self.found.problems.append(
                problem(
                    "reading.day_full",
                    origin.address("ts"),
                    most=MOST_A_DAY,
                    meter=self._meters[values.meter].code,
                    day=values.at.date(),
                )
            )

    def _perhaps_there(self, values: Sequence[ReadingValues]) -> dict[int, list[datetime]]:
        """What has to be looked up: nothing of what lies behind a meter's latest reading."""
        asked: dict[int, list[datetime]] = {}
        for each in values:
            latest = self._latest[each.meter]
            if latest is not None and each.at <= latest:
                asked.setdefault(each.meter, []).append(each.at)
        return asked

    def _row(self, values: ReadingValues, number: int, reason: str | None) -> dict[str, Any]:
        return {
            "member_id": self.member.id,
            "meter_id": values.meter,
            "moment": values.at,
            "number": number,
            "value": values.value,
            "began_at": values.began_at,
            "reason": reason,
        }

    def _said(self, row: Mapping[str, Any]) -> list[object]:
        code = self._meters[row["meter_id"]].code
        return [code, row["moment"], row["value"], row["began_at"], row["reason"]]

    def _conflict(self, origin: RawLine, before: Any) -> Problem:
        stored, unit = text(before.value), self._meters[before.meter_id].unit
        return problem("reading.conflict", origin.address("value"), stored=stored, unit=unit)


def _there(
    session: Session, member_id: int, asked: Mapping[int, Sequence[datetime]]
) -> dict[tuple[int, datetime], list[Any]]:
    """What was said of these moments; the last of it is in force."""
    found: dict[tuple[int, datetime], list[Any]] = {}
    for meter_id, moments in asked.items():
        for part in in_parts(moments):
            query = select(
                MeterReading.meter_id,
                MeterReading.moment,
                MeterReading.number,
                MeterReading.value,
                MeterReading.began_at,
            ).where(
                MeterReading.member_id == member_id,
                MeterReading.meter_id == meter_id,
                MeterReading.moment.in_(part),
            )
            for row in session.execute(query.order_by(MeterReading.number)):
                found.setdefault((row.meter_id, row.moment), []).append(row)
    return found


def _ask_for_partitions(work: Work, moments: Iterable[datetime]) -> None:
    """Readings of a month without a partition lie in the default one until a job has made theirs."""
    if meter_partitions.missing(work.session.connection(), moments):
        jobs.add(work.session, LAY_PARTITIONS, {}, moment=work.moment, unique_key=LAY_PARTITIONS)


def latest_of(
    work: Work, meter: Meter, *, most: int = 10, before: tuple[datetime, int] | None = None
) -> Sequence[Any]:
    """The meter's latest readings in the order of their moments, corrected ones too, each with its batch and whether
    another has taken its place.

    `before` is the moment and the number of the last one of a page: what comes behind it is given.
    """
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(meter.member_id))
    said = aliased(MeterReading)
    last = (
        select(func.max(said.number))
        .where(
            said.member_id == MeterReading.member_id,
            said.meter_id == MeterReading.meter_id,
            said.moment == MeterReading.moment,
        )
        .scalar_subquery()
    )
    query = (
        select(MeterReading, MeterBatch, (MeterReading.number < last).label("is_old"))
        .join(MeterBatch, MeterBatch.id == MeterReading.batch_id)
        .where(MeterReading.member_id == meter.member_id, MeterReading.meter_id == meter.id)
        .order_by(MeterReading.moment.desc(), MeterReading.number.desc())
        .limit(most)
    )
    if before is not None:
        moment, number = before
        # Both conditions: the first leads to the place in the key, the second counts within the moment.
        query = query.where(
            MeterReading.moment <= moment,
            or_(MeterReading.moment < moment, MeterReading.number < number),
        )
    return list(work.session.execute(query))


def said_of(work: Work, meter: Meter, moment: datetime) -> Sequence[MeterReading]:
    """All that was said of a moment, the first first; empty where nothing was."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(meter.member_id))
    query = select(MeterReading).where(
        MeterReading.member_id == meter.member_id,
        MeterReading.meter_id == meter.id,
        MeterReading.moment == moment,
    )
    return list(work.session.scalars(query.order_by(MeterReading.number)))


MESSAGES = {
    "reading.reason.missing": N_(
        "At that moment %(stored)s %(unit)s is kept already. If it was wrong, say here why; then the new value takes its place."
    ),
    "reading.corrections.many": N_(
        "This moment was corrected %(most)s times, which is the most that the portal keeps. Ask your coordinator."
    ),
    "reading.too_many_a_day": N_(
        "Your company sent %(most)s readings within a day, which is the most that the portal takes. Send the rest tomorrow, and less often."
    ),
    "reading.none": N_("There is no reading in it. Send at least one."),
    "reading.conflict": N_(
        "At that moment %(stored)s %(unit)s is kept already. If it was wrong, send the right value with a reason, or correct it on the meter’s page."
    ),
}
