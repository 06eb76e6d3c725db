"""Comparing what is stated with what comes out: every number counted, every difference with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.domain.differences import ABSENT, Comparison, Difference, is_number

STATED = {
    "kg": "12.5",
    "lines": [{"key": "a", "kg": "1"}, {"key": "b", "kg": "2"}],
    "on": "2025-01-01",
}
AGAIN = {
    "kg": Decimal("12.50"),
    "lines": [{"key": "a", "kg": Decimal(1)}, {"key": "b", "kg": Decimal(3)}],
    "on": date(2025, 1, 1),
}


def compared(stated: object, again: object, *words: str) -> Comparison:
    found = Comparison()
    found.compare("f.json", "", stated, again, words=words)
    return found


def test_each_difference_has_the_key_of_its_part_and_both_values() -> None:
    found = compared(STATED, AGAIN)
    assert found.differences == [Difference("f.json", "lines/b/kg", "2", "3")]
    assert found.numbers == 3


@pytest.mark.parametrize(
    ("stated", "again", "place"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, "b"),
        ({"a": 1, "b": 2}, {"a": 1}, "b"),
        ({"a": [1]}, {"a": [1, 2]}, "a"),
        ({"a": 1}, {"a": True}, "a"),
        ({"a": None}, {"a": 0}, "a"),
        ({"a": "1"}, {"a": 1}, "a"),
        ({"a": {}}, {"a": []}, "a"),
    ],
)
def test_missing_added_and_other_kinds_of_values_differ(
    stated: object, again: object, place: str
) -> None:
    assert [each.place for each in compared(stated, again).differences] == [place]


def test_absent_value_is_named_as_absent() -> None:
    (difference,) = compared({}, {"a": 1}).differences
    assert (difference.stated, difference.recomputed) == (ABSENT, "1")


def test_words_are_neither_compared_nor_counted() -> None:
    found = compared(
        {"kg": "1", "label": {"en": "2"}}, {"kg": Decimal(1), "label": {"en": "3"}}, "label"
    )
    assert (found.differences, found.numbers) == ([], 1)


def test_zeros_behind_the_point_say_nothing() -> None:
    assert compared({"kg": "80627.000000"}, {"kg": Decimal(80627)}).differences == []


def test_notes_are_kept_once() -> None:
    found = Comparison()
    found.note("As stated.")
    found.note("As stated.")
    assert found.notes == ["As stated."]


@pytest.mark.parametrize("leaf", [5, "5", "-0.25"])
def test_integers_and_plain_decimals_are_numbers(leaf: object) -> None:
    assert is_number(leaf)


@pytest.mark.parametrize("leaf", [True, None, "", "5 t", "1e5", "NaN", "2025-01-01", "٣", "9" * 61])
def test_all_else_is_none(leaf: object) -> None:
    assert not is_number(leaf)
