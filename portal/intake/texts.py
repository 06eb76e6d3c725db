"""Reads short and long texts: kept character for character, in one normal form, without what can't be seen or stored."""

from __future__ import annotations

import unicodedata

from portal.intake.characters import BYTE_ORDER_MARK, SPACES, forbidden, is_blank, trim
from portal.intake.reading import Change, Read, failed, shown

LONGEST_SHORT = 200
LONGEST_LONG = 5000

# Normal form C never makes a text more than three times as long or as short, so anything past this is too long anyway
# and need not be looked at.
_LOOK_AT = 4


def read_short_text(
    raw: object, *, field: str = "text", is_required: bool = True, longest: int = LONGEST_SHORT
) -> Read[str]:
    """Read one line of text, at most 200 characters: a name, a title, an address."""
    return _read(raw, field, is_required=is_required, longest=longest, line_breaks=False)


def read_long_text(
    raw: object, *, field: str = "text", is_required: bool = True, longest: int = LONGEST_LONG
) -> Read[str]:
    """Read a text of several lines, at most 5,000 characters: a note, a reason, an answer to a finding."""
    return _read(raw, field, is_required=is_required, longest=longest, line_breaks=True)


def _read(
    raw: object, field: str, *, is_required: bool, longest: int, line_breaks: bool
) -> Read[str]:
    if raw is None:
        return failed("text.missing", field) if is_required else Read()
    if not isinstance(raw, str):
        return failed("text.not_a_text", field, given=shown(raw))
    if len(raw) <= longest and _is_plain(raw):
        return Read(raw)
    if len(raw) > longest * _LOOK_AT:
        return failed("text.too_long", field, length=len(raw), longest=longest)
    text = unicodedata.normalize("NFC", _with_plain_breaks(trim(raw)) if line_breaks else trim(raw))
    if not text:
        return failed("text.missing", field) if is_required else Read()
    if is_blank(text):
        return failed("text.blank", field)
    if (found := forbidden(text, line_breaks=line_breaks)) is not None:
        return _refused(text, found, field)
    if len(text) > longest:
        return failed("text.too_long", field, length=len(text), longest=longest)
    return Read(text, (), _changes(raw, text, field))


def _is_plain(text: str) -> bool:
    """Whether nothing of a text is anywhere refused or changed: visible ASCII in one line, without outer spaces."""
    return text.isascii() and text.isprintable() and text != "" and text.strip(" ") == text


def _with_plain_breaks(text: str) -> str:
    """Browsers send CR LF between lines; one line feed is kept, so that lengths and digests are the same everywhere."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refused(text: str, found: str, field: str) -> Read[str]:
    code = "text.line_break" if found in "\r\n\t\v\f\x85\u2028\u2029" else "text.unseen_character"
    if unicodedata.category(found) in ("Mn", "Me"):
        code = "text.stacked_marks"
    return failed(code, field, character=f"U+{ord(found):04X}", place=text.index(found) + 1)


def _changes(raw: str, text: str, field: str) -> tuple[Change, ...]:
    """Outer spaces and line ends are nobody's content; a changed letter or a removed mark is shown."""
    if _with_plain_breaks(raw).strip(SPACES) == text and BYTE_ORDER_MARK not in raw[:1]:
        return ()
    return (Change(field, shown(raw), shown(text)),)
