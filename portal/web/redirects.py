"""Where a browser may be sent when the address came from outside: to a path on this host, nowhere else."""

from __future__ import annotations

import re

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

LONGEST = 2000

# Visible ASCII without the backslash, which browsers read as a slash. Everything else that a WHATWG parser removes or
# rewrites (tabs, line ends, blanks, U+2028) fails to match, so that we and the browser read the same address.
_VISIBLE = re.compile(r"[!-\[\]-~]+", re.ASCII)


def is_local(target: str) -> bool:
    """Say whether a browser that follows `target` stays on this host, whatever host that is."""
    if len(target) > LONGEST or not _VISIBLE.fullmatch(target):
        return False
    path = re.split(r"[?#]", target, maxsplit=1)[0]
    return path.startswith("/") and "//" not in path and "/." not in path


def local_target(target: str | None, fallback: str = "/") -> str:
    """Return `target` when it is a path on this host, otherwise `fallback`."""
    return target if target is not None and is_local(target) else fallback


def local_redirect(target: str | None, fallback: str = "/") -> Response:
    """Answer 303 to a path on this host."""
    return redirect(local_target(target, fallback), code=303)


def keep_local(response: Response) -> Response:
    """Send a browser to the start page when an answer would lead it away from this host, whoever made that answer."""
    target = response.headers.get("Location")
    if target is not None:
        response.headers["Location"] = local_target(target.removeprefix(request.host_url[:-1]))
    return response


def install(app: Flask) -> None:
    """Let no answer of `app` lead away from it."""
    app.after_request(keep_local)
