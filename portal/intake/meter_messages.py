"""A message that a meter published: where its topic says it is from, and the readings in it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.calculation.problems import Problem, problem
from portal.domain.meters import MOST_READINGS
from portal.intake.payload import NotReadable, read_json
from portal.intake.raw import RawLine
from portal.intake.reading import shown

LARGEST = 1024 * 1024
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class MeterMessage:
    """The readings of one message, each an object with ts, value, unit; or what is wrong with the message as a whole."""

    readings: tuple[RawLine, ...] = ()
    problems: tuple[Problem, ...] = ()


def topic_of(topic: str, prefix: str) -> tuple[str, str] | None:
    """The member's code and the meter's code or serial number that a topic names; None for a topic of another form."""
    parts = topic.removeprefix(prefix + "/").split("/")
    if not topic.startswith(prefix + "/") or len(parts) != 3 or parts[2] != "readings":
        return None
    member, meter = parts[:2]
    is_named = 0 < len(member) <= LONGEST_NAME and 0 < len(meter) <= LONGEST_NAME
    return (member, meter) if is_named and (member + meter).isprintable() else None


def read_message(payload: bytes, meter: str) -> MeterMessage:
    """Read a message that was published under a meter's topic: `{"ts", "value", "unit"}`, or a list of such objects."""
    if len(payload) > LARGEST:
        return MeterMessage(problems=(problem("reading.message.too_large", ""),))
    try:
        found = read_json(payload)
    except NotReadable:
        return MeterMessage(problems=(problem("reading.message.not_json", ""),))
    objects = found if isinstance(found, list) else [found]
    if len(objects) > MOST_READINGS:  # before anything is made of each, since empty ones are many
        return MeterMessage(problems=(problem("reading.too_many", "", most=MOST_READINGS),))
    if not objects or not all(isinstance(each, dict) for each in objects):
        return MeterMessage(problems=(problem("reading.message.not_json", ""),))
    others = [
        problem("reading.meter.other", f"/{place}/meter", given=shown(each["meter"]))
        for place, each in enumerate(objects)
        if each.get("meter", meter) != meter
    ]
    if others:
        return MeterMessage(problems=tuple(others))
    return MeterMessage(
        tuple(
            RawLine.of_json(
                f"/{place}" if isinstance(found, list) else "", {**each, "meter": meter}
            )
            for place, each in enumerate(objects)
        )
    )
