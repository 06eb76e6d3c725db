"""What a transaction may see of the members' rows: everybody's, one member's, or nobody's.

On PostgreSQL the database itself keeps to it (`portal.store.row_security`); SQLite has no such wall.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from portal.store import row_security

_KEPT = "sight"
_SET = (
    f"SELECT set_config('{row_security.EVERYBODY}', %s, true),"
    f" set_config('{row_security.MEMBERS}', %s, true)"
)


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose rows are seen: everybody's, or those of the members with these keys."""

    everybody: bool = False
    members: tuple[int, ...] = ()


EVERYBODY = Sight(everybody=True)
NOBODY = Sight()


def of_member(member_id: int) -> Sight:
    """The sight of one member's people."""
    return Sight(members=(member_id,))


def kept_in(session: Session) -> Sight | None:
    """What a session was told to see; None when it sees what its engine does."""
    found: Sight | None = session.info.get(_KEPT)
    return found


def information(sight: Sight) -> dict[str, Sight]:
    """What a new session has to be given to see so much."""
    return {_KEPT: sight}


def narrow(session: Session, sight: Sight) -> None:
    """Let a session see this from now on, in the transaction that is open and in all that follow."""
    if kept_in(session) == sight:
        return
    session.info[_KEPT] = sight
    if session.in_transaction():
        apply(session.connection(), sight)


def widen(session: Session, member_id: int) -> None:
    """Let a session see the rows of this member too."""
    before = kept_in(session)
    if before is not None and not before.everybody:
        narrow(session, Sight(members=(*before.members, member_id)))


@contextmanager
def seeing_everybody(session: Session) -> Iterator[None]:
    """See everybody's rows for as long as the block lasts, to add up what is told of all members together only.

    What the session holds back is written first, under the sight that it had.
    """
    before = kept_in(session)
    if before is None or before.everybody:
        yield
        return
    session.flush()
    narrow(session, EVERYBODY)
    try:
        yield
        session.flush()
    finally:
        narrow(session, before)


def apply(connection: Connection, sight: Sight) -> None:
    """Tell PostgreSQL what this transaction may see; it forgets it at the end of the transaction."""
    if connection.dialect.name != "postgresql":
        return
    # The driver is asked itself: this is no statement of the page, as BEGIN is none.
    members = "{" + ",".join(str(int(member)) for member in sight.members) + "}"
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 -- a transaction is under way on it
    driver.execute(_SET, ("on" if sight.everybody else "off", members))


@event.listens_for(Session, "after_begin")
def _apply_again(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    sight = kept_in(session)
    if sight is not None and sight != NOBODY and not transaction.nested:
        apply(connection, sight)
