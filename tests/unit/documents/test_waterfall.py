"""Waterfalls: each step begins where the one before it ended, and its sign is seen without any colour."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.documents.charts.drawing import PALETTE, PHONE, WHITE, WIDE, Chart, Size
from portal.documents.charts.scales import Unit, emission_unit
from portal.documents.charts.waterfall import Step, waterfall
from portal.documents.facts import Language
from tests.unit.documents.drawings import boxes, collisions, strays

D = Decimal
FALL, RISE, TOTAL = PALETTE[0], PALETTE[1], PALETTE[4]
PLAIN = Unit()
ENGLISH = (
    "Activity: production volume",
    "Emission intensity of output",
    "Emission factor editions",
)
CHINESE = ("生产活动量的变化", "单位产品排放强度", "排放因子版本更新")


def change(
    *amounts: str, names: tuple[str, ...] = ENGLISH, size: Size = WIDE, unit: Unit = PLAIN
) -> Chart:
    """A waterfall from the first amount through the others."""
    first, *rest = [D(amount) for amount in amounts]
    steps = [Step(name, amount) for name, amount in zip(names, rest, strict=False)]
    end = Step("2025", first + sum(rest))
    language = Language.ZH if names is CHINESE else Language.EN
    return waterfall("t", Step("2024", first), steps, end, unit=unit, size=size, language=language)


def test_totals_stand_on_the_ground_and_steps_where_the_last_one_ended():
    chart = change("100", "40", "-60")
    start, end = boxes(chart, TOTAL)
    (rise,), (fall,) = boxes(chart, RISE), boxes(chart, FALL)
    assert start.bottom == end.bottom
    assert abs(rise.bottom - start.top) <= D("0.2")
    assert abs(fall.top - rise.top) <= D("0.2")
    assert abs(end.top - fall.bottom) <= D("0.2")
    tall = start.bottom - start.top
    assert abs((rise.bottom - rise.top) - tall * D("0.4")) < D("0.3")


def test_bars_lie_on_a_phone_and_keep_their_order():
    names = tuple(f"{name} and what follows from it" for name in ENGLISH)
    chart = change("100", "40", "-60", names=names, size=PHONE)
    start, end = boxes(chart, TOTAL)
    (rise,), (fall,) = boxes(chart, RISE), boxes(chart, FALL)
    assert start.bottom < rise.top < rise.bottom < fall.top < fall.bottom < end.top
    assert start.left == end.left
    assert abs(rise.left - start.right) <= D("0.2")
    assert abs(fall.left - end.right) <= D("0.2")


def test_columns_stand_on_a_phone_too_where_their_names_have_room():
    chart = change("100", "40", names=("用电量",), size=PHONE)
    assert (chart.width, chart.height) == (PHONE.width, PHONE.height)
    assert len({box.bottom for box in boxes(chart, TOTAL)}) == 1


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_level_may_go_below_zero_and_come_back(size):
    chart = change("50", "-80", "70", size=size)
    assert strays(chart) == []
    assert {"50", "−80", "+70", "40"} <= {label.words for label in chart.labels}


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_falls_and_rises_differ_by_sign_and_by_hatching(size):
    chart = change("100", "40", "-60", size=size)
    assert {"+40", "−60"} <= {label.words for label in chart.labels}
    hatched = [
        before.fill
        for before, after in zip(chart.shapes, chart.shapes[1:], strict=False)
        if after.stroke == WHITE
    ]
    assert hatched == [RISE]


@pytest.mark.parametrize("names", [ENGLISH, CHINESE])
@pytest.mark.parametrize("size", [WIDE, PHONE, Size(640, 215, 13)])
def test_names_are_whole_in_some_lines(names, size):
    chart = change("8412", "640", "-310", "-95", names=names, size=size, unit=Unit(symbol="tCO₂e"))
    words = " ".join(label.words for label in chart.labels).replace(" ", "")
    assert all(name.replace(" ", "") in words for name in names)
    assert "…" not in words
    assert strays(chart) == []
    assert collisions(chart) == []


def test_bars_lie_on_a_wide_drawing_too_where_there_are_many():
    names = tuple(f"Measure number {index} with a longer name" for index in range(20))
    chart = change("5000", *["-10"] * 20, names=names)
    assert chart.height > WIDE.height
    assert len({box.top for box in boxes(chart, TOTAL)}) == 2
    assert collisions(chart) == []


def test_step_that_is_small_beside_the_totals_is_not_shown_as_nothing():
    words = {label.words for label in change("8412", "0.31", "-4").labels}
    assert {"8,412.0", "+0.3", "−4.0", "8,408.3"} <= words


def test_tiniest_step_is_said_to_be_less_than_the_least_shown():
    words = {label.words for label in change("8412", "0.0031", "-0.0004").labels}
    assert {"< 0.01", "> −0.01"} <= words


def test_step_of_nothing_has_no_sign():
    assert "0" in {label.words for label in change("8412", "0", "-4").labels}


def test_description_has_every_step_with_its_sign():
    unit = emission_unit([D(9000000)])
    chinese = change("8412000", "640000", "-1310500", names=CHINESE, unit=unit)
    assert chinese.description == (
        "2024：8,412.0；生产活动量的变化：+640.0；单位产品排放强度：−1,310.5；2025：7,741.5 (tCO₂e)"
    )
    english = change("8412000", "640000", "-1310500", unit=unit)
    assert english.description == (
        "2024: 8,412.0; Activity: production volume: +640.0;"
        " Emission intensity of output: −1,310.5; 2025: 7,741.5 (tCO₂e)"
    )


def test_nothing_that_stays_nothing_is_drawn_too():
    for size in (WIDE, PHONE):
        assert strays(change("0", size=size)) == []


def test_steps_that_do_not_come_to_the_end_are_refused():
    with pytest.raises(ValueError, match="the steps from 2024 don't come to 2025"):
        waterfall("t", Step("2024", D(10)), [Step("a", D(-1))], Step("2025", D("8.99")))


STEPS = st.lists(
    st.tuples(
        st.text("量强度因子活动 abcdefgh-（）", min_size=1, max_size=60),
        st.decimals(D("-1E+7"), D("1E+7"), places=2),
    ),
    max_size=14,
)


@settings(max_examples=80, deadline=None)
@given(
    STEPS,
    st.decimals(D("-1E+7"), D("1E+8"), places=2),
    st.sampled_from([WIDE, PHONE, Size(640, 215, 13)]),
)
def test_nothing_leaves_the_drawing_or_runs_into_each_other_whatever_the_steps(steps, start, size):
    changes = [Step(name, amount) for name, amount in steps]
    end = Step("2025", start + sum(step.amount for step in changes))
    unit = emission_unit([abs(start), abs(end.amount)])
    chart = waterfall("t", Step("2024", start), changes, end, unit=unit, size=size)
    assert strays(chart) == []
    assert collisions(chart) == []
