"""One byte string for one value: the canonical JSON that everything frozen is hashed from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

from portal.calculation.quantities import text

# Beyond this, a reader that keeps numbers as doubles (any browser) would see another number.
_LARGEST_SAFE_INTEGER = 2**53 - 1
# A number of this many places is a mistake or an attack, and "1E+999999999" would fill the memory.
_LARGEST_EXPONENT = 60
# Made once: with these options json.dumps makes an encoder for each call, which takes longer than a small value.
_written = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def canonical_json(value: object) -> bytes:
    """Canonical JSON of a plain value, as UTF-8: equal values give equal bytes on every machine.

    Takes None, bool, int, str, Decimal, date, aware datetime, enums of these, lists, tuples, mappings
    with text keys, and dataclasses (their fields become keys). Keys are sorted, there are no spaces,
    Decimals become text without exponent and trailing zeros, dates ISO 8601, moments UTC with "Z".

    Raises TypeError for any other type (floats above all: they are not exact), and ValueError for
    a NaN or infinite Decimal, a moment without time zone, an integer beyond 2**53, or a lone surrogate.
    """
    return _written(_plain(value)).encode("utf-8")


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON of a value, as 64 lower-case hexadecimal digits."""
    return digest_of_bytes(canonical_json(value))


def digest_of_bytes(data: bytes) -> str:
    """SHA-256 of bytes as they are, as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def decimal_text(number: Decimal) -> str:
    """The one spelling of a finite decimal: "1500", "0.25", "-3"; equal numbers are spelled equally.

    Raises ValueError for NaN, infinities and exponents beyond 60 places.
    """
    if not number.is_finite():
        raise ValueError(f"{number} is not a finite number")
    if number and not -_LARGEST_EXPONENT <= number.adjusted() <= _LARGEST_EXPONENT:
        raise ValueError("a number of more than 60 places is refused")
    return text(number)


def _plain(value: object) -> object:
    """The value rebuilt from what JSON knows; whatever has no single spelling is refused."""
    # Plain text and containers are nearly all of it: they take the short way, everything else the careful one.
    kind = type(value)
    if kind is str:
        return value
    if kind is dict or kind is list or kind is tuple:
        return _plain_container(value)
    if type(value) is int:
        return _safe_integer(value)
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _safe_integer(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return _moment_text(value) if isinstance(value, datetime) else value.isoformat()
    return _plain_container(value)


def _plain_container(value: object) -> object:
    """Mappings, lists, tuples and dataclasses, each with its content made plain."""
    if isinstance(value, Mapping):
        return {
            key if type(key) is str else _plain_key(key): item
            if type(item) is str
            else _plain(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [item if type(item) is str else _plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(
        f"{type(value).__name__} has no canonical JSON; give text, Decimal, int, date or a list of these"
    )


def _plain_key(key: object) -> str:
    if isinstance(key, str):
        return str(key.value) if isinstance(key, Enum) else key
    raise TypeError(f"a key must be text, not {type(key).__name__}")


def _safe_integer(number: int) -> int:
    if abs(number) > _LARGEST_SAFE_INTEGER:
        raise ValueError(
            "an integer beyond 2**53 is not exact for every reader; give it as a Decimal"
        )
    return int(number)


def _moment_text(moment: datetime) -> str:
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its time zone before it can be frozen")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
