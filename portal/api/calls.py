"""One call of the API from beginning to end: who asks, what was sent, one transaction, and what goes back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Response, current_app, g, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from portal.api import bearers, bodies, cursors, keys
from portal.api.answers import Answer, json_response
from portal.api.bearers import Admitted
from portal.api.declarations import Kind, Match, Route
from portal.api.refusals import Found, Refused
from portal.calculation.problems import Problem
from portal.config.settings import Settings
from portal.domain.refusals import Refusal
from portal.http import clock, events
from portal.services import effort, inventories, readings, tokens
from portal.services.work import Work
from portal.store import sight
from portal.store.base import Database
from portal.store.sight import EVERYBODY


@dataclass(frozen=True, slots=True)
class Wiring:
    """What `door.create` puts together: settings, database, and the words of the pages.

    `documents` keeps the OpenAPI document by language once somebody has asked for it.
    """

    settings: Settings
    database: Database
    say: Callable[[Problem], str]
    say_refusal: Callable[[Refusal], str | None]
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)


def wiring() -> Wiring:
    """The wiring of the application that answers this request."""
    return cast(Wiring, current_app.extensions["api"])


def moment() -> datetime:
    """The one moment of this request."""
    if "moment" not in g:
        g.moment = clock.now()
    return cast(datetime, g.moment)


@dataclass(slots=True)
class Call:
    """What a view works with: its unit of work, its body and its query, read and checked already."""

    route: Route
    work: Work
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    match: str | None
    is_dry: bool

    @property
    def locale(self) -> str:
        """The convention in which numbers and days are typed in text: the body's language, which is not the reader's."""
        named = (request.headers.get("Content-Language") or "en").split(",")[0]
        return named.strip().split("-")[0].lower()[:8] or "en"

    @property
    def after(self) -> int:
        """The key behind which the page begins."""
        return cursors.read(self.query.get("cursor"))

    @property
    def limit(self) -> int:
        """How many items the page has."""
        return int(self.query.get("limit", 50))

    def demand_match(self, etag: str) -> None:
        """Refuse a change of another version than the one that is there, or of none that was named."""
        if self.match != "*" and self.match != etag:
            raise Refused(412, "version.stale", headers={"ETag": etag})


def say_place(found: Problem, pointer: str) -> dict[str, Any]:
    """A problem with its place in what was sent, its words and its possible readings."""
    return {
        "code": found.code,
        "pointer": pointer,
        "message": wiring().say(found),
        "severity": found.severity.value,
        "readings": list(found.readings),
    }


def say_found(found: Found) -> dict[str, Any]:
    """The same, for what has its pointer already."""
    return say_place(found.problem, found.pointer)


def answer(declared: Route, view: Callable[..., Answer], arguments: Mapping[str, Any]) -> Response:
    """Answer one request of a declared route."""
    if declared.kind is Kind.OPEN:
        bodies.read_query(declared)
        return _response(view(**arguments))
    wired = wiring()
    admitted = bearers.admit(declared, wired.database, moment(), is_demo=wired.settings.demo)
    g.limit_headers = admitted.headers(moment())
    query = bodies.read_query(declared)
    body = bodies.read_body(declared)
    match = _match(declared)
    key = keys.sent_key(declared, admitted.bearer)
    if declared.effort:
        _count_effort(declared, wired, admitted, arguments["year"])
    with _session(declared, wired.database, admitted) as session:
        g.database_session = session
        work = _work(session, admitted, wired.settings)
        call = Call(declared, work, query, body, match, bool(query.get("dry_run")))
        _demand_in(session, admitted)
        response = _answered(call, view, arguments, admitted, key)
    _note_reading(declared, admitted, arguments, response)
    return response


def _count_effort(declared: Route, wired: Wiring, admitted: Admitted, year: int) -> None:
    """Count what costs much in a transaction of its own: that of the request may hold a key, which no count may commit."""
    with _session(declared, wired.database, admitted) as session:
        work = _work(session, admitted, wired.settings)
        _member, inventory = inventories.own_year(work, year)
        effort.count_for_year(work, inventory, declared.effort)


def _session(declared: Route, database: Database, admitted: Admitted) -> Session:
    actor = admitted.bearer.actor
    sees = EVERYBODY if actor.member_id is None else sight.of_member(actor.member_id)
    return database.writing(sees) if declared.writes else database.reading(sees)


def _work(session: Session, admitted: Admitted, settings: Settings) -> Work:
    bearer = admitted.bearer
    return Work(
        session,
        bearer.actor,
        moment(),
        str(bearer.account.uid),
        settings.base_url,
        through=str(bearer.token.uid),
    )


def _demand_in(session: Session, admitted: Admitted) -> None:
    if not tokens.is_in(session, admitted.bearer, moment()):
        events.log("refused", status=401, code="token.refused")
        challenge = {"WWW-Authenticate": f'{bearers.CHALLENGE}, error="invalid_token"'}
        raise Refused(401, "token.refused", headers=challenge)


def _answered(
    call: Call,
    view: Callable[..., Answer],
    arguments: Mapping[str, Any],
    admitted: Admitted,
    key: str | None,
) -> Response:
    """Run the view and keep what it wrote; a key that was used before is answered as it was then.

    A dry run goes the same way up to the commit, so that it is answered what the run would be.
    """
    session = call.work.session
    if key is not None:
        before = keys.take(session, admitted.bearer, key, moment())
        if before is not None:
            session.rollback()
            return _marked(call, keys.again(before))
    made = view(call, **arguments)
    if call.work.was_released:
        if key is not None:
            raise RuntimeError(f"{call.route.name} has let go of the transaction that holds a key")
        _demand_in(session, admitted)
    response = _response(made)
    if call.is_dry:
        session.flush()  # what the database itself would refuse is refused here too
        session.rollback()
    elif call.route.writes:
        if key is not None:
            keys.keep(session, admitted.bearer, key, made)
        call.work.flush_ledger()
        _commit(session)
    return _marked(call, response)


def _marked(call: Call, response: Response) -> Response:
    if call.is_dry:
        response.headers["Dry-Run"] = "true"
    return response


def _commit(session: Session) -> None:
    try:
        session.commit()
    except DBAPIError as error:
        # The server may have heard the COMMIT before the connection broke.
        g.may_be_kept = error.connection_invalidated
        raise


def _match(declared: Route) -> str | None:
    sent = request.headers.get("If-Match")
    if declared.match is Match.NOT_ASKED:
        return sent
    if sent is None or not sent.strip():
        raise Refused(428, "version.missing")
    return sent.strip().removeprefix("W/")


def _response(made: Answer) -> Response:
    if made.response is not None:
        return made.response
    return json_response(made.body(), made.status, made.headers)


def _note_reading(
    declared: Route, admitted: Admitted, arguments: Mapping[str, Any], response: Response
) -> None:
    """Note who of the alliance opened a member's figures, as the pages do."""
    if declared.shows is None or admitted.bearer.actor.member_id is not None:
        return
    kind, argument = declared.shows
    thing: UUID = arguments[argument]
    try:
        with wiring().database.writing(EVERYBODY) as session:
            readings.note(session, admitted.bearer.account.id, kind, thing, moment())
            session.commit()
    except SQLAlchemyError as error:
        # The answer is ready; the log keeps what the table couldn't.
        events.log(
            "reading.not_noted",
            level=logging.ERROR,
            error=type(error).__name__,
            reader=admitted.bearer.account.id,
            what=kind,
            thing=str(thing),
        )
