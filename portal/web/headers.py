"""Headers on every answer: what a browser may run, keep, frame and tell others.

Scripts come only from our own files: no inline script exists, so `script-src 'self'` needs neither nonce nor hash,
pages stay identical from one answer to the next, and there is nothing that a stale nonce could let through. Evidence
can't be run as a script: it is served with nosniff and its own type, as an attachment, under a sandbox policy.
"""

from __future__ import annotations

from flask import Flask, Response, request

from portal.web.assets import VENDOR

DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
)
POLICY = "; ".join(DIRECTIVES)

# What somebody uploaded: never a page of ours, even if a browser should show it.
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}

ONE_YEAR = 31_536_000
FOR_GOOD = f"public, max-age={ONE_YEAR}, immutable"
TRANSPORT = f"max-age={ONE_YEAR}; includeSubDomains"


def add_headers(response: Response) -> Response:
    """Complete the headers of one answer; a stricter policy that the view has set stays."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    for name, value in ALWAYS.items():
        response.headers[name] = value
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = TRANSPORT
    _say_what_may_be_kept(response)
    return response


def _say_what_may_be_kept(response: Response) -> None:
    if request.endpoint == "static":
        response.headers["Cache-Control"] = FOR_GOOD if _names_its_bytes(response) else "no-cache"
    elif response.headers.get("Cache-Control") != FOR_GOOD or response.status_code != 200:
        # Every page is about one reader or must be fresh (a certificate may be revoked), so none is kept.
        response.headers["Cache-Control"] = "no-store"


def _names_its_bytes(response: Response) -> bool:
    """An address with a checksum or a vendored version means the same bytes for ever; any other is asked for again."""
    filename = (request.view_args or {}).get("filename", "")
    named = "v" in request.args or filename.startswith(VENDOR)
    return named and response.status_code in (200, 304)


def init_app(app: Flask) -> None:
    """Let every answer of `app`, errors and static files included, carry the headers."""
    app.after_request(add_headers)
