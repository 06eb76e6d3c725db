"""Makes the monthly partitions of meter readings: those of the coming months, and those that late readings wait for."""

from __future__ import annotations

from datetime import date

from portal.calculation.periods import month_after
from portal.jobs.held import HeldJob
from portal.store import meter_partitions

MONTHS_AHEAD = 3


def lay_partitions(held: HeldJob) -> None:
    """Lay each in a transaction of its own, because others wait for the readings meanwhile."""
    with held.reading() as work:
        months = [*meter_partitions.waiting(work.session.connection()), *_ahead(work.today)]
    for month in sorted(set(months)):
        with held.writing() as work:
            meter_partitions.lay(work.session.connection(), month)


def _ahead(today: date) -> list[date]:
    months = [date(today.year, today.month, 1)]
    for _ in range(MONTHS_AHEAD):
        months.append(month_after(months[-1]))
    return months
