"""Cursors: where the next page of a list begins, sealed, so that none can be made up and none tells how much there is.

What lies inside is the number of a row, and rows are numbered over all members.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from flask import current_app, request

from portal.api.refusals import Refused

_PLACE = 8  # bytes of a place in a list
_LETTERS = 32  # of a cursor


def read(text: str | None) -> int:
    """The key behind which the page begins; 0 for the first one."""
    if text is None:
        return 0
    try:
        sealed = urlsafe_b64decode(text) if len(text) == _LETTERS else b""
    except ValueError as error:
        raise Refused(400, "cursor.refused") from error
    for box in _boxes():
        try:
            return int.from_bytes(box.decrypt(sealed, None))
        except (InvalidTag, ValueError):
            continue
    raise Refused(400, "cursor.refused")


def write(place: int | None) -> str | None:
    """The cursor of the page that begins behind this key; None behind the last page."""
    if place is None:
        return None
    return urlsafe_b64encode(next(_boxes()).encrypt(place.to_bytes(_PLACE), None)).decode()


def _boxes() -> Iterator[AESSIV]:
    """What seals now, then what sealed before a key was changed. A cursor of another address opens with neither."""
    purpose = f"cursor {request.path}".encode()
    for key in (current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]):
        yield AESSIV(hmac.digest(key.encode(), purpose, "sha512"))
