"""Cursors: where the next page of a list begins, opaque to whoever carries them and signed, so that none can be made up."""

from __future__ import annotations

import hashlib

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from portal.api.refusals import Refused


def read(text: str | None) -> int:
    """The key behind which the page begins; 0 for the first one."""
    if text is None:
        return 0
    try:
        place = _signer().loads(text)
    except BadSignature as error:
        raise Refused(400, "cursor.refused") from error
    if not isinstance(place, int):
        raise Refused(400, "cursor.refused")
    return place


def write(place: int | None) -> str | None:
    """The cursor of the page that begins behind this key; None behind the last page."""
    return None if place is None else str(_signer().dumps(place))


def _signer() -> URLSafeSerializer:
    """A cursor belongs to its list: one of another address is refused."""
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(
        keys, salt=f"cursor {request.path}", signer_kwargs={"digest_method": hashlib.sha256}
    )
