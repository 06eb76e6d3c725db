"""Holding what is stated against what comes out when it is worked out again, number by number, each with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portal.domain.canonical import canonical_json

_NUMBER = re.compile(r"-?\d{1,60}(\.\d{1,60})?", re.ASCII)
ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is stated otherwise than it comes out: in which file, at which place of it, and both values as text."""

    file: str
    place: str
    stated: str
    recomputed: str


@dataclass(slots=True)
class Comparison:
    """What a recomputation found: how many numbers were worked out again, where they differ, and what was taken as stated."""

    numbers: int = 0
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def compare(
        self,
        file: str,
        place: str,
        stated: object,
        recomputed: object,
        *,
        words: Collection[str] = (),
    ) -> None:
        """Hold plain JSON against values worked out anew; keys among `words` hold texts that are not compared."""
        again = plain(recomputed)
        self.numbers += sum(1 for leaf in _leaves(again, frozenset(words)) if is_number(leaf))
        self.differences += _differences(file, place, stated, again, frozenset(words))

    def tell(self, file: str, place: str, stated: object, recomputed: object) -> None:
        """Note a difference."""
        self.differences.append(Difference(file, place, _shown(stated), _shown(recomputed)))

    def note(self, words: str) -> None:
        """Note something that a reader must know, once."""
        if words not in self.notes:
            self.notes.append(words)


def plain(value: object) -> Any:
    """A value as it reads once it has been frozen: decimals and days as their one text."""
    return json.loads(canonical_json(value))


def is_number(leaf: object) -> bool:
    """Whether a leaf of a frozen document is a number: an integer, or a decimal in its canonical text."""
    if isinstance(leaf, bool):
        return False
    return isinstance(leaf, int) or (isinstance(leaf, str) and bool(_NUMBER.fullmatch(leaf)))


def _leaves(value: Any, words: frozenset[str]) -> Iterator[object]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in words:
                yield from _leaves(item, words)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, words)
    else:
        yield value


def _differences(
    file: str, place: str, stated: Any, again: Any, words: frozenset[str]
) -> Iterator[Difference]:
    if isinstance(stated, Mapping) and isinstance(again, Mapping):
        for key in [*again, *(each for each in stated if each not in again)]:
            if key not in words:
                inner = f"{place}/{key}" if place else str(key)
                yield from _differences(
                    file, inner, stated.get(key, ABSENT), again.get(key, ABSENT), words
                )
    elif _is_list(stated) and _is_list(again) and len(stated) == len(again):
        for position, (one, other) in enumerate(zip(stated, again, strict=True)):
            yield from _differences(file, f"{place}/{_name_of(other, position)}", one, other, words)
    elif not _is_same(stated, again):
        yield Difference(file, place, _shown(stated), _shown(again))


def _is_same(stated: object, again: object) -> bool:
    """Whether two leaves say the same; a number may be written with more zeros behind its point."""
    if type(stated) is not type(again):
        return False
    if isinstance(stated, str) and is_number(stated) and is_number(again):
        return Decimal(stated) == Decimal(str(again))
    return stated == again


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _name_of(item: object, position: int) -> str:
    """A part of a list by its own key or year where it has one, else by its place."""
    if isinstance(item, Mapping):
        for name in ("key", "year", "sha256"):
            if isinstance(item.get(name), str | int):
                return str(item[name])
    return str(position)


def _shown(value: object) -> str:
    """A value as a line of a list can show it."""
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= 200 else f"{words[:199]}…"
