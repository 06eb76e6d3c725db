"""What keeps a year from being handed in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.inventories import MESSAGES, Completeness, UnfinishedLine, blocking_problems

FINISHED = Completeness(
    is_set_up=True,
    has_signatory=True,
    site_count=1,
    line_count=3,
    unfinished=(),
    unsettled=(),
    contradicted=(),
)


def test_nothing_blocks_a_finished_year() -> None:
    assert blocking_problems(FINISHED) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_set_up": False}, "inventory.set_up.missing"),
        ({"has_signatory": False}, "inventory.signatory.missing"),
        ({"site_count": 0}, "inventory.sites.missing"),
        ({"line_count": 0}, "inventory.lines.missing"),
        ({"unfinished": (UnfinishedLine("key", 7, 2),)}, "inventory.line.unfinished"),
        ({"unsettled": ("electricity.grid",)}, "inventory.category.unsettled"),
        ({"contradicted": ("electricity.grid",)}, "inventory.category.contradicted"),
    ],
)
def test_each_gap_blocks_with_its_own_problem(change: dict[str, object], code: str) -> None:
    (found,) = blocking_problems(replace(FINISHED, **change))
    assert found.code == code
    assert MESSAGES[code] % found.named_values


def test_all_gaps_come_at_once_in_the_order_of_the_tasks() -> None:
    empty = Completeness(False, False, 0, 0, (), ("electricity.grid",), ())
    assert [found.field for found in blocking_problems(empty)] == [
        "set_up",
        "sites",
        "signatory",
        "lines",
        "category/electricity.grid",
    ]


def test_only_unfinished_lines_are_not_called_no_lines() -> None:
    year = replace(FINISHED, line_count=0, unfinished=(UnfinishedLine("key", 1, 1),))
    assert [found.code for found in blocking_problems(year)] == ["inventory.line.unfinished"]
