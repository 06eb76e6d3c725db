"""One grammar for days: year first is clear, day or month first is asked, and everything between the lines is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.intake.characters import forbidden, narrow, plain_dashes, trim, words
from portal.intake.reading import Read, accepted, asked, failed, shown

LONGEST = 40
MOST_RAW = 1000
PROGRAMME_START = date(2000, 1, 1)

_YEAR_FIRST = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})| ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号])", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.年' ]\d{1,2}[-/.月 ]\d{1,2}日?", re.ASCII)
_DAY_MONTH_NAME = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[-/ .]{1,2}([a-z]{3,9})[-/ .,]{1,2}(\d{4})", re.ASCII | re.IGNORECASE
)
_MONTH_NAME_DAY = re.compile(
    r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII | re.IGNORECASE
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_WITH_TIME = re.compile(r"\d{4}\D{1,2}\d{1,2}\D{1,2}\d{1,2}\D{0,2}[Tt ]\d{1,2}[:：时]", re.ASCII)
_ERA = re.compile(
    r"^(?:令和|平成|昭和|大正|明治|民国|民國|中华民国|公元前|佛历)|^[RHSrhs]\d{1,2}[./-]|\bBCE?\b|\bBE\b"
)

_MONTH_NAMES = words(
    "january february march april may june july august september october november december"
)
MONTHS: dict[str, int] = {
    name: number
    for number, full in enumerate(_MONTH_NAMES, start=1)
    for name in ((full, full[:3], "sept") if full == "september" else (full, full[:3]))
}

# A spreadsheet counts the days from here, and believes in 29 February 1900; days after that are right.
_SERIAL_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class DateRules:
    """Which days a field lets in; without `latest` the day may lie ahead, as the end of a target does."""

    earliest: date = PROGRAMME_START
    latest: date | None = None
    is_required: bool = True


def read_date(
    raw: object,
    *,
    today: date,
    field: str = "date",
    rules: DateRules | None = None,
    confirmed: str | None = None,
) -> Read[date]:
    """Read a day; without rules it lies between the programme's start and today.

    03/04/2025 comes back as a question with both days; send the chosen one (YYYY-MM-DD) as `confirmed`.
    """
    limits = rules or DateRules(latest=today)
    if isinstance(raw, datetime):
        if raw.time() != time():
            return failed("date.with_time", field, given=shown(raw))
        return _within(raw.date(), raw.date().isoformat(), field, limits)
    if isinstance(raw, date):
        return _within(raw, raw.isoformat(), field, limits)
    if raw is None or (isinstance(raw, str) and not trim(raw[:MOST_RAW])):
        return failed("date.missing", field) if limits.is_required else Read()
    if not isinstance(raw, str):
        return failed("date.not_a_date", field, given=shown(raw))
    if len(raw) > MOST_RAW or len(typed := trim(raw)) > LONGEST or forbidden(typed) is not None:
        return failed("date.not_a_date", field, given=shown(raw))
    return _read_text(plain_dashes(narrow(typed)), raw, field, limits, confirmed)


def _read_text(
    typed: str, raw: str, field: str, limits: DateRules, confirmed: str | None
) -> Read[date]:
    if (parts := year_first(typed)) is not None:
        day = real_day(*parts)
        return (
            failed("date.no_such_day", field, given=shown(raw))
            if day is None
            else _within(day, raw, field, limits)
        )
    if (found := _YEAR_LAST.fullmatch(typed)) is not None:
        return _ask_order(
            int(found[1]), int(found[3]), int(found[4]), raw, field, limits, confirmed
        )
    return failed(_complaint(typed), field, given=shown(raw), meant=_serial_day(typed))


def year_first(typed: str) -> tuple[int, int, int] | None:
    """Year, month and day of a spelling that leaves no doubt about their order, or None; the day may not exist."""
    if (found := _YEAR_FIRST.fullmatch(typed)) is not None:
        return int(found[1]), int(found[3] or found[5]), int(found[4] or found[6])
    if (found := _COMPACT.fullmatch(typed)) is not None:
        return int(found[1]), int(found[2]), int(found[3])
    if (found := _DAY_MONTH_NAME.fullmatch(typed)) is not None and found[2].lower() in MONTHS:
        return int(found[3]), MONTHS[found[2].lower()], int(found[1])
    if (found := _MONTH_NAME_DAY.fullmatch(typed)) is not None and found[1].lower() in MONTHS:
        return int(found[3]), MONTHS[found[1].lower()], int(found[2])
    return None


def real_day(year: int, month: int, day: int) -> date | None:
    """The day of the calendar, or None for one that does not exist, such as 29 February 2025."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _within(day: date, raw: str, field: str, limits: DateRules) -> Read[date]:
    if day < limits.earliest:
        return failed("date.too_early", field, given=shown(raw), earliest=limits.earliest)
    if limits.latest is not None and day > limits.latest:
        return failed("date.too_late", field, given=shown(raw), latest=limits.latest)
    return accepted(day, field, typed=raw, read=day.isoformat())


def _ask_order(
    first: int,
    second: int,
    year: int,
    raw: str,
    field: str,
    limits: DateRules,
    confirmed: str | None,
) -> Read[date]:
    """Day first or month first: even where only one of them exists, it is asked and not guessed."""
    candidates = [real_day(year, second, first), real_day(year, first, second)]
    possible = {each.isoformat(): each for each in candidates if each is not None}
    if not possible:
        return failed("date.no_such_day", field, given=shown(raw))
    readable = {
        spelled: day
        for spelled, day in possible.items()
        if _within(day, raw, field, limits).is_settled
    }
    if not readable:
        return _within(next(iter(possible.values())), raw, field, limits)
    if confirmed is not None and confirmed in readable:
        return accepted(readable[confirmed], field, typed=raw, read=confirmed)
    return asked("date.order", field, tuple(readable), given=shown(raw))


def _complaint(typed: str) -> str:
    if _ERA.search(typed):
        return "date.era"
    if _WITH_TIME.match(typed):
        return "date.with_time"
    if _SERIAL.fullmatch(typed):
        return "date.serial"
    return "date.short_year" if _SHORT_YEAR.fullmatch(typed) else "date.not_a_date"


def _serial_day(typed: str) -> str:
    """The day that a spreadsheet's day number stands for, to be named in the cure."""
    if not _SERIAL.fullmatch(typed):
        return ""
    return (_SERIAL_ZERO + timedelta(days=int(typed[:5]))).isoformat()
