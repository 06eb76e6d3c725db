"""Periods of days, half-open: the first day belongs to the period, the end day no longer does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Self

from portal.calculation.problems import refuse


def month_after(day: date) -> date:
    """The first day of the month that follows a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_before(day: date) -> date:
    """The first day of the month before a day's."""
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from start up to, but not including, end; an empty or reversed period can't be made."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise refuse("line.period.empty", "end", start=self.start, end=self.end)

    @classmethod
    def of_year(cls, year: int) -> Self:
        """The whole calendar year."""
        return cls(date(year, 1, 1), date(year + 1, 1, 1))

    @classmethod
    def of_month(cls, year: int, month: int) -> Self:
        """One calendar month, 1 to 12."""
        start = date(year, month, 1)
        return cls(start, month_after(start))

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day that still belongs to the period, as people write it."""
        return self.end - timedelta(days=1)

    @property
    def year(self) -> int:
        """The calendar year it lies in; a period that crosses a year's end has none and is refused."""
        if not self.is_within_one_year:
            raise refuse("line.period.across_years", "end", start=self.start, end=self.end)
        return self.start.year

    @property
    def is_within_one_year(self) -> bool:
        """Whether all its days lie in the same calendar year."""
        start, end = self.start, self.end
        return end.year == start.year or (end.month, end.day, end.year) == (1, 1, start.year + 1)

    @property
    def is_whole_year(self) -> bool:
        """Whether it is exactly one calendar year."""
        return self == Period.of_year(self.start.year)

    @property
    def months(self) -> tuple[tuple[int, int], ...]:
        """The (year, month) pairs it touches, in order."""
        return tuple(self._months())

    def _months(self) -> Iterator[tuple[int, int]]:
        year, month = self.start.year, self.start.month
        last = self.last_day
        while (year, month) <= (last.year, last.month):
            yield year, month
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)

    @property
    def share_of_year(self) -> Fraction:
        """Its days over the days of its year, so that a leap year's twelve months add up to exactly one."""
        return Fraction(self.days, Period.of_year(self.year).days)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlaps(self, other: "Period") -> bool:
        """Whether the two share a day."""
        return self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        return f"{self.start.isoformat()}/{self.end.isoformat()}"
