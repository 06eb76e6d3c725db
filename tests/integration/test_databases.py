"""The fixtures themselves: what is promised to every other test that touches data."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.store.accounts import Role
from portal.store.base import Database


def test_private_database_is_empty_and_keeps_commits(database: Database) -> None:
    with database.writing() as session:
        assert session.scalars(select(Role)).all() == []
        session.add(Role(name="coordinator"))
        session.commit()
    with database.reading() as session:
        assert session.scalars(select(Role.name)).all() == ["coordinator"]


@pytest.mark.parametrize("attempt", [1, 2])
def test_session_forgets_what_was_committed_before(session: Session, attempt: int) -> None:
    assert session.scalars(select(Role)).all() == []
    session.execute(insert(Role).values(name=f"coordinator {attempt}"))
    session.commit()
    assert session.scalars(select(Role.name)).all() == [f"coordinator {attempt}"]


def test_server_is_the_one_that_the_dialect_names(database: Database, dialect: str) -> None:
    question = "SELECT sqlite_version()" if dialect == "sqlite" else "SELECT version()"
    with database.engine.connect() as connection:
        answer = connection.execute(text(question)).scalar_one()
    assert answer.startswith("3." if dialect == "sqlite" else "PostgreSQL ")
