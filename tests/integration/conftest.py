"""What several modules of tests stand on; one that needs another scene makes its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from portal.store.base import Database
from tests.browsers import Browser
from tests.factories.scenes import Scene, a_scene


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    """An alliance with its staff, committed; what a test adds to it, it commits itself."""
    with database.writing() as session:
        made = a_scene(session)
        session.commit()
        yield made
        session.rollback()


@pytest.fixture
def coordinator(scene: Scene, log_in: Callable[..., Browser]) -> Browser:
    """The scene's coordinator, logged in."""
    return log_in(scene.coordinator)
