"""What goes back: JSON with exact numbers as text, the headers that belong to it, and bytes to save."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, send_file

from portal.api.declarations import JSON
from portal.calculation.quantities import text

# What somebody uploaded: nothing that a browser could run.
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view gives back: plain values, or a response of its own for bytes."""

    content: Mapping[str, Any] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    response: Response | None = None

    def body(self) -> bytes:
        """The bytes of the content."""
        return b"" if self.content is None else dumped(self.content)


def dumped(content: Mapping[str, Any]) -> bytes:
    """Content as JSON: a decimal as the text of its digits, moments in UTC."""
    return json.dumps(content, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object) -> str:
    match value:
        case Decimal():
            return text(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | UUID():
            return str(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no form in an answer")


def etag_of(content: Mapping[str, Any]) -> str:
    """The ETag of what is shown: it changes when anything of it does."""
    return f'"{hashlib.sha256(dumped(content)).hexdigest()[:32]}"'


def etag_of_version(version: int) -> str:
    """The ETag of a row that counts its versions."""
    return f'"v{version}"'


def tagged(content: Mapping[str, Any], etag: str, status: int = 200) -> Answer:
    """Content with its ETag."""
    return Answer(content, status, {"ETag": etag})


def file_answer(
    source: Any, media_type: str, name: str, size: int, headers: Mapping[str, str] | None = None
) -> Answer:
    """Bytes to save under a name, in nothing that could run them."""
    response = send_file(source, media_type, as_attachment=True, download_name=name, etag=False)
    response.content_length = size
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers.update(headers or {})
    return Answer(response=response)


def json_response(body: bytes, status: int, headers: Mapping[str, str]) -> Response:
    """The response of a body that is JSON already."""
    response = Response(body, status, content_type=JSON if body else None)
    if not body:
        del response.headers["Content-Type"]
    response.headers.update(headers)
    return response
