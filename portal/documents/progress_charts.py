"""The charts of progress reports, each from the report's facts in the report's own language."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from portal.documents.charts.abatement import Block, abatement_curve
from portal.documents.charts.drawing import Chart, Size
from portal.documents.charts.scales import emission_unit
from portal.documents.charts.trajectory import YearPoint, trajectory
from portal.documents.charts.waterfall import Step, waterfall
from portal.documents.facts import TargetTermsFacts, YearFigures
from portal.documents.progress_report import (
    ActionFacts,
    ChangeFacts,
    CostStep,
    ProgressReportFacts,
)
from portal.documents.progress_words import SCOPES, TargetFigures
from portal.documents.words import Words

TRAJECTORY, WATERFALL, CURVE = Size(640, 250, 13), Size(640, 240, 13), Size(640, 260, 13)


def scopes_drawn(target: TargetTermsFacts | None) -> tuple[int, ...]:
    """The scopes that the years of the target consist of: all three where there is no target."""
    return target.scopes if target is not None else (1, 2, 3)


def amounts_of(year: YearFigures, scopes: tuple[int, ...]) -> tuple[Decimal, ...]:
    """A year's amounts of some scopes."""
    amounts = {1: year.scope_1, 2: year.scope_2, 3: year.scope_3}
    return tuple(amounts[scope] for scope in scopes)


def trajectory_chart(
    facts: ProgressReportFacts, words: Words, values: TargetFigures
) -> Chart | None:
    """Years by scope, the target's path, the forecast as a band; None where there is nothing to draw."""
    points = _points(facts)
    if not points:
        return None
    return trajectory(
        words.first("实际排放、目标路径与预测", "Actual emissions, target path and forecast"),
        points,
        tuple(words.of(SCOPES[scope]) for scope in scopes_drawn(facts.target)),
        unit=values.chart_unit(_heights(points)),
        target=words.first("目标路径", "Target path") if facts.path else "",
        forecast=words.first("按计划的预测", "Forecast from the plan") if facts.forecast else "",
        other=words.first("原报告值", "As first reported") if facts.covered_as_reported else "",
        size=TRAJECTORY,
        language=facts.language,
    )


def _points(facts: ProgressReportFacts) -> list[YearPoint]:
    scopes = scopes_drawn(facts.target)
    actual = {year.year: amounts_of(year, scopes) for year in facts.covered}
    path = {point.year: point.kg_co2e for point in facts.path}
    forecast = {point.year: point for point in facts.forecast}
    first = {point.year: point.kg_co2e for point in facts.covered_as_reported}
    return [
        YearPoint(
            str(year),
            actual.get(year, ()),
            path.get(year),
            forecast[year].low if year in forecast else None,
            forecast[year].high if year in forecast else None,
            first.get(year),
        )
        for year in sorted(actual.keys() | path.keys() | forecast.keys())
    ]


def _heights(points: Sequence[YearPoint]) -> list[Decimal]:
    return [
        amount
        for point in points
        for amount in (sum(point.amounts, Decimal(0)), point.target, point.high)
        if amount is not None
    ]


def waterfall_chart(change: ChangeFacts, words: Words) -> Chart:
    """From one year to the next, by the parts of the change; parts that are nothing are left out."""
    steps = [
        Step(words.first(zh, en), amount)
        for zh, en, amount in (
            ("活动量", "Activity", change.activity or Decimal(0)),
            ("强度", "Intensity", change.intensity or Decimal(0)),
            ("活动量与强度", "Activity and intensity", change.undivided),
            ("排放因子", "Factors", change.factor),
            ("结构", "Structure", change.structure),
        )
        if amount
    ]
    return waterfall(
        words.first("排放变化的构成", "What the change consists of"),
        Step(str(change.from_year), change.kg_from),
        steps,
        Step(str(change.to_year), change.kg_to),
        unit=emission_unit((change.kg_from, change.kg_to)),
        size=WATERFALL,
        language=words.language,
    )


def cost_chart(priced: Sequence[tuple[CostStep, ActionFacts]], words: Words) -> Chart:
    """What a tonne costs against the tonnes a year."""
    return abatement_curve(
        words.first("边际减排成本曲线", "Marginal abatement cost curve"),
        [Block(words.of(action.name), step.kg, step.cost_per_t) for step, action in priced],
        unit=emission_unit(step.kg for step, _ in priced),
        cost_unit=words.first("元/tCO₂e", "CNY/tCO₂e"),
        size=CURVE,
        language=words.language,
    )
