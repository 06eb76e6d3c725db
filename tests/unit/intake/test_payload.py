"""JSON that is taken: what every reader reads alike, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.intake.payload import NotReadable, read_json, read_object


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"\xef\xbb\xbf{}", "json.byte_order_mark"),
        (b'{"a":"\xff"}', "json.not_utf8"),
        (b"", "json.malformed"),
        (b"{'a': 1}", "json.malformed"),
        (b'{"a":1,}', "json.malformed"),
        (b'{"a":1} x', "json.malformed"),
        (b'{"a":NaN}', "json.not_a_number"),
        (b'{"a":-Infinity}', "json.not_a_number"),
        (b'{"a":1e400}', "json.number_out_of_range"),
        (b'{"a":1e-400}', "json.number_out_of_range"),
        (b'{"a":1e9999999999999999999}', "json.number_out_of_range"),
        (b'{"a":9223372036854775808}', "json.number_out_of_range"),
        (b'{"a":' + b"9" * 5000 + b"}", "json.number_too_long"),
        (b'{"a":0.' + b"1" * 5000 + b"}", "json.number_too_long"),
        (b'{"a":1,"a":2}', "json.key_twice"),
        (b'{"x":{"a":1,"a":1}}', "json.key_twice"),
        (b'{"__proto__":{"admin":true}}', "json.key_refused"),
        (b'{"a":{"__proto__":1}}', "json.key_refused"),
        (b'{"a":"\\ud800"}', "json.lone_surrogate"),
        (b'{"\\udfff\\ud800":1}', "json.lone_surrogate"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "json.too_deep"),
        (b"[" * 1000 + b"]" * 1000, "json.too_deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "json.too_deep"),
        (b"null", "json.not_an_object"),
        (b"[1]", "json.not_an_object"),
        (b'"x"', "json.not_an_object"),
        (b"true", "json.not_an_object"),
    ],
)
def test_body_refused_when_some_reader_would_read_it_otherwise(sent: bytes, reason: str) -> None:
    with pytest.raises(NotReadable) as refused:
        read_object(sent)

    assert refused.value.reason == reason


def test_numbers_keep_their_digits() -> None:
    found = read_object(b'{"a":0.1,"b":12.50,"c":9223372036854775807,"d":1E5,"e":-0.0}')

    assert found["a"] == Decimal("0.1")
    assert str(found["b"]) == "12.50"
    assert found["c"] == 2**63 - 1
    assert found["d"] == 100_000
    assert isinstance(found["d"], Decimal)


def test_surrogates_that_make_a_whole_character_are_taken() -> None:
    assert read_object(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_depth_of_32_is_taken() -> None:
    assert read_json(b'{"a":' * 31 + b"1" + b"}" * 31)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_nothing_but_a_refusal_comes_of_anything(sent: bytes | str) -> None:
    with suppress(NotReadable):
        read_json(sent)
