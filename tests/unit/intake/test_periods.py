"""Periods: half-open, typed with their last day, and asked about where one spelling is several spans."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from portal.calculation.periods import Period
from portal.intake.periods import PeriodRules, period_text, read_period, read_period_days
from portal.intake.reading import Answer

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2025", "2025-01-01/2025-12-31"),
        ("2025年", "2025-01-01/2025-12-31"),
        (2025, "2025-01-01/2025-12-31"),
        ("2025-03", "2025-03-01/2025-03-31"),
        ("2025/3", "2025-03-01/2025-03-31"),
        ("2025.03", "2025-03-01/2025-03-31"),
        ("202503", "2025-03-01/2025-03-31"),
        (Decimal(202503), "2025-03-01/2025-03-31"),
        ("3/2025", "2025-03-01/2025-03-31"),
        ("March 2025", "2025-03-01/2025-03-31"),
        ("２０２５年３月份", "2025-03-01/2025-03-31"),
        ("2024-02", "2024-02-01/2024-02-29"),
        ("2025-7", "2025-07-01/2025-07-31"),
        ("2025Q1", "2025-01-01/2025-03-31"),
        ("q4 2025", "2025-10-01/2025-12-31"),
        ("2025年第二季度", "2025-04-01/2025-06-30"),
        ("2025年3季度", "2025-07-01/2025-09-30"),
        ("2025H2", "2025-07-01/2025-12-31"),
        ("2025年上半年", "2025-01-01/2025-06-30"),
        ("2025-01-15/2025-02-14", "2025-01-15/2025-02-14"),
        ("2025/1/15 - 2025/2/14", "2025-01-15/2025-02-14"),
        ("2025.1.15～2025.2.14", "2025-01-15/2025-02-14"),
        ("2025年1月15日至2月14日", "2025-01-15/2025-02-14"),
        ("2025-01 to 2025-06", "2025-01-01/2025-06-30"),
        ("2025年1-3月", "2025-01-01/2025-03-31"),
        ("2025年1月至3月", "2025-01-01/2025-03-31"),
        (date(2025, 1, 1), "2025-01-01/2025-01-31"),
        (datetime(2025, 3, 1), "2025-03-01/2025-03-31"),
    ],
)
def test_period_is_read_when_its_days_are_clear(typed, expected):
    read = read_period(typed, today=TODAY)
    assert read.answer in (Answer.ACCEPT, Answer.ACCEPT_NORMALIZED)
    assert period_text(read.value) == expected


def test_period_is_half_open_inside():
    assert read_period("2025-03", today=TODAY).value == Period(date(2025, 3, 1), date(2025, 4, 1))


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("2025-2", ("2025-02-01/2025-02-28", "2025-07-01/2025-12-31", "2025-04-01/2025-06-30")),
        ("2025-4", ("2025-04-01/2025-04-30", "2025-10-01/2025-12-31")),
        ("2024-25", ("2024-04-01/2025-03-31", "2024-07-01/2025-06-30", "2024-10-01/2025-09-30")),
        ("2025-03-07", ("2025-03-01/2025-03-31", "2025-03-07/2025-03-07")),
        (date(2025, 3, 7), ("2025-03-01/2025-03-31", "2025-03-07/2025-03-07")),
        ("2026", ("2026-01-01/2026-10-31", "2026-01-01/2026-12-31")),
        ("2026-11", ("2026-11-01/2026-11-30",)),
    ],
)
def test_doubtful_period_is_asked_and_taken_once_answered(typed, readings):
    asked = read_period(typed, today=TODAY)
    assert asked.answer is Answer.ASK
    assert asked.problems[0].readings == readings
    for reading in readings:
        answered = read_period(typed, today=TODAY, confirmed=reading)
        assert period_text(answered.value) == reading
        assert answered.is_settled


@pytest.mark.parametrize("typed", ["2025年度", "FY2025", "2025财年", "fiscal year 2025"])
def test_fiscal_year_is_asked_with_the_calendar_year_first(typed):
    readings = read_period(typed, today=TODAY).problems[0].readings
    assert readings[0] == "2025-01-01/2025-12-31"
    assert "2025-04-01/2026-03-31" in readings


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2025Q5", "period.no_such_period"),
        ("H3 2025", "period.no_such_period"),
        ("2025-13", "period.no_such_period"),
        ("2025-02-01/2025-02-29", "period.no_such_period"),
        ("2025-03-31/2025-01-01", "period.no_such_period"),
        ("2025-01-01/…", "period.open_end"),
        ("2025-01-01至今", "period.open_end"),
        ("2024-01-01/2025-01-01", "period.too_long"),
        ("1999", "period.too_early"),
        ("2027", "period.ahead"),
        ("2026-12", "period.ahead"),
        ("2025-W10", "period.not_a_period"),
        ("last year", "period.not_a_period"),
        ("3月", "period.not_a_period"),
        (45717, "period.not_a_period"),
        (True, "period.not_a_period"),
        ("", "period.missing"),
        (None, "period.missing"),
    ],
)
def test_period_is_refused_with_its_own_cure(typed, code):
    assert [each.code for each in read_period(typed, today=TODAY).problems] == [code]


def test_period_across_new_year_is_taken_and_flagged():
    read = read_period("2024-07-01/2025-06-30", today=TODAY)
    assert read.answer is Answer.ACCEPT_FLAGGED
    assert read.problems[0].code == "period.across_years"


def test_confirmed_running_period_is_flagged():
    read = read_period("2026", today=TODAY, confirmed="2026-01-01/2026-12-31")
    assert [each.code for each in read.problems] == ["period.still_running"]


def test_leap_year_fits_into_one_line():
    assert read_period("2024", today=TODAY).is_settled


def test_two_day_fields_report_both_problems_at_once():
    read = read_period_days("2025-02-30", "soon", today=TODAY)
    assert [(each.field, each.code) for each in read.problems] == [
        ("start", "date.no_such_day"),
        ("end", "date.not_a_date"),
    ]


def test_two_day_fields_make_a_period_that_includes_the_last_day():
    read = read_period_days("2025/1/15", "2025-02-14", today=TODAY)
    assert read.value == Period(date(2025, 1, 15), date(2025, 2, 15))
    assert [each.field for each in read.changes] == ["start"]


def test_two_day_fields_in_the_wrong_order_are_refused_at_the_last_day():
    read = read_period_days("2025-02-14", "2025-01-15", today=TODAY)
    assert [(each.field, each.code) for each in read.problems] == [("end", "period.reversed")]


def test_two_day_fields_ask_about_the_order_of_each_day():
    asked = read_period_days("03/04/2025", "30/04/2025", today=TODAY)
    assert [each.code for each in asked.problems] == ["date.order", "date.order"]
    answers = ("2025-04-03", "2025-04-30", None)
    assert (
        period_text(
            read_period_days("03/04/2025", "30/04/2025", today=TODAY, confirmed=answers).value
        )
        == "2025-04-03/2025-04-30"
    )


def test_optional_period_may_be_empty():
    assert read_period("", today=TODAY, rules=PeriodRules(is_required=False)).is_settled
