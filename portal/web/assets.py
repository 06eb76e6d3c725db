"""Addresses of our static files, with a checksum of their bytes so that browsers may keep them for good."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from flask import url_for

from portal.resources import STATIC

VENDOR = "vendor/"


@cache
def checksum(filename: str) -> str:
    """The first characters of the file's SHA-256; a file that is not there is a bug and raises."""
    return sha256((STATIC / filename).read_bytes()).hexdigest()[:12]


@cache
def asset_url(filename: str) -> str:
    """The address of a file under static/; a vendored one is named by its version, as style sheets name it too.

    Both the files and where they are served stay the same while the server runs, so each is asked for once.
    """
    version = None if filename.startswith(VENDOR) else checksum(filename)
    return url_for("static", filename=filename, v=version)
