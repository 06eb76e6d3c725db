"""Secrets that travel in a link: long enough not to be guessed, and kept as digests only."""

from __future__ import annotations

import hashlib
import re

LEAST_CHARACTERS = 22  # 128 bits in the alphabet of URL-safe base 64
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{LEAST_CHARACTERS},100}}", re.ASCII)


def digest_of(token: str) -> bytes:
    """The SHA-256 that the tables keep; ValueError for a token too short to be one."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("a token has at least 128 bits")
    return hashlib.sha256(token.encode()).digest()


def digest_or_none(token: str) -> bytes | None:
    """The digest of what stands in an address, None when it can't be a token at all."""
    return digest_of(token) if _TOKEN.fullmatch(token) else None
