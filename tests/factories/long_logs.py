"""Logs of many entries, appended as the portal appends, without the deeds that they would speak of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.ledger.facts import Entry, Fact
from portal.store import ledger
from tests.factories.suppliers import MOMENT

AT_ONCE = 5000


def entries(start: int, count: int) -> Iterator[Entry]:
    """Facts such as a busy alliance writes, always the same."""
    for number in range(start, start + count):
        digest = sha256(str(number).encode()).hexdigest()
        fact = Fact(
            number,
            MOMENT + timedelta(seconds=number),
            "lines.saved",
            str(UUID(int=number % 500)),
            f"M-{number % 154:04d}",
            f"inventory/{UUID(int=number % 900)}",
            "",
            digest,
            {"year": 2025, "count": number % 90},
        )
        yield Entry(fact, bytes.fromhex(digest))


def grow(session: Session, to: int) -> None:
    """Append until the log has so many entries, and commit."""
    size = ledger.lock_head(session)
    while size < to:
        more = min(AT_ONCE, to - size)
        ledger.append(session, list(entries(size, more)), ledger.frontier(session, size))
        size += more
    session.commit()
