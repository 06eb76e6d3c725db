"""JSON that every reader reads alike: one object, exact numbers, nothing twice, nothing that only some programs take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

DEEPEST = 32
LARGEST_INTEGER = 2**63 - 1
# A number of 12 and 6 digits with leading zeros is far below; a text of thousands of digits costs a machine its time.
LONGEST_NUMBER = 60
LARGEST_EXPONENT = 308
# Some readers take this key for the object's own parent.
_FOREIGN_KEYS = frozenset({"__proto__"})
_NUMBER = re.compile(r"-?[0-9](?:[0-9.]*[0-9])?(?:[eE][+-]?[0-9]+)?", re.ASCII)


class NotReadable(ValueError):
    """The text is no JSON that is taken; `reason` is a code without anything of what was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_json(sent: str | bytes) -> Any:
    """Parse strict JSON with exact decimals; NotReadable for anything else."""
    try:
        text = sent.decode("utf-8") if isinstance(sent, bytes) else sent
    except UnicodeDecodeError as error:
        raise NotReadable("json.not_utf8") from error
    if text.startswith("\ufeff"):
        raise NotReadable("json.byte_order_mark")
    try:
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_decimal,
            parse_int=_integer,
            object_pairs_hook=_without_repeats,
        )
    except NotReadable:
        raise
    except RecursionError as error:
        raise NotReadable("json.too_deep") from error
    except ValueError as error:
        raise NotReadable("json.malformed") from error
    _check(value, DEEPEST)
    return value


def read_object(sent: str | bytes) -> Mapping[str, Any]:
    """Parse strict JSON that is one object."""
    value = read_json(sent)
    if not isinstance(value, dict):
        raise NotReadable("json.not_an_object")
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise NotReadable("json.not_a_number")


def _decimal(text: str) -> Decimal:
    _check_length(text)
    try:
        value = Decimal(text)
    except ArithmeticError as error:  # an exponent that Decimal itself can't hold
        raise NotReadable("json.number_out_of_range") from error
    # Written out, a number of such a size would fill the memory.
    if value and not -LARGEST_EXPONENT <= value.adjusted() <= LARGEST_EXPONENT:
        raise NotReadable("json.number_out_of_range")
    return value


def _integer(text: str) -> int:
    _check_length(text)
    value = int(text)
    if abs(value) > LARGEST_INTEGER:
        raise NotReadable("json.number_out_of_range")
    return value


def _check_length(text: str) -> None:
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise NotReadable("json.number_too_long")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotReadable("json.key_twice")
    if not _FOREIGN_KEYS.isdisjoint(found):
        raise NotReadable("json.key_refused")
    return found


def _check(value: Any, depth: int) -> None:
    if depth < 0:
        raise NotReadable("json.too_deep")
    if isinstance(value, str):
        _check_text(value)
    for part in _parts(value):
        _check(part, depth - 1)


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NotReadable("json.lone_surrogate") from error


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list):
        yield from value
