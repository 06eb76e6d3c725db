"""Numbers, dates and periods as they are printed, the same in both languages where that is custom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.calculation.rounding import KG_PER_TONNE, shown

MINUS = "−"

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def number(amount: Decimal, decimals: int) -> str:
    """A number with thousands separators and so many decimals: "12,345.6", "−0.50"."""
    rounded = shown(amount, decimals)
    return (
        f"{abs(rounded):,f}" if not rounded.is_signed() or not rounded else f"{MINUS}{-rounded:,f}"
    )


def signed_number(amount: Decimal, decimals: int) -> str:
    """A change with its sign: "+12.5", "−3.0"; what rounds to nothing has none."""
    text = number(amount, decimals)
    return f"+{text}" if shown(amount, decimals) > 0 else text


def short_number(amount: Decimal, digits: int = 4) -> str:
    """A number with at most so many significant decimals, whole parts always whole: "0.001234", "56,789"."""
    if not amount:
        return "0"
    decimals = max(0, digits - 1 - amount.adjusted())
    text = number(amount, min(decimals, 24))
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact_number(amount: Decimal) -> str:
    """A quantity as it was given, with thousands separators and nothing rounded."""
    return number(amount, max(0, -int(amount.normalize().as_tuple().exponent)))


@dataclass(frozen=True, slots=True)
class TonneColumn:
    """Tonnes printed under each other: one number of decimals for all, from the largest amount."""

    decimals: int

    @classmethod
    def for_amounts(cls, *kilograms: Decimal) -> TonneColumn:
        """Choose the decimals so that the largest amount shows four digits at least: one decimal up to a million tonnes."""
        largest = max((abs(amount) for amount in kilograms), default=Decimal(0))
        if not largest:
            return cls(1)
        power = (largest / KG_PER_TONNE).adjusted()
        return cls(0 if power > 5 else min(max(1, 3 - power), 12))

    def text(self, kilograms: Decimal) -> str:
        """The amount in tonnes; what is not zero but would round to it is shown as "< 0.1"."""
        tonnes = kilograms / KG_PER_TONNE
        smallest = Decimal(1).scaleb(-self.decimals)
        if not tonnes:
            return "0"
        if abs(tonnes) < smallest / 2:
            return f"< {smallest:f}"
        return number(tonnes, self.decimals)


def share(part: Decimal, whole: Decimal) -> str:
    """A part of a whole in per cent with one decimal, or a dash where the whole is nothing."""
    if not whole:
        return "–"
    percent = part * 100 / whole
    return "< 0.1%" if Decimal(0) < percent < Decimal("0.05") else f"{number(percent, 1)}%"


def day_zh(day: date) -> str:
    """A date as Chinese documents write it: 2026年3月28日."""
    return f"{day.year}年{day.month}月{day.day}日"


def day_en(day: date) -> str:
    """A date as English documents write it: 28 March 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def period(start: date, end: date) -> str:
    """A half-open period as whole months or days: "2025", "2025-03", "2025-03-01 – 2025-03-15"."""
    last = end - timedelta(days=1)
    if (start.month, start.day, last.month, last.day) == (1, 1, 12, 31) and start.year == last.year:
        return f"{start.year}"
    if start.day == 1 and end.day == 1:
        first_month, last_month = f"{start:%Y-%m}", f"{last:%Y-%m}"
        return first_month if first_month == last_month else f"{first_month} – {last_month}"
    return f"{start}" if start == last else f"{start} – {last}"


def short_digest(digest: str) -> str:
    """The first and last eight digits of a SHA-256, enough to compare by eye."""
    return f"{digest[:8]}…{digest[-8:]}"


def file_size(size: int) -> str:
    """A file's size as people say it: "840 B", "12 kB", "3.4 MB"."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{Decimal(size) / 1000:.0f} kB"
    return f"{Decimal(size) / 1_000_000:.1f} MB"
