"""What a row keeps of a value comes back as it was given."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.intake.number_shapes import CommaText
from portal.intake.raw import as_text, given, storable


@pytest.mark.parametrize("value", ["12,500", "", "12万", 7, Decimal("1.50"), None])
def test_value_comes_back_as_it_was(value: object) -> None:
    assert given(storable(value)) == value


def test_text_with_a_decimal_comma_says_so_where_it_matters() -> None:
    stored = storable("1.234,5", with_comma=True)
    assert stored == {"comma": "1.234,5"}
    assert isinstance(given(stored), CommaText)
    assert (given(stored), as_text(stored)) == ("1.234,5", "1.234,5")
    assert storable("1234", with_comma=True) == "1234"
    assert storable(Decimal("1.5"), with_comma=True) == {"number": "1.5"}


def test_strange_objects_are_no_marked_values() -> None:
    for strange in ({"number": "1", "comma": "2"}, {}, {"other": 1}):
        assert given(strange) == strange
        assert as_text(strange) == str(strange)
