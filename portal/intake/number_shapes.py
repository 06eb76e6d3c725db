"""The spellings of numbers: which digits, separators and words make one, and what a spelling that is none looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from portal.intake.characters import BYTE_ORDER_MARK, narrow, words
from portal.intake.units import looks_like_unit

# Languages that write 1.234,5 for one thousand two hundred thirty-four and a half; all others write 1,234.5.
_COMMA_LANGUAGES = frozenset(
    words(
        "bg ca cs da de el es et fi fr hr hu id is it lt lv nb nl nn no pl pt ro ru sk sl sr sv tr uk vi"
    )
)

# No-break, figure, thin and narrow no-break space group digits as the plain space does.
_GROUP_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
_SIGNS = dict.fromkeys(map(ord, "−"), "-")

_POINT_BODY = re.compile(
    r"([0-9]*|[1-9][0-9]{0,2}(?:([ ,])[0-9]{3})(?:\2[0-9]{3})*)(?:(\.)([0-9]*))?"
)
_COMMA_BODY = re.compile(
    r"([0-9]*|[1-9][0-9]{0,2}(?:([ .])[0-9]{3})(?:\2[0-9]{3})*)(?:(,)([0-9]*))?"
)
_SCALED = re.compile(r"(?P<number>.*?[0-9.,]) ?(?P<scale>万亿|百万|千万|[十百千万亿萬億kK])")
_EXPONENT = re.compile(r"(?P<number>[+-]?[0-9., ]+)[eE](?P<power>[+-]?[0-9]{1,12})", re.ASCII)

SCALES: dict[str, int] = {
    "k": 10**3, "K": 10**3, "十": 10, "百": 10**2, "千": 10**3, "万": 10**4, "萬": 10**4,
    "百万": 10**6, "千万": 10**7, "亿": 10**8, "億": 10**8, "万亿": 10**12,
}  # fmt: skip

_NOTHING = frozenset(
    words(
        "- -- --- — —— – ― / \\ . .. ... … …… * ? ？ x na n.a n.a. n/a nil none null undefined nan% tbd unknown pending "
        "无 無 没有 空 暂无 不适用 不详 未知 待定 零星"
    )
)
_NOT_FINITE = frozenset(words("nan snan inf infinity ∞ 无穷 无穷大"))
_CURRENCY = re.compile(r"[¥￥$€£₩₽]|元|\b(?:cny|rmb|usd|eur|gbp|hkd|jpy)\b", re.IGNORECASE)
_APPROXIMATE = re.compile(
    r"^(?:约|大约|大概|近|将近|~|≈|～|≃|ca\.?|circa|approx\.?|about|around)|(?:左右|上下|多|余|来|\+)$|±",
    re.IGNORECASE,
)
_INEQUALITY = re.compile(r"[<>≤≥＜＞≦≧]|(?:以上|以下|以内|不少于|不超过|至少|至多|超过|低于)")
_RANGE = re.compile(r"^[0-9.,]+ ?(?:[-–—~～]|至|到|to|\.\.) ?[0-9.,]+$", re.IGNORECASE)
_FRACTION = re.compile(r"^[+-]?[0-9 ]*[0-9] ?[/⁄∕] ?[0-9]+$|分之|[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]")
_EXPRESSION = re.compile(r"^=|[0-9)] ?[+*×÷^xX] ?[0-9(]")
_ACCOUNTING = re.compile(r"^\([^()]*\)$|^[0-9., ]+-$")
_PROGRAMMING = re.compile(r"^[+-]?0[xXbBoO][0-9a-fA-F_]+$|_|^[0-9]+[lLfFdDn]$")
_CHINESE_DIGITS = re.compile(
    r"^[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟点兩參陸萬億]+$"
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A number as its digits say it, and whether it was spelled with a decimal mark."""

    value: Decimal
    has_mark: bool


class CommaText(str):
    """Text of somebody who writes the decimal mark as a comma; it is read so, whoever looks at it later."""

    __slots__ = ()


def is_comma_text(raw: object, locale: str) -> bool:
    """Whether a text's decimal mark is a comma: because of who typed it, or of the language it is read in."""
    return isinstance(raw, CommaText) or writes_comma(locale)


def writes_comma(locale: str) -> bool:
    """Whether the language writes the decimal mark as a comma."""
    return locale.replace("-", "_").split("_")[0].lower() in _COMMA_LANGUAGES


def folded(text: str) -> str:
    """The text with its keyboard accidents undone: full-width forms, the minus sign, and spaces that group."""
    return narrow(text).translate(_GROUP_SPACES).translate(_SIGNS).removeprefix(BYTE_ORDER_MARK)


def spelled(text: str, *, comma: bool) -> Spelling | None:
    """Read digits in one convention, grouped by threes or not at all; None when they don't fit it."""
    sign, body = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    found = (_COMMA_BODY if comma else _POINT_BODY).fullmatch(body)
    if found is None or not (found[1] or found[4]):
        return None
    whole = "".join(each for each in found[1] if each in "0123456789")
    return Spelling(Decimal(f"{sign}{whole or '0'}.{found[4] or '0'}"), found[3] is not None)


def scaled(text: str) -> tuple[str, int] | None:
    """Split “12万” or “12k” into its digits and the factor that the word stands for."""
    found = _SCALED.fullmatch(text)
    return (found["number"], SCALES[found["scale"]]) if found else None


def raised(text: str) -> tuple[str, int] | None:
    """Split “1.2E+5” into its digits and its power of ten; a power past ten thousand is cut there."""
    found = _EXPONENT.fullmatch(text)
    return (found["number"], max(-10_000, min(10_000, int(found["power"])))) if found else None


def without_unit(text: str) -> tuple[str, str] | None:
    """Split “12 kWh” or “12万度” into number and unit, when what stands behind the digits is a unit."""
    for cut in range(1, len(text)):
        number, rest = text[:cut].strip(), text[cut:].strip()
        if rest and number[-1:] in "0123456789." and looks_like_unit(rest):
            return number, rest
    return None


def complaint(text: str) -> str:
    """The problem code for a text that is no number: what it looks like decides how it can be mended."""
    lowered = text.casefold()
    if lowered in _NOTHING:
        return "number.none_written"
    if text.startswith("#"):
        return "number.spreadsheet_error"
    if lowered.lstrip("+-") in _NOT_FINITE:
        return "number.not_finite"
    for pattern, code in _COMPLAINTS:
        if pattern.search(text):
            return code
    return _complaint_about_digits(text)


def _complaint_about_digits(text: str) -> str:
    if any(
        each.isnumeric() and not each.isascii() and not _CHINESE_DIGITS.match(each) for each in text
    ):
        return "number.other_digits"
    if text and all(each in "0123456789 ,.'’、+-" for each in text):
        return "number.separators"
    return "number.not_a_number"


_COMPLAINTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_CHINESE_DIGITS, "number.in_words"),
    (_CURRENCY, "number.currency"),
    (re.compile(r"[%‰％]"), "number.percent"),
    (_INEQUALITY, "number.inequality"),
    (_APPROXIMATE, "number.approximate"),
    (_ACCOUNTING, "number.negative_notation"),
    (_FRACTION, "number.fraction"),
    (_RANGE, "number.range"),
    (_PROGRAMMING, "number.programming"),
    (_EXPRESSION, "number.expression"),
)
