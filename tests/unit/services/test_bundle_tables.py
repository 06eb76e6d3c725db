"""Tables of a bundle: what a spreadsheet would compute stays text, and what was written is read back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.services.bundles.tables import read_table, table_bytes

LIVE = [
    "=1+1",
    "+1 day",
    "-cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "-1e5",
]


@pytest.mark.parametrize("words", LIVE)
def test_formula_is_kept_from_being_one(words: str) -> None:
    (row,) = read_table(table_bytes(["note"], [{"note": words}]))
    assert row["note"] == f"'{words}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("电费", "电费"),
        ('a "b", c\r\nd', 'a "b", c\r\nd'),
        (Decimal("-12.50"), "-12.5"),
        ("-12.5", "-12.5"),
        (7, "7"),
        (None, ""),
        ("", ""),
    ],
)
def test_words_and_own_numbers_come_back_as_they_were(value: object, cell: str) -> None:
    (row,) = read_table(table_bytes(["a", "b"], [{"a": value, "b": "x"}]))  # type: ignore[dict-item]  # one of each kind
    assert row == {"a": cell, "b": "x"}


def test_table_says_that_it_is_utf_8_and_ends_lines_as_the_standard_asks() -> None:
    assert table_bytes(["a"], [{"a": 1}, {"a": 2}]) == "\ufeffa\r\n1\r\n2\r\n".encode()


@pytest.mark.parametrize("content", [b"a,b\r\n1\r\n", b"a\r\n1,2\r\n", b'a\r\n"x\r\n', b"\xff"])
def test_damaged_table_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"cells|codec|end of data|quote"):
        read_table(content)
