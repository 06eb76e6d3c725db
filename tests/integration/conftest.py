"""What several modules of tests stand on; one that needs another scene makes its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from portal.store.accounts import Account
from portal.store.base import Database
from tests.browsers import Browser
from tests.factories.scenes import Scene
from tests.programs import Program, give_token, program, somebody_who_reports


@pytest.fixture
def coordinator(scene: Scene, log_in: Callable[..., Browser]) -> Browser:
    """The scene's coordinator, logged in."""
    return log_in(scene.coordinator)


@pytest.fixture
def account(database: Database) -> Account:
    """Somebody who reports for a supplier."""
    return somebody_who_reports(database)


@pytest.fixture
def asking(app: Flask, database: Database, account: Account) -> Program:
    """A program of theirs, with the year 2025 begun."""
    made = program(app, give_token(database, account))
    assert made.ask("PUT", "/v1/inventories/2025").status_code == 200
    return made
