"""Limits on guessing: so many failures in so long, counted in the database before a password is even looked at.

An attempt takes its place first and gives it back when it was right, so a hundred attempts at once get no more tries
than ten one after the other. The answer is the same for accounts that exist and those that don't.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy.exc import SQLAlchemyError

from portal.http import events
from portal.http.networks import network_of
from portal.services import addresses
from portal.store import throttle
from portal.store.sight import NOBODY
from portal.store.throttle import Limit
from portal.web import failures, known_devices, step_up
from portal.web.requests import FIRST_REFUSING_STATUS, database_session, moment, wiring

MINUTE, FIVE_MINUTES = timedelta(minutes=1), timedelta(minutes=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAILURES = 10
FAILURES_IN_ALL = 1000
CODES = ((5, FIVE_MINUTES), (20, HOUR), (50, DAY))
RESETS_A_DAY = 5
REQUESTS_OF_ADDRESS = 60
VERIFICATIONS = 60


def login_limits() -> list[Limit]:
    """Limits of the password page: by account, by network address, and in all, unless the account knows the browser."""
    account = account_key(_sent("email"))
    in_all = [] if known_devices.is_known(account) else [_in_all()]
    return [*password_limits(account), *in_all]


def own_password_limits() -> list[Limit]:
    """Limits where somebody who is logged in gives the password again."""
    return password_limits(_key("session", str(session.get("_user_id", ""))))


def password_limits(account: str) -> list[Limit]:
    """Ten failures in five minutes for the account, and as many for the network address."""
    return [
        Limit(account, FAILURES, FIVE_MINUTES),
        Limit(_key("address", _network()), FAILURES, FIVE_MINUTES),
    ]


def code_limits() -> list[Limit]:
    """Limits of the second step, for the account that took the first one."""
    account = _key("code", str(session.get("tf_user_id", request.remote_addr)))
    return [
        Limit(f"{account}:{int(window.total_seconds())}", most, window) for most, window in CODES
    ]


def reset_limits() -> list[Limit]:
    """Limits on letters with a reset link: for the address that would get them, and for who asks."""
    return [
        Limit(_key("reset", _mailbox(_sent("email"))), RESETS_A_DAY, DAY),
        *token_limits(),
    ]


def token_limits() -> list[Limit]:
    """Limits on pages whose address holds a secret."""
    return [Limit(_key("token-address", _network()), REQUESTS_OF_ADDRESS, FIVE_MINUTES)]


def verify_limits() -> list[Limit]:
    """Limits on guessing certificate codes."""
    return [Limit(_key("verify", _network()), VERIFICATIONS, MINUTE)]


def _network() -> str:
    return network_of(request.remote_addr or "")


def _in_all() -> Limit:
    return Limit("login", FAILURES_IN_ALL, FIVE_MINUTES)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted on a page: the limits, the methods, and whether a right attempt is given back.

    `goes_on` opens the page also when the database takes no counting; for what can't be guessed anyway.
    """

    limits: Callable[[], list[Limit]]
    methods: frozenset[str] = frozenset({"POST"})
    gives_back: bool = True
    goes_on: bool = False


COUNTED: dict[str, Counted] = {
    "security.login": Counted(login_limits),
    "security.verify": Counted(own_password_limits),
    "security.change_password": Counted(own_password_limits),
    "security.two_factor_token_validation": Counted(code_limits),
    "security.mf_recovery": Counted(code_limits),
    "account.passkey_options": Counted(token_limits, gives_back=False),
    "account.passkey_use": Counted(code_limits),
    "account.forgotten": Counted(reset_limits, gives_back=False),
    "account.reset": Counted(token_limits),
    "account.invitation": Counted(token_limits),
    # A code has 80 random bits: checking a certificate needs no counting as logging in does.
    "public.verify": Counted(
        verify_limits, frozenset({"GET", "HEAD"}), gives_back=False, goes_on=True
    ),
    "public.verify_file": Counted(verify_limits, gives_back=False),
}

# Whatever page it is sent to, a password that comes along is an attempt.
_STEP_UP = Counted(own_password_limits)


def init_app(app: Flask) -> None:
    """Count attempts before the request opens its own transaction, which on SQLite would keep the count from committing."""
    app.before_request(_reserve)
    app.after_request(_give_back)


def account_key(email: str) -> str:
    """The key under which failures for an address are counted; the table can't be read backwards."""
    return _key("account", _mailbox(email))


def _mailbox(typed: str) -> str:
    """One text for all spellings that the forms take for the same address; what is no address counts as typed."""
    try:
        return addresses.normalise(typed)
    except addresses.NotAnAddress:
        return addresses.comparable(typed)


def _key(kind: str, about: str) -> str:
    secret = str(current_app.secret_key).encode()
    return f"{kind}:{hmac.new(secret, about.encode(), hashlib.sha256).hexdigest()[:32]}"


def _sent(name: str) -> str:
    value = request.get_json().get(name) if request.is_json else request.form.get(name)
    return str(value or "")[:1000]


def _reserve() -> Response | None:
    counted = COUNTED.get(request.endpoint or "") or (_STEP_UP if step_up.is_given() else None)
    if counted is None or request.method not in counted.methods:
        return None
    try:
        return _count(counted)
    except SQLAlchemyError:
        if not counted.goes_on:
            raise
        events.log("throttle.not_counted", level=logging.ERROR)
        return None


def _count(counted: Counted) -> Response | None:
    limits = counted.limits()
    with wiring().database.writing(NOBODY) as counting:
        reached = throttle.reserve(counting, limits, moment())
        if reached is None:
            counting.commit()
            g.reserved = [limit.key for limit in limits if counted.gives_back]
            return None
        counting.rollback()
        opens_at = throttle.opens_at(counting, reached.key)
    events.log("throttle.refused", limit=reached.key.split(":")[0])
    answer = failures.page(429)
    wait = (opens_at - moment()).total_seconds() if opens_at else 1
    answer.headers["Retry-After"] = str(max(1, int(wait) + 1))
    return answer


def _give_back(response: Response) -> Response:
    keys = g.pop("reserved", None)
    was_right = response.status_code < FIRST_REFUSING_STATUS
    if keys and was_right:
        throttle.give_back(database_session(), keys)
    if keys and was_right and request.endpoint == "security.login":
        known_devices.remember(response, account_key(_sent("email")))
    return response
