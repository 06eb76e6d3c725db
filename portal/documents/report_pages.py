"""The inventory report's pages, in Chinese with English beneath the headings or the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from portal.documents.charts.bars import Bar, level_bars
from portal.documents.charts.columns import Column, stacked_columns
from portal.documents.charts.drawing import Chart, Size
from portal.documents.charts.scales import emission_unit
from portal.documents.facts import Name
from portal.documents.figures import TonneColumn, share
from portal.documents.printing import print_pages
from portal.documents.report import FactorSource, ReportFacts, ReportLine
from portal.documents.seals import UNSEALED, Seal
from portal.documents.templates import page_html
from portal.documents.texts import unprintable
from portal.documents.words import Words

# Longer lists are data for a machine: they are in the enclosed facts, and the table says so.
LINES_PRINTED = 500
CATEGORIES_IN_CHART = 8
EVIDENCE_LINES_NAMED = 12


# By the key that calculations give a gas; single fluorinated gases are called by their key in capitals.
_GASES = {
    "co2": Name("CO₂", "CO₂"),
    "ch4_fossil": Name("CH₄（化石源）", "CH₄, fossil"),
    "ch4_biogenic": Name("CH₄（生物源）", "CH₄, biogenic"),
    "n2o": Name("N₂O", "N₂O"),
    "sf6": Name("SF₆", "SF₆"),
    "nf3": Name("NF₃", "NF₃"),
    "co2e": Name("未分气体的 CO₂e", "CO₂e, not split by gas"),
    "co2_biogenic": Name("生物源 CO₂（范围外）", "Biogenic CO₂, outside the scopes"),
}


def render_report(facts: ReportFacts, seal: Seal = UNSEALED) -> bytes:
    """Render the report as PDF bytes: the same facts give the same bytes; raises RenderingFailed."""
    return print_pages(facts, partial(report_html, facts), seal)


def report_html(facts: ReportFacts, data: bytes) -> str:
    """The report's pages as HTML; `data` are its facts as canonical JSON."""
    words = Words(facts.language)
    values = facts.figures
    tonnes = TonneColumn.for_amounts(values.total_location, values.total_market)
    printed = _lines_printed(facts)
    return page_html(
        facts.template,
        "report.html",
        facts=facts,
        w=words,
        tonnes=tonnes.text,
        lines=printed,
        omitted=_omitted(facts, printed),
        gas_name=_gas_name,
        factor_of=_factor_of,
        factors=_factors_used(printed),
        lines_of_evidence=_lines_of_evidence(facts),
        years_chart=_years_chart(facts, words) if facts.years or facts.target else None,
        categories_chart=_categories_chart(facts, words, tonnes) if facts.categories else None,
        has_stand_ins=bool(unprintable(data.decode())),
    )


def _lines_printed(facts: ReportFacts) -> tuple[ReportLine, ...]:
    """All lines in their order, or of a very long list the largest."""
    if len(facts.lines) <= LINES_PRINTED:
        return facts.lines
    largest = sorted(facts.lines, key=lambda line: (-line.kg_co2e, line.position))[:LINES_PRINTED]
    return tuple(sorted(largest, key=lambda line: line.position))


@dataclass(frozen=True, slots=True)
class Omitted:
    """The lines that are not printed: how many, and what they come to together in kg CO2e."""

    count: int
    kg_co2e: Decimal


def _omitted(facts: ReportFacts, printed: tuple[ReportLine, ...]) -> Omitted:
    everything = sum((line.kg_co2e for line in facts.lines), Decimal(0))
    shown = sum((line.kg_co2e for line in printed), Decimal(0))
    return Omitted(len(facts.lines) - len(printed), everything - shown)


def _gas_name(gas: str, words: Words) -> str:
    return words.of(_GASES.get(gas, Name(gas.upper(), gas.upper())))


def _factor_of(line: ReportLine) -> FactorSource | None:
    """The first factor of a line, which the table shows; the annex has all of them."""
    return next((step.factor for step in line.steps if step.factor is not None), None)


def _factors_used(lines: tuple[ReportLine, ...]) -> list[FactorSource]:
    """Each factor once, by its id: a year of monthly lines rests on very few."""
    steps = (step for line in lines for step in line.steps)
    used = {step.factor.id: step.factor for step in steps if step.factor is not None}
    return [used[factor] for factor in sorted(used)]


def _lines_of_evidence(facts: ReportFacts) -> dict[int, str]:
    """Which lines a file supports, as "1, 2, 5 …", by the file's position."""
    lines: dict[int, list[int]] = {}
    for line in facts.lines:
        for position in line.evidence:
            lines.setdefault(position, []).append(line.position)
    return {position: _listed(found) for position, found in lines.items()}


def _listed(positions: list[int]) -> str:
    words = ", ".join(map(str, positions[:EVIDENCE_LINES_NAMED]))
    return f"{words} …" if len(positions) > EVIDENCE_LINES_NAMED else words


def _years_chart(facts: ReportFacts, words: Words) -> Chart:
    targets = {point.year: point.kg_co2e for point in facts.target}
    reported = {y.year: (y.scope_1, y.scope_2, y.scope_3) for y in facts.years}
    columns = [
        Column(str(year), reported.get(year, ()), targets.get(year))
        for year in sorted(reported.keys() | targets.keys())
    ]
    return stacked_columns(
        words.first("历年各范围排放量", "Emissions by scope and year"),
        columns,
        tuple(
            words.first(zh, en)
            for zh, en in (("范围一", "Scope 1"), ("范围二", "Scope 2"), ("范围三", "Scope 3"))
        ),
        unit=emission_unit(column.total for column in columns),
        target=words.first("目标路径", "Target path") if targets else "",
        size=Size(640, 215, 13),
        language=facts.language,
    )


def _categories_chart(facts: ReportFacts, words: Words, tonnes: TonneColumn) -> Chart:
    whole = facts.figures.total_location
    bars = [
        Bar(
            words.of(category.name),
            category.kg_co2e,
            f"{tonnes.text(category.kg_co2e)} ({share(category.kg_co2e, whole)})",
        )
        for category in facts.categories[:CATEGORIES_IN_CHART]
    ]
    title = words.first("最大排放类别，tCO₂e", "Largest categories, tCO₂e")
    return level_bars(title, bars, size=Size(640, 250, 13), language=facts.language)
