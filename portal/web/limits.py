"""What a request may look like before anybody reads it: size, type, query, JSON and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Request, Response, abort, request

from portal.domain.cells import LARGEST_TEXT
from portal.http import events
from portal.intake.payload import read_json
from portal.web.access import ACCESS, Access
from portal.web.requests import READING_METHODS, wiring

MIB = 1024 * 1024
# A text of a whole MiB is refused beside its box and not by a bare 413, so a form may be a little larger.
BODY = MIB + 64 * 1024
UPLOAD = 26 * MIB  # the largest file is 25 MiB; the rest is for the fields beside it
LONG_TABLE = LARGEST_TEXT + MIB
FORM_PARTS = 2000
LONGEST_INDEX = (
    18  # digits of the place in a list that a field's name holds; a part of a UUID has twelve
)
FORM_FIELDS = 10_000  # of a form without files; each is a few hundred bytes once it is taken apart
# Other programs narrow their lists by these. Ignoring them would show everything to whoever asked for less.
NOT_OURS = frozenset({"per_page", "page_size", "limit", "offset", "filter", "fields", "include"})
PLAIN_FORM, FORM_WITH_FILES = "application/x-www-form-urlencoded", "multipart/form-data"
FORM_TYPES = frozenset({PLAIN_FORM, FORM_WITH_FILES})


class StrictJSON:
    """Takes only what every reader reads alike."""

    loads = staticmethod(read_json)


class PortalRequest(Request):
    """A request whose JSON is read strictly."""

    @property
    def json_module(self) -> type[StrictJSON]:  # type: ignore[override]  # an attribute there
        """Return our reader, not the application's, which Flask sets on every request and which writes answers."""
        return StrictJSON

    @json_module.setter
    def json_module(self, provider: object) -> None:
        """Take no other."""


def init_app(app: Flask) -> None:
    """Set the limits and check every request against them, before its body is read."""
    app.config.update(MAX_CONTENT_LENGTH=BODY, MAX_FORM_MEMORY_SIZE=BODY, MAX_FORM_PARTS=FORM_PARTS)
    app.request_class = PortalRequest
    app.before_request(_check_request)


def _check_request() -> Response | None:
    access = ACCESS.get(request.endpoint or "")
    if access is not None and access.upload and request.mimetype == FORM_WITH_FILES:
        request.max_content_length = LONG_TABLE if access.long_tables else UPLOAD
    _check_query(access)
    if request.method not in READING_METHODS:
        _check_origin()
        _check_body(access)
    return None


def _check_query(access: Access | None) -> None:
    try:
        unquote_to_bytes(request.query_string).decode("utf-8")
    except UnicodeDecodeError:
        abort(400)
    several = access.several if access else frozenset()
    for name, values in request.args.lists():
        if name in NOT_OURS or (len(values) > 1 and name not in several):
            abort(400)


def _check_origin() -> None:
    """Refuse what another site's page sends, before its token is even looked at."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_foreign = site not in (None, "same-origin", "none")
    if origin is not None and origin not in (_own_origin(), request.host_url.rstrip("/")):
        is_foreign = True
    if is_foreign:
        events.log("origin.refused")
        abort(403)


def _own_origin() -> str:
    parts = urlsplit(wiring().settings.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _check_body(access: Access | None) -> None:
    if request.is_json:
        _check_json(access)
    elif request.mimetype == PLAIN_FORM:
        _check_fields()
    elif request.mimetype not in FORM_TYPES and (request.mimetype or request.content_length):
        abort(415)


def _check_indexes(names: Iterable[str]) -> None:
    """Refuse names of list entries that the form library would take for numbers and can't read as one."""
    for name in names:
        for part in name.split("-"):
            if part.isdigit() and not (part.isascii() and len(part) <= LONGEST_INDEX):
                abort(400)


def _check_fields() -> None:
    # The library takes a form without files apart whatever it holds: a megabyte of `a&` is half a million fields.
    if request.get_data().count(b"&") >= FORM_FIELDS:
        abort(413)
    _check_indexes(request.form)


def _check_json(access: Access | None) -> None:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if access is None or not access.takes_json or charset not in ("utf-8", "utf8"):
        abort(415)
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    # The login's forms read flat text; anything else would reach code that expects a str.
    if not all(isinstance(value, str | bool | None) for value in body.values()):
        abort(400)
