"""Reads a web address that people may follow: http or https, a public name, nothing hidden in it."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

from portal.intake.characters import forbidden, trim
from portal.intake.hosts import is_local, public_host
from portal.intake.reading import Read, accepted, failed, shown

LONGEST = 2000

_SAFE = "!$&'()*+,;=:@/~-._%[]?"
_HIDDEN_CONTROL = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE | re.ASCII)


def read_url(raw: object, *, field: str = "url", is_required: bool = True) -> Read[str]:
    """Read a web address; the host is kept in ASCII and other characters percent-encoded, so that it is what it seems."""
    if raw is None or (isinstance(raw, str) and not trim(raw[: LONGEST * 2])):
        return failed("url.missing", field) if is_required else Read()
    if not isinstance(raw, str):
        return failed("url.not_an_address", field, given=shown(raw))
    typed = trim(raw[: LONGEST * 2])
    if len(raw) > LONGEST * 2 or len(typed) > LONGEST:
        return failed("url.too_long", field, longest=LONGEST)
    if _has_tricks(typed):
        return failed("url.not_an_address", field, given=shown(raw))
    return _read_parts(typed, raw, field)


def _has_tricks(typed: str) -> bool:
    """Characters that browsers drop or turn into others, so that the address shown is not the one followed."""
    if forbidden(typed) is not None or _HIDDEN_CONTROL.search(typed):
        return True
    return any(each.isspace() or each in '\\<>"`{}|^' for each in typed)


def _read_parts(typed: str, raw: str, field: str) -> Read[str]:
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        return failed("url.not_an_address", field, given=shown(raw))
    if parts.scheme not in ("http", "https"):
        return failed("url.scheme", field, given=shown(raw))
    if "@" in parts.netloc:
        return failed("url.credentials", field)
    host = public_host(parts.hostname or "") if "[" not in parts.netloc else None
    if host is None or is_local(host) or port == 0:
        return failed("url.host", field, given=shown(parts.netloc))
    return _written(
        parts.scheme, host, port, parts.path, parts.query, parts.fragment, raw=raw, field=field
    )


def _written(
    scheme: str,
    host: str,
    port: int | None,
    path: str,
    query: str,
    fragment: str,
    *,
    raw: str,
    field: str,
) -> Read[str]:
    place = host if port is None else f"{host}:{port}"
    url = urlunsplit(
        (
            scheme,
            place,
            quote(path, safe=_SAFE),
            quote(query, safe=_SAFE),
            quote(fragment, safe=_SAFE),
        )
    )
    if len(url) > LONGEST:
        return failed("url.too_long", field, longest=LONGEST)
    return accepted(url, field, typed=raw, read=url)
