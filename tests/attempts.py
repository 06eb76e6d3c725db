"""One worker that attempts again and again; a module of its own, so that its process starts quickly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from portal.store import throttle
from portal.store.base import Database
from portal.store.throttle import Limit

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


def try_often(url: str, tries: int) -> int:
    """Attempts of one worker that got a place."""
    database = Database(url)
    limits = [Limit("all", 1000, FIVE_MINUTES), Limit("account:x", 10, FIVE_MINUTES)]
    passed = 0
    for _ in range(tries):
        with database.writing() as session:
            if throttle.reserve(session, limits, MOMENT) is None:
                session.commit()
                passed += 1
            else:
                session.rollback()
    database.dispose()
    return passed
