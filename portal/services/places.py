"""Where the alliance is: dates that people read on paper are dates of this place."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

# Dates on a certificate are dates of the alliance's place, not of Greenwich.
PLACE = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The calendar day of a moment at the alliance's place."""
    return moment.astimezone(PLACE).date()
