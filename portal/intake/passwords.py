"""Reads a new password: never trimmed, never changed, long enough, and nothing that a guesser tries first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from portal.intake.characters import words
from portal.intake.common_passwords import COMMON_PASSWORDS
from portal.intake.reading import Read, failed

SHORTEST, LONGEST = 12, 128
# Refused before anything is done with it, hashing above all.
MOST_BYTES = 4096
FEWEST_DIFFERENT = 5
# Telephones, identity cards and bank cards; a longer number is as good a password as any other text.
LONGEST_NUMBER_OF_SOMETHING = 19

# Words that a guesser of this portal tries; the door adds the person's and the company's own.
CONTEXT_WORDS = frozenset(
    words(
        "portal carbon zero zerocarbon alliance supplier member emission emissions climate neutral netzero green "
        "certificate inventory baseline dairy milk energy password passwort login admin administrator welcome "
        "tanpaifang lingtan lianmeng lvse jianpai tanzhonghe mima"
    )
)

_LOOKALIKES = str.maketrans("013457@$!|", "oieastasil")
_ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
_WALKS = tuple(row for each in _ROWS for row in (each + each[:3], (each + each[:3])[::-1]))
_SHORTEST_WALK = 4


def read_password(
    raw: object, *, field: str = "password", context: Collection[str] = ()
) -> Read[str]:
    """Read a new password of 12 to 128 characters; `context` are words about the person that don't make it stronger.

    Every character counts, outer spaces too. The problems never repeat any part of what was typed.
    """
    if not isinstance(raw, str):
        return failed("password.missing", field)
    if len(raw) > MOST_BYTES or len(raw) > LONGEST:
        return failed("password.too_long", field, longest=LONGEST)
    if any(unicodedata.category(each) in ("Cc", "Cs", "Co") for each in raw):
        return failed("password.unusable_character", field)
    if raw.casefold() in COMMON_PASSWORDS:
        return failed("password.common", field)
    if len(raw) < SHORTEST:
        return failed("password.too_short", field, shortest=SHORTEST)
    if _is_monotonous(raw):
        return failed("password.pattern", field)
    if raw.isdigit() and len(raw) <= LONGEST_NUMBER_OF_SOMETHING:
        return failed("password.only_digits", field)
    return _read_words(raw, field, CONTEXT_WORDS | set(_words(context)))


def _read_words(raw: str, field: str, known: Collection[str]) -> Read[str]:
    plain = raw.casefold()
    bare, joined = _bare(plain), re.sub(r"[\W_]+", "", plain)
    if not COMMON_PASSWORDS.isdisjoint((bare, bare.translate(_LOOKALIKES), joined)):
        return failed("password.common", field)
    if any(_is_made_of(form, known) for form in (plain, bare.translate(_LOOKALIKES))):
        return failed("password.context", field)
    return Read(raw)


def _words(context: Collection[str]) -> Iterator[str]:
    """The parts of names and addresses that have at least three letters."""
    for each in context:
        for word in re.split(r"[^\w]+|_", each.casefold()[:200]):
            if len(word) >= 3:
                yield word


def _bare(plain: str) -> str:
    """The password without the digits and signs that people put around a word."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)


def _is_made_of(form: str, known: Collection[str]) -> bool:
    """Whether all its letters belong to known words or well-known passwords, at least one of them known."""
    letters = "".join(each for each in form if each.isalpha())
    if not letters:
        return False
    longest = max(map(len, known))
    reached: dict[int, bool] = {0: False}
    for start in range(len(letters)):
        if start not in reached:
            continue
        for end in range(start + 1, min(len(letters), start + longest) + 1):
            word = letters[start:end]
            if word in known:
                reached[end] = True
            elif end - start >= 4 and word in COMMON_PASSWORDS:
                reached[end] = reached.get(end, False) or reached[start]
    return reached.get(len(letters), False)


def _is_monotonous(raw: str) -> bool:
    """Few different characters, one piece repeated, or nothing but walks along the keyboard or the alphabet."""
    if len(set(raw)) < FEWEST_DIFFERENT:
        return True
    plain = raw.casefold()
    if any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, 7)):
        return True
    return _walked(plain) * 5 > len(plain) * 4


def _walked(plain: str) -> int:
    """How many of the characters belong to walks of four or more."""
    walked, place = 0, 0
    while place < len(plain):
        size = _walk_length(plain, place)
        walked += size if size >= _SHORTEST_WALK else 0
        place += size if size >= _SHORTEST_WALK else 1
    return walked


def _walk_length(plain: str, start: int) -> int:
    """How many characters from here on lie side by side on one of the rows."""
    size = 0
    while start + size < len(plain) and any(
        plain[start : start + size + 1] in walk for walk in _WALKS
    ):
        size += 1
    return size
