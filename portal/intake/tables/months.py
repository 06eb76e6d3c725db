"""Titles of columns that stand for a month: 1月, 2025年1月, Jan, January 2025, 2025-01, or a date cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from portal.intake.characters import narrow, trim
from portal.intake.tables.cells import Cell, cell_text

_NAMES = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_BY_NAME = {name: place for place, name in enumerate(_NAMES.split(), 1)}
_FULL = "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER SEPT"
_BY_NAME |= {name: _BY_NAME[name[:3]] for name in _FULL.split()}
_CHINESE = {
    "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
    "十一": 11, "十二": 12,
}  # fmt: skip
_SHAPES = (
    re.compile(r"(?:(?P<year>(?:19|20)\d\d) ?年? ?)?(?P<month>\d{1,2}) ?月份?", re.ASCII),
    re.compile(
        r"(?:(?P<year>(?:19|20)\d\d) ?年? ?)?(?P<words>十[一二]|[一二三四五六七八九十]) ?月份?",
        re.ASCII,
    ),
    re.compile(r"(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})", re.ASCII),
    re.compile(r"(?P<month>\d{1,2})[-/.](?P<year>(?:19|20)\d\d)", re.ASCII),
    re.compile(r"(?:(?P<year>(?:19|20)\d\d)[-/., ]*)?(?P<name>[A-Z]{3,9})\.?", re.ASCII),
    re.compile(
        r"(?P<name>[A-Z]{3,9})[-/., ]*(?:(?P<year>(?:19|20)\d\d)|'?(?P<short>\d\d))", re.ASCII
    ),
)
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Month:
    """The month that a title names, with its year where the title says one."""

    month: int
    year: int | None = None

    def period(self, otherwise: int) -> str:
        """The month as a line's period is typed, in the year of the title or in the other one."""
        return f"{self.year or otherwise:04d}-{self.month:02d}"


def month_of(title: Cell) -> Month | None:
    """The month that a title names, or None."""
    if isinstance(title, date):
        return Month(title.month, title.year) if title.day == 1 else None
    return _month_in(cell_text(title)[:40])


@lru_cache(maxsize=1024)
def _month_in(text: str) -> Month | None:
    typed = " ".join(trim(narrow(text)).upper().split())
    for shape in _SHAPES:
        found = shape.fullmatch(typed)
        if found is not None and (month := _number(found)) is not None:
            parts = found.groupdict()
            short = parts.get("short")
            year = parts.get("year") or (f"20{short}" if short else None)
            return Month(month, None if year is None else int(year))
    return None


def _number(found: re.Match[str]) -> int | None:
    parts = found.groupdict()
    if digits := parts.get("month"):
        return int(digits) if 1 <= int(digits) <= 12 else None
    return _CHINESE.get(parts.get("words") or "") or _BY_NAME.get(parts.get("name") or "")


def year_in(texts: list[str]) -> int | None:
    """The one year that some texts above a table name; None when there is none, or more than one."""
    years = {int(year) for each in texts for year in _ANY_YEAR.findall(narrow(each[:200]))}
    return years.pop() if len(years) == 1 else None
