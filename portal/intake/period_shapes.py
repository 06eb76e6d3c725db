"""The spellings of periods: month, quarter, half, year and range, each with the readings that it may have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.calculation.periods import Period
from portal.intake.dates import MONTHS, real_day, year_first


@dataclass(frozen=True, slots=True)
class Shape:
    """What a spelling may mean: the periods it can be read as, and whether one of them must be confirmed.

    No readings means that the spelling is clear and names something that does not exist, as 2025-13 does.
    """

    readings: tuple[Period, ...]
    is_doubtful: bool = False


_NOTHING = Shape(())

_CHINESE_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4}

_YEAR = re.compile(r"(\d{4}) ?(?:年|全年|年全年)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:-(\d{2})|[/.](\d{1,2})| ?年 ?(\d{1,2}) ?月份?|(\d{2}))", re.ASCII)
_MONTH_LAST = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_MONTH_NAME = re.compile(
    r"(?:([A-Z]{3,9})[-./, ]{0,2}(\d{4})|(\d{4})[-./, ]{0,2}([A-Z]{3,9}))", re.ASCII
)
_SHORT = re.compile(r"(\d{4})-(\d)", re.ASCII)
_QUARTER = re.compile(
    r"(?:(?P<y1>\d{4})[- /]?Q(?P<n1>\d)|Q(?P<n2>\d)[- /]?(?P<y2>\d{4})|(?P<n3>\d)Q[- /]?(?P<y3>\d{4})"
    r"|(?P<y4>\d{4}) ?年? ?第?(?P<n4>[一二三四\d]) ?季度?)",
    re.ASCII,
)
_HALF = re.compile(
    r"(?:(?P<y1>\d{4})[- /]?H(?P<n1>\d)|H(?P<n2>\d)[- /]?(?P<y2>\d{4})|(?P<n3>\d)H[- /]?(?P<y3>\d{4})"
    r"|(?P<y4>\d{4}) ?年? ?(?P<n4>[上下])半年)",
    re.ASCII,
)
_FISCAL = re.compile(
    r"(?:FY ?(\d{4})|(\d{4}) ?(?:FY|年度|财年|财政年度|FISCAL YEAR)|FISCAL YEAR (\d{4}))", re.ASCII
)
_TWO_YEARS = re.compile(r"(?:FY ?)?(\d{4})[-/](\d{2})", re.ASCII)
_RANGE_WORDS = re.compile(r" ?(?:~|至|到|–|—|\.\.+| TO | THROUGH | UNTIL ) ?")
_MONTHS_OF_YEAR = re.compile(
    r"(\d{4}) ?年 ?(\d{1,2}) ?月? ?(?:-|~|至|到|–|—) ?(\d{1,2}) ?月份?", re.ASCII
)
_LATER_DAY = re.compile(r"(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]", re.ASCII)
_LATER_MONTH = re.compile(r"(\d{1,2}) ?月份?", re.ASCII)


def shape_of(typed: str) -> Shape | None:
    """What the text may mean, or None when it is no spelling of a period; the text is narrow and in upper case."""
    for reader in _READERS:
        if (shape := reader(typed)) is not None:
            return shape
    return None


def days(start: date | None, last: date | None) -> Period | None:
    """The period from the first to the last day, both included; None when a day is missing or they are reversed."""
    if start is None or last is None or last < start or last == date.max:
        return None
    return Period(start, last + timedelta(days=1))


def _one(period: Period | None) -> Shape:
    return Shape((period,)) if period is not None else _NOTHING


def _months(year: int, first: int, last: int) -> Period | None:
    if not (1 <= first <= last <= 12 and 1 <= year <= 9998):
        return None
    return Period(date(year, first, 1), Period.of_month(year, last).end)


def _year(typed: str) -> Shape | None:
    found = _YEAR.fullmatch(typed)
    return _one(_months(int(found[1]), 1, 12)) if found else None


def _month(typed: str) -> Shape | None:
    if found := _MONTH.fullmatch(typed):
        number = int(found[2] or found[3] or found[4] or found[5])
        return _one(_months(int(found[1]), number, number))
    if found := _MONTH_LAST.fullmatch(typed):
        return _one(_months(int(found[2]), int(found[1]), int(found[1])))
    return None


def _named_month(typed: str) -> Shape | None:
    found = _MONTH_NAME.fullmatch(typed)
    number = MONTHS.get((found[1] or found[4]).lower()) if found else None
    return _one(_months(int(found[2] or found[3]), number, number)) if found and number else None


def _month_half_or_quarter(typed: str) -> Shape | None:
    """2025-2 may be February, the second half or the second quarter; from 5 on only a month is left."""
    found = _SHORT.fullmatch(typed)
    if found is None:
        return None
    year, number = int(found[1]), int(found[2])
    candidates = (_months(year, number, number), _half_of(year, number), _quarter_of(year, number))
    readings = tuple(each for each in candidates if each is not None)
    return Shape(readings, is_doubtful=len(readings) > 1)


def _quarter_of(year: int, number: int) -> Period | None:
    return _months(year, 3 * number - 2, 3 * number) if 1 <= number <= 4 else None


def _half_of(year: int, number: int) -> Period | None:
    return _months(year, 6 * number - 5, 6 * number) if 1 <= number <= 2 else None


def _year_and_part(found: re.Match[str]) -> tuple[int, str]:
    named = found.groupdict()
    variant = next(each for each in "1234" if named[f"y{each}"])
    return int(named[f"y{variant}"]), named[f"n{variant}"]


def _quarter(typed: str) -> Shape | None:
    if (found := _QUARTER.fullmatch(typed)) is None:
        return None
    year, part = _year_and_part(found)
    return _one(_quarter_of(year, _CHINESE_NUMBERS.get(part) or int(part)))


def _half(typed: str) -> Shape | None:
    if (found := _HALF.fullmatch(typed)) is None:
        return None
    year, part = _year_and_part(found)
    return _one(_half_of(year, {"上": 1, "下": 2}.get(part) or int(part)))


def _fiscal(typed: str) -> Shape | None:
    """A fiscal year starts in January, April, July or October, and may be named after the year it ends in."""
    if found := _FISCAL.fullmatch(typed):
        year = int(found[1] or found[2] or found[3])
        starts = [(year, 1), (year, 4), (year - 1, 7), (year - 1, 10)]
    elif (found := _TWO_YEARS.fullmatch(typed)) and 12 < int(found[2]) == (int(found[1]) + 1) % 100:
        year = int(found[1])
        starts = [(year, 4), (year, 7), (year, 10)]
    else:
        return None
    readings = tuple(each for start in starts if (each := _twelve_months(*start)) is not None)
    return Shape(readings, is_doubtful=True)


def _twelve_months(year: int, month: int) -> Period | None:
    if not 1 <= year <= 9997:
        return None
    return Period(date(year, month, 1), date(year + 1, month, 1))


def _day(typed: str) -> Shape | None:
    """One day in a period field: the day itself, or a sheet's way of writing the month."""
    if (parts := year_first(typed)) is None:
        return None
    if (day := real_day(*parts)) is None:
        return _NOTHING
    readings = (_months(day.year, day.month, day.month), days(day, day))
    return Shape(tuple(each for each in readings if each is not None), is_doubtful=True)


def _months_of_one_year(typed: str) -> Shape | None:
    if (found := _MONTHS_OF_YEAR.fullmatch(typed)) is None:
        return None
    return _one(_months(int(found[1]), int(found[2]), int(found[3])))


def _range(typed: str) -> Shape | None:
    """Two days or two months with a word, a wave, a dash or a slash between them."""
    for left, right in _halves(typed):
        start, end = _edge(left), _edge(right, year=left[:4])
        if start is not None and end is not None:
            return (
                _one(days(start.start, end.last_day))
                if start.readable and end.readable
                else _NOTHING
            )
    return None


@dataclass(frozen=True, slots=True)
class _Edge:
    """One side of a range: a day or a month; `readable` is false for one that does not exist."""

    start: date
    last_day: date
    readable: bool = True


def _edge(text: str, *, year: str = "") -> _Edge | None:
    if (parts := year_first(text)) is not None:
        return _of_day(real_day(*parts))
    if found := _MONTH.fullmatch(text):
        number = int(found[2] or found[3] or found[4] or found[5])
        return _of_period(_months(int(found[1]), number, number))
    if year.isdigit() and (found := _LATER_DAY.fullmatch(text)):
        return _of_day(real_day(int(year), int(found[1]), int(found[2])))
    if year.isdigit() and (found := _LATER_MONTH.fullmatch(text)):
        return _of_period(_months(int(year), int(found[1]), int(found[1])))
    return None


_UNREADABLE = _Edge(date.min, date.min, readable=False)


def _of_day(day: date | None) -> _Edge:
    return _UNREADABLE if day is None else _Edge(day, day)


def _of_period(period: Period | None) -> _Edge:
    return _UNREADABLE if period is None else _Edge(period.start, period.last_day)


def _halves(typed: str) -> list[tuple[str, str]]:
    """Every way to cut the text in two at something that separates; the cut that leaves two edges is the one meant."""
    words = [
        (typed[: found.start()], typed[found.end() :]) for found in _RANGE_WORDS.finditer(typed)
    ]
    signs = [
        (typed[:place].strip(), typed[place + 1 :].strip().removeprefix("-").strip())
        for place, each in enumerate(typed)
        if each in "-/"
    ]
    return [*words, *signs]


_READERS: tuple[Callable[[str], Shape | None], ...] = (
    _year,
    _fiscal,
    _month,
    _named_month,
    _month_half_or_quarter,
    _quarter,
    _half,
    _day,
    _months_of_one_year,
    _range,
)
