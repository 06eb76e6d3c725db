"""Messages of meters on their way into the database: many at a time in one transaction, a bad one on its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal import counters, logs
from portal.calculation.problems import Problem, problem
from portal.domain.actors import SYSTEM
from portal.domain.members import Status
from portal.domain.meters import MOST_READINGS, Door
from portal.intake.meter_messages import MeterMessage, read_message, topic_of
from portal.intake.raw import RawLine
from portal.services.meter_readings import Recorded, record_readings
from portal.services.meter_troubles import note_trouble
from portal.services.work import Work, writing
from portal.store import tables  # noqa: F401 -- a reading refers to accounts, whose table nothing else here brings along
from portal.store.base import Database
from portal.store.members import Member
from portal.store.outages import outage_behind


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as the broker gave it, with what it wants to hear once the message is safe."""

    topic: str
    payload: bytes
    mid: int
    qos: int


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message under a topic of ours. It is read when its turn comes: read, it is many times as large."""

    member: str
    meter: str
    payload: bytes

    def read(self) -> MeterMessage:
        return read_message(self.payload, self.meter)


@dataclass(frozen=True, slots=True)
class Inbox:
    """Keeps messages; when `keep` has returned, all of them are committed or their trouble is told."""

    database: Database
    prefix: str
    now: Callable[[], datetime]

    def keep(self, arrived: Sequence[Arrived]) -> None:
        """Keep what arrived, together where nothing is wrong with it; raises only when the database is away.

        Then all of it may be acknowledged, also what our own code stumbled over: the broker would send that again
        with each connection, for ever, and one message could hold up those of everybody else.
        """
        letters = [letter for each in arrived if (letter := self._letter(each)) is not None]
        by_member: dict[str, list[_Letter]] = {}
        for letter in letters:
            by_member.setdefault(letter.member, []).append(letter)
        if self._are_kept(by_member):
            return
        for code, own in by_member.items():
            # What is wrong with a message of one member makes those of no other slow.
            if len(by_member) == 1 or not self._are_kept({code: own}):
                for letter in own:
                    self._keep_alone(letter)

    def _are_kept(self, by_member: Mapping[str, Sequence[_Letter]]) -> bool:
        """Keep messages together; False where something is wrong with one of them, and then none is kept."""
        try:
            self._keep_together(by_member)
        except _OneByOne:
            return False
        return True

    def _letter(self, arrived: Arrived) -> _Letter | None:
        named = topic_of(arrived.topic, self.prefix)
        if named is None:
            _count("unknown")
            logs.tell("mqtt.topic_unknown", level=logging.WARNING)
            return None
        return _Letter(*named, arrived.payload)

    def _keep_together(self, by_member: Mapping[str, Sequence[_Letter]]) -> None:
        """All messages in one transaction, a batch for each member; one that can't be kept undoes all of it."""
        try:
            with writing(self.database, SYSTEM, self.now()) as work:
                kept = {code: _recorded(work, code, by_member[code]) for code in sorted(by_member)}
        except _OneByOne:
            raise
        except Exception as error:
            if outage_behind(error) is not None:
                raise
            raise _OneByOne from error
        for code, recorded in kept.items():
            _count("kept" if recorded.kept else "repeated", len(by_member[code]))

    def _keep_alone(self, letter: _Letter) -> None:
        """Keep one message, or tell what is wrong with it, be it with us."""
        try:
            with writing(self.database, SYSTEM, self.now()) as work:
                outcome = _kept_or_noted(work, letter)
        except Exception as error:
            if outage_behind(error) is not None:
                raise
            _tell_fault(error)
            self._note_fault(letter)
            outcome = "failed"
        _count(outcome)

    def _note_fault(self, letter: _Letter) -> None:
        """Tell the supplier that we could not work on a message; where even that fails, the log has both faults."""
        try:
            with writing(self.database, SYSTEM, self.now()) as work:
                member = _member(work, letter.member)
                if member is not None:
                    found = (problem("reading.message.failed", ""),)
                    note_trouble(work, member, letter.meter, letter.payload, found)
        except Exception as error:
            if outage_behind(error) is not None:
                raise
            _tell_fault(error)


class _OneByOne(Exception):
    """Something is wrong with one of several messages: each has to be looked at on its own."""


def _recorded(work: Work, code: str, letters: Sequence[_Letter]) -> Recorded:
    member = _member(work, code)
    if member is None:
        raise _OneByOne
    readings: list[RawLine] = []
    for letter in letters:
        message = letter.read()
        readings += message.readings
        if message.problems or len(readings) > MOST_READINGS:
            raise _OneByOne
    recorded = record_readings(work, member, readings, door=Door.MQTT)
    if not recorded.is_kept:
        raise _OneByOne
    return recorded


def _kept_or_noted(work: Work, letter: _Letter) -> str:
    member = _member(work, letter.member)
    if member is None:
        logs.tell("mqtt.member_unknown", level=logging.WARNING)
        return "unknown"
    message = letter.read()
    problems: Iterable[Problem] = message.problems
    if not problems:
        recorded = record_readings(work, member, message.readings, door=Door.MQTT)
        if recorded.is_kept:
            return "kept" if recorded.kept else "repeated"
        problems = recorded.problems
    found = tuple(problems)
    note_trouble(work, member, letter.meter, letter.payload, found)
    codes = sorted({each.code for each in found})
    logs.tell("mqtt.message_refused", level=logging.WARNING, member=member.code, problems=codes)
    return "refused"


def _member(work: Work, code: str) -> Member | None:
    """The member of a topic; one that has left is as unknown as to a token."""
    query = select(Member).where(Member.code == code, Member.status != Status.LEFT.value)
    return work.session.scalars(query).one_or_none()


def _tell_fault(error: Exception) -> None:
    logs.tell("mqtt.message_failed", level=logging.ERROR, **logs.described(error))


def _count(outcome: str, messages: int = 1) -> None:
    counters.METER_MESSAGES.labels(outcome).inc(messages)
