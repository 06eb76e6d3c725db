"""Numbers, codes and validity of certificates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.certificates import (
    Standing,
    State,
    code_text,
    is_number,
    is_same_code,
    number_text,
    series_name,
    standing,
    valid_until,
)


def test_number_has_the_printed_shape() -> None:
    number = number_text(series_name("ZCA", 2026), 42)
    assert number == "ZCA-2026-00042"
    assert is_number(number)


@pytest.mark.parametrize(
    "text", ["", "ZCA-2026-42", "zca-2026-00042", "ZCA-2026-00042\n", "ZCA-２０２６-00042"]
)
def test_other_shapes_are_no_numbers(text: str) -> None:
    assert not is_number(text)


def test_code_carries_eighty_bits_in_sixteen_characters() -> None:
    assert code_text(b"\x00" * 10) == "a" * 16
    with pytest.raises(ValueError, match="10 random bytes"):
        code_text(b"\x00" * 9)


def test_code_is_compared_without_case_and_outer_spaces() -> None:
    assert is_same_code("abcd", " ABCD ")
    assert not is_same_code("abcd", "abce")
    assert not is_same_code("abcd", "")
    assert not is_same_code("abcd", "ab\udc80d")


@pytest.mark.parametrize(
    ("issued_on", "last_day"),
    [
        (date(2026, 11, 24), date(2027, 11, 23)),
        (date(2024, 2, 29), date(2025, 2, 27)),
        (date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_validity_of_twelve_months_ends_the_day_before(issued_on: date, last_day: date) -> None:
    assert valid_until(issued_on, 12) == last_day


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_validity_never_ends_before_it_begins(issued_on: date, months: int) -> None:
    assert valid_until(issued_on, months) > issued_on


def test_standing_tells_expiry_by_the_day_and_endings_before_it() -> None:
    last_day = date(2027, 1, 1)
    assert standing(State.VALID, last_day, last_day) is Standing.VALID
    assert standing(State.VALID, last_day, date(2027, 1, 2)) is Standing.EXPIRED
    assert standing(State.REVOKED, last_day, date(2030, 1, 1)) is Standing.REVOKED
    assert standing(State.SUPERSEDED, last_day, last_day) is Standing.SUPERSEDED
