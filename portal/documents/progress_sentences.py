"""The sentences that sum a progress report up, made from its numbers in both languages."""

from __future__ import annotations

from decimal import Decimal

from portal.calculation.pathways import Kind
from portal.documents.facts import ForecastPoint, Name, PathStanding
from portal.documents.figures import TonneColumn, number, share
from portal.documents.progress_report import ChangeFacts, ProgressReportFacts
from portal.documents.progress_words import TargetFigures


def with_unit(values: TargetFigures, amount: Decimal) -> str:
    """A value of a target with its unit: "9,013.2 tCO₂e", "34.5%"."""
    space = "" if values.unit == "%" else " "
    return f"{values.text(amount)}{space}{values.unit}"


def summary(facts: ProgressReportFacts, values: TargetFigures) -> list[Name]:
    """Three sentences for whoever reads no further: where it stands, what is done, what is to be expected."""
    sentences = [*_standing(facts, values), _actions(facts)]
    outlook = _outlook(facts, values)
    if outlook is not None:
        sentences.append(outlook)
    elif facts.change is not None:
        sentences.append(change_in_words(facts.change))
    return sentences


def _standing(facts: ProgressReportFacts, values: TargetFigures) -> list[Name]:
    standing = facts.standing
    of = Name("目标范围内的排放", "Emissions that the target covers")
    if facts.target is None:
        of = Name("排放总量", "Total emissions")
    elif facts.target.kind is not Kind.ABSOLUTE:
        of = Name("目标指标", "What the target measures")
    base_year = facts.base_year if facts.target is None else facts.target.base_year
    base = Name(f"基准年 {base_year} 年", f"in the base year {base_year}")
    cut = compared(standing.cut_percent, base)
    actual = with_unit(values, standing.actual)
    gap = _gap(standing, values)
    return [
        Name(
            f"{facts.year} 年{of.zh}为 {actual}，{cut.zh}{gap.zh}。",
            f"{of.en} came to {actual} in {facts.year}, {cut.en}{gap.en}.",
        )
    ]


def compared(percent: Decimal, base: Name) -> Name:
    """A cut against a year in words: "比基准年 2021 年减少 23.8%", "23.8% less than in the base year 2021"."""
    size = f"{number(abs(percent), 1)}%"
    if not percent:
        return Name(f"与{base.zh}持平", f"the same as {base.en}")
    if percent > 0:
        return Name(f"比{base.zh}减少 {size}", f"{size} less than {base.en}")
    return Name(f"比{base.zh}增加 {size}", f"{size} more than {base.en}")


def _gap(standing: PathStanding, values: TargetFigures) -> Name:
    """By how much the year lies below or above what the path allows."""
    if standing.allowed is None:
        return Name("；尚无目标路径", "; there is no target path yet")
    room = standing.allowed - standing.actual
    size, allowed = with_unit(values, abs(room)), with_unit(values, standing.allowed)
    if room >= 0:
        return Name(
            f"，比路径允许的 {allowed} 低 {size}", f", {size} below the {allowed} of the path"
        )
    return Name(f"，比路径允许的 {allowed} 高 {size}", f", {size} above the {allowed} of the path")


def _actions(facts: ProgressReportFacts) -> Name:
    totals = facts.totals
    if not totals.count:
        return Name("减排计划中还没有措施。", "The plan has no actions yet.")
    tonnes = TonneColumn.for_amounts(totals.kg_expected, totals.kg_measured).text
    return Name(
        f"计划共有 {totals.count} 项措施，{totals.done} 项已完成、{totals.in_progress} 项实施中；"
        f"本年度预期减排 {tonnes(totals.kg_expected)} tCO₂e，实测 {tonnes(totals.kg_measured)} tCO₂e，"
        f"其中有证据的为 {tonnes(totals.kg_verified)} tCO₂e。",
        f"The plan has {totals.count} action{'' if totals.count == 1 else 's'}: {totals.done} done,"
        f" {totals.in_progress} in progress; {tonnes(totals.kg_expected)} tCO₂e expected this year,"
        f" {tonnes(totals.kg_measured)} measured, {tonnes(totals.kg_verified)} of that with evidence.",
    )


def _outlook(facts: ProgressReportFacts, values: TargetFigures) -> Name | None:
    """What the plan leads to in the target year, or in the last year that is forecast before it."""
    if facts.target is None:
        return None
    allowed = {point.year: point.kg_co2e for point in facts.path}
    coming = [
        point
        for point in facts.forecast
        if point.year in allowed and point.year <= facts.target.target_year
    ]
    if not coming:
        return None
    last = max(coming, key=lambda point: point.year)
    return _expected(last, allowed[last.year], values, more_is_better=facts.target.kind.is_share)


def _expected(
    point: ForecastPoint, allowed: Decimal, values: TargetFigures, *, more_is_better: bool
) -> Name:
    best, worst = (point.high, point.low) if more_is_better else (point.low, point.high)
    verdict = _verdict(
        is_sure=worst >= allowed if more_is_better else worst <= allowed,
        is_possible=best >= allowed if more_is_better else best <= allowed,
    )
    low, high, path = (
        values.text(point.low),
        with_unit(values, point.high),
        with_unit(values, allowed),
    )
    return Name(
        f"按已批准的计划，{point.year} 年预计为 {low} 至 {high}，路径为 {path}：{verdict.zh}。",
        f"The approved plan leads to {low} to {high} in {point.year}, the path to {path}:"
        f" {verdict.en}.",
    )


def _verdict(*, is_sure: bool, is_possible: bool) -> Name:
    if is_sure:
        return Name("计划足以达到", "the plan is enough")
    if is_possible:
        return Name("措施全部见效才能达到", "it is enough only if every action works as hoped")
    return Name("计划尚不足以达到", "the plan is not enough yet")


def change_in_words(change: ChangeFacts) -> Name:
    """By how much the year differs from an earlier one."""
    delta = change.kg_to - change.kg_from
    before, after = change.from_year, change.to_year
    if not delta:
        return Name(
            f"{after} 年排放与 {before} 年相同。",
            f"Emissions in {after} were the same as in {before}.",
        )
    size = TonneColumn.for_amounts(delta).text(abs(delta))
    percent = share(abs(delta), change.kg_from)
    turn = Name("减少", "fell") if delta < 0 else Name("增加", "rose")
    return Name(
        f"{after} 年排放比 {before} 年{turn.zh} {size} tCO₂e（{percent}）。",
        f"From {before} to {after} emissions {turn.en} by {size} tCO₂e ({percent}).",
    )
