"""Asks another machine by HTTP: the address that was named and no other, for so long, and for so much."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from urllib.error import HTTPError
from urllib.parse import urlsplit


class _StaysThere(urllib.request.HTTPRedirectHandler):
    """An answer that points elsewhere is an error: nobody chose that place, and it may be one inside the network."""

    def redirect_request(self, *_arguments: object) -> None:
        """Follow nothing."""


_opener = urllib.request.build_opener(_StaysThere)


def fetched(
    address: str,
    *,
    seconds: float,
    most: int,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return what the address answers; raises OSError for refusals, redirects, and answers that break off or are too long."""
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(f"{address} is no address to be asked by HTTP")
    request = urllib.request.Request(address, body, dict(headers or {}))  # noqa: S310 -- the scheme is looked at above
    try:
        with _opener.open(request, timeout=seconds) as answer:
            content: bytes = answer.read(most + 1)
            is_cut_off = bool(answer.length)
    except HTTPError as refused:
        refused.close()  # it is the answer itself, and would hold its connection for as long as anybody holds it
        raise
    if len(content) > most:
        raise OSError(f"{address} answers more than was asked for")
    if is_cut_off:
        raise OSError(f"the answer of {address} broke off")
    return content
