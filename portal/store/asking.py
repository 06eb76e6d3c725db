"""Asking a database for many keys: it takes only so many in one question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Each = TypeVar("Each")

# PostgreSQL takes 65,535 parameters, SQLite 32,766; short questions are planned faster.
MOST_AT_ONCE = 1000


def in_parts(values: Sequence[Each], most: int = MOST_AT_ONCE) -> Iterator[Sequence[Each]]:
    """The values in their order, at most so many at a time."""
    for first in range(0, len(values), most):
        yield values[first : first + most]
