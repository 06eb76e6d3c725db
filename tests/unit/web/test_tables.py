"""A list has an address: sorting, paging and filters live in the query."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.web.tables import here, pages_around


def address(path: str, **changes: object) -> str:
    with Flask("probe").test_request_context(path):
        return here(**changes)


def test_a_change_keeps_the_rest_of_the_query() -> None:
    assert address("/members?q=牧场&tag=a&tag=b&page=3", sort="-kg", page=None) == (
        "/members?q=%E7%89%A7%E5%9C%BA&tag=a&tag=b&sort=-kg"
    )


def test_a_changed_parameter_is_replaced_and_an_empty_query_leaves_no_mark() -> None:
    assert address("/members?page=2", page=3) == "/members?page=3"
    assert address("/members?page=2", page=None) == "/members"


@pytest.mark.parametrize(
    ("number", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (5, 12, [1, 2, 3, 4, 5, 6, 7, None, 12]),
        (7, 12, [1, None, 5, 6, 7, 8, 9, None, 12]),
        (12, 12, [1, None, 10, 11, 12]),
        (4, 6, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_pages_around_show_the_ends_and_the_neighbours_and_hide_no_single_page(
    number: int, last: int, shown: list[int | None]
) -> None:
    assert list(pages_around(number, last)) == shown
