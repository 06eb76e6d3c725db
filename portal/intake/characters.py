"""Characters that typed text may not hold, and the whitespace, widths and dashes that all grammars treat alike."""

from __future__ import annotations

import unicodedata

# The outer spaces that people send along without seeing them. Other control characters are never trimmed away.
SPACES = " \t\r\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

BYTE_ORDER_MARK = "\ufeff"

# They take no room or look like nothing, so two names could look the same and differ (Unicode's
# Default_Ignorable_Code_Point, without the joiners and variation selectors that emoji and names need).
_INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
    "\ufff9\ufffa\ufffb\ufffc"
)
# They turn the direction of the text around them, so that what is read is not what is stored.
_BIDI = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f"
)
_BLANK_LOOKING = frozenset("\u2800\u115f\u1160\u3164\uffa0")
_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER = "\u200c", "\u200d"

# Unicode Technical Standard 39 calls more than four marks on one letter suspicious; they also overprint other lines.
MOST_MARKS = 4

_DASHES = dict.fromkeys(map(ord, "－‐‑‒–—−﹣"), "-")
_WIDTHS = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def words(table: str) -> list[str]:
    """The entries of a table in this floor's sources that is written with spaces between them."""
    return table.split()


def trim(text: str) -> str:
    """Take the outer spaces away, and a byte order mark in front; nothing inside is touched."""
    return text.strip(SPACES).removeprefix(BYTE_ORDER_MARK).strip(SPACES)


def narrow(text: str) -> str:
    """Read full-width letters, digits and signs, as a Chinese keyboard makes them, as their ordinary forms."""
    return text.translate(_WIDTHS)


def plain_dashes(text: str) -> str:
    """Read every kind of dash and minus sign as a hyphen; for grammars that give no dash a meaning of its own."""
    return text.translate(_DASHES)


def is_blank(text: str) -> bool:
    """Whether a person would see nothing at all."""
    return all(each in SPACES or each in _BLANK_LOOKING or _has_no_shape(each) for each in text)


def _has_no_shape(each: str) -> bool:
    return (
        each in _INVISIBLE
        or each in _BIDI
        or each in "\u200c\u200d"
        or _is_variation_selector(each)
    )


def _is_variation_selector(each: str) -> bool:
    return (
        "\ufe00" <= each <= "\ufe0f"
        or "\U000e0100" <= each <= "\U000e01ef"
        or "\u180b" <= each <= "\u180f"
    )


def forbidden(text: str, *, line_breaks: bool = False) -> str | None:
    """The first character that may not be stored, or None; line feed and tab are fine where lines may break."""
    if text.isascii() and text.isprintable():
        return None  # nearly everything that is typed into a table: nothing here can be hidden or harmful
    marks = 0
    for place, each in enumerate(text):
        category = unicodedata.category(each)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MOST_MARKS or (category in ("Mn", "Me") and place == 0):
            return each
        if _is_forbidden(each, category, line_breaks=line_breaks) or _joins_nothing(text, place):
            return each
    return None


def _is_forbidden(each: str, category: str, *, line_breaks: bool) -> bool:
    if category == "Cc":
        return not (line_breaks and each in "\n\t")
    if category in ("Cs", "Co", "Zl", "Zp"):
        return True
    if each in _INVISIBLE or each in _BIDI or each == "\ufffd":
        return True
    return _is_noncharacter(ord(each)) or (
        0xE0000 <= ord(each) <= 0xE0FFF and not _is_variation_selector(each)
    )


def _is_noncharacter(number: int) -> bool:
    return 0xFDD0 <= number <= 0xFDEF or number & 0xFFFE == 0xFFFE


def _joins_nothing(text: str, place: int) -> bool:
    """A joiner or variation selector is text only between the characters that it shapes; elsewhere it hides."""
    each = text[place]
    before = text[place - 1] if place else ""
    if each in (_ZERO_WIDTH_JOINER, _ZERO_WIDTH_NON_JOINER):
        return not _is_joined(before, each, text[place + 1 : place + 2])
    if _is_variation_selector(each):
        return not before or before.isspace() or _is_variation_selector(before)
    return False


def _is_joined(before: str, joiner: str, after: str) -> bool:
    """The contexts of RFC 5892 A.1 and A.2, joined Arabic letters, and emoji sequences for the joiner proper."""
    if not before:
        return False
    if unicodedata.combining(before) == 9:  # a virama: the joiner shapes an Indic conjunct
        return True
    if not after:
        return False
    if joiner == _ZERO_WIDTH_JOINER and _is_emoji_part(before) and _is_emoji_part(after):
        return True
    return all(_is_cursive(each) for each in (before, after))


def _is_emoji_part(each: str) -> bool:
    return unicodedata.category(each) in ("So", "Sk", "Cn") or each in "\ufe0f\u2640\u2642"


def _is_cursive(each: str) -> bool:
    return unicodedata.name(each, "").startswith(
        ("ARABIC LETTER", "SYRIAC LETTER", "MONGOLIAN LETTER")
    )
