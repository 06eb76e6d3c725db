"""What the operator should be able to read later: one JSON object on one line for each event, never a secret."""

from __future__ import annotations

import json
import logging

from flask import g, has_request_context, request

_logger = logging.getLogger("portal.web")


def log(kind: str, *, level: int = logging.INFO, **values: object) -> None:
    """Write one event with who, where and when; `values` must be fit for any reader of the log."""
    # ensure_ascii escapes line ends, terminal codes and text that reads backwards.
    _logger.log(level, "%s", json.dumps({"event": kind, **_where(), **values}, default=str))


def _where() -> dict[str, object]:
    if not has_request_context():
        return {}
    known: dict[str, object] = {
        "method": request.method,
        "endpoint": request.endpoint,
        "address": request.remote_addr,
    }
    if "moment" in g:
        known["at"] = g.moment.isoformat()
    if "work" in g:
        known["actor"] = g.work.actor_uid
    return known
