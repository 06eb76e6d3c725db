"""Numbers are written as they are: in the reader's separators, rounded once, never through float."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.web import formats, language

PROBE = Flask("probe")
language.init_app(PROBE)


@pytest.fixture(params=["zh", "en"])
def reader(request: pytest.FixtureRequest) -> Iterator[str]:
    with PROBE.test_request_context(f"/?lang={request.param}"):
        yield request.param


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        ("1234567.891", None, "1,234,567.891"),
        ("123456789012.123457", None, "123,456,789,012.123457"),
        ("1000", None, "1,000"),
        ("1E+3", None, "1,000"),
        ("2.50", None, "2.5"),
        ("0", None, "0"),
        ("-8.4", None, "−8.4"),
        ("2.5", 0, "2"),
        ("3.5", 0, "4"),
        ("0.05", 1, "0.0"),
        ("0.15", 1, "0.2"),
        ("1234.5", 2, "1,234.50"),
    ],
)
def test_a_decimal_keeps_its_digits_or_is_rounded_half_even(
    reader: str, value: str, digits: int | None, written: str
) -> None:
    assert formats.decimal(Decimal(value), digits) == written


@given(
    value=st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6
    )
)
def test_what_is_written_reads_back_as_the_same_number(value: Decimal) -> None:
    with PROBE.test_request_context("/?lang=zh"):
        written = formats.decimal(value)
    assert Decimal(written.replace(",", "").replace("−", "-")) == value


@pytest.mark.parametrize(
    ("kg", "written"),
    [
        ("18423601", "18,424"),
        ("732612", "732.6"),
        ("10000", "10.0"),
        ("9996", "10.00"),
        ("1234", "1.23"),
        ("45", "0.045"),
        ("0.4", "<0.001"),
        ("0", "0"),
        ("-0.4", ">−0.001"),
        ("-18423601", "−18,424"),
    ],
)
def test_kilograms_are_written_in_tonnes_with_the_digits_their_size_deserves(
    reader: str, kg: str, written: str
) -> None:
    assert formats.tonnes(Decimal(kg)) == written


def test_a_column_of_tonnes_can_have_the_same_decimals(reader: str) -> None:
    assert [formats.tonnes(Decimal(kg), 1) for kg in ("18423601", "930")] == ["18,423.6", "0.9"]


def test_a_ratio_is_written_as_per_cent_with_its_sign_when_asked(reader: str) -> None:
    assert formats.percent(Decimal("-0.112")) == "−11.2%"
    assert formats.percent(Decimal("0.031"), signed=True) == "+3.1%"
    assert formats.percent(Decimal(0), signed=True) == "0.0%"


def test_nothing_is_written_as_a_dash_and_never_as_zero(reader: str) -> None:
    written = {
        form(None)
        for form in (formats.decimal, formats.tonnes, formats.percent, formats.day, formats.moment)
    }
    assert written == {"–"}


def test_dates_follow_the_language_and_times_the_portals_time_zone(reader: str) -> None:
    late = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)
    expected = {
        "zh": ("2026年3月28日", "2026年3月28日 07:30"),
        "en": ("Mar 28, 2026", "Mar 28, 2026 07:30"),
    }
    assert (formats.day(late), formats.moment(late)) == expected[reader]
    assert formats.day(date(2026, 3, 28)) == expected[reader][0]


@pytest.mark.parametrize(
    ("start", "end", "zh", "en"),
    [
        ("2025-01-01", "2026-01-01", "2025年", "2025"),
        ("2025-03-01", "2025-04-01", "2025年3月", "Mar 2025"),
        ("2025-01-01", "2025-04-01", "2025年1月 – 2025年3月", "Jan 2025 – Mar 2025"),
        ("2025-01-01", "2025-01-16", "2025年1月1日 – 2025年1月15日", "Jan 1, 2025 – Jan 15, 2025"),
        ("2025-01-01", "2025-01-02", "2025年1月1日", "Jan 1, 2025"),
    ],
)
def test_a_period_is_named_by_its_last_day(
    reader: str, start: str, end: str, zh: str, en: str
) -> None:
    assert formats.period(start, end) == {"zh": zh, "en": en}[reader]
    assert formats.period(date.fromisoformat(start), date.fromisoformat(end)) == formats.period(
        start, end
    )


def test_a_time_without_zone_is_taken_as_utc(reader: str) -> None:
    naive = datetime(2026, 3, 27, 23, 30)
    assert formats.moment(naive) == formats.moment(naive.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("size", "written"), [(0, "0 B"), (999, "999 B"), (183_400, "183 kB"), (2_400_000, "2.4 MB")]
)
def test_sizes_are_written_in_powers_of_ten(reader: str, size: int, written: str) -> None:
    assert formats.filesize(size) == written
