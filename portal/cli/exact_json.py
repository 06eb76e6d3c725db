"""JSON files read without losing a digit: numbers as decimals, and no NaN, infinities or repeated keys."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import BinaryIO

import click


def read_exact_json(file: BinaryIO) -> object:
    """The document in a file of UTF-8 JSON; an unreadable one ends the command with where it went wrong."""
    raw = file.read()
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except UnicodeDecodeError:
        raise click.UsageError("The file is not UTF-8 text. Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise click.UsageError(f"The file is not JSON ({where}): {error.msg}.") from None
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"The file is not JSON that can be read exactly: {error}.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        times = Counter(key for key, _ in pairs)
        twice = next(key for key, count in times.items() if count > 1)
        raise ValueError(f"the key “{twice}” appears twice")
    return document
