"""Counts what costs much, so that nobody keeps everybody else waiting by asking for it again and again.

On SQLite one request that writes keeps all others that do waiting until it ends, so what is reckoned within it is
bounded, and of a long year it is counted too: tried or done, kept or refused.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from portal.domain.refusals import TooOften
from portal.services.work import Work
from portal.store import throttle
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.throttle import Limit

# A year of fewer lines is reckoned in a fraction of a second.
LONG_YEAR = 2_000
MOST_AN_HOUR = 30


def count_for_year(work: Work, inventory: Inventory, kind: str) -> None:
    """Count an act that reckons a whole year, if it is a long one; TooOften where the company has done it too often.

    Ends the transaction, so it comes before anything is written; whoever asks has the permission already.
    """
    lines = select(func.count()).where(ActivityLine.inventory_id == inventory.id)
    if work.session.scalars(lines).one() > LONG_YEAR:
        count_and_commit(work, f"{kind}:{inventory.member_id}")


def count_and_commit(work: Work, key: str) -> None:
    """Count one act under a key; TooOften where there were as many within an hour as may be."""
    limit = Limit(f"effort:{key}", MOST_AN_HOUR, timedelta(hours=1))
    if throttle.reserve(work.session, [limit], work.moment) is not None:
        seconds = throttle.seconds_until_open(work.session, limit.key, work.moment)
        raise TooOften("effort.too_often", {"most": MOST_AN_HOUR}, seconds=seconds)
    work.release()
