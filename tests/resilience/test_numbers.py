"""The first two certificates of a year, numbered at the same moment."""

from __future__ import annotations

import threading

from portal.services import certificates
from portal.store.base import Database


def test_first_two_numbers_of_a_year_follow_each_other_when_both_are_asked_for_at_once(
    database: Database,
) -> None:
    given: list[str] = []

    def ask() -> None:
        with database.writing() as session:
            given.append(certificates._next_number(session, "DAIRY", 2026))
            session.commit()

    second = threading.Thread(target=ask)
    with database.writing() as session:
        given.append(certificates._next_number(session, "DAIRY", 2026))
        second.start()
        second.join(1)  # it waits for this transaction, on both databases
        session.commit()
    second.join()

    assert given == ["DAIRY-2026-00001", "DAIRY-2026-00002"]
