"""What several modules of tests stand on; one that needs another scene makes its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browsers import Browser
from tests.factories.scenes import Scene


@pytest.fixture
def coordinator(scene: Scene, log_in: Callable[..., Browser]) -> Browser:
    """The scene's coordinator, logged in."""
    return log_in(scene.coordinator)
