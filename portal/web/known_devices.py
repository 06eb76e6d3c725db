"""Browsers in which an account's right password was once given: the limit on failures of everybody together is not theirs.

Whoever fails a thousand times in five minutes, from addresses that cost nothing, would else keep everybody out. The
cookie opens nothing: it names accounts by keys that can't be read backwards, and all other limits hold.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from portal.web.requests import wiring

LASTS = timedelta(days=180)
# People of a desk that share a browser; the earliest goes.
MOST_ACCOUNTS = 5
LONGEST = 1000


def is_known(account_key: str) -> bool:
    """Whether the right password of the account was given in this browser before."""
    return account_key in _known()


def remember(response: Response, account_key: str) -> None:
    """Know the browser of this request by an account whose right password was just given."""
    kept = [account_key, *(each for each in _known() if each != account_key)][:MOST_ACCOUNTS]
    is_https = wiring().settings.is_https
    response.set_cookie(
        _name(),
        str(_signer().dumps(kept)),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        secure=is_https,
        samesite="Lax",
    )


def _known() -> list[str]:
    cookie = request.cookies.get(_name(), "")
    if not cookie or len(cookie) > LONGEST:
        return []
    try:
        kept = _signer().loads(cookie, max_age=int(LASTS.total_seconds()))
    except BadSignature:
        return []
    return [str(each) for each in kept] if isinstance(kept, list) else []


def _name() -> str:
    return "__Host-known" if wiring().settings.is_https else "known"


def _signer() -> URLSafeTimedSerializer:
    # What it names is made with this key too: a cookie of an older one would know nobody.
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known")
