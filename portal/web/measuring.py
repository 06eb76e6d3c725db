"""Counts every answer: the group of pages that gave it, the class of its status, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from portal import counters

UNKNOWN = (
    "unknown"  # no such address, or a request that was refused before anybody looked at its address
)


def init_app(app: Flask) -> None:
    """Count around the whole application, so that what goes wrong beside the views is counted too."""
    answering = app.wsgi_app

    def counted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.perf_counter()

        def start(status: str, *more: Any) -> Any:
            # Flask forgets its request before the answer is handed on, so the group is told here.
            seconds = time.perf_counter() - began
            counters.REQUESTS.labels(_group(environ), f"{status[:1]}xx").observe(seconds)
            return start_response(status, *more)

        return answering(environ, start)

    app.wsgi_app = counted  # type: ignore[method-assign]  # the way Flask documents


def _group(environ: dict[str, Any]) -> str:
    request = environ.get("werkzeug.request")
    endpoint = getattr(request, "endpoint", None)
    if endpoint in ("public.healthz", "public.readyz"):
        return "probe"  # asked every few seconds, they would hide how people fare
    return str(endpoint).partition(".")[0] if endpoint else UNKNOWN
