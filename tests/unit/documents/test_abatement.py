"""Abatement cost curves: cheap before dear, as wide as the saving, and never more numbers than can be read."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.documents.charts.abatement import MOST_NUMBERED, Block, abatement_curve
from portal.documents.charts.drawing import PALETTE, PHONE, WIDE, Chart, Size
from portal.documents.charts.scales import Unit, emission_unit
from portal.documents.facts import Language
from portal.documents.figures import number
from tests.unit.documents.drawings import boxes, collisions, label_extent, strays

D = Decimal
SAVES, COSTS, REST = PALETTE[0], PALETTE[1], PALETTE[4]
TONNES = Unit(D(1000), "tCO₂e")


def block(name: str, tonnes: str, cost: str) -> Block:
    return Block(name, D(tonnes) * 1000, D(cost))


FEW = [
    block("Heat pump", "300", "210"),
    block("LED lighting", "100", "-620"),
    block("Photovoltaics", "200", "-95"),
]


def many(count: int) -> list[Block]:
    """Half save money and half cost some; the later the wider."""
    return [block(f"M{i}", str(10 + i), str((i * 37) % 100 * 10 - 500)) for i in range(count)]


def numbers_drawn(chart: Chart) -> list[str]:
    """The numbers above the bars, from left to right: the bold ones that are not in the key."""
    bold = [label for label in chart.labels if label.bold and label.anchor == "middle"]
    return [label.words for label in sorted(bold, key=lambda label: D(label.x))]


def test_bars_stand_from_cheap_to_dear_as_wide_as_they_save():
    chart = abatement_curve("t", FEW, unit=TONNES)
    led, photovoltaics = boxes(chart, SAVES)
    (pump,) = boxes(chart, COSTS)
    assert abs(led.right - photovoltaics.left) <= D("0.2")
    assert abs(photovoltaics.right - pump.left) <= D("0.2")
    widths = [box.right - box.left for box in (led, photovoltaics, pump)]
    assert abs(widths[1] - 2 * widths[0]) < D("0.4")
    assert abs(widths[2] - 3 * widths[0]) < D("0.4")


def test_bar_that_saves_money_hangs_from_the_zero_line():
    chart = abatement_curve("t", FEW, unit=TONNES)
    led, photovoltaics = boxes(chart, SAVES)
    (pump,) = boxes(chart, COSTS)
    assert led.top == photovoltaics.top
    assert abs(pump.bottom - led.top) <= D("0.2")
    assert led.bottom > photovoltaics.bottom > pump.bottom > pump.top


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_every_bar_has_a_number_and_the_key_says_what_it_is(size):
    chart = abatement_curve("t", FEW, unit=TONNES, cost_unit="CNY/tCO₂e", size=size)
    assert numbers_drawn(chart) == ["1", "2", "3"]
    words = [label.words for label in chart.labels]
    for name, tonnes, cost in (("LED lighting", "100", "−620"), ("Heat pump", "300", "210")):
        beside = label_extent(next(label for label in chart.labels if label.words == name)).bottom
        row = {label.words for label in chart.labels if D(label.y) == beside}
        assert {name, tonnes, cost} <= row
    assert words.count("CNY/tCO₂e") == 2  # at the axis and over the costs of the key


def test_description_has_each_number_with_its_unit():
    chinese = abatement_curve("t", FEW[:2], unit=TONNES, cost_unit="元/tCO₂e")
    assert chinese.description == (
        "1 LED lighting：100 tCO₂e，−620 元/tCO₂e；2 Heat pump：300 tCO₂e，210 元/tCO₂e"
    )
    english = abatement_curve("t", FEW[:1], unit=TONNES, language=Language.EN)
    assert english.description == "1 Heat pump: 300 tCO₂e, 210"


def test_of_many_the_widest_have_numbers_and_the_rest_is_summed():
    blocks = many(100)
    chart = abatement_curve("t", blocks, unit=TONNES, cost_unit="CNY/t", language=Language.EN)
    assert numbers_drawn(chart) == [str(n) for n in range(1, MOST_NUMBERED + 1)]
    rest = blocks[: 100 - MOST_NUMBERED]
    tonnes = sum(b.kg for b in rest) / 1000
    mean = sum(b.kg * b.cost for b in rest) / sum(b.kg for b in rest)
    told = f"85 others, mean cost: {number(tonnes, 0)} tCO₂e, {number(mean, 0)} CNY/t"
    assert chart.description.endswith(told)
    assert all(b.name not in chart.description for b in rest if len(b.name) == 3)


def test_grey_bars_keep_their_places_between_the_numbered_ones():
    chart = abatement_curve("t", many(100), unit=TONNES)
    every = sorted(
        boxes(chart, SAVES) + boxes(chart, COSTS) + boxes(chart, REST)[:-1], key=lambda b: b.left
    )
    assert len([box for box in every if box.what == REST]) > 10
    assert all(abs(after.left - before.right) <= D("0.3") for before, after in pairwise(every))


def test_rest_of_one_has_its_name():
    chart = abatement_curve("t", many(MOST_NUMBERED + 1), unit=TONNES)
    assert len(numbers_drawn(chart)) == MOST_NUMBERED + 1
    assert boxes(chart, REST) == []


def test_thousands_of_bars_are_drawn_with_few_shapes():
    chart = abatement_curve("t", many(5000), unit=TONNES)
    assert len(boxes(chart, REST)) < WIDE.width
    assert strays(chart) == []


@pytest.mark.parametrize("size", [WIDE, PHONE, Size(640, 260, 13)])
def test_numbers_of_thin_bars_stand_apart_in_a_line(size):
    thin = [block("Large", "50000", "100")]
    thin += [block(f"Small {i}", str(20 + i), str(i * 50 - 300)) for i in range(14)]
    chart = abatement_curve("t", thin, unit=TONNES, cost_unit="CNY/tCO₂e", size=size)
    assert numbers_drawn(chart) == [str(n) for n in range(1, 16)]
    assert collisions(chart) == []
    assert strays(chart) == []


def test_what_saves_nothing_is_only_described():
    blocks = [*FEW, block("Idle", "0", "5"), block("Worse", "-10", "5")]
    chart = abatement_curve("t", blocks, unit=TONNES, language=Language.EN)
    assert numbers_drawn(chart) == ["1", "2", "3"]
    assert chart.description.endswith("; Not drawn, as it saves nothing: Idle, Worse")


def test_one_tiny_but_very_dear_measure_does_not_flatten_the_others():
    dear = block("Dear", "1", "90000")
    chart = abatement_curve("t", [*FEW, dear], unit=TONNES, language=Language.EN)
    calm = abatement_curve("t", FEW, unit=TONNES, language=Language.EN)
    height = [box.bottom - box.top for box in (boxes(chart, SAVES)[0], boxes(calm, SAVES)[0])]
    assert height[0] > height[1] / 5
    assert any("white notch" in label.words for label in chart.labels)
    assert "Dear: 1 tCO₂e, 90,000" in chart.description
    assert not any("white notch" in label.words for label in calm.labels)


def test_nothing_to_save_is_an_empty_field():
    assert abatement_curve("t", []).labels
    assert strays(abatement_curve("t", [block("Idle", "0", "1")], size=PHONE)) == []


BLOCKS = st.lists(
    st.builds(
        Block,
        st.text("光伏热泵照明改造 abcdefgh-", min_size=1, max_size=50),
        st.decimals(-1000, D("1E+8"), places=1) | st.decimals(0, 10, places=3),
        st.decimals(-5000, 5000, places=2) | st.decimals(D("-1E+7"), D("1E+7"), places=0),
    ),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(BLOCKS, st.sampled_from([WIDE, PHONE, Size(640, 215, 13), Size(260, 240, 13)]))
def test_nothing_leaves_the_drawing_or_runs_into_each_other_whatever_the_blocks(blocks, size):
    unit = emission_unit([block.kg for block in blocks])
    chart = abatement_curve("t", blocks, unit=unit, cost_unit="CNY/tCO₂e", size=size)
    assert strays(chart) == []
    assert collisions(chart) == []
