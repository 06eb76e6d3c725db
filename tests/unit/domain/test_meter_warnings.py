"""What is odd about series of meters by month and by day, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from portal.domain.warnings.meters import Counted, MeterSeries, Step, find_meter_warnings

SEASON = (78, 74, 85, 95, 110, 128, 142, 138, 115, 95, 80, 78)
SINCE = date(2025, 1, 1)
Values = list[Counted]


def months(change: Callable[[int, Decimal], Decimal] = lambda _place, value: value) -> Values:
    """Four years by month with a noise of three per cent; `change` is applied to the last year's months, 0 to 11."""
    random = Random(5)
    found = []
    for year in range(2022, 2026):
        for place, share in enumerate(SEASON):
            value = Decimal(round(share * 100 * (1 + 0.03 * random.gauss(0, 1))))
            if year == SINCE.year:
                value = change(place, value)
            found.append(Counted(date(year, place + 1, 1), value))
    return found


def days() -> Values:
    """Two years by day, with quieter weekends."""
    random = Random(6)
    found = []
    for place in range(730):
        day = date(2024, 1, 1) + timedelta(days=place)
        level = 60 if day.weekday() > 4 else 100
        found.append(Counted(day, Decimal(f"{level * (1 + 0.06 * random.gauss(0, 1)):.1f}")))
    return found


def codes(values: Values, step: Step = Step.MONTH, through: date = date(2025, 12, 1)) -> list[str]:
    series = MeterSeries("m1", "Hall 1", "kWh", step, values, through)
    return [each.code for each in find_meter_warnings(series, SINCE)]


def test_nothing_is_odd_about_a_steady_meter() -> None:
    assert codes(months()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda place, value: value * 1000 if place == 5 else value, "meter.slip"),
        (lambda place, value: value * 10 if place == 5 else value, "meter.slip"),
        (lambda place, value: value * Decimal("2.2") if place == 5 else value, "meter.spike"),
        (lambda place, value: -value if place == 5 else value, "meter.negative"),
        (lambda place, value: Decimal(0) if place == 5 else value, "meter.nothing"),
        (lambda place, value: Decimal(7777) if place in (4, 5, 6) else value, "meter.stuck"),
        (lambda place, value: value * Decimal("1.8") if place > 5 else value, "meter.level"),
        (lambda place, value: value * (11 + place) / 11, "meter.drift"),
    ],
)
def test_months_are_warned_of(change: Callable[[int, Decimal], Decimal], code: str) -> None:
    assert code in codes(months(change))


@pytest.mark.parametrize(("good", "idle"), [(1, 1), (7, 5), (10, 2)])
def test_meter_that_stands_still_in_its_first_year_is_told_each_month(good: int, idle: int) -> None:
    amounts = [Decimal(1000 + place) for place in range(good)] + [Decimal(0)] * idle
    values = [Counted(date(2025, place + 1, 1), amount) for place, amount in enumerate(amounts)]
    found = codes(values, through=date(2025, len(values), 1))
    assert found.count("meter.nothing") >= 1


def test_meter_that_had_not_begun_to_run_is_left_alone() -> None:
    amounts = [0, *(1000 + place for place in range(11))]
    values = [
        Counted(date(2025, place + 1, 1), Decimal(each)) for place, each in enumerate(amounts)
    ]
    assert "meter.nothing" not in codes(values)


def test_gap_is_told_once_with_its_length() -> None:
    values = [
        each for each in months() if each.start_on not in (date(2025, 4, 1), date(2025, 5, 1))
    ]
    series = MeterSeries("m1", "Hall 1", "kWh", Step.MONTH, values, date(2025, 12, 1))
    (warning,) = find_meter_warnings(series, SINCE)
    assert warning.code == "meter.gap"
    assert warning.named_values == {"meter": "Hall 1", "day": "2025-04-01", "count": "2"}


def test_growth_that_all_months_share_is_no_oddity_of_months() -> None:
    assert codes(months(lambda _place, value: value * Decimal("1.2"))) == []


def test_days_are_judged_beside_the_same_weekdays() -> None:
    through = date(2025, 12, 30)
    assert codes(days(), Step.DAY, through) == []
    leaping = days()
    leaping[500] = Counted(leaping[500].start_on, Decimal(900))
    assert codes(leaping, Step.DAY, through) == ["meter.slip"]
    stuck = days()
    for place in range(500, 510):
        stuck[place] = Counted(stuck[place].start_on, Decimal("81.3"))
    assert codes(stuck, Step.DAY, through) == ["meter.stuck"]


def test_heating_meter_that_rests_each_summer_is_left_alone() -> None:
    values = [
        Counted(each.start_on, Decimal(0)) if 5 <= each.start_on.month <= 9 else each
        for each in months()
    ]
    assert codes(values) == []


def test_new_meter_without_history_is_only_held_to_the_plain_rules() -> None:
    values = [each for each in months() if each.start_on >= SINCE]
    assert codes(values) == []
