"""Every column that can hold a text, and the text that a value of it holds."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, String

from portal.store import tables
from tests.crawling.reading import texts_in


def text_columns() -> Iterator[Column[Any]]:
    """Every column that can hold a text, whatever form it is kept in."""
    for table in tables.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(getattr(column.type, "impl", column.type), String | JSON | LargeBinary):
                yield column


def as_text(value: object) -> str:
    """A value as the text that it holds."""
    if isinstance(value, bytes):
        try:
            value = zlib.decompress(value)
        except zlib.error:
            return "\n".join(texts_in(value))
        return value.decode()
    return value if isinstance(value, str) else json.dumps(value)
