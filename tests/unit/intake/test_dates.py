"""Days: year first is clear, the rest is asked or refused."""

from __future__ import annotations

from datetime import date

import pytest

from portal.intake.dates import DateRules, read_date
from portal.intake.reading import Answer

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "typed",
    [
        "2025-03-07",
        "2025/3/7",
        "2025.03.07",
        "2025年3月7日",
        "2025 年 3 月 7 号",
        "20250307",
        "２０２５－０３－０７",
        "7 Mar 2025",
        "March 7, 2025",
        " 2025-3-7\n",
    ],
)
def test_day_is_read_when_its_order_is_clear(typed):
    assert read_date(typed, today=TODAY).value == date(2025, 3, 7)


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("03/04/2025", ("2025-04-03", "2025-03-04")),
        ("13.04.2025", ("2025-04-13",)),
        ("04-13-2025", ("2025-04-13",)),
        ("3 4 2025", ("2025-04-03", "2025-03-04")),
    ],
)
def test_day_with_the_year_last_is_asked_and_taken_once_answered(typed, readings):
    asked = read_date(typed, today=TODAY)
    assert asked.answer is Answer.ASK
    assert asked.problems[0].readings == readings
    for reading in readings:
        assert read_date(typed, today=TODAY, confirmed=reading).value == date.fromisoformat(reading)


def test_question_leaves_out_a_reading_that_the_field_refuses():
    assert read_date("12/12/2026", today=TODAY).problems[0].code == "date.too_late"
    assert read_date("12/11/2026", today=TODAY).problems[0].readings == ("2026-11-12",)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2025-02-29", "date.no_such_day"),
        ("2025/13/04", "date.no_such_day"),
        ("31/02/2025", "date.no_such_day"),
        ("0000-01-01", "date.no_such_day"),
        ("25-03-07", "date.short_year"),
        ("07/03/25", "date.short_year"),
        ("45723", "date.serial"),
        ("2025-03-07T00:00:00Z", "date.with_time"),
        ("2025-03-07 08:30", "date.with_time"),
        ("令和7年3月7日", "date.era"),
        ("民国114年3月7日", "date.era"),
        ("R7.3.7", "date.era"),
        ("二〇二五年三月七日", "date.not_a_date"),
        ("yesterday", "date.not_a_date"),
        ("2025-W10-5", "date.not_a_date"),
        ("2025-066", "date.not_a_date"),
        ("٢٠٢٥-٠٣-٠٧", "date.not_a_date"),
        ("2025-03-07\u200b", "date.not_a_date"),
        (20250307, "date.not_a_date"),
        (True, "date.not_a_date"),
        ("1999-12-31", "date.too_early"),
        ("2026-11-25", "date.too_late"),
        ("", "date.missing"),
        (None, "date.missing"),
    ],
)
def test_day_is_refused_with_its_own_cure(typed, code):
    assert [each.code for each in read_date(typed, today=TODAY).problems] == [code]


def test_spreadsheet_number_names_the_day_it_stands_for():
    assert read_date("45723", today=TODAY).problems[0].named_values["meant"] == "2025-03-07"


def test_today_is_the_last_day_and_a_target_may_lie_ahead():
    assert read_date("2026-11-24", today=TODAY).is_settled
    assert read_date("2050-12-31", today=TODAY, rules=DateRules()).value == date(2050, 12, 31)
    assert read_date("", today=TODAY, rules=DateRules(is_required=False)).is_settled
