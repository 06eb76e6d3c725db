"""The alliance that most tests with data stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.store.base import Database
from tests.factories.scenes import Scene, a_scene


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    """An alliance with its staff, committed; what a test adds to it, it commits itself."""
    with database.writing() as session:
        made = a_scene(session)
        session.commit()
        yield made
        session.rollback()
