"""The marker of a member: letters and numbers that nothing else holds, and finding them again in what a browser is answered."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase

LETTERS = 12
_BEGINNING = "zqx"  # no word of either language, so a marker that is cut short is still found
_TOKEN = re.compile(rf"{_BEGINNING}([a-z]{{5,}})(?:-([a-z0-9_]+))?", re.IGNORECASE)
_KNOWN_BY = len(_BEGINNING) + 5


@dataclass(frozen=True, slots=True)
class Mark:
    """One member's letters and its number; `word("note")` says which field the letters were put into."""

    letters: str
    number: int

    def word(self, field: str) -> str:
        """The text for a field, as `zqxkwmtrvbnp-note`."""
        return f"{self.letters}-{field}"

    def email(self, field: str) -> str:
        """An address for somebody of the member."""
        return f"{self.word(field)}@example.com"

    @property
    def code(self) -> str:
        """The letters as a short code in capitals."""
        return self.letters.upper()

    @property
    def start(self) -> str:
        """What to search for so that an answer which repeats it doesn't hold the letters."""
        return self.letters[: _KNOWN_BY - 1]


@dataclass(frozen=True, slots=True)
class Found:
    """Letters in a text: whose they are, and the field that they stood in where it is known."""

    letters: str
    field: str


def marks(count: int, seed: int) -> list[Mark]:
    """So many marks; the same seed gives the same ones."""
    chance = random.Random(seed)
    made: dict[str, Mark] = {}
    while len(made) < count:
        letters = _BEGINNING + "".join(chance.choices(ascii_lowercase, k=LETTERS - len(_BEGINNING)))
        # Seven digits and three decimals: printed with or without separators, nobody else has them.
        made.setdefault(letters[:_KNOWN_BY], Mark(letters, chance.randrange(1_000_001, 9_999_999)))
    return list(made.values())


def found_in(text: str) -> Iterator[Found]:
    """Everything in a text that looks like the letters of a mark."""
    for match in _TOKEN.finditer(text):
        letters = (_BEGINNING + match[1]).lower()
        yield Found(letters[:_KNOWN_BY], (match[2] or "").lower())


def known_by(mark: Mark) -> str:
    """The first letters, by which `found_in` names a mark."""
    return mark.letters[:_KNOWN_BY]
