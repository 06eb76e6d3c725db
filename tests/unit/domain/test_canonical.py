"""The canonical JSON: equal values give equal bytes, and what has no single spelling is refused."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.canonical import canonical_json, decimal_text, digest, digest_of_bytes


class Colour(StrEnum):
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Leaf:
    colour: Colour
    weight: Decimal


def test_bytes_are_sorted_utf8_and_without_spaces_for_a_mapping():
    frozen = canonical_json({"名称": "牧场", "b": [1, None, True], "a": Decimal("1.50")})
    assert frozen == '{"a":"1.5","b":[1,null,true],"名称":"牧场"}'.encode()


def test_digest_is_the_sha256_of_the_bytes():
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest({"a": 1}) == digest_of_bytes(b'{"a":1}')


def test_dataclass_and_mapping_of_the_same_content_have_the_same_bytes():
    leaf = Leaf(Colour.GREEN, Decimal("2"))
    assert canonical_json(leaf) == canonical_json({"weight": Decimal("2.000"), "colour": "green"})


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("-0.00", "0"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("0.2500", "0.25"),
        ("-12.0", "-12"),
        ("1E-20", "0.00000000000000000001"),
        ("12345678901234567890123456789012345.5", "12345678901234567890123456789012345.5"),
    ],
)
def test_decimal_is_spelled_plainly_and_without_trailing_zeros(number, text):
    assert decimal_text(Decimal(number)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_decimal_text_reads_back_as_the_same_number(number):
    if number and number.adjusted() < -60:
        with pytest.raises(ValueError, match="60 places"):
            decimal_text(number)
    else:
        assert Decimal(decimal_text(number)) == number


@given(
    st.dictionaries(
        st.text(), st.one_of(st.text(), st.booleans(), st.none(), st.integers(-1000, 1000))
    )
)
def test_json_reads_back_as_the_same_mapping_in_any_order_of_keys(mapping):
    backwards = dict(reversed(mapping.items()))
    assert json.loads(canonical_json(mapping)) == mapping
    assert canonical_json(backwards) == canonical_json(mapping)


def test_moment_is_written_in_utc_whatever_its_zone():
    shanghai = timezone(timedelta(hours=8))
    assert canonical_json(datetime(2026, 3, 1, 8, 30, tzinfo=shanghai)) == b'"2026-03-01T00:30:00Z"'
    assert (
        canonical_json(datetime(2026, 3, 1, 0, 30, 0, 250_000, tzinfo=UTC))
        == b'"2026-03-01T00:30:00.250000Z"'
    )
    assert canonical_json(date(2026, 3, 1)) == b'"2026-03-01"'


@pytest.mark.parametrize("value", [0.5, {1, 2}, b"bytes", object(), {1: "a"}, [1.0], Leaf])
def test_value_without_a_single_spelling_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize(
    "value",
    [
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1E+999999"),
        datetime(2026, 3, 1),
        2**53,
        "\ud800",
    ],
)
def test_value_that_readers_would_take_differently_is_refused(value):
    with pytest.raises(ValueError):
        canonical_json({"value": value})
