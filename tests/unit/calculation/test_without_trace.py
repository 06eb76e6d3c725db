"""A line that is worked out without its trace comes to the same to the last digit, whatever it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal import data
from portal.calculation.assessment import Assessment, assess
from portal.calculation.categories import Category, ParameterKind
from portal.calculation.lines import ActivityLine, AssessmentContext, Options
from portal.calculation.periods import Period

CONTEXT = AssessmentContext(
    data.load_edition(max(data.editions())),
    data.load_categories(),
    data.load_places(),
    options=Options(include_ch4_n2o=True),
)
QUANTITIES = (Decimal(0), Decimal("1"), Decimal("0.000001"), Decimal("123456789.123457"))
PLACES = (("CN", "CN-NM"), ("CN", "CN-SH"), ("DE", ""))


def _lines(category: Category) -> list[ActivityLine]:
    """The category in every unit it takes, with its choices one after the other, at several places and amounts."""
    choices = [each for each in category.parameters if each.kind is ParameterKind.CHOICE]
    numbers = {
        each.name: each.least or Decimal("0.5")
        for each in category.parameters
        if each.kind is not ParameterKind.CHOICE and (each.is_required or each.name == "enthalpy")
    }
    most = max((len(each.options) for each in choices), default=1)
    return [
        ActivityLine(
            key=f"{unit}-{turn}",
            category=category.id,
            quantity=QUANTITIES[(turn + place) % len(QUANTITIES)],
            unit=unit,
            period=Period(date(2025, 3, 1), date(2025, 4, 1)),
            country=PLACES[(turn + place) % len(PLACES)][0],
            region=PLACES[(turn + place) % len(PLACES)][1],
            parameters=numbers
            | {
                each.name: each.options[turn % len(each.options)].code
                for each in choices
                if each.is_required or turn % 2
            },
        )
        for place, unit in enumerate(category.accepted_units)
        for turn in range(min(most, 12) * 2)
    ]


@pytest.mark.parametrize("category", CONTEXT.categories.values(), ids=lambda each: each.id)
def test_result_is_the_same_without_its_trace(category):
    worked_out = 0
    for line in _lines(category):
        whole, bare = assess(line, CONTEXT), assess(line, CONTEXT, with_trace=False)
        if isinstance(whole, Assessment) and isinstance(bare, Assessment):
            assert bare.trace == ()
            assert replace(whole, trace=()) == bare
            worked_out += 1
        else:
            assert whole == bare
    assert worked_out
