"""The page that checks a certificate without any server: one file with all that it needs, also to be saved."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.store import log_files
from portal.store.log_files import LogFolder
from portal.web.language import current as current_language
from portal.web.public import blueprint
from portal.web.requests import wiring

FILE_NAME = "verify-offline.html"
_SCRIPT, _STYLE = "public/offline/script.js", "public/offline/style.css"


@blueprint.get("/verify/offline")
def verify_offline() -> ResponseReturnValue:
    """Give the page, to look at or to save; it may run its own script and load nothing."""
    folder = LogFolder(wiring().settings.log)
    policy = _policy()
    page = render_template(
        "public/offline/page.html",
        policy=policy,
        trust={
            "keys": (folder.read(log_files.KEYS) or b"").decode(),
            "ca": (folder.read(log_files.CA) or b"").decode(),
        },
        language="en" if current_language().code == "en" else "zh-CN",
        list_url=wiring().settings.base_url
        + url_for("public.log_file", name=log_files.REVOCATIONS),
    )
    answer = Response(page, content_type="text/html; charset=utf-8")
    # What a meta element can't say stands in the header only.
    answer.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'"
    if "save" in request.args:
        answer.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return answer


@cache
def _policy() -> str:
    """Nothing but these two texts, byte for byte, and no address anywhere."""
    script, style = (_digest(render_template(name)) for name in (_SCRIPT, _STYLE))
    return (
        f"default-src 'none'; script-src '{script}'; style-src '{style}'; "
        "object-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
