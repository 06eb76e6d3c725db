"""The progress certificate's one A4 page, Chinese and English beside each other, from its facts to PDF bytes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from portal.documents.charts.drawing import Chart, Size
from portal.documents.charts.trajectory import YearPoint, trajectory
from portal.documents.facts import CriterionFacts, LevelFacts, Name, YearFigures
from portal.documents.figures import MINUS, TonneColumn, number
from portal.documents.printing import FITS, print_one_page
from portal.documents.progress_certificate import ProgressCertificateFacts
from portal.documents.progress_words import (
    SCOPES,
    SERIES,
    STATUSES,
    TargetFigures,
    bounds_words,
    measured_words,
    target_words,
)
from portal.documents.qr import qr_svg
from portal.documents.seals import UNSEALED, Seal, offline_address
from portal.documents.templates import page_html
from portal.documents.texts import unprintable, width_in_ems
from portal.domain.canonical import canonical_json

# Digits, separators and all, beyond which the table of figures takes smaller letters.
LONG_NUMBER = 9
# The page has room for so many conditions; the enclosed facts have them all, and the page says so.
CONDITIONS_SHOWN = {"comfortable": 12, "snug": 12, "tight": 6}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as a row of the table: its level, itself, and its bound and value in words."""

    level: Name
    label: Name
    asked: Name
    measured: Name
    is_met: bool


def render_progress_certificate(facts: ProgressCertificateFacts, seal: Seal = UNSEALED) -> bytes:
    """Render the certificate as PDF bytes: the same facts and seal give the same bytes.

    Raises RenderingFailed, with TOO_LONG when the texts don't fit on the one page even in small letters.
    """
    return print_one_page(
        facts, partial(progress_certificate_html, facts, statement=seal.statement), seal
    )


def progress_certificate_html(
    facts: ProgressCertificateFacts, fit: str = FITS[0], *, statement: str = ""
) -> str:
    """The certificate's page as HTML, for the press and for benchmarks."""
    values = TargetFigures.of(facts.target, *_values_shown(facts))
    conditions, room = _conditions(facts.levels), CONDITIONS_SHOWN[fit]
    return page_html(
        facts.template,
        "progress_certificate.html",
        facts=facts,
        fit=fit,
        values=values,
        change=_change(facts.standing.cut_percent),
        is_long=max(len(values.text(value)) for value in _values_shown(facts)) > LONG_NUMBER,
        name_size=_name_size(facts.member),
        promise=None if facts.target is None else target_words(facts.target),
        conditions=conditions[-room:],
        has_more_conditions=len(conditions) > room,
        statuses=[(name, getattr(facts.actions, status)) for status, name in STATUSES.items()],
        savings=_savings(facts),
        series=SERIES[facts.series],
        chart=_chart(facts, values),
        offline=offline_address(facts.verify_url) if statement else "",
        qr=qr_svg(facts.verify_url, statement, title=f"二维码：{facts.verify_url}"),
        has_stand_ins=bool(unprintable(canonical_json(facts).decode())),
    )


def _values_shown(facts: ProgressCertificateFacts) -> tuple[Decimal, ...]:
    standing = facts.standing
    return (standing.base, standing.actual, standing.allowed or Decimal(0))


def _change(cut_percent: Decimal) -> str:
    """The change since the base year as people write it: "−23.8%", "+3.5%", "0%"."""
    size = number(abs(cut_percent), 1)
    if not size.strip("0."):
        return "0%"
    return f"{MINUS if cut_percent > 0 else '+'}{size}%"


def _name_size(member: Name) -> str:
    """How large the member's name is set, by its width: a short name fills the line, a long one breaks."""
    width = width_in_ems(member.zh or member.en)
    steps = (("xl", 14), ("l", 20), ("m", 34), ("s", 72))
    return next((size for size, widest in steps if width <= widest), "xs")


def _conditions(levels: tuple[LevelFacts, ...]) -> list[Condition]:
    """The conditions of all levels, lowest first."""
    return [_condition(level, each) for level in levels for each in level.criteria]


def _condition(level: LevelFacts, fact: CriterionFacts) -> Condition:
    return Condition(level.name, fact.label, bounds_words(fact), measured_words(fact), fact.is_met)


def _savings(facts: ProgressCertificateFacts) -> list[tuple[Name, str, bool]]:
    """What the actions came to, in tonnes: the name, the amount, and whether it lies outside the boundary."""
    totals = facts.actions
    rows = (
        (Name("本年预期减排", "Saving expected this year"), totals.kg_expected, False),
        (Name("实测减排", "Saving measured"), totals.kg_measured, False),
        (Name("其中有证据证明", "of it proven by evidence"), totals.kg_verified, False),
        (
            Name("边界外避免排放", "Avoided outside"),
            totals.kg_avoided_measured,
            True,
        ),
    )
    tonnes = TonneColumn.for_amounts(*(kg for _, kg, _ in rows))
    return [(name, tonnes.text(kg), is_outside) for name, kg, is_outside in rows]


def _chart(facts: ProgressCertificateFacts, values: TargetFigures) -> Chart:
    scopes = (1, 2, 3) if facts.target is None else facts.target.scopes
    years = {year.year: _amounts(year, scopes) for year in facts.years}
    path = {point.year: point.kg_co2e for point in facts.path}
    forecast = {point.year: point for point in facts.forecast}
    points = [
        YearPoint(
            str(year),
            years.get(year, ()),
            path.get(year),
            forecast[year].low if year in forecast else None,
            forecast[year].high if year in forecast else None,
        )
        for year in sorted(years.keys() | path.keys() | forecast.keys())
    ]
    largest = [*(sum(amounts, Decimal(0)) for amounts in years.values()), *path.values()]
    return trajectory(
        "排放量与目标路径 Emissions and target path",
        points,
        tuple(f"{SCOPES[scope].zh} {SCOPES[scope].en}" for scope in scopes),
        unit=values.chart_unit(largest),
        target="目标路径 Target path" if path else "",
        forecast="计划预测 Forecast" if forecast else "",
        size=Size(330, 166, 10),
    )


def _amounts(year: YearFigures, scopes: tuple[int, ...]) -> tuple[Decimal, ...]:
    amounts = {1: year.scope_1, 2: year.scope_2, 3: year.scope_3}
    return tuple(amounts[scope] for scope in scopes)
