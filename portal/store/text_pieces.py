"""Text files piece by piece: what marks their encodings, how sound they are as UTF-8, and what no table holds."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

PIECE = 256 * 1024
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x19\x1b-\x1f\x7f]")
MARKUP = re.compile(r"<\s*[!?a-z/]", re.IGNORECASE)


def marked_encoding(beginning: bytes) -> str | None:
    """The encoding that a byte order mark names."""
    return next((each for mark, each in BYTE_ORDER_MARKS if beginning.startswith(mark)), None)


def pieces(
    file: BinaryIO, encoding: str, errors: str = "strict", size: int = PIECE
) -> Iterator[str]:
    """The whole text piece by piece, which at once may take four times the memory of its bytes; raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    file.seek(0)
    while piece := file.read(size):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def soundness(file: BinaryIO) -> tuple[int, int]:
    """How many places are no UTF-8, and how many characters beyond ASCII are sound, over the whole file."""
    broken = sound = 0
    for text in pieces(file, "utf-8", "replace"):
        if not text.isascii():
            wrong = text.count("\ufffd")
            broken += wrong
            sound += len(text) - len(text.encode("ascii", "ignore")) - wrong
    return broken, sound


def is_broken_utf8(broken: int, sound: int) -> bool:
    """Whether most of the text beyond ASCII is sound UTF-8, so that another encoding would only misread it."""
    return sound > 3 * broken
