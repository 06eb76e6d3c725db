"""Who asks: the token of a request, whom it acts for, and how often it may ask."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from flask import current_app, request
from sqlalchemy.orm import Session

from portal.api.declarations import Kind, Route
from portal.api.refusals import Refused
from portal.domain.actors import ALLIANCE_ROLES
from portal.domain.permissions import may
from portal.domain.tokens import includes
from portal.http import events
from portal.http.networks import network_of
from portal.services import second_factors, tokens
from portal.services.tokens import Bearer
from portal.services.work import Work
from portal.store import throttle
from portal.store import tokens as rows
from portal.store.base import Database
from portal.store.sight import NOBODY
from portal.store.throttle import Counted, Limit

REQUESTS_A_MINUTE = 600  # of one token
REQUESTS_OF_ACCOUNT = 1200  # of all tokens of an account together, however many it makes
REFUSED_A_MINUTE = 60  # tokens that open nothing, from one network address
MINUTE = timedelta(minutes=1)
CHALLENGE = 'Bearer realm="portal"'


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who was let in, and how much of the minute is used."""

    bearer: Bearer
    used: Counted

    def headers(self, moment: datetime) -> dict[str, str]:
        """What every answer says about the limit."""
        return limit_headers(self.used, moment)


def admit(declared: Route, database: Database, moment: datetime, *, is_demo: bool) -> Admitted:
    """Let a token in that is alive, isn't asking too often, and may use this route; Refused otherwise."""
    bearer = _bearer(database, moment, is_demo=is_demo)
    used = _count(bearer, database, moment)
    refusal = _lacking(declared, bearer)
    if refusal is not None:
        refusal.headers.update(limit_headers(used, moment))
        raise refusal
    return Admitted(bearer, used)


def limit_headers(used: Counted, moment: datetime) -> dict[str, str]:
    """The limit of which least is left, how much that is, and in how many seconds it begins anew."""
    return {
        "RateLimit-Limit": str(used.most),
        "RateLimit-Remaining": str(used.left),
        "RateLimit-Reset": str(_seconds(used.opens_at, moment)),
    }


def _bearer(database: Database, moment: datetime, *, is_demo: bool) -> Bearer:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        raise _unknown("token.missing")
    if scheme.lower() != "bearer":
        raise _unknown("token.refused")
    with database.reading(NOBODY) as session:
        found = tokens.bearer_of(session, text.strip(), moment)
        if found is not None:
            events.acts(actor=str(found.account.uid), token=str(found.token.uid))
        if found is not None and not is_demo and _lacks_second_factor(session, found, moment):
            events.log("refused", status=403, code="second_factor.lacking")
            raise Refused(403, "second_factor.lacking")
        dead = tokens.uid_of(session, text.strip()) if found is None else None
    if found is None:
        _count_refused(database, moment)
        raise _unknown("token.refused", {} if dead is None else {"token": str(dead)})
    return found


def _lacks_second_factor(session: Session, found: Bearer, moment: datetime) -> bool:
    """People of the alliance open nothing without one, nor do their programs."""
    is_wanted = bool(found.actor.roles & ALLIANCE_ROLES)
    work = Work(session, found.actor, moment)
    return is_wanted and not second_factors.is_set(work, found.account)


def _unknown(code: str, known: Mapping[str, Any] = MappingProxyType({})) -> Refused:
    events.log("refused", status=401, code=code, **known)
    more = "" if code == "token.missing" else ', error="invalid_token"'
    return Refused(401, code, headers={"WWW-Authenticate": CHALLENGE + more})


def _lacking(declared: Route, bearer: Bearer) -> Refused | None:
    """What the token or its person lacks for this route."""
    if declared.kind is not Kind.SCOPED:
        return None
    if not any(includes(bearer.token.scopes, scope) for scope in declared.scopes):
        wanted = " / ".join(declared.scopes)
        events.log("refused", status=403, code="token.scope.lacking")
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{" ".join(declared.scopes)}"'
        headers = {"WWW-Authenticate": challenge}
        return Refused(403, "token.scope.lacking", headers=headers, scope=wanted)
    assert declared.permission is not None  # noqa: S101 -- no scoped route without one can be declared
    actor = bearer.actor
    is_granted = may(actor, declared.permission, actor.member_id)
    if not is_granted or (declared.is_own and actor.member_id is None):
        events.log("refused", status=403, code="permission.lacking")
        return Refused(403, "permission.lacking")
    return None


def _count(bearer: Bearer, database: Database, moment: datetime) -> Counted:
    """Count the request in a transaction of its own, and note there now and then that the token is used."""
    limits = (
        Limit(f"api:{bearer.token.uid}", REQUESTS_A_MINUTE, MINUTE),
        Limit(f"api-account:{bearer.account.uid}", REQUESTS_OF_ACCOUNT, MINUTE),
    )
    with database.writing(NOBODY) as session:
        used = throttle.count(session, limits, moment)
        if used.is_within:
            rows.touch(session, bearer.token, moment)
            session.commit()
    if not used.is_within:
        raise _too_many(used, moment)
    return used


def _count_refused(database: Database, moment: datetime) -> None:
    """Count what opens nothing by network address: a token can't be guessed, but asking costs the database."""
    secret = str(current_app.secret_key).encode()
    address = hmac.new(
        secret, network_of(request.remote_addr or "").encode(), hashlib.sha256
    ).hexdigest()
    with database.writing(NOBODY) as session:
        limit = Limit(f"api-address:{address[:32]}", REFUSED_A_MINUTE, MINUTE)
        used = throttle.count(session, [limit], moment)
        if used.is_within:
            session.commit()
    if not used.is_within:
        raise _too_many(used, moment)


def _too_many(used: Counted, moment: datetime) -> Refused:
    events.log("throttle.refused", limit="api")
    seconds = max(1, _seconds(used.opens_at, moment))
    headers = {"Retry-After": str(seconds), **limit_headers(used, moment)}
    return Refused(429, "limit.reached", headers=headers, seconds=seconds)


def _seconds(until: datetime, moment: datetime) -> int:
    return max(0, int((until - moment).total_seconds()) + 1)
