"""Every refusal and failure of the API in one form, with one log line each; nothing of what was sent is repeated in it."""

from __future__ import annotations

import errno
import json
import logging
import traceback
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, Response, g
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from portal.api import refusals
from portal.api.calls import say_found, wiring
from portal.api.refusals import PROBLEM_JSON, Blocked, Misfit, Misshapen, Refused
from portal.api.titles import title_of
from portal.calculation.problems import Severity
from portal.domain.refusals import Refusal, TooOften
from portal.http import events
from portal.store.outages import Outage, outage_behind

RETRY_SECONDS = 10
_OUTAGES = {Outage.AWAY: (503, "server.away"), Outage.FULL: (507, "server.full")}
# What Flask and Werkzeug find out by themselves.
_CODES = {
    400: "request.malformed",
    404: "address.unknown",
    405: "method.refused",
    413: "body.too_large",
    415: "body.type_refused",
}
_OF_REFUSAL = {
    403: "permission.lacking",
    404: "object.unknown",
    409: "state.moved_on",
}
KEPT_HEADERS = ("Allow", "Retry-After")


def init_app(app: Flask) -> None:
    """Answer every refusal and failure of the application."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Blocked, _blocked)
    app.register_error_handler(Misshapen, _misshapen)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)
    app.teardown_request(_abandon)


def _refused(refused: Refused) -> Response:
    detail = refusals.say(refused.code, refused.values)
    return _answer(refused.status, refused.code, detail, headers=refused.headers)


def _blocked(blocked: Blocked) -> Response:
    """An answer may be kept as a draft where the route says so; here nothing was."""
    places = [say_found(found) for found in blocked.found]
    return _answer(422, "body.blocked", refusals.say("body.blocked", {}), places)


def _misshapen(misshapen: Misshapen) -> Response:
    places = [_place(each) for each in misshapen.misfits]
    return _answer(422, "body.misshapen", refusals.say("body.misshapen", {}), places)


def _place(misfit: Misfit) -> dict[str, Any]:
    return {
        "code": misfit.code,
        "pointer": misfit.pointer,
        "message": refusals.say(misfit.code, misfit.values),
        "severity": Severity.ERROR.value,
        "readings": [],
    }


def _refusal(refusal: Refusal) -> Response:
    events.log("refused", status=refusal.status, code=refusal.code)
    words = wiring().say_refusal(refusal)
    return _answer(
        refusal.status,
        refusal.code,
        words or refusals.say(_OF_REFUSAL[refusal.status], {}),
        headers={"Retry-After": str(refusal.seconds)} if isinstance(refusal, TooOften) else None,
    )


def _http(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError):
        return _failed(error.original_exception or error)
    if isinstance(error, SecurityError):
        events.log("request.refused", status=400)
        return _answer(400, "request.host_unknown", refusals.say("request.host_unknown", {}))
    status = error.code if error.code in _CODES else 400
    if status != 404:
        events.log("request.refused", status=status)
    code = _CODES[status]
    headers = {name: value for name, value in error.get_headers() if name in KEPT_HEADERS}
    return _answer(
        status, code, refusals.say(code, {"wanted": "application/json"}), headers=headers
    )


def _failed(error: BaseException) -> Response:
    outage = outage_behind(error)
    if outage is not None:
        return _away(error, outage)
    events.log(
        "bug",
        level=logging.ERROR,
        error=type(error).__name__,
        # Where, not what: the message of an exception may carry what somebody sent.
        where=[
            f"{at.filename}:{at.lineno} {at.name}"
            for at in traceback.extract_tb(error.__traceback__)
        ],
    )
    return _answer(500, "server.failed", refusals.say("server.failed", {}))


def _away(error: BaseException, outage: Outage) -> Response:
    number = errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    whose = "database" if isinstance(error, SQLAlchemyError) else "machine"
    events.log(
        f"{whose}.{outage.value}", level=logging.ERROR, error=type(error).__name__, code=number
    )
    status, code = _OUTAGES[outage]
    if g.get("may_be_kept"):
        code = "server.perhaps_kept"
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return _answer(status, code, refusals.say(code, {}), headers=headers)


def _answer(
    status: int,
    code: str,
    detail: str,
    problems: Iterable[Mapping[str, Any]] = (),
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    told = refusals.body(
        status, title_of(status), code, detail, events.request_id(), tuple(problems)
    )
    content = json.dumps(told, ensure_ascii=False).encode()
    answer = Response(content, status, content_type=PROBLEM_JSON)
    answer.headers.update(headers or {})
    return answer


def _abandon(error: BaseException | None) -> None:
    session = g.pop("database_session", None)
    if session is not None:
        session.close()
