"""The address of a list: sorting, paging and filters live in the query, so that Back and sharing work."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from flask import request

NEIGHBOURS = 2


def here(**changes: object) -> str:
    """This page's address with some of its query changed; None takes a parameter out."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
    return request.path + ("?" + urlencode(pairs) if pairs else "")


def pages_around(number: int, last: int) -> Iterator[int | None]:
    """The page numbers to show: first, last, and those around `number`; None where some are left out."""
    wanted = sorted(
        {1, last, *range(max(1, number - NEIGHBOURS), min(last, number + NEIGHBOURS) + 1)}
    )
    before = 0
    for page in wanted:
        if page - before == 2:
            yield before + 1
        elif page - before > 2:
            yield None
        yield page
        before = page
