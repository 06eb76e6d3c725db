"""One page of a long list, with what a reader needs to turn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import func
from sqlalchemy.orm import Session

from portal.store.base import AnySelect

T = TypeVar("T")
PAGE_SIZE = 50
# Beyond this a page number is a probe or a slip; OFFSET would only heat the processor.
LARGEST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of page `number` (from 1) of `total` rows."""

    rows: Sequence[T]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def count(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The place of the page's first row among all, from 1; 0 on an empty list."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The place of the page's last row."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def page_of(session: Session, query: AnySelect, number: int, size: int = PAGE_SIZE) -> Page[Any]:
    """Fetch one page of an ordered query: two statements, however long the list is."""
    number = min(max(number, 1), LARGEST_PAGE)
    counted = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    total = session.scalars(counted).one()
    rows = session.execute(query.limit(size).offset((number - 1) * size)).all()
    return Page(rows, number, total, size)


def slice_of(rows: Sequence[T], number: int, size: int = PAGE_SIZE) -> Page[T]:
    """One page of rows that are at hand already."""
    number = min(max(number, 1), LARGEST_PAGE)
    first = (number - 1) * size
    return Page(rows[first : first + size], number, len(rows), size)


def place_in(
    session: Session, query: AnySelect, column: Any, value: object
) -> tuple[int, Any, Any]:
    """(place from 1, value before, value after) of a row in an ordered query; place 0 when it is not there."""
    values = list(session.scalars(query.with_only_columns(column, maintain_column_froms=True)))
    if value not in values:
        return 0, None, None
    place = values.index(value)
    before = values[place - 1] if place else None
    after = values[place + 1] if place + 1 < len(values) else None
    return place + 1, before, after
