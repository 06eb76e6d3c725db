"""Trajectories: what happened, what should happen and what is expected, each told from the others and all in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.documents.charts.drawing import INK, PALETTE, PATH_DASH, PHONE, WHITE, WIDE, Chart, Size
from portal.documents.charts.scales import Unit, emission_unit
from portal.documents.charts.trajectory import BAND, YearPoint, trajectory
from portal.documents.facts import Language
from tests.unit.documents.drawings import boxes, collisions, path_points, strays

D = Decimal
SCOPES = ("Scope 1", "Scope 2", "Scope 3")
PRINTED = Size(640, 215, 13)
NAMES = {
    "target": "Target path",
    "forecast": "Forecast from the approved plan",
    "other": "As reported",
}


def actual(year: int, *amounts: str, **more: Decimal) -> YearPoint:
    return YearPoint(str(year), tuple(D(amount) for amount in amounts), **more)


def until(last: int) -> list[YearPoint]:
    """Four actual years from 2020 on, then a forecast and a target to the last year."""
    return [
        YearPoint(
            str(year),
            (D(300), D(150), D(500 - 10 * (year - 2020))) if year < 2024 else (),
            target=D(950) * (1 - D("0.02") * (year - 2020)),
            low=D(700 - year % 2000 * 4) if year >= 2024 else None,
            high=D(900 - year % 2000 * 4) if year >= 2024 else None,
            other=D(930) if year < 2022 else None,
        )
        for year in range(2020, last + 1)
    ]


def shown_names(chart: Chart) -> set[str]:
    return {label.words for label in chart.labels}


def test_columns_stand_on_each_other_and_are_as_high_as_their_amounts():
    chart = trajectory(
        "t", [actual(2025, "10", "20", "40"), actual(2026, "20", "20", "40")], SCOPES
    )
    first, second = boxes(chart, PALETTE[0])[1:]
    heights = [box.bottom - box.top for box in (first, second)]
    assert abs(heights[1] - 2 * heights[0]) < D("0.3")
    upon = boxes(chart, PALETTE[1])[1]
    assert abs(upon.bottom - first.top) <= D("0.2")


def test_amounts_below_zero_hang_from_the_ground():
    chart = trajectory("t", [actual(2025, "100", "-40", "60")], SCOPES)
    above, below = boxes(chart, PALETTE[0])[1], boxes(chart, PALETTE[1])[1]
    assert abs(below.top - above.bottom) <= D("0.2")
    assert "120" in shown_names(chart)


def test_target_is_a_dashed_line_and_the_forecast_a_band_that_begins_at_the_latest_total():
    points = [
        actual(2025, "100", target=D(100)),
        YearPoint("2026", (), target=D(90), low=D(80), high=D(95)),
        YearPoint("2027", (), target=D(80), low=D(60), high=D(90)),
    ]
    chart = trajectory("t", points, ("Total",), **NAMES)
    path = [shape for shape in chart.shapes if shape.dash == PATH_DASH][-1]
    assert len(path_points(path.path)) == 3
    band = [shape for shape in chart.shapes if shape.fill == BAND][-1]
    corners = path_points(band.path)[:-1]
    column = boxes(chart, PALETTE[0])[-1]
    assert len(corners) == 6
    assert abs(corners[0][1] - column.top) <= D("0.1")
    assert corners[0] == corners[-1]
    assert corners[1][1] < corners[-2][1]  # the most above the least


def test_what_has_no_value_is_neither_named_nor_drawn():
    chart = trajectory("t", [actual(2025, "1", "2", "3")], SCOPES, **NAMES)
    assert shown_names(chart) & set(NAMES.values()) == set()
    assert not [shape for shape in chart.shapes if shape.dash or shape.fill == BAND]
    only_plan = trajectory("t", [YearPoint("2030", (), target=D(5))], SCOPES, **NAMES)
    assert shown_names(only_plan) & {*SCOPES, *NAMES.values()} == {"Target path"}


def test_what_has_no_name_is_neither_drawn_nor_described():
    chart = trajectory("t", until(2030), SCOPES)
    assert not [shape for shape in chart.shapes if shape.dash or shape.fill == BAND]
    assert chart.description.endswith(
        "2023：Scope 1 300.0，Scope 2 150.0，Scope 3 470.0，合计 920.0"
    )


def test_another_series_has_a_mark_for_each_of_its_years():
    chart = trajectory("t", until(2030), SCOPES, **NAMES)
    marks = [shape for shape in chart.shapes if shape.fill == WHITE and shape.stroke == INK]
    assert [shape.path.count("M") for shape in marks] == [1, 2]  # in the key, and in two years


def test_forecast_of_a_single_year_is_as_wide_as_its_column():
    chart = trajectory("t", [YearPoint("2030", (), low=D(5), high=D(8))], SCOPES, **NAMES)
    band = [shape for shape in chart.shapes if shape.fill == BAND][-1]
    across = {x for x, _ in path_points(band.path)}
    assert len(across) == 2


def test_description_has_every_number_in_the_language_of_the_page():
    points = [
        actual(2025, "8412347.1", "2000", target=D(9000000), other=D(8500000)),
        YearPoint("2026", (), low=D(-1000), high=D(7000000)),
    ]
    unit = emission_unit([D(9000000)])
    names = {"target": "目标路径", "forecast": "预测", "other": "原报告值"}
    chinese = trajectory("t", points, ("范围一", "范围二"), unit=unit, **names)
    assert chinese.description == (
        "2025：范围一 8,412.3，范围二 2.0，合计 8,414.3，目标路径 9,000.0，原报告值 8,500.0；"
        "2026：预测 −1.0 至 7,000.0 (tCO₂e)"
    )
    english = trajectory("t", points, ("a", "b"), unit=unit, language=Language.EN, **NAMES)
    assert english.description == (
        "2025: a 8,412.3, b 2.0, total 8,414.3, Target path 9,000.0, As reported 8,500.0; "
        "2026: Forecast from the approved plan −1.0 to 7,000.0 (tCO₂e)"
    )


@pytest.mark.parametrize("size", [WIDE, PHONE, PRINTED])
@pytest.mark.parametrize("last", [2020, 2024, 2030, 2048, 2050])
def test_years_are_readable_to_the_end_of_the_path(last, size):
    chart = trajectory("t", until(last), SCOPES, unit=Unit(symbol="tCO₂e"), size=size, **NAMES)
    assert strays(chart) == []
    assert collisions(chart) == []
    assert {"2020", str(last)} <= shown_names(chart)


def test_first_and_latest_totals_are_shown_where_not_all_have_room():
    def totals(size: Size) -> list[str]:
        unit = Unit(D("0.01"))
        chart = trajectory("t", until(2050), SCOPES, unit=unit, size=size, **NAMES)
        return [label.words for label in chart.labels if label.bold]

    assert totals(WIDE) == ["95,000", "92,000"]
    assert totals(PHONE) == ["92,000"]
    assert totals(Size(1600, 300, 13)) == ["95,000", "94,000", "93,000", "92,000"]


def test_totals_of_many_actual_years_never_read_as_one_number():
    points = [actual(year, "300", "200", "450") for year in range(2020, 2051)]
    chart = trajectory("t", points, SCOPES)
    assert [label.words for label in chart.labels if label.bold] == ["950", "950"]


def test_drawing_gets_higher_where_its_key_takes_much_room():
    names = {key: name * 3 for key, name in NAMES.items()}
    long = trajectory("t", until(2030), tuple(name * 4 for name in SCOPES), size=PHONE, **names)
    assert long.height > PHONE.height
    assert strays(long) == []


def test_nothing_at_all_is_an_empty_field():
    assert trajectory("t", [], SCOPES, **NAMES).labels


def test_year_without_an_amount_for_each_series_is_refused():
    with pytest.raises(ValueError, match="2 amounts for 3 series"):
        trajectory("t", [actual(2025, "1", "2")], SCOPES)


def test_forecast_upside_down_is_refused():
    with pytest.raises(ValueError, match="2030 is expected at least above its most"):
        trajectory("t", [YearPoint("2030", (), low=D(2), high=D(1))], SCOPES)


AMOUNTS = st.decimals(D("-1E+6"), D("1E+8"), places=2)
MAYBE = st.none() | AMOUNTS


@st.composite
def years(draw: st.DrawFn) -> list[YearPoint]:
    points = []
    for index in range(draw(st.integers(1, 31))):
        low, high = draw(MAYBE), draw(MAYBE)
        if low is not None and high is not None:
            low, high = sorted((low, high))
        amounts = draw(st.just(()) | st.tuples(AMOUNTS, AMOUNTS, AMOUNTS))
        points.append(YearPoint(str(2020 + index), amounts, draw(MAYBE), low, high, draw(MAYBE)))
    return points


@settings(max_examples=60, deadline=None)
@given(years(), st.sampled_from([WIDE, PHONE, PRINTED]))
def test_nothing_leaves_the_drawing_or_runs_into_each_other_whatever_the_numbers(points, size):
    unit = emission_unit([abs(amount) for point in points for amount in point.reach()])
    chart = trajectory("t", points, SCOPES, unit=unit, size=size, **NAMES)
    assert strays(chart) == []
    assert collisions(chart) == []
