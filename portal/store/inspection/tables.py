"""Looks into a CSV file: text in a known encoding, a table and not a page, no characters that only machines use."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from portal.domain.evidence import EvidenceKind, Verdict, accept
from portal.store.inspection.findings import Refused

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE = 1024 * 1024
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x19\x1b-\x1f\x7f]")
_MARKUP = re.compile(r"<\s*[!?a-z/]", re.IGNORECASE)


def inspect_csv(data: bytes) -> Verdict:
    """Check a CSV file's bytes."""
    is_blank = True
    for text in _pieces(data, encoding_of(data), "strict"):
        if _UNUSABLE.search(text):
            raise Refused("evidence.not_text")
        begun = text.lstrip()
        if is_blank and _MARKUP.match(begun):
            raise Refused("evidence.web_page")
        is_blank = is_blank and not begun
    if is_blank:
        raise Refused("evidence.not_text")
    return accept(EvidenceKind.CSV)


def encoding_of(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or GB 18030; no byte is ever replaced by a guess."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    try:
        for _ in _pieces(data, "utf-8", "strict"):
            pass
    except Refused:
        return _other_encoding(data)
    return "utf-8"


def _other_encoding(data: bytes) -> str:
    broken = sound = 0
    for text in _pieces(data, "utf-8", "replace"):
        if not text.isascii():
            wrong = text.count("\ufffd")
            broken += wrong
            sound += len(text) - len(text.encode("ascii", "ignore")) - wrong
    # Most of the text beyond ASCII is sound UTF-8, so another encoding would only misread it.
    if sound > 3 * broken:
        raise Refused("evidence.not_text")
    return "gb18030"


def _pieces(data: bytes, encoding: str, errors: str) -> Iterator[str]:
    """The text piece by piece: as a whole it may take four times the memory of its bytes."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    whole = memoryview(data)
    try:
        for place in range(0, len(data), _PIECE):
            yield decoder.decode(whole[place : place + _PIECE])
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Refused("evidence.not_text") from None
