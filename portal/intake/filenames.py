"""Reads the name that a file is shown under; it never becomes a path, so it is cleaned for people and not for a disk."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from portal.domain.evidence import EXTENSIONS
from portal.intake.characters import forbidden, trim
from portal.intake.reading import Read, accepted, failed, shown

# What file systems take, in bytes: 85 Chinese characters with their extension.
LONGEST_BYTES = 255
MOST_RAW = 4000


def read_filename(
    raw: object, *, field: str = "file", allowed: Collection[str] = EXTENSIONS
) -> Read[str]:
    """Read an uploaded file's name: the last part of a path, its ends trimmed, shortened on a character if too long.

    `allowed` are extensions in lower case without the dot. Hidden files, names with a colon or with characters that
    can't be seen, and names whose last extension is another one are refused.
    """
    if not isinstance(raw, str) or not trim(raw[:MOST_RAW]):
        return failed("filename.missing", field)
    if len(raw) > MOST_RAW:
        return failed("filename.too_long", field)
    name = unicodedata.normalize("NFC", trim(trim(raw).replace("\\", "/").rpartition("/")[2]))
    if (found := forbidden(name)) is not None:
        return failed("filename.unseen_character", field, character=f"U+{ord(found):04X}")
    if ":" in name or name.startswith(".") or not name:
        return failed("filename.not_a_name", field, given=shown(name))
    stem, _, extension = name.rpartition(".")
    if extension.lower() not in allowed or not trim(stem).strip("."):
        return failed(
            "filename.extension", field, given=shown(name), allowed=", ".join(sorted(allowed))
        )
    short = _shortened(stem, extension)
    return accepted(short, field, typed=raw, read=short)


def _shortened(stem: str, extension: str) -> str:
    """Cut the stem so that the whole name fits; never through a character, nor between a letter and its marks."""
    room = LONGEST_BYTES - len(extension.encode()) - 1
    kept = stem
    while len(kept.encode()) > room:
        fits = kept.encode()[: room - len("…".encode())].decode("utf-8", "ignore")
        while fits and unicodedata.combining(stem[len(fits)]):
            fits = fits[:-1]
        kept = trim(fits) + "…"
    return f"{kept}.{extension}"
