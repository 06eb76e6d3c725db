"""What may stand in an address where a number is meant."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter, Map


class PlainInteger(IntegerConverter):
    """A whole number in plain digits that every database can compare; anything else is no such page.

    The library's own takes digits of every script and numbers of any size, which SQLite then fails on.
    """

    regex = r"[0-9]{1,10}"
    part_isolating = True

    def __init__(self, url_map: Map, **options: Any) -> None:
        options.setdefault("max", 2**31 - 1)
        super().__init__(url_map, **options)
