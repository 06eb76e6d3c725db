"""How the journeys are walked: in Chinese at a desk with scripts, in English on a phone without, on both databases."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.config.settings import Settings
from portal.web.language import LANGUAGES
from tests.conventions.source import ROOT
from tests.databases import Databases
from tests.journeys.acts import Portal, Way
from tests.journeys.chromium import DESKTOP, PHONE
from tests.journeys.world import World, environment_in
from tests.serving import served

WAYS = (
    Way("zh", DESKTOP, has_scripts=True, dialect="sqlite"),
    Way("en", PHONE, has_scripts=False, dialect="postgresql"),
)
WAY_NAMES = ("zh-desk", "en-phone-without-scripts")


@contextmanager
def walked(
    request: pytest.FixtureRequest, folder: Path, beginning: Callable[[Settings, str], World]
) -> Iterator[Portal]:
    """Serve the portal of a beginning as an operator serves it, for the way that the fixture's parameter says."""
    way: Way = request.param
    databases: Databases = request.getfixturevalue(f"_{way.dialect}")
    url = databases.new()
    environ = environment_in(folder, url, PYTHONPATH=str(ROOT))
    language = LANGUAGES[way.language].locale
    made = Portal(way, beginning(Settings.from_environment(environ), language), folder)
    with served(Path(sys.executable), environ, folder, port=made.port):
        yield made
    made.world.database.dispose()
    databases.drop(url)
