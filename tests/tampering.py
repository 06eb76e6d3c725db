"""Changes behind the portal's back, as somebody with the database's password could make them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from portal.domain.ledger.merkle import Frontier
from portal.store import triggers
from portal.store.base import Database
from portal.store.certificates import DocumentSeal
from portal.store.ledger import Checkpoint, LedgerEntry, LedgerHead, LedgerNode


def remove_triggers(database: Database) -> None:
    """Take away what keeps frozen rows frozen."""
    with database.engine.begin() as connection:
        for statement in triggers.drop_statements(database.url.get_backend_name()):
            connection.exec_driver_sql(statement)


@contextmanager
def tampered(database: Database) -> Iterator[Session]:
    """A session whose changes are there for one look, and gone after it."""
    with database.writing() as session:
        yield session
        session.rollback()


def put(session: Session, table: str, column: str, value: object, where: str, **named: Any) -> None:
    """Write a value into a column as it is, past everything that SQLAlchemy would say about its type."""
    is_json = column == "detail" and session.get_bind().dialect.name == "postgresql"
    new = "CAST(:value AS jsonb)" if is_json else ":value"
    statement = text(f'UPDATE {table} SET "{column}" = {new} WHERE {where}')
    changed = session.execute(statement, {"value": value, **named})
    assert changed.rowcount >= 1


def rows(session: Session) -> list[dict[str, Any]]:
    """Every entry as it stands."""
    columns = LedgerEntry.__table__.columns
    return [
        dict(row) for row in session.execute(select(columns).order_by("sequence")).mappings().all()
    ]


def replace_entries(session: Session, entries: list[dict[str, Any]]) -> None:
    """Put other entries into the place of all, and leave everything else alone."""
    session.execute(delete(LedgerEntry))
    if entries:
        session.execute(insert(LedgerEntry), entries)


def plant_anew(session: Session, *, leaves: bool = True) -> None:
    """Compute leaves, hashes and head from the entries, as a careful forger does who lacks only the key."""
    tree, nodes = Frontier(0, []), []
    for row in session.scalars(select(LedgerEntry).order_by(LedgerEntry.sequence)).all():
        leaf = row.entry().leaf() if leaves else row.leaf
        own = update(LedgerEntry).where(LedgerEntry.sequence == row.sequence)
        session.execute(own.values(leaf=leaf), execution_options={"synchronize_session": False})
        nodes.extend(tree.append(leaf))
    session.execute(delete(LedgerNode))
    session.execute(
        insert(LedgerNode),
        [{"level": n.level, "position": n.position, "digest": n.digest} for n in nodes],
    )
    session.execute(update(LedgerHead).values(size=tree.size, root=tree.root()))


def drop_checkpoints(session: Session, beyond: int) -> None:
    """Forget what was signed of a longer log, and what documents enclose of it."""
    session.execute(delete(Checkpoint).where(Checkpoint.size > beyond))
    session.execute(delete(DocumentSeal))
