"""One grammar for moments: RFC 3339 with its offset; people at a known place may leave the offset out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from portal.intake.characters import forbidden, narrow, trim
from portal.intake.reading import Read, accepted, failed, shown

LONGEST = 40
MOST_RAW = 1000
# Clocks of meters and gateways go wrong by some minutes; what is further ahead has not happened yet.
CLOCKS_MAY_DIFFER = timedelta(minutes=5)

_GRAMMAR = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})[Tt ] ?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?"
    r" ?([Zz]|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_STRICT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class MomentRules:
    """What a field lets in: nothing after `now`, and, with a `zone`, spellings without an offset or seconds."""

    now: datetime
    zone: tzinfo | None = None


def read_timestamp(raw: object, rules: MomentRules, *, field: str = "ts") -> Read[datetime]:
    """Read a moment and return it in UTC, to the microsecond.

    Refused, each with its cure: no offset where none is known, a leap second, more than six digits of a second, what
    no calendar holds once it is in UTC, a local time that a clock change skips or repeats, and what lies ahead.
    """
    if raw is None or (isinstance(raw, str) and not trim(raw[:MOST_RAW])):
        return failed("timestamp.missing", field)
    if not isinstance(raw, str):
        return failed("timestamp.not_a_moment", field, given=shown(raw))
    typed = raw if rules.zone is None else narrow(trim(raw[:MOST_RAW]))
    if len(raw) > MOST_RAW or len(typed) > LONGEST or forbidden(typed):
        return failed("timestamp.not_a_moment", field, given=shown(raw))
    found = _GRAMMAR.fullmatch(typed)
    if found is None or (rules.zone is None and found[9] and not _STRICT.fullmatch(typed)):
        code = "timestamp.not_a_moment" if rules.zone is None else "timestamp.not_a_time"
        return failed(code, field, given=shown(raw))
    return _moment(found, raw, rules, field)


def _moment(found: re.Match[str], raw: str, rules: MomentRules, field: str) -> Read[datetime]:
    if found[7] == "60":
        return failed("timestamp.leap_second", field, given=shown(raw))
    if len(found[8] or "") > 6:
        return failed("timestamp.fraction", field, given=shown(raw))
    year, month, day, hour, minute = (int(found[part]) for part in (1, 3, 4, 5, 6))
    micro = int((found[8] or "").ljust(6, "0"))
    try:
        naive = datetime(year, month, day, hour, minute, int(found[7] or 0), micro)  # noqa: DTZ001 -- its zone follows
    except ValueError:
        return failed("timestamp.no_such_moment", field, given=shown(raw))
    if found[9]:
        return _with_offset(naive, found[9], raw, rules, field)
    if rules.zone is None:
        return failed("timestamp.no_offset", field, given=shown(raw))
    return _local(naive, rules.zone, raw, rules, field)


def _with_offset(
    naive: datetime, offset: str, raw: str, rules: MomentRules, field: str
) -> Read[datetime]:
    ahead = timedelta()
    if offset not in "Zz":
        hours, minutes = int(offset[1:3]), int(offset[-2:])
        if hours > 23 or minutes > 59:
            return failed("timestamp.offset", field, given=shown(raw))
        ahead = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    try:
        moment = (naive - ahead).replace(tzinfo=UTC)
    except OverflowError:
        return failed("timestamp.no_such_moment", field, given=shown(raw))
    return _in_time(moment, raw, rules, field)


def _local(
    naive: datetime, zone: tzinfo, raw: str, rules: MomentRules, field: str
) -> Read[datetime]:
    """A time of the clock on the wall, which must have been shown exactly once."""
    try:
        first = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
        second = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
        is_real = first.astimezone(zone).replace(tzinfo=None) == naive
    except OverflowError:
        return failed("timestamp.no_such_moment", field, given=shown(raw))
    if first != second:
        code = "timestamp.shown_twice" if is_real else "timestamp.skipped"
        return failed(code, field, given=shown(raw), zone=str(zone))
    return _in_time(first, raw, rules, field)


def _in_time(moment: datetime, raw: str, rules: MomentRules, field: str) -> Read[datetime]:
    if moment > rules.now + CLOCKS_MAY_DIFFER:
        return failed("timestamp.future", field, given=shown(raw))
    return accepted(moment, field, typed=raw, read=raw)
