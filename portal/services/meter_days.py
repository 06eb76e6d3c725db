"""How many readings each day of a meter has: a few too many a second would slow down every look at its months."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.meters import MOST_A_DAY
from portal.domain.words import N_
from portal.store.meters import MeterReading


class _Day(NamedTuple):
    """A day of a meter by UTC, once for first readings and once for those that correct one."""

    meter_id: int
    day: date
    is_correction: bool


@dataclass(slots=True)
class DayCounts:
    """Counts the readings of one batch together with those that are kept already; the meters must be held."""

    session: Session
    member_id: int
    _counts: dict[_Day, int] = field(default_factory=dict)

    def is_overfull(
        self, meter_id: int, moment: datetime, latest: datetime | None, *, is_correction: bool
    ) -> bool:
        """Count one more reading; True for the first one that its day has no room for.

        What lies behind the meter's latest reading needs no look at the database.
        """
        day = _Day(meter_id, moment.astimezone(UTC).date(), is_correction)
        if day not in self._counts:
            is_new = latest is None or latest.astimezone(UTC).date() < day.day
            self._counts[day] = 0 if is_new else self._kept(day)
        self._counts[day] += 1
        return self._counts[day] == MOST_A_DAY + 1

    def _kept(self, day: _Day) -> int:
        start = datetime.combine(day.day, time(), UTC)
        number = MeterReading.number
        query = select(func.count()).where(
            MeterReading.member_id == self.member_id,
            MeterReading.meter_id == day.meter_id,
            MeterReading.moment >= start,
            MeterReading.moment < start + timedelta(days=1),
            number > 1 if day.is_correction else number == 1,
        )
        # Never more than there is room for, or the next one would pass unseen.
        return min(self.session.scalars(query).one(), MOST_A_DAY)


MESSAGES = {
    "reading.day_full": N_(
        "Meter %(meter)s has more than %(most)s readings, or as many corrections, on %(day)s (UTC). Send at most one a minute."
    ),
}
