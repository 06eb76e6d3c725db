"""What the operator should be able to read later: one JSON object on one line for each event, never a secret."""

from __future__ import annotations

import json
import logging
import secrets
from typing import TextIO

from flask import g, has_request_context, request

from portal import counters
from portal.http import clock

LOGGER = "portal.web"
REQUEST_ID_BYTES = 6

_logger = logging.getLogger(LOGGER)


def write_to(stream: TextIO) -> None:
    """Write the events of this process to a stream, line by line as they are."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _logger.handlers[:] = [handler]
    _logger.setLevel(logging.INFO)
    _logger.propagate = False


def log(kind: str, *, level: int = logging.INFO, **values: object) -> None:
    """Write one event with who, where and when; `values` must be fit for any reader of the log."""
    counters.EVENTS.labels(kind).inc()
    event = {"event": kind, "at": clock.now().isoformat(), **_where(), **values}
    # ensure_ascii escapes line ends, terminal codes and text that reads backwards.
    _logger.log(level, "%s", json.dumps(event, default=str))


def acts(*, actor: str, token: str) -> None:
    """Note who acts in this request, a program with a token, so that every event of it names both."""
    g.acting = {"actor": actor, "token": token}


def request_id() -> str:
    """A name for this request: it stands in its log lines, and on the page when something went wrong."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(REQUEST_ID_BYTES)
    return str(g.request_id)


def _where() -> dict[str, object]:
    if not has_request_context():
        return {}
    known: dict[str, object] = {
        "request": request_id(),
        "method": request.method,
        "endpoint": request.endpoint,
        "address": request.remote_addr,
    }
    if "work" in g:
        known["actor"] = g.work.actor_uid
    acting: dict[str, object] = g.get("acting", {})
    return known | acting
