"""Readings become what was used: in any order, through roll-overs and replacements, to the last digit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.calculation.metering import (
    Counting,
    Oddity,
    Register,
    Shown,
    known_span,
    local_midnight,
    rolls_over,
    series,
    used,
)
from portal.calculation.periods import Period

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
START = datetime(2025, 1, 1, tzinfo=UTC)
PLAIN = Register(START)
FIVE_DIGITS = Register(START, digits=5)


def at(days: float, value: str) -> Shown:
    return Shown(START + timedelta(days=days), Decimal(value))


def counted(readings: list[Shown], *registers: Register):  # type: ignore[no-untyped-def]  # short for the tests
    return series(Counting.CUMULATIVE, registers or (PLAIN,), readings)


def days(first: int, last: int) -> tuple[datetime, datetime]:
    return START + timedelta(days=first), START + timedelta(days=last)


def test_use_is_the_difference_times_the_multiplier() -> None:
    found = counted([at(0, "1000"), at(31, "1010.5")], Register(START, multiplier=Decimal(40)))
    use = used(found, *days(0, 31))
    assert (use.amount, use.completeness, use.interpolated) == (Decimal(420), 1, 0)
    assert use.kinds == ()


def test_border_between_two_readings_is_interpolated_and_says_its_share() -> None:
    found = counted([at(0, "0"), at(30, "300"), at(40, "400")])
    use = used(found, *days(0, 31))
    assert use.amount == Decimal(310)
    assert use.interpolated == Decimal("0.0323")
    assert used(found, *days(31, 40)).amount == Decimal(90)


def test_register_that_falls_from_its_end_rolled_over() -> None:
    use = used(counted([at(0, "99990"), at(31, "150")], FIVE_DIGITS), *days(0, 31))
    assert (use.amount, use.kinds) == (Decimal(160), (Oddity.ROLLED_OVER,))
    assert not use.is_doubtful


def test_register_that_falls_a_little_is_told_and_counts_nothing() -> None:
    use = used(counted([at(0, "200"), at(31, "150")], FIVE_DIGITS), *days(0, 31))
    assert (use.amount, use.kinds, use.is_doubtful) == (0, (Oddity.DECREASED,), True)


def test_register_without_digits_never_rolls_over() -> None:
    assert not rolls_over(Decimal(99990), Decimal(150), None)
    assert rolls_over(Decimal(99990), Decimal(150), 5)
    assert not rolls_over(Decimal(50000), Decimal(49000), 5)


def test_replacement_keeps_one_series() -> None:
    old = Register(START, last=Decimal(1500))
    new = Register(START + timedelta(days=10), multiplier=Decimal(2), first=Decimal(7))
    found = counted([at(0, "1000"), at(31, "57")], old, new)
    use = used(found, *days(0, 31))
    assert (use.amount, use.kinds) == (Decimal(500 + 100), (Oddity.REPLACED,))


def test_replacement_without_the_old_end_is_doubtful() -> None:
    new = Register(START + timedelta(days=10), first=Decimal(0))
    use = used(counted([at(0, "1000"), at(31, "50")], PLAIN, new), *days(0, 31))
    assert use.is_doubtful
    assert Oddity.UNREAD_END in use.kinds
    assert use.completeness < 1


def test_misread_count_casts_doubt_on_both_of_its_sides() -> None:
    low = counted([at(0, "0"), at(31, "1000"), at(59, "190"), at(90, "2800"), at(120, "3700")])
    assert [used(low, *days(*month)).is_doubtful for month in ((31, 59), (59, 90), (90, 120))] == [
        True, True, False,
    ]  # fmt: skip
    high = counted([at(0, "0"), at(31, "1000"), at(59, "9100"), at(90, "2800"), at(120, "3700")])
    assert [used(high, *days(*month)).is_doubtful for month in ((0, 31), (31, 59), (59, 90))] == [
        False, True, True,
    ]  # fmt: skip


def test_register_that_goes_back_through_zero_is_told() -> None:
    found = counted([at(0, "5"), at(31, "99990"), at(59, "40")], FIVE_DIGITS)
    assert used(found, *days(0, 31)).is_doubtful
    slow = counted([at(0, "5"), at(300, "99990")], FIVE_DIGITS)
    assert used(slow, *days(0, 300)).amount == Decimal(99985)
    assert not used(slow, *days(0, 300)).is_doubtful  # within most of a year it may well have


def test_what_was_noted_at_a_replacement_goes_before_a_reading_of_that_moment() -> None:
    readings = [at(0, "0"), at(31, "1000"), at(40, "1500"), at(59, "2000")]
    new = Register(START + timedelta(days=40), first=Decimal(0))
    for last in (Decimal(1500), None):
        found = counted(readings, Register(START, last=last), new)
        use = used(found, *days(31, 59))
        assert (use.amount, use.kinds) == (Decimal(2500), (Oddity.REPLACED,))


def test_beginning_of_a_meter_may_be_read_again() -> None:
    found = counted([at(0, "12"), at(31, "112")], Register(START, first=Decimal(0)))
    assert used(found, *days(0, 31)).amount == Decimal(100)


def test_replacement_without_the_new_beginning_is_doubtful() -> None:
    new = Register(START + timedelta(days=10))
    old = Register(START, last=Decimal(1500))
    use = used(counted([at(0, "1000"), at(11.5, "150"), at(31, "1750")], old, new), *days(0, 31))
    assert use.is_doubtful
    assert use.completeness == Decimal("0.9516")


def test_intervals_that_were_lost_are_missing_though_no_reading_says_when_it_began() -> None:
    quarter = [at(place / 96, "5") for place in range(1, 20 * 96 + 1)]
    lost = [
        each
        for each in quarter
        if not 9 * 96 < round((each.at - START).total_seconds() / 900) <= 19 * 96
    ]
    use = used(series(Counting.INTERVAL, [PLAIN], lost), *days(0, 20))
    assert use.amount == Decimal(10 * 96 * 5)
    assert use.completeness == Decimal("0.5000")
    assert use.kinds == (Oddity.MISSING,)
    late = used(series(Counting.INTERVAL, [PLAIN], quarter[19 * 96 :]), *days(0, 20))
    assert late.completeness == Decimal("0.0500")


def test_interval_across_an_exchange_of_another_ratio_is_doubtful() -> None:
    new = Register(START + timedelta(days=30), multiplier=Decimal(100))
    found = series(Counting.INTERVAL, [PLAIN, new], [at(14, "1000"), at(31, "1000")])
    use = used(found, *days(0, 31))
    assert (use.is_doubtful, use.kinds) == (True, (Oddity.REPLACED, Oddity.UNREAD_END))
    same = Register(START + timedelta(days=30))
    found = series(Counting.INTERVAL, [PLAIN, same], [at(14, "1000"), at(31, "1000")])
    assert used(found, *days(0, 31)).amount == Decimal(2000)
    assert not used(found, *days(0, 31)).is_doubtful


def test_long_gap_is_flagged_and_not_doubtful() -> None:
    use = used(counted([at(0, "0"), at(60, "600")]), *days(0, 31))
    assert (use.amount, use.kinds, use.interpolated) == (Decimal(310), (Oddity.LONG_GAP,), 1)
    assert not use.is_doubtful


def test_time_outside_the_readings_is_not_known() -> None:
    found = counted([at(10, "0"), at(20, "100")])
    assert used(found, *days(0, 31)).completeness == Decimal("0.3226")
    assert known_span(found) == days(10, 20)
    assert known_span(counted([at(1, "5")])) is None


def test_intervals_add_up_and_a_hole_is_not_filled() -> None:
    found = series(Counting.INTERVAL, [PLAIN], [at(1, "5"), at(2, "6"), interval(3, 4, "7")])
    use = used(found, *days(0, 4))
    assert (use.amount, use.completeness, use.kinds) == (
        Decimal(18), Decimal("0.75"), (Oddity.MISSING,),
    )  # fmt: skip


def test_intervals_that_overlap_count_once_and_are_told() -> None:
    found = series(
        Counting.INTERVAL,
        [PLAIN],
        [interval(0, 2, "20"), interval(1, 3, "20"), interval(1, 2.5, "9")],
    )
    use = used(found, *days(0, 3))
    assert Oddity.OVERLAP in use.kinds
    assert use.amount == Decimal("20") + Decimal("3") + Decimal("5")


def interval(first: float, last: float, value: str) -> Shown:
    shown = at(last, value)
    return Shown(shown.at, shown.value, START + timedelta(days=first))


def month_borders(year: int, month: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    period = Period.of_month(year, month)
    return local_midnight(period.start, zone), local_midnight(period.end, zone)


def test_months_begin_at_midnight_of_the_place_in_summer_and_winter() -> None:
    assert month_borders(2025, 3, SHANGHAI)[0] == datetime(2025, 2, 28, 16, tzinfo=UTC)
    start, end = month_borders(2025, 3, BERLIN)
    assert (start, end) == (
        datetime(2025, 2, 28, 23, tzinfo=UTC), datetime(2025, 3, 31, 22, tzinfo=UTC),
    )  # fmt: skip
    assert end - start == timedelta(days=31) - timedelta(hours=1)
    # Shanghai had summer time until 1991.
    assert month_borders(1991, 7, SHANGHAI)[0] == datetime(1991, 6, 30, 15, tzinfo=UTC)


def test_midnight_that_a_clock_change_skips_is_the_first_moment_after_it() -> None:
    skipped = local_midnight(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))
    assert skipped == datetime(2018, 11, 4, 3, tzinfo=UTC)


AMOUNTS = st.decimals(0, 10_000, places=3, allow_nan=False, allow_infinity=False)
MOMENTS = st.integers(0, 400 * 24 * 60)


@st.composite
def counts(draw: st.DrawFn, digits: int | None = None) -> list[Shown]:
    """A counter's readings at any moments; with digits it begins again at zero."""
    minutes = sorted(draw(st.lists(MOMENTS, min_size=2, max_size=25, unique=True)))
    total = draw(st.decimals(0, 99_999, places=2, allow_nan=False, allow_infinity=False))
    readings = []
    for minute in minutes:
        shown = total if digits is None else total % Decimal(10) ** digits
        readings.append(Shown(START + timedelta(minutes=minute), shown))
        total += draw(AMOUNTS)
    return readings


@given(counts(), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(readings: list[Shown], chance: object) -> None:
    shuffled = list(readings)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis calls it a Random
    assert counted(shuffled) == counted(readings)


@given(counts(), st.sampled_from([SHANGHAI, BERLIN]))
def test_months_come_to_exactly_the_whole(readings: list[Shown], zone: ZoneInfo) -> None:
    multiplier = Register(START, multiplier=Decimal("1.333333"))
    found = counted(readings, multiplier)
    borders = [month_borders(2025 + (n // 12), n % 12 + 1, zone)[0] for n in range(16)]
    parts = [used(found, *pair).amount for pair in pairwise(borders)]
    assert sum(parts) == used(found, borders[0], borders[-1]).amount
    assert all(part >= 0 for part in parts)


@given(counts(digits=5))
def test_roll_over_never_gives_a_negative_month(readings: list[Shown]) -> None:
    found = counted(readings, FIVE_DIGITS)
    borders = [START + timedelta(days=30 * n) for n in range(15)]
    uses = [used(found, *pair) for pair in pairwise(borders)]
    assert all(use.amount >= 0 for use in uses)
    assert all(0 <= use.completeness <= 1 for use in uses)


@given(st.lists(st.tuples(MOMENTS, st.integers(1, 3000), AMOUNTS), min_size=1, max_size=20))
def test_intervals_never_count_more_than_was_told(told: list[tuple[int, int, Decimal]]) -> None:
    by_moment = {
        minute + length: Shown(
            START + timedelta(minutes=minute + length), amount, START + timedelta(minutes=minute)
        )
        for minute, length, amount in told
    }
    readings = list(by_moment.values())
    use = used(series(Counting.INTERVAL, [PLAIN], readings), *days(0, 500))
    assert 0 <= use.amount <= sum(each.value for each in readings)
