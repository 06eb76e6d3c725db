"""Charts: right heights, round axes, words for those who can't see them, and nothing that a page's policy forbids."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import etree

from portal.documents.charts.bars import Bar, bullet, level_bars, share_bar
from portal.documents.charts.columns import Column, stacked_columns
from portal.documents.charts.drawing import PALETTE, PHONE, WIDE, Chart, text_width
from portal.documents.charts.lines import Line, lines, sparkline, spread
from portal.documents.charts.scales import Axis, emission_unit
from portal.documents.facts import Language
from portal.resources import TEMPLATES

D = Decimal
SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Chart) -> etree._Element:
    """The chart as pages and papers write it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "parts"), autoescape=True, undefined=StrictUndefined
    )
    module = environment.get_template("charts.html").make_module()
    return etree.fromstring(str(module.svg(chart, "c")))


def some_charts() -> list[Chart]:
    """One of each kind."""
    columns = [
        Column("2024", (D(10), D(20), D(30)), D(60)),
        Column("2025", (D(5), D(20), D(30)), D(55)),
        Column("2026", (), D(50)),
    ]
    series = ("范围一", "范围二", "范围三")
    bars = [Bar("外购电力", D(12), "12 t"), Bar("天然气", D(0), "0 t")]
    return [
        stacked_columns("Emissions", columns, series, target="Path"),
        stacked_columns("Emissions", columns, series, target="Path", size=PHONE),
        level_bars("Largest", bars),
        level_bars("Largest", bars, size=PHONE),
        share_bar("Shares", bars),
        bullet("12 of 20", amount=D(12), target=D(15), most=D(20)),
        lines("Lines", ["1", "2"], [Line("a", (D(1), None)), Line("b", (D(3), D(-2)))]),
        sparkline("Down", [D(3), None, D(1), D(2)]),
    ]


@pytest.mark.parametrize("chart", some_charts())
def test_chart_is_an_image_with_words_and_without_any_style(chart):
    svg = drawn(chart)
    assert svg.get("role") == "img"
    assert svg.find(f"{SVG}title").text == chart.title
    assert svg.get("font-family")
    named = svg.get("aria-labelledby").split()
    assert [element.get("id") for element in svg if element.get("id")] == named
    text = etree.tostring(svg, encoding="unicode")
    assert not re.search(r"style=|var\(|<style|<script|\son\w+=|NaN|href", text)


@pytest.mark.parametrize("chart", some_charts())
def test_chart_stays_inside_its_drawing(chart):
    for label in chart.labels:
        assert 0 <= D(label.x) <= chart.width
        assert 0 <= D(label.y) <= chart.height
    for shape in chart.shapes:
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", shape.path):
            assert 0 <= D(x) <= chart.width
            assert 0 <= D(y) <= chart.height


def test_columns_are_as_high_as_their_amounts():
    chart = stacked_columns(
        "t", [Column("a", (D(10), D(30))), Column("b", (D(20), D(0)))], ("x", "y")
    )
    first = next(shape for shape in chart.shapes if shape.fill == PALETTE[0] and "v" in shape.path)
    swatch, ten, twenty = (D(height) for height in re.findall(r"v(-?[\d.]+)", _of(chart, 0)))
    assert swatch == WIDE.letter
    assert abs(twenty - 2 * ten) < D("0.2")
    second = [D(height) for height in re.findall(r"v(-?[\d.]+)", _of(chart, 1))]
    assert len(second) == 2  # swatch and 30: nothing is drawn for a zero
    assert abs(second[1] - 3 * ten) < D("0.2")
    assert first.stroke == "none"


def _of(chart: Chart, series: int) -> str:
    return "".join(shape.path for shape in chart.shapes if shape.fill == PALETTE[series])


@pytest.mark.parametrize("count", [1, 4, 10, 31])
@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_names_of_columns_never_run_into_each_other(count, size):
    columns = [Column(str(2000 + n), (D(n),)) for n in range(count)]
    chart = stacked_columns("t", columns, ("x",), size=size)
    names = [label for label in chart.labels if re.fullmatch(r"20\d\d", label.words)]
    middles = [D(label.x) for label in names]
    widest = text_width("2000", size.letter)
    assert names
    assert all(after - before > widest for before, after in pairwise(middles))


def test_series_differ_by_hatching_as_well_as_by_colour():
    chart = stacked_columns("t", [Column("a", (D(1), D(1), D(1)))], ("x", "y", "z"))
    hatchings = {shape.path[-12:] for shape in chart.shapes if shape.stroke == "#ffffff"}
    assert len(hatchings) == 4  # of two series, in the key and in the column


def test_description_has_every_number_in_the_language_of_the_page():
    columns = [Column("2025", (D("8412347.1"), D(2000)), D(9000000))]
    unit = emission_unit([D(9000000)])
    chinese = stacked_columns("t", columns, ("范围一", "范围二"), unit=unit, target="目标路径")
    assert chinese.description == "2025：范围一 8,412.3，范围二 2.0，目标路径 9,000.0 (tCO₂e)"
    english = stacked_columns("t", columns, ("a", "b"), unit=unit, language=Language.EN)
    assert english.description == "2025: a 8,412.3, b 2.0 (tCO₂e)"


def test_column_with_an_amount_below_zero_is_refused():
    with pytest.raises(ValueError, match="below zero"):
        stacked_columns("t", [Column("a", (D(-1),))], ("x",))


def test_bar_with_an_amount_below_zero_is_refused():
    with pytest.raises(ValueError, match="below zero"):
        level_bars("t", [Bar("a", D(-1), "−1")])


def test_charts_of_nothing_are_drawn_empty():
    assert stacked_columns("t", [], ("x",)).labels
    assert level_bars("t", []).height == 1
    assert share_bar("t", [Bar("a", D(0), "0")]).shapes
    assert sparkline("t", []).shapes == ()
    assert sparkline("t", [D(5)]).shapes
    assert lines("t", [], []).labels


@given(st.lists(st.decimals(0, D("1E+15"), places=6), min_size=1, max_size=8))
def test_axis_encloses_its_amounts_in_few_round_steps(amounts):
    axis = Axis.around(amounts)
    assert axis.low <= min(*amounts, D(0))
    assert axis.high >= max(*amounts, D(0))
    assert 2 <= len(axis.ticks()) <= 7
    assert all(0 <= axis.part(amount) <= 1 for amount in amounts)


@pytest.mark.parametrize(
    ("kilograms", "symbol"),
    [
        ("0", "tCO₂e"),
        ("50", "kgCO₂e"),
        ("100", "tCO₂e"),
        ("99000000", "tCO₂e"),
        ("100000000", "ktCO₂e"),
        ("100000000000", "MtCO₂e"),
        ("-250000", "tCO₂e"),
    ],
)
def test_unit_keeps_the_numbers_of_an_axis_short(kilograms, symbol):
    assert emission_unit([D(kilograms)]).symbol == symbol


@given(st.lists(st.decimals(0, 200, places=1), min_size=1, max_size=8))
def test_names_at_the_ends_of_lines_never_run_into_each_other(places):
    apart = sorted(spread(places, D(16), D(200)))
    assert all(lower - upper >= 16 for upper, lower in pairwise(apart))
    assert apart[-1] <= 200


def test_line_with_an_amount_too_few_is_refused():
    with pytest.raises(ValueError, match="2 amounts for 3 labels"):
        lines("t", ["1", "2", "3"], [Line("a", (D(1), D(2)))])


def test_long_name_is_cut_to_its_room_and_kept_whole_in_the_description():
    name = "外购原材料与包装材料及其上游运输的全部排放" * 3
    chart = level_bars("t", [Bar(name, D(1), "1")])
    assert chart.labels[0].words.endswith("…")
    assert name in chart.description
