"""How numbers, masses, dates and sizes are written on a page, in the reader's language; never through float."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton
from flask import Flask
from flask_babel import get_locale, get_timezone

NOTHING = "–"
KG_PER_T = Decimal(1000)
MINUS = "\N{MINUS SIGN}"

# How many decimals a mass in tonnes is read with: about three figures that mean something.
_TONNE_DIGITS = ((Decimal(1000), 0), (Decimal(10), 1), (Decimal(1), 2))
_SMALL_DIGITS = 3


def _locale() -> Any:
    return get_locale() or "en"


def decimal(value: Decimal | int | None, digits: int | None = None) -> str:
    """A number with the locale's separators: all its digits, or rounded half-even to `digits` decimals."""
    if value is None:
        return NOTHING
    exact = Decimal(value)
    if digits is not None:
        exact = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
    # Both languages of the portal group by commas and write a decimal point; Babel would take a page's time for this.
    written = f"{exact:,f}"
    if digits is None and "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.replace("-", MINUS)


def tonnes(kg: Decimal | None, digits: int | None = None) -> str:
    """A mass given in kg, written in t without the unit; as many decimals as its size deserves, or `digits`."""
    if kg is None:
        return NOTHING
    mass = Decimal(kg) / KG_PER_T
    if digits is not None:
        return decimal(mass, digits)
    if not mass:
        return "0"
    wanted = next((count for least, count in _TONNE_DIGITS if abs(mass) >= least), _SMALL_DIGITS)
    if mass and abs(mass) < Decimal("0.0005"):
        return ("<" if mass > 0 else ">" + MINUS) + decimal(Decimal("0.001"))
    return decimal(mass, wanted)


def percent(ratio: Decimal | None, digits: int = 1, *, signed: bool = False) -> str:
    """A ratio as per cent: 0.112 is “11.2%”; `signed` writes the plus too."""
    if ratio is None:
        return NOTHING
    written = decimal(ratio * 100, digits) + "%"
    return "+" + written if signed and ratio > 0 else written


def day(value: date | datetime | None) -> str:
    """A date in the reader's language: 2026年3月28日, Mar 28, 2026."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = _here(value).date()
    return format_date(value, "medium", locale=_locale())


def period(start: date | str, end: date | str) -> str:
    """A half-open period as people name it, by its last day: 2025年, Mar 2025, Jan 2025 – Mar 2025, or day by day."""
    first, after = _date(start), _date(end)
    last = after - timedelta(days=1)
    if (first.month, first.day) == (1, 1) and after == date(first.year + 1, 1, 1):
        return format_skeleton("y", first, locale=_locale())
    if first.day == 1 and after.day == 1:
        months = [format_skeleton("yMMM", each, locale=_locale()) for each in (first, last)]
        return months[0] if months[0] == months[1] else " – ".join(months)
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def moment(value: datetime | None) -> str:
    """A date with its time of day in the portal's time zone."""
    if value is None:
        return NOTHING
    return f"{day(value)} {clock(value)}"


def moment_in(value: datetime | str, zone: str) -> str:
    """A date with its time of day by the clock of a place, with its seconds where it has any."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    there = moment.astimezone(ZoneInfo(zone))
    pattern = "HH:mm:ss" if there.second or there.microsecond else "HH:mm"
    time = format_datetime(there, pattern, locale=_locale())
    return f"{format_date(there.date(), 'medium', locale=_locale())} {time}"


def clock(value: datetime) -> str:
    """The time of day in the portal's time zone."""
    return format_datetime(_here(value), "HH:mm", locale=_locale())


def _here(value: datetime) -> datetime:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(get_timezone() or UTC)


def filesize(size: int) -> str:
    """A file's size in kB or MB (powers of ten)."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{decimal(Decimal(size) / 1000, 0)} kB"
    return f"{decimal(Decimal(size) / 1_000_000, 1)} MB"


FILTERS = {
    "decimal": decimal,
    "tonnes": tonnes,
    "percent": percent,
    "day": day,
    "period": period,
    "moment": moment,
    "moment_in": moment_in,
    "filesize": filesize,
}


def init_app(app: Flask) -> None:
    """Give the templates of `app` the filters of this module."""
    app.jinja_env.filters.update(FILTERS)
