"""One transaction: who acts, when, in which session; it commits once, in one place."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.actors import Actor, MemberId
from portal.domain.ledger.facts import SALT_BYTES, THROUGH, Entry, Fact
from portal.domain.permissions import Permission, Reason, may
from portal.domain.refusals import Forbidden, NotFound
from portal.services.places import day_of
from portal.store import ledger
from portal.store.base import Database

# Where the portal is reached unless the settings say otherwise; printed addresses begin with it.
DEFAULT_BASE_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class _Pending:
    kind: str
    on_behalf_of: str
    subject: str
    before: str
    after: str
    detail: Mapping[str, object]


@dataclass(slots=True)
class Work:
    """What every verb takes first: the session, the actor and the moment.

    Ledger facts wait here until just before the commit, so that the head row is held for as short as can be.
    `through` is the public id of the token that a program acts with, empty when a person or the portal acts.
    """

    session: Session
    actor: Actor
    moment: datetime
    actor_uid: str = "portal"
    base_url: str = DEFAULT_BASE_URL
    new_uid: Callable[[], UUID] = uuid4
    random_bytes: Callable[[int], bytes] = secrets.token_bytes
    # The demo plays years that lie behind it: nobody is written to about them.
    writes_letters: bool = True
    through: str = ""
    # Whether a transaction of this work ended before its last one: who acts may have lost the right to meanwhile.
    was_released: bool = False
    _pending: list[_Pending] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day on which this happens, at the alliance's place."""
        return day_of(self.moment)

    def demand(self, permission: Permission, member_id: MemberId | None = None) -> None:
        """Refuse unless the actor holds the permission; a foreign member's thing is answered like an unknown one."""
        verdict = may(self.actor, permission, member_id)
        if not verdict:
            if verdict.reason is Reason.FOREIGN_MEMBER:
                raise NotFound()
            raise Forbidden("permission.lacking")

    def record(
        self,
        kind: str,
        subject: str,
        *,
        on_behalf_of: str = "",
        before: str = "",
        after: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Note a fact for the ledger; it is written in this transaction, just before its commit."""
        self._pending.append(
            _Pending(kind, on_behalf_of, subject, before, after, dict(detail or {}))
        )

    @property
    def has_noted(self) -> bool:
        """Whether facts wait for the ledger, so that something was written."""
        return bool(self._pending)

    def release(self) -> None:
        """End the transaction before something slow, so that nobody waits for it; what was read stays as it was read.

        Looking into an uploaded file takes up to twenty seconds, writing a bundle longer. On SQLite everybody who
        writes would wait for that, on PostgreSQL whoever wants the same rows. Only work that has written nothing yet
        may do so: what it writes later is one transaction still.
        """
        if self.has_noted:
            raise RuntimeError("work that has written something can't release the lock")
        self.session.commit()
        self.was_released = True

    def flush_ledger(self) -> None:
        """Write the noted facts as the ledger's next leaves."""
        write_ledger(self.session, [self])

    def commit(self) -> None:
        """Write the ledger and commit; only the owner of the transaction calls this."""
        self.flush_ledger()
        self.session.commit()


def write_ledger(session: Session, works: Sequence[Work]) -> None:
    """Write the facts that several works of one session have noted, in their order, as the ledger's next leaves."""
    noted = [(work, pending) for work in works for pending in work._pending]
    if not noted:
        return
    session.flush()
    size = ledger.lock_head(session)
    entries = [
        Entry(_fact(size + place, work, pending), work.random_bytes(SALT_BYTES))
        for place, (work, pending) in enumerate(noted)
    ]
    ledger.append(session, entries, ledger.frontier(session, size))
    for work in works:
        work._pending.clear()


def _fact(sequence: int, work: Work, pending: _Pending) -> Fact:
    return Fact(
        sequence,
        work.moment,
        pending.kind,
        work.actor_uid,
        pending.on_behalf_of,
        pending.subject,
        pending.before,
        pending.after,
        {**pending.detail, THROUGH: work.through} if work.through else pending.detail,
    )


@contextmanager
def writing(
    database: Database,
    actor: Actor,
    moment: datetime,
    *,
    actor_uid: str = "portal",
    base_url: str = DEFAULT_BASE_URL,
) -> Iterator[Work]:
    """A transaction that writes: commits when the block ends well, rolls back when it raises."""
    with database.writing() as session:
        work = Work(session, actor, moment, actor_uid, base_url)
        yield work
        work.commit()


@contextmanager
def reading(
    database: Database, actor: Actor, moment: datetime, *, actor_uid: str = "portal"
) -> Iterator[Work]:
    """A transaction that the database keeps from writing."""
    with database.reading() as session:
        yield Work(session, actor, moment, actor_uid)
