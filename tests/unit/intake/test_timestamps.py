"""Moments: RFC 3339 and nothing that could be two moments or none."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.intake.timestamps import MomentRules, read_timestamp

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STRICT = MomentRules(NOW)
BERLIN = MomentRules(NOW, ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025-03-07T10:00:00Z", datetime(2025, 3, 7, 10, tzinfo=UTC)),
        ("2025-03-07t10:00:00z", datetime(2025, 3, 7, 10, tzinfo=UTC)),
        ("2025-03-07T10:00:00+08:00", datetime(2025, 3, 7, 2, tzinfo=UTC)),
        ("2025-03-07T10:00:00.123456-03:30", datetime(2025, 3, 7, 13, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-02T09:34:00Z", datetime(2026, 3, 2, 9, 34, tzinfo=UTC)),
    ],
)
def test_moment_with_its_offset_is_read(typed: str, meant: datetime) -> None:
    assert read_timestamp(typed, STRICT).value == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (None, "missing"),
        ("  ", "missing"),
        (20250307, "not_a_moment"),
        ("2025-03-07", "not_a_moment"),
        ("2025-03-07T10:00Z", "not_a_moment"),
        ("07.03.2025 10:00:00", "not_a_moment"),
        ("２０２５-03-07T10:00:00Z", "not_a_moment"),
        ("2025-03-07T10:00:00", "no_offset"),
        ("2025-12-31T23:59:60Z", "leap_second"),
        ("2025-03-07T10:00:00+99:99", "offset"),
        ("2025-03-07T10:00:00.1234567890123Z", "fraction"),
        ("9999-12-31T23:59:59-14:00", "no_such_moment"),
        ("0001-01-01T00:00:00+14:00", "no_such_moment"),
        ("2025-02-29T10:00:00Z", "no_such_moment"),
        ("2025-03-07T24:00:00Z", "no_such_moment"),
        ("2039-01-01T00:00:00Z", "future"),
        ("2026-03-02T09:36:00Z", "future"),
    ],
)
def test_moment_refused_with_what_is_wrong(typed: object, code: str) -> None:
    (found,) = read_timestamp(typed, STRICT).problems
    assert found.code == f"timestamp.{code}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025-03-07 10:00", datetime(2025, 3, 7, 9, tzinfo=UTC)),
        ("2025/7/1 0:05", datetime(2025, 6, 30, 22, 5, tzinfo=UTC)),
        ("2025-03-07T10:00", datetime(2025, 3, 7, 9, tzinfo=UTC)),
        ("2025-10-26T02:30:00+02:00", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        ("２０２５-03-07 10：00", datetime(2025, 3, 7, 9, tzinfo=UTC)),
    ],
)
def test_time_of_a_place_is_read_without_an_offset(typed: str, meant: datetime) -> None:
    assert read_timestamp(typed, BERLIN).value == meant


@pytest.mark.parametrize(
    ("typed", "code"), [("2025-10-26 02:30", "shown_twice"), ("2025-03-30 02:30", "skipped")]
)
def test_time_that_clocks_showed_twice_or_never_is_refused(typed: str, code: str) -> None:
    (found,) = read_timestamp(typed, BERLIN).problems
    assert found.code == f"timestamp.{code}"
