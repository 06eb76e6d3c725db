"""Looks into a CSV file: text in a known encoding, a table and not a page, no characters that only machines use."""

from __future__ import annotations

import codecs
import re

from portal.domain.evidence import EvidenceKind, Verdict, accept
from portal.store.inspection.findings import Refused

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x19\x1b-\x1f\x7f]")
_MARKUP = re.compile(r"<\s*[!?a-z/]", re.IGNORECASE)


def inspect_csv(data: bytes) -> Verdict:
    """Check a CSV file's bytes."""
    text = decoded(data)
    if _UNUSABLE.search(text) or not text.strip():
        raise Refused("evidence.not_text")
    if _MARKUP.match(text.lstrip()):
        raise Refused("evidence.web_page")
    return accept(EvidenceKind.CSV)


def decoded(data: bytes) -> str:
    """The text in UTF-8, UTF-16 with its mark, or GB 18030; no byte is ever replaced by a guess."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        if _is_broken_utf8(data):
            raise Refused("evidence.not_text") from None
        return _strictly(data, "gb18030")


def _is_broken_utf8(data: bytes) -> bool:
    """Whether most of the text beyond ASCII is sound UTF-8, so that another encoding would only misread it."""
    guessed = data.decode("utf-8", "replace")
    broken = guessed.count("\ufffd")
    sound = sum(not each.isascii() for each in guessed) - broken
    return sound > 3 * broken


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Refused("evidence.not_text") from None
