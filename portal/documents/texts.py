"""Text as paper can carry it: cleaned of what nobody sees, capped, and within the font's characters."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from portal.documents.fonts import printable_characters

# Longer texts are cut: twenty thousand letters without a space cost four seconds of line breaking.
LONGEST = 2000
# What printers have always set where a character is missing; the page says so beneath.
STAND_IN = "〓"

_LINE_BREAKS = re.compile("[\n\r\t\v\f\x85\u2028\u2029]+")
# Seen as printable by Unicode, yet they leave no mark on paper: fillers, joiners, variation selectors.
_BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})


def clean(text: str, longest: int = LONGEST) -> str:
    """The text in NFC, without control, bidi, tag, private and unassigned characters, cut with "…".

    Line breaks and tabs become spaces: a page's own markup alone decides where a line ends.
    """
    text = unicodedata.normalize("NFC", _LINE_BREAKS.sub(" ", text[: 4 * longest]))
    if not text.isprintable():
        text = "".join(_visible(character) for character in text)
    text = _BLANKS.sub("", text)
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return "" if category in _INVISIBLE else character


def set_in_type(text: str, longest: int = LONGEST) -> str:
    """The cleaned text in the font's characters; one that it lacks is spelled plainly or stood in for."""
    text = clean(text, longest)
    known = printable_characters()
    if known.issuperset(text):
        return text
    return "".join(
        character if character in known else _nearest(character, known) for character in text
    )


def set_to_width(text: str, ems: int) -> str:
    """The text in the font's characters, cut with "…" where it gets wider than so many ems."""
    return cut_to_width(set_in_type(text), Decimal(ems))


def cut_to_width(text: str, ems: Decimal) -> str:
    """The text, or as much of it as so many ems take, with "…"."""
    if width_in_ems(text) <= ems:
        return text
    room = ems - width_in_ems("…")
    for length, character in enumerate(text):
        room -= width_in_ems(character)
        if room < 0:
            return text[:length].rstrip() + "…"
    return text


def wrapped_to_width(text: str, ems: Decimal, most: int) -> list[str]:
    """The text in at most so many lines of so many ems, broken as its script breaks; the last is cut with "…"."""
    lines = [""]
    for piece in filter(None, _BREAKS.split(text)):
        if lines[-1] and width_in_ems((lines[-1] + piece).rstrip()) > ems:
            lines.append("")
        lines[-1] += piece
    lines[most - 1 :] = ["".join(lines[most - 1 :])] if len(lines) >= most else []
    return [cut_to_width(line.rstrip(), ems) for line in lines]


_HAN = "\u2e80-\u2fff\u3040-\u9fff\uf900-\ufaff"
_CLOSING = "、，。；：！？）》”’"
_OPENING = "（《“‘"
# Behind a space, a slash, a hyphen or a Chinese character; before one too; never before a closing mark.
_BREAKS = re.compile(
    rf"(?<=[\s/\-{_HAN}{_CLOSING}])(?![\s{_CLOSING}])|(?<=[^{_OPENING}])(?=[{_HAN}{_OPENING}])"
)


def unprintable(text: str) -> tuple[str, ...]:
    """The characters of a text that a document could only show as "〓", each once, in order."""
    known = printable_characters()
    missing = (c for c in clean(text, len(text)) if c not in known)
    return tuple(dict.fromkeys(c for c in missing if _nearest(c, known) == STAND_IN))


def _nearest(character: str, known: frozenset[str]) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if known.issuperset(plain) else STAND_IN


def width_in_ems(text: str) -> Decimal:
    """About how wide a text is set, in ems: Chinese characters are 1 wide, Latin letters about half."""
    wide = sum(unicodedata.east_asian_width(character) in "WFA" for character in text)
    return wide + (len(text) - wide) * _NARROW


_NARROW = Decimal("0.55")
