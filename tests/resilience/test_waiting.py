"""Somebody holds a lock for long: writing is answered 503 in time, reading goes on, and then it is as before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.app import create_app
from portal.config.settings import Settings
from portal.store.base import HURRIED, PATIENT, Database, Patience
from portal.store.inventories import Inventory
from tests.browsers import Browser
from tests.factories.scenes import Scene
from tests.resilience import actions
from tests.resilience.actions import YEAR, People


@pytest.fixture
def app(settings: Settings, database_url: str) -> Iterator[Flask]:
    """The application with less patience than in earnest, so that the tests need less of it."""
    hasty = Database(database_url, patience=Patience(statement_seconds=1, lock_seconds=1))
    made = create_app(settings, hasty)
    made.testing = False
    yield made
    hasty.dispose()


@contextmanager
def held_lock(database: Database) -> Iterator[None]:
    """Hold what a writer needs: SQLite's one lock, or the year's row."""
    if database.is_sqlite:
        connection = sqlite3.connect(str(database.url.database), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()
    else:
        with database.writing() as session:
            session.scalars(select(Inventory).with_for_update()).all()
            yield
            session.rollback()


def test_lock_held_for_long_is_answered_503_while_pages_are_read(
    scene: Scene,
    database: Database,
    log_in: Callable[..., Browser],
    new_browser: Callable[[], Browser],
) -> None:
    people = People(scene, scene.member("M001"), log_in, new_browser)
    attempt = actions.save_lines(people)
    reader = people.signatory

    with held_lock(database):
        answer = attempt()
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
        assert "was not kept" in answer.text
        assert reader.get(f"{YEAR}/lines").status_code == 200

    assert attempt().status_code == 303


def test_statement_that_takes_too_long_is_ended(database_url: str, database: Database) -> None:
    if database.is_sqlite:
        return  # nobody else can slow a statement down there but by the lock
    hasty = Database(database_url, patience=Patience(statement_seconds=1, lock_seconds=1))
    with hasty.reading() as session, pytest.raises(Exception, match="statement timeout"):
        session.execute(text("SELECT pg_sleep(5)"))
    hasty.dispose()


def test_pages_wait_shorter_than_workers() -> None:
    assert Patience(statement_seconds=15, lock_seconds=5) == HURRIED
    assert HURRIED.statement_seconds < PATIENT.statement_seconds
