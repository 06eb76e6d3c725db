"""Reads codes: those that the portal's people give (sites, members, meters), and China's unified social credit code."""

from __future__ import annotations

import re

from portal.intake.characters import forbidden, narrow, trim
from portal.intake.reading import Read, accepted, failed, shown

SHORTEST, LONGEST = 2, 32
MOST_RAW = 1000

_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.ASCII)
# A registration authority, a kind of body, six digits of the region, then the body's own number: who types these
# 17 or more signs means a credit code, whatever the field.
_LIKE_CREDIT_CODE = re.compile(r"[159ANY][0-9A-Z][0-9]{6}[0-9A-Z]{9,11}", re.ASCII)

# GB 32100-2015: the alphabet leaves out I, O, S, V and Z; the weights are 3^i mod 31.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE = re.compile(rf"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}", re.ASCII)


def read_code(raw: object, *, field: str = "code", is_required: bool = True) -> Read[str]:
    """Read a code of a site, member or meter: 2 to 32 letters, digits, dots, dashes or underscores, in upper case.

    What looks like a unified social credit code is held to that code's check character.
    """
    typed, refusal = _typed(raw, field, is_required=is_required)
    if typed is None:
        return refusal
    if _LIKE_CREDIT_CODE.fullmatch(typed):
        return _credit_code(typed, raw, field)
    if not SHORTEST <= len(typed) <= LONGEST:
        return failed("code.length", field, given=shown(raw), shortest=SHORTEST, longest=LONGEST)
    if not _CODE.fullmatch(typed) or ".." in typed:
        return failed("code.characters", field, given=shown(raw))
    return accepted(typed, field, typed=raw, read=typed)


def read_credit_code(
    raw: object, *, field: str = "credit_code", is_required: bool = True
) -> Read[str]:
    """Read a unified social credit code of 18 characters and verify its check character (GB 32100-2015)."""
    typed, refusal = _typed(raw, field, is_required=is_required)
    return refusal if typed is None else _credit_code(typed, raw, field)


def credit_check_character(first_17: str) -> str:
    """The 18th character for the first 17; all 17 must be of the code's alphabet of 31."""
    weighted = sum(_ALPHABET.index(each) * pow(3, place, 31) for place, each in enumerate(first_17))
    return _ALPHABET[-weighted % 31]


def _typed(raw: object, field: str, *, is_required: bool) -> tuple[str | None, Read[str]]:
    """The code without keyboard accidents, or None with the answer to give instead."""
    if raw is None or (isinstance(raw, str) and not trim(raw[:MOST_RAW])):
        return None, failed("code.missing", field) if is_required else Read()
    if not isinstance(raw, str):
        return None, failed("code.not_a_text", field, given=shown(raw))
    typed = trim(raw[:MOST_RAW])
    if len(raw) > MOST_RAW or forbidden(typed) is not None or not narrow(typed).isascii():
        return None, failed("code.characters", field, given=shown(raw))
    return narrow(typed).upper(), Read()


def _credit_code(typed: str, raw: object, field: str) -> Read[str]:
    code = typed.replace(" ", "").replace("-", "")
    if len(code) != 18:
        return failed("credit_code.length", field, given=shown(raw), length=len(code))
    if not _CREDIT_CODE.fullmatch(code):
        return failed("credit_code.characters", field, given=shown(raw))
    if credit_check_character(code[:17]) != code[17]:
        return failed("credit_code.check", field, given=shown(raw))
    return accepted(code, field, typed=raw, read=code)
