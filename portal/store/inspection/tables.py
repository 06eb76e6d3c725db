"""Looks into a CSV file: text in a known encoding, a table and not a page, no characters that only machines use."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from portal.domain.evidence import EvidenceKind, Verdict, accept
from portal.store.inspection.findings import Refused
from portal.store.text_pieces import (
    MARKUP,
    UNUSABLE,
    is_broken_utf8,
    marked_encoding,
    pieces,
    soundness,
)

_PIECE = 1024 * 1024


def inspect_csv(data: bytes) -> Verdict:
    """Check a CSV file's bytes."""
    file, is_blank = BytesIO(data), True
    encoding = marked_encoding(data) or _unmarked_encoding(file)
    try:
        for text in pieces(file, encoding, size=_PIECE):
            if UNUSABLE.search(text):
                raise Refused("evidence.not_text")
            begun = text.lstrip()
            if is_blank and MARKUP.match(begun):
                raise Refused("evidence.web_page")
            is_blank = is_blank and not begun
    except UnicodeDecodeError:
        raise Refused("evidence.not_text") from None
    if is_blank:
        raise Refused("evidence.not_text")
    return accept(EvidenceKind.CSV)


def _unmarked_encoding(file: BinaryIO) -> str:
    """UTF-8 or GB 18030; no byte is ever replaced by a guess."""
    try:
        for _ in pieces(file, "utf-8"):
            pass
    except UnicodeDecodeError:
        if is_broken_utf8(*soundness(file)):
            raise Refused("evidence.not_text") from None
        return "gb18030"
    return "utf-8"
