"""Reading the ledger: what happened, newest first, and where an entry stands in the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ledger.facts import THROUGH
from portal.domain.permissions import Permission
from portal.services.ledger_audit import audit
from portal.services.pages import Page, page_of
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.ledger import LedgerEntry, LedgerHead
from portal.store.tokens import ApiToken


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """What the address asks for; empty means no restriction."""

    kind: str = ""
    member: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One entry with the name behind its actor, where that person is still known.

    `token` is what its owner calls the token that a program acted through, or its public id once it is gone.
    """

    entry: LedgerEntry
    actor_name: str
    token: str


@dataclass(frozen=True, slots=True)
class Head:
    """The size of the tree and its root, as hexadecimal digits."""

    size: int
    root: str


def list_entries(work: Work, wanted: JournalFilter, page: int = 1) -> Page[JournalRow]:
    """One page of the ledger, newest first."""
    work.demand(Permission.ALLIANCE_LEDGER_READ)
    query = select(LedgerEntry).order_by(LedgerEntry.sequence.desc())
    if wanted.kind:
        query = query.where(LedgerEntry.kind == wanted.kind)
    if wanted.member:
        query = query.where(LedgerEntry.on_behalf_of == wanted.member)
    if wanted.subject:
        query = query.where(LedgerEntry.subject == wanted.subject)
    found = page_of(work.session, query, page)
    names = _names(work.session, {entry.actor for (entry,) in found.rows})
    tokens = _token_names(work.session, {_through(entry) for (entry,) in found.rows})
    rows = [
        JournalRow(entry, names.get(entry.actor, ""), tokens.get(_through(entry), _through(entry)))
        for (entry,) in found.rows
    ]
    return Page(rows, found.number, found.total, found.size)


def entries_about(session: Session, subject: str) -> list[LedgerEntry]:
    """All entries about one thing, oldest first."""
    query = select(LedgerEntry).where(LedgerEntry.subject == subject).order_by(LedgerEntry.sequence)
    return list(session.scalars(query))


def head(session: Session) -> Head:
    """The tree's head as it is kept."""
    row = session.get_one(LedgerHead, 1)
    return Head(row.size, row.root.hex())


def faults(session: Session) -> list[str]:
    """What is wrong with the ledger itself, in words; empty when entries, subtrees, head and checkpoints agree."""
    return audit(session, None, with_rows=False).faults


def _through(entry: LedgerEntry) -> str:
    # A row that somebody changed may hold anything; the page still shows it, the audit says what is wrong.
    detail: object = entry.detail
    return str(detail.get(THROUGH, "")) if isinstance(detail, dict) else ""


def _token_names(session: Session, texts: set[str]) -> dict[str, str]:
    return _by_uid(session, ApiToken.uid, ApiToken.name, texts)


def _names(session: Session, texts: set[str]) -> dict[str, str]:
    return _by_uid(session, Account.uid, Account.name, texts)


def _by_uid(session: Session, uid: Any, name: Any, texts: set[str]) -> dict[str, str]:
    """Names by the public ids that stand in entries; what is no id, such as the portal's own name, has none."""
    wanted = [UUID(text) for text in texts if len(text) == 36]
    if not wanted:
        return {}
    found = session.execute(select(uid, name).where(uid.in_(wanted)))
    return {str(each): called for each, called in found}
