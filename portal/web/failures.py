"""How the portal says no: one page and one log line for each refusal and failure, the same for everybody."""

from __future__ import annotations

import errno
import logging
import traceback

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from portal.domain.refusals import Refusal, TooOften
from portal.http import events
from portal.store.outages import Outage, outage_behind
from portal.web import resending, sessions
from portal.web.errors import words_for
from portal.web.requests import READING_METHODS, roll_back
from portal.web.words import say_refusal

RETRY_SECONDS = 10
STATUS_OF = {Outage.AWAY: 503, Outage.FULL: 507}
KEPT_HEADERS = ("Allow", "Retry-After")
SENT_BY_NO_PAGE_OF_OURS = frozenset({400, 405, 413, 415})


def init_app(app: Flask) -> None:
    """Answer every refusal and failure of the application."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def _refused(refusal: Refusal) -> Response:
    events.log("refused", status=refusal.status, code=refusal.code)
    roll_back()
    answer = page(refusal.status, detail=say_refusal(refusal))
    if isinstance(refusal, TooOften):
        answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400 or error.response is not None:
        return make_response(error.get_response())  # a redirect, or an answer that is made already
    if isinstance(error, SecurityError):
        events.log("request.refused", status=error.code)
        # Asked under a name that is not ours: no address of this portal can be written on a page.
        return Response("Bad Request\n", 400, content_type="text/plain; charset=utf-8")
    if isinstance(error, InternalServerError):
        # Flask puts what was raised after the view, by a commit for one, into an error of its own.
        return _failed(error.original_exception or error)
    if isinstance(error, CSRFError):
        events.log("csrf.refused")
    elif error.code in SENT_BY_NO_PAGE_OF_OURS:
        events.log("request.refused", status=error.code)
    roll_back()
    answer = page(error.code)
    for name, value in error.get_headers():
        if name in KEPT_HEADERS:
            answer.headers[name] = value
    return answer


def _failed(error: BaseException) -> Response:
    outage = outage_behind(error)
    return _bug(error) if outage is None else _away(error, outage)


def _away(error: BaseException, outage: Outage) -> Response:
    # The message may hold an address, a path or a statement, so the log gets its class and its number only.
    code = errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    whose = "database" if isinstance(error, SQLAlchemyError) else "machine"
    events.log(
        f"{whose}.{outage.value}", level=logging.ERROR, error=type(error).__name__, code=code
    )
    _ask_the_database_no_more()  # before any words: their language is the account's
    answer = page(STATUS_OF[outage], detail=resending.words_about_what_was_sent())
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _bug(error: BaseException) -> Response:
    events.log(
        "bug",
        level=logging.ERROR,
        error=type(error).__name__,
        # Where, not what: the message of an exception may carry what somebody typed.
        where=[
            f"{at.filename}:{at.lineno} {at.name}"
            for at in traceback.extract_tb(error.__traceback__)
        ],
    )
    return page(500, reference=events.request_id())


def page(status: int, *, detail: str | None = None, reference: str | None = None) -> Response:
    """Draw the page of a status; nothing on it asks the database, which may be what failed."""
    if status >= 500:
        _ask_the_database_no_more()
    words = words_for(status)
    if request.is_json:
        return make_response(jsonify(error=str(words.title), detail=detail), status)
    if request.accept_mimetypes.best == "application/json":  # a script of ours, which shows it
        return make_response(jsonify(message=detail or str(words.text)), status)
    g.is_plain = True
    is_passing = status in (409, *STATUS_OF.values())
    drawn = render_template(
        "errors/error.html",
        words=words,
        detail=detail,
        reference=reference,
        retry_url=request.path if request.method in READING_METHODS and is_passing else None,
        again=resending.what_to_send_again() if status in STATUS_OF.values() else (),
    )
    return make_response(drawn, status)


def _ask_the_database_no_more() -> None:
    g.is_broken = True
    sessions.current().undo()
    if "_login_user" not in g:
        # Flask-Login gives every template the account, and would ask the database for it once more.
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # it sets this itself
