"""What is written once can be neither changed nor removed, by whatever statement, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal.services.checkpoints import Notary
from portal.store import tables
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.keys import KeyFolder
from portal.store.log_files import LogFolder
from portal.store.programmes import ProgrammeVersion
from portal.store.triggers import APPEND_ONLY, FROZEN_COLUMNS
from tests.factories.marked import a_marked_alliance
from tests.factories.suppliers import MOMENT
from tests.keys import shared_keys


@pytest.fixture
def filled(database: Database, tmp_path: Path) -> Database:
    """A database in which each frozen table has rows."""
    notary = Notary(KeyFolder(shared_keys()), LogFolder(tmp_path / "log"))
    with database.writing() as session:
        made = a_marked_alliance(
            session, Blobs(tmp_path / "blobs"), notary, members=1, prints=(), seed=1
        )
        about = {"alliance_id": made.alliance.id, "number": 1, "content": {}, "made_at": MOMENT}
        session.add(ProgrammeVersion(**about))
        session.commit()
    return database


def test_frozen_rows_refuse_every_change(filled: Database) -> None:
    kept = []
    for statement in statements(filled):
        with filled.writing() as session, pytest.raises(DBAPIError, match="is frozen"):
            session.execute(text(statement))
        kept.append(statement)
    assert len(kept) > len(APPEND_ONLY) + len(FROZEN_COLUMNS)


def statements(database: Database) -> Iterator[str]:
    """For each frozen table its removal, and for each of its frozen columns a change that changes nothing."""
    for name in (*APPEND_ONLY, *FROZEN_COLUMNS):
        table = tables.metadata.tables[name]
        with database.reading() as session:
            assert session.scalars(select(func.count()).select_from(table)).one() > 0, name
        yield f"DELETE FROM {name}"
        if not database.is_sqlite:
            yield f"TRUNCATE {name} CASCADE"
        for column in FROZEN_COLUMNS.get(name, table.columns.keys()):
            yield f'UPDATE {name} SET "{column}" = "{column}"'
