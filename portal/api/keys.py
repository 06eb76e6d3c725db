"""Keys of requests that must be done once: taken with the act, kept with its answer, answered again for seven days."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.api.answers import Answer, json_response
from portal.api.declarations import DRY_RUN, Route
from portal.api.refusals import Refused
from portal.domain.tokens import MOST_ANSWER_BYTES, MOST_ANSWERS
from portal.services.tokens import Bearer
from portal.store import tokens as rows
from portal.store.tokens import KeptAnswer

KEY_HEADER = "Idempotency-Key"
KEY_KEPT = timedelta(days=7)
KEY = "[!-~]{1,255}"
KEPT_HEADERS = ("ETag", "Location")


def sent_key(declared: Route, bearer: Bearer) -> str | None:
    """The key of a request that must be done once; None where a key means nothing."""
    sent = request.headers.get(KEY_HEADER)
    if sent is None or not declared.takes_key or bearer.actor.member_id is None:
        return None
    if re.fullmatch(KEY, sent) is None:
        raise Refused(400, "key.malformed")
    return sent


def take(session: Session, bearer: Bearer, key: str, moment: datetime) -> KeptAnswer | None:
    """Take a key, or find what was answered under it; Refused where it means another request or nothing has room."""
    rows.forget_key(session, bearer.token.id, key, moment)
    row: dict[str, Any] = {
        "token_id": bearer.token.id,
        "member_id": bearer.actor.member_id,
        "key": key,
        "fingerprint": fingerprint(),
        "status": 0,
        "headers": {},
        "body": b"",
        "size": 0,
        "created_at": moment,
        "expires_at": moment + KEY_KEPT,
    }
    before = rows.take_key(session, row)
    if before is None:
        _demand_room(session, bearer, moment)
    elif before.fingerprint != row["fingerprint"]:
        raise Refused(409, "key.reused")
    return before


def keep(session: Session, bearer: Bearer, key: str, made: Answer) -> None:
    """Keep what a request that took a key is answered, in the transaction of its act."""
    headers = {name: value for name, value in made.headers.items() if name in KEPT_HEADERS}
    rows.keep_answer(
        session, bearer.token.id, key, status=made.status, headers=headers, body=made.body()
    )


def again(before: KeptAnswer) -> Response:
    """What was answered under a key, once more."""
    response = json_response(before.body, before.status, before.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def fingerprint() -> bytes:
    """The SHA-256 of what a request asks for: method, address, query, version and body.

    A dry run asks for what the run asks for that it tries out.
    """
    parts = (
        request.method,
        request.path,
        _query(),
        request.headers.get("If-Match", ""),
        request.headers.get("Content-Language", ""),
    )
    hashed = hashlib.sha256("\n".join(parts).encode())
    hashed.update(b"\n")
    hashed.update(request.get_data())
    return hashed.digest()


def _query() -> str:
    sent: MultiDict[str, str] = request.args
    return "\n".join(
        f"{name}={value}" for name, value in sent.items(multi=True) if name != DRY_RUN.name
    )


def _demand_room(session: Session, bearer: Bearer, moment: datetime) -> None:
    """Refuse to keep more than an account may: a key that was dropped early would let something be done twice."""
    room = rows.room_taken(session, bearer.account.id)
    if room.count <= MOST_ANSWERS and room.size < MOST_ANSWER_BYTES:
        return
    seconds = max(1, int((room.next_free_at - moment).total_seconds()) + 1)
    raise Refused(429, "key.no_room", headers={"Retry-After": str(seconds)}, seconds=seconds)
