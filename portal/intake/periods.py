"""Reads a reporting period: the days it covers, half-open, with questions for what can be read in several ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.calculation.periods import Period
from portal.calculation.problems import Problem, Severity, problem
from portal.intake.characters import forbidden, narrow, plain_dashes, trim
from portal.intake.dates import PROGRAMME_START, DateRules, read_date
from portal.intake.period_shapes import Shape, days, shape_of
from portal.intake.reading import Read, accepted, asked, failed, shown

LONGEST = 60
MOST_RAW = 1000
MOST_DAYS = 366

_OPEN_END = re.compile(
    r"^\d{4}.*(?:/|~|至|到|至今|-|–|—|\.\.)\s*(?:…|\.{2,}|今|现在|PRESENT|NOW|TODAY|ONGOING)?$"
)


@dataclass(frozen=True, slots=True)
class PeriodRules:
    """From which day on the programme takes data, and how many days one line may cover."""

    earliest: date = PROGRAMME_START
    most_days: int = MOST_DAYS
    is_required: bool = True


def period_text(period: Period) -> str:
    """The period as people write it, first and last day: the spelling that answers a question."""
    return f"{period.start.isoformat()}/{period.last_day.isoformat()}"


def read_period(
    raw: object,
    *,
    today: date,
    field: str = "period",
    rules: PeriodRules | None = None,
    confirmed: str | None = None,
) -> Read[Period]:
    """Read a month, quarter, half, year or range as a half-open period; ranges are typed with their last day.

    A fiscal year, 2025-2, a single day and a period that has not ended come back as a question; send the chosen
    reading (first/last day, as `period_text` spells it) as `confirmed`. A period that crosses New Year is flagged.
    """
    limits = rules or PeriodRules()
    if isinstance(raw, datetime | date):
        return _read_cell_day(raw, today, field, limits, confirmed)
    if raw is None or (isinstance(raw, str) and not trim(raw[:MOST_RAW])):
        return failed("period.missing", field) if limits.is_required else Read()
    typed = _as_text(raw)
    if (
        typed is None
        or len(typed) > MOST_RAW
        or len(typed := trim(typed)) > LONGEST
        or forbidden(typed) is not None
    ):
        return failed("period.not_a_period", field, given=shown(raw))
    folded = " ".join(plain_waves(narrow(typed)).upper().split())
    shape = shape_of(folded)
    if shape is None:
        code = "period.open_end" if _OPEN_END.match(folded) else "period.not_a_period"
        return failed(code, field, given=shown(raw))
    return _choose(shape, raw, today, field, limits, confirmed)


def read_period_days(
    start: object,
    end: object,
    *,
    today: date,
    start_field: str = "start",
    end_field: str = "end",
    rules: PeriodRules | None = None,
    confirmed: tuple[str | None, str | None, str | None] = (None, None, None),
) -> Read[Period]:
    """Read a period from its first and its last day, typed in two fields; both fields' problems come at once.

    `confirmed` answers the questions on the first day, the last day and the period itself, in that order.
    """
    limits = rules or PeriodRules()
    ahead = DateRules(earliest=limits.earliest, latest=None, is_required=True)
    first = read_date(start, today=today, field=start_field, rules=ahead, confirmed=confirmed[0])
    last = read_date(end, today=today, field=end_field, rules=ahead, confirmed=confirmed[1])
    if first.value is None or last.value is None:
        return Read(None, first.problems + last.problems)
    period = days(first.value, last.value)
    if period is None:
        return failed("period.reversed", end_field, start=first.value, end=last.value)
    typed = period_text(period)
    found = _choose(Shape((period,)), typed, today, end_field, limits, confirmed[2])
    return Read(found.value, found.problems, first.changes + last.changes)


def plain_waves(text: str) -> str:
    """Read every kind of wave and dash between two days alike."""
    return plain_dashes(text.replace("～", "~").replace("〜", "~").replace("∼", "~"))


def _as_text(raw: object) -> str | None:
    """A sheet's or a JSON body's number 2025 or 202503 is read as its digits; other types are no period."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        return None
    if not Decimal(raw).is_finite() or not 1000 <= raw <= 999912 or raw != int(raw):
        return None
    return str(int(raw))


def _read_cell_day(
    raw: date, today: date, field: str, limits: PeriodRules, confirmed: str | None
) -> Read[Period]:
    """A date cell on the first of a month is a sheet's way to write the month; another day is asked about."""
    day = raw.date() if isinstance(raw, datetime) else raw
    month = Period.of_month(day.year, day.month) if day.year < 9999 else None
    single = days(day, day)
    readings = tuple(each for each in (month, single) if each is not None)
    shape = Shape(readings[:1]) if day.day == 1 else Shape(readings, is_doubtful=True)
    return _choose(shape, day.isoformat(), today, field, limits, confirmed)


def _choose(
    shape: Shape, raw: object, today: date, field: str, limits: PeriodRules, confirmed: str | None
) -> Read[Period]:
    """Settle on one reading: hold each against the rules, then take the clear one or ask."""
    if not shape.readings:
        return failed("period.no_such_period", field, given=shown(raw))
    faults = {each: _fault(each, today, field, limits) for each in shape.readings}
    possible = {period_text(each): each for each, fault in faults.items() if fault is None}
    if not possible:
        first = next(fault for fault in faults.values() if fault is not None)
        return Read(problems=(first,))
    if confirmed is not None and confirmed in possible:
        return _taken(possible[confirmed], raw, today, field)
    if shape.is_doubtful:
        return asked("period.doubtful", field, tuple(possible), given=shown(raw))
    return _if_ended(next(iter(possible.values())), raw, today, field, confirmed)


def _fault(period: Period, today: date, field: str, limits: PeriodRules) -> Problem | None:
    given = period_text(period)
    if period.start < limits.earliest:
        return problem("period.too_early", field, given=given, earliest=limits.earliest)
    if period.days > limits.most_days:
        return problem(
            "period.too_long", field, given=given, days=period.days, most=limits.most_days
        )
    if period.start > today:
        return problem("period.ahead", field, given=given, today=today)
    return None


def _if_ended(
    period: Period, raw: object, today: date, field: str, confirmed: str | None
) -> Read[Period]:
    """Ask about a period that still runs: its whole length, or the months that are over."""
    if period.last_day <= today:
        return _taken(period, raw, today, field)
    over = days(period.start, today.replace(day=1) - timedelta(days=1))
    readings = {period_text(each): each for each in (over, period) if each is not None}
    if confirmed is not None and confirmed in readings:
        return _taken(readings[confirmed], raw, today, field)
    return asked("period.not_over", field, tuple(readings), given=shown(raw), today=today)


def _taken(period: Period, raw: object, today: date, field: str) -> Read[Period]:
    read = period_text(period)
    typed = read if isinstance(raw, str) and raw in _plain_spellings(period) else raw
    return accepted(
        period, field, typed=typed, read=read, warnings=tuple(_flags(period, today, field))
    )


def _plain_spellings(period: Period) -> tuple[str, ...]:
    """The canonical spellings, which need no remark: YYYY, YYYY-MM, first/last day."""
    spellings = [period_text(period)]
    if len(period.months) == 1 and period == Period.of_month(*period.months[0]):
        spellings.append(period.start.isoformat()[:7])
    if period.is_within_one_year and period.is_whole_year:
        spellings.append(str(period.start.year))
    return tuple(spellings)


def _flags(period: Period, today: date, field: str) -> list[Problem]:
    given = period_text(period)
    flags = []
    if not period.is_within_one_year:
        flags.append(problem("period.across_years", field, severity=Severity.WARNING, given=given))
    if period.last_day > today:
        flags.append(
            problem(
                "period.still_running", field, severity=Severity.WARNING, given=given, today=today
            )
        )
    return flags
