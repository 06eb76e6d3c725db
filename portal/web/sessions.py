"""Sessions in the database: the cookie holds a random id, the table its SHA-256 and everything else.

A visitor who has not begun to log in gets no row: what such a session may hold (the token of a form, a message to
show once) travels in a signed cookie, and nothing at all is sent to whoever needs neither.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Flask, Request, Response, g
from flask import session as flask_session
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import CallbackDict

from portal.http import clock, events
from portal.store import sessions
from portal.store.base import Database
from portal.store.sessions import WebSession
from portal.store.sight import NOBODY
from portal.web import devices

IDLE_MINUTES = 30
IDLE_MINUTES_ADMINISTRATOR = 15
ABSOLUTE = timedelta(hours=12)
HALF_WAY = timedelta(minutes=10)  # from the right password to the right code
VISITOR = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
ID_BYTES = 32

# What a session may hold without a row: nothing of it grants anything.
VISITOR_KEYS = frozenset({"csrf_token", "_flashes", "fs_cc"})
ROW_MARK, VISITOR_MARK = "s.", "v."
LONGEST_COOKIE = 4000

# Known by their paths, because a session is opened before the address is matched with a route.
STATIC = "/static/"
PROBES = frozenset({"/healthz", "/readyz"})


@dataclass(slots=True)
class Row:
    """What the table says about this session, as it was when the request began."""

    id: int
    uid: Any
    account_id: int | None
    seen_at: datetime
    idle_minutes: int
    expires_at: datetime
    language: str | None


class PortalSession(CallbackDict[str, Any], SessionMixin):
    """A request's session; `row` is set when it has one, `renewed` when it must get a new id."""

    def __init__(self, initial: dict[str, Any] | None = None, row: Row | None = None) -> None:
        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(initial, changed)
        self._before = dict(self)
        self.row = row
        self.modified = False
        self.accessed = True
        self.renewed: Owner | None = None
        self.ended = False
        self.came_with_cookie = False
        self.failure: SQLAlchemyError | None = None

    def undo(self) -> None:
        """Be as it was when the request began: whoever was to be its owner may not have been kept."""
        self.clear()
        self.update(self._before)
        self.modified = self.ended = False
        self.renewed = None

    @property
    def needs_row(self) -> bool:
        """Tell whether it holds more than a visitor's session may."""
        return bool(self.keys() - VISITOR_KEYS)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose session it becomes, how long it may lie idle, and until when it lasts (None: as long as a new one)."""

    account_id: int
    idle_minutes: int
    until: datetime | None = None


class DatabaseSessions(SessionInterface):
    """Reads a session when a request begins and writes it, in a transaction of its own, before the answer leaves."""

    tags = TaggedJSONSerializer()

    def __init__(self, database: Database, signer: URLSafeTimedSerializer) -> None:
        self._database = database
        self._signer = signer

    def open_session(self, app: Flask, request: Request) -> PortalSession:
        """Find the session of the request's cookie; an unknown, ended or stale one is as good as none."""
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        if not cookie or request.path in PROBES or request.path.startswith(STATIC):
            return PortalSession()
        try:
            opened = (
                self._of_row(cookie) if cookie.startswith(ROW_MARK) else self._of_visitor(cookie)
            )
        except SQLAlchemyError as failure:
            # Too early for an error page; the request is refused in a moment, not taken for a stranger's.
            opened = PortalSession()
            opened.failure = failure
            return opened
        opened.came_with_cookie = True
        return opened

    def _of_row(self, cookie: str) -> PortalSession:
        with self._database.reading(NOBODY) as session:
            found = sessions.find(session, digest_of(cookie))
        if found is None or not found.is_alive(clock.now()):
            return PortalSession()
        row = Row(
            found.id,
            found.uid,
            found.account_id,
            found.seen_at,
            found.idle_minutes,
            found.expires_at,
            found.language,
        )
        return PortalSession(self.tags.loads(found.data), row)

    def _of_visitor(self, cookie: str) -> PortalSession:
        if not cookie.startswith(VISITOR_MARK) or len(cookie) > LONGEST_COOKIE:
            return PortalSession()
        try:
            text = self._signer.loads(
                cookie.removeprefix(VISITOR_MARK), max_age=int(VISITOR.total_seconds())
            )
        except BadSignature:
            return PortalSession()
        kept = self.tags.loads(text)
        return PortalSession({key: kept[key] for key in kept.keys() & VISITOR_KEYS})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed and set the cookie that goes with it."""
        assert isinstance(session, PortalSession)  # noqa: S101 -- Flask hands back what open_session made
        if session.ended or session.renewed or (session.row is None and session.needs_row):
            self._replace(app, session, response)
        elif session.row is not None:
            self._keep(session)
        elif session.modified:
            self._set_visitor_cookie(app, session, response)
        if session.modified or session.row is not None or session.came_with_cookie:
            response.vary.add("Cookie")

    def _replace(self, app: Flask, session: PortalSession, response: Response) -> None:
        moment = clock.now()
        with self._database.writing(NOBODY) as database_session:
            if session.row is not None:
                sessions.end(database_session, session.row.id, moment)
            if session.needs_row:
                name = ROW_MARK + secrets.token_urlsafe(ID_BYTES)
                database_session.add(self._new_row(session, name, moment))
            database_session.commit()
        if session.needs_row:
            self._set_cookie(app, response, name)
        else:
            self._set_visitor_cookie(app, session, response)

    def _new_row(self, session: PortalSession, name: str, moment: datetime) -> WebSession:
        owner = session.renewed
        return WebSession(
            uid=uuid4(),
            digest=digest_of(name),
            account_id=owner.account_id if owner else None,
            data=self.tags.dumps(dict(session)),
            device=devices.describe(),
            idle_minutes=owner.idle_minutes if owner else IDLE_MINUTES,
            created_at=moment,
            seen_at=moment,
            expires_at=(owner and owner.until) or moment + (ABSOLUTE if owner else HALF_WAY),
        )

    def _keep(self, session: PortalSession) -> None:
        row = session.row
        assert row is not None  # noqa: S101 -- the caller asked for it
        moment = clock.now()
        if not session.modified and moment - row.seen_at < TOUCH_EVERY:
            return
        try:
            if session.modified:
                data = self.tags.dumps(dict(session))
                self._write(lambda s: sessions.keep(s, row.id, data, moment))
            else:
                self._write(lambda s: sessions.touch(s, row.id, moment))
        except SQLAlchemyError:
            # The answer is ready and right, and what it tells of is committed: a message that is shown
            # twice or never is less than to be told that nothing was done.
            events.log("session.keep_failed", session=str(row.uid))

    def _write(self, act: Callable[[Any], object]) -> None:
        with self._database.writing(NOBODY) as database_session:
            act(database_session)
            database_session.commit()

    def _set_visitor_cookie(self, app: Flask, session: PortalSession, response: Response) -> None:
        if session:
            text = self.tags.dumps(dict(session))
            self._set_cookie(app, response, VISITOR_MARK + str(self._signer.dumps(text)))
        elif session.came_with_cookie:
            response.delete_cookie(
                self.get_cookie_name(app),
                secure=self.get_cookie_secure(app),
                httponly=True,
                samesite="Lax",
            )

    def _set_cookie(self, app: Flask, response: Response, value: str) -> None:
        response.set_cookie(
            self.get_cookie_name(app),
            value,
            secure=self.get_cookie_secure(app),
            httponly=True,
            samesite="Lax",
            path="/",
        )


def init_app(app: Flask, database: Database, signer: URLSafeTimedSerializer) -> None:
    """Keep the sessions of the application in its database."""
    app.session_interface = DatabaseSessions(database, signer)
    app.before_request(_refuse_unread)


def _refuse_unread() -> None:
    failure = current().failure
    if failure is not None:
        raise failure


def digest_of(cookie: str) -> bytes:
    """The SHA-256 that the table keeps of a cookie."""
    return hashlib.sha256(cookie.encode()).digest()


def current() -> PortalSession:
    """This request's session with its own type."""
    own = flask_session._get_current_object()  # type: ignore[attr-defined]  # a proxy that has no type
    assert isinstance(own, PortalSession)  # noqa: S101 -- Flask hands back what open_session made
    return own


def renew(owner: Owner) -> None:
    """Give this request's session a new id and an owner: somebody has just logged in."""
    session = current()
    # Whoever knew the visitor's token shall not know the one of the person who logged in.
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    generate_csrf()
    session.renewed = owner
    session.modified = True


def reissue() -> None:
    """Give this request's session a new id and nothing else: its owner has just given the password again.

    The token of forms stays, because what is half typed in another window must still be taken; so does the end.
    """
    session = current()
    row = session.row
    if row is not None and row.account_id is not None:
        session.renewed = Owner(row.account_id, row.idle_minutes, row.expires_at)
        session.modified = True


def end() -> None:
    """End this request's session: its cookie opens nothing any more."""
    session = current()
    for key in list(session.keys() - {"_flashes"}):
        del session[key]
    g.pop("csrf_token", None)
    session.ended = True
    session.modified = True
