"""Numbers, dates and periods in print: exact to the last digit shown, and never a false zero."""

from datetime import date
from decimal import Decimal

import pytest

from portal.documents.figures import (
    TonneColumn,
    day_en,
    day_zh,
    exact_number,
    file_size,
    number,
    period,
    share,
    short_digest,
    short_number,
    signed_number,
)


@pytest.mark.parametrize(
    ("amount", "decimals", "printed"),
    [
        ("1234567.891", 1, "1,234,567.9"),
        ("0.25", 1, "0.2"),  # half to even, as everywhere
        ("0.35", 1, "0.4"),
        ("-0.5", 2, "−0.50"),
        ("-0.001", 1, "0.0"),
        ("99999999999999999999.5", 0, "100,000,000,000,000,000,000"),
    ],
)
def test_number_is_rounded_half_to_even_with_separators(amount, decimals, printed):
    assert number(Decimal(amount), decimals) == printed


@pytest.mark.parametrize(
    ("amount", "printed"),
    [("1234.56", "+1,234.6"), ("-0.25", "−0.2"), ("0", "0.0"), ("0.04", "0.0"), ("-0.04", "0.0")],
)
def test_change_has_its_sign_unless_it_is_nothing(amount, printed):
    assert signed_number(Decimal(amount), 1) == printed


@pytest.mark.parametrize(
    ("amount", "printed"),
    [
        ("0", "0"),
        ("0.00123456", "0.001235"),
        ("1160.5", "1,160"),
        ("123456", "123,456"),
        ("2.5", "2.5"),
    ],
)
def test_short_number_keeps_four_digits_and_all_of_the_whole_part(amount, printed):
    assert short_number(Decimal(amount)) == printed


@pytest.mark.parametrize(
    ("amount", "printed"),
    [
        ("120450.50", "120,450.5"),
        ("1E+3", "1,000"),
        ("0.000001", "0.000001"),
        ("123456789012.123456", "123,456,789,012.123456"),
    ],
)
def test_exact_number_rounds_nothing(amount, printed):
    assert exact_number(Decimal(amount)) == printed


def test_tonnes_of_a_column_share_their_decimals():
    column = TonneColumn.for_amounts(Decimal("14483703.1"), Decimal("8412347.1"))
    assert column.text(Decimal("8412347.1")) == "8,412.3"
    assert column.text(Decimal("611900")) == "611.9"


def test_tonnes_show_no_decimals_when_there_are_millions_of_them():
    column = TonneColumn.for_amounts(Decimal("2000000000.4"))
    assert column.text(Decimal("2000000000.4")) == "2,000,000"


def test_tonnes_say_less_than_when_an_amount_would_round_to_nothing():
    column = TonneColumn.for_amounts(Decimal("14483703.1"))
    assert column.text(Decimal("3")) == "< 0.1"
    assert column.text(Decimal("0")) == "0"


def test_tonnes_of_a_tiny_inventory_are_not_all_zero():
    column = TonneColumn.for_amounts(Decimal("0.0304"))
    assert column.text(Decimal("0.0304")) == "0.00003040"


def test_tonnes_of_nothing_at_all_have_one_decimal_column():
    assert TonneColumn.for_amounts(Decimal(0)).text(Decimal(0)) == "0"


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        ("1", "3", "33.3%"),
        ("0", "3", "0.0%"),
        ("1", "100000", "< 0.1%"),
        ("1", "0", "–"),
    ],
)
def test_share_is_printed_with_one_decimal(part, whole, printed):
    assert share(Decimal(part), Decimal(whole)) == printed


def test_dates_are_written_as_each_language_writes_them():
    assert day_zh(date(2026, 3, 8)) == "2026年3月8日"
    assert day_en(date(2026, 3, 8)) == "8 March 2026"


@pytest.mark.parametrize(
    ("start", "end", "printed"),
    [
        (date(2025, 1, 1), date(2026, 1, 1), "2025"),
        (date(2025, 3, 1), date(2025, 4, 1), "2025-03"),
        (date(2025, 12, 1), date(2026, 1, 1), "2025-12"),
        (date(2025, 1, 1), date(2025, 4, 1), "2025-01 – 2025-03"),
        (date(2025, 3, 5), date(2025, 3, 6), "2025-03-05"),
        (date(2025, 3, 5), date(2025, 3, 20), "2025-03-05 – 2025-03-19"),
    ],
)
def test_period_is_printed_with_its_last_day_and_as_short_as_it_can_be(start, end, printed):
    assert period(start, end) == printed


def test_digest_and_size_are_short_enough_to_read():
    assert short_digest("0123456789abcdef" * 4) == "01234567…89abcdef"
    assert [file_size(size) for size in (840, 12_345, 3_400_000)] == ["840 B", "12 kB", "3.4 MB"]
