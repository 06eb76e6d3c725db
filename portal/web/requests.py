"""What one request works with: its settings, its one database session, its actor and its moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.config.settings import Settings
from portal.domain.actors import ALLIANCE_ROLES, STRANGER, AccountId, Actor, MemberId, Role
from portal.http import clock
from portal.services.work import Work
from portal.store import sight
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.sight import EVERYBODY, NOBODY, Sight
from portal.web import sessions

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIRST_REFUSING_STATUS = 400
STRANGERS_UID = "stranger"


@dataclass(frozen=True, slots=True)
class Wiring:
    """What create_app puts together and every request may ask for."""

    settings: Settings
    database: Database


def wiring() -> Wiring:
    """The settings and the database of the application that answers this request."""
    return cast(Wiring, current_app.extensions["portal"])


def moment() -> datetime:
    """The one moment of this request: everything it writes carries the same."""
    if "moment" not in g:
        g.moment = clock.now()
    return cast(datetime, g.moment)


def database_session() -> Session:
    """This request's one session, opened at first use: GET, HEAD and OPTIONS can't write, the database sees to it."""
    if "database_session" not in g:
        database = wiring().database
        reads = request.method in READING_METHODS
        opened = database.reading if reads else database.writing
        g.database_session = opened(g.get("sight", NOBODY))
    return cast(Session, g.database_session)


def sight_of(account: Account) -> Sight:
    """Whose rows the person behind an account may be shown at all."""
    if account.member_id is not None:
        return sight.of_member(account.member_id)
    return EVERYBODY if {role.name for role in account.roles} & ALLIANCE_ROLES else NOBODY


def current_account() -> Account | None:
    """The account that is logged in, or None."""
    account = current_user._get_current_object()  # type: ignore[attr-defined]  # a proxy that has no type
    if not isinstance(account, Account):
        return None
    if "account_language" not in g:
        g.account_language = account.language  # kept for a page that must do without the database
    if g.get("seen_by") is not account:
        g.seen_by, g.sight = account, sight_of(account)
        if "database_session" in g:
            sight.narrow(g.database_session, g.sight)
    return account


def account_language() -> str | None:
    """The language that the account which is logged in asked for, or None; never asked once the database has failed."""
    if g.get("is_broken"):
        row = sessions.current().row
        return cast(str | None, g.get("account_language", row and row.language))
    account = current_account()
    return None if account is None else account.language


def current_actor() -> Actor:
    """Who acts in this request; a stranger when nobody is logged in."""
    account = current_account()
    return STRANGER if account is None else actor_of(account)


def actor_of(account: Account) -> Actor:
    """The person behind an account, with the roles it holds now."""
    return Actor(
        AccountId(account.id),
        account.name,
        frozenset(Role(role.name) for role in account.roles),
        None if account.member_id is None else MemberId(account.member_id),
    )


def current_work() -> Work:
    """This request's unit of work; it commits once, after the view and before the answer leaves."""
    if "work" not in g:
        account = current_account()
        g.work = Work(
            database_session(),
            current_actor(),
            moment(),
            STRANGERS_UID if account is None else str(account.uid),
            wiring().settings.base_url,
            was_released=g.get("was_released", False),
        )
    return cast(Work, g.work)


def init_app(app: Flask, wired: Wiring) -> None:
    """Give the application its wiring, and each of its requests one transaction."""
    app.extensions["portal"] = wired
    # Runs as the last of its kind but for the readings: nothing after it may touch this request's transaction.
    app.after_request(_finish)
    app.teardown_request(_abandon)


def _finish(response: Response) -> Response:
    session: Session | None = g.pop("database_session", None)
    work: Work | None = g.pop("work", None)
    if session is None:
        return response
    if "_login_user" in g:
        current_account()  # somebody who just came in is told in their language what fails from here on
    with session:
        writes = request.method not in READING_METHODS
        if writes and response.status_code < FIRST_REFUSING_STATUS:
            if work is not None:
                work.flush_ledger()
            _commit(session)
        else:
            session.rollback()
    return response


def _commit(session: Session) -> None:
    """Commit, and note whether it may be done when something fails now or later in this request."""
    try:
        session.commit()
    except DBAPIError as error:
        # The server may have heard the COMMIT before the connection broke; a file that says no has kept nothing.
        g.may_be_kept = error.connection_invalidated
        raise
    g.may_be_kept = True


def release_lock() -> None:
    """End this request's transaction before something slow, see `Work.release`."""
    if "database_session" in g:
        current_work().release()


@contextmanager
def reading_aside() -> Iterator[Work]:
    """Work that only reads, for what takes long in a request that will write: nobody waits for this one meanwhile."""
    release_lock()
    with wiring().database.reading(g.get("sight", NOBODY)) as session:
        yield replace(current_work(), session=session, _pending=[])


def roll_back() -> None:
    """Undo what this request wrote so far, because it ends badly; what it read stays readable."""
    work: Work | None = g.pop("work", None)
    if work is not None and work.was_released:
        g.was_released = True  # what is written from here on was asked for as long ago
    session: Session | None = g.get("database_session")
    if session is not None:
        session.rollback()


def _abandon(error: BaseException | None) -> None:
    session: Session | None = g.pop("database_session", None)
    if session is not None:
        session.close()
