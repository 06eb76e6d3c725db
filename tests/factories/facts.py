"""Facts of a dairy alliance that never was, for documents in tests and benchmarks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.documents.certificate import CertificateFacts
from portal.documents.facts import (
    CategoryFigure,
    Decision,
    Intensity,
    Language,
    Method,
    Name,
    Quality,
    ScopeFigures,
    SubmissionMark,
    TargetPoint,
    YearFigures,
)
from portal.documents.report import (
    AcknowledgedWarning,
    EvidenceFile,
    FactorSource,
    GasFigure,
    NotApplicableCategory,
    ReportFacts,
    ReportLine,
    SiteFigure,
    TraceStep,
)

ALLIANCE = Name("绿源乳业零碳联盟", "Lvyuan Dairy Zero-Carbon Alliance")
MEMBER = Name("呼和浩特市青禾牧业有限公司", "Hohhot Qinghe Dairy Farming Co., Ltd.")

METHOD = Method(
    standard=Name(
        "ISO 14064-1:2018；《温室气体核算体系：企业核算与报告标准》",
        "ISO 14064-1:2018; GHG Protocol Corporate Standard",
    ),
    gwp_set="GBT (AR6: CH₄ 27.9, N₂O 273)",
    edition="2025.1",
    edition_digest="9f2c7d0a5be14c3388aa0e6f1b7d92c4e05a6b8f3c1d47e29a80bb16c3f5d7e1",
)

SUBMISSION = SubmissionMark(
    version=2,
    digest="4be1a97d3c6058f2b9e0d471a85cf36e7712c0d98ab4e5f361d02c7f9b8a4e35",
    submitted_on=date(2026, 3, 12),
)


def kg(tonnes: str) -> Decimal:
    """Tonnes as kilograms."""
    return Decimal(tonnes) * 1000


FIGURES = ScopeFigures(
    scope_1=kg("8412.3471"),
    scope_2_location=kg("2150.806"),
    scope_2_market=kg("1490.112"),
    scope_3=kg("3920.55"),
    biogenic=kg("611.9"),
)

CATEGORIES = (
    CategoryFigure(
        "livestock.enteric", Name("奶牛肠道发酵", "Enteric fermentation"), 1, kg("5204.7")
    ),
    CategoryFigure("purchased.feed", Name("外购饲料", "Purchased feed"), 3, kg("2860.25")),
    CategoryFigure(
        "electricity.grid", Name("外购电力", "Purchased electricity"), 2, kg("2150.806")
    ),
    CategoryFigure("livestock.manure", Name("粪便管理", "Manure management"), 1, kg("1893.4")),
    CategoryFigure("stationary.natural_gas", Name("天然气", "Natural gas"), 1, kg("1088.2471")),
    CategoryFigure("freight.road", Name("公路货运", "Road freight"), 3, kg("734.6")),
)

YEARS = tuple(
    YearFigures(year, kg(one), kg(two), kg(three))
    for year, one, two, three in (
        (2021, "9120", "2702", "4310"),
        (2022, "8990.5", "2598.1", "4255.2"),
        (2023, "8841.25", "2430", "4102"),
        (2024, "8610", "2298.7", "4011.9"),
        (2025, "8412.3471", "2150.806", "3920.55"),
    )
)

TARGET = tuple(
    TargetPoint(year, kg("16132") * (Decimal(1) - Decimal("0.042") * (year - 2021)))
    for year in range(2021, 2031)
)


def certificate_facts(**changes: Any) -> CertificateFacts:
    """Facts of a good ordinary certificate, with what the test changes about them."""
    facts = CertificateFacts(
        number="ZCA-2026-000142",
        code="K7QF-29XM",
        verify_url="https://alliance.example/verify/ZCA-2026-000142?c=K7QF-29XM",
        issued_on=date(2026, 4, 2),
        valid_until=date(2027, 4, 1),
        alliance=ALLIANCE,
        member=MEMBER,
        member_code="M-0142",
        year=2025,
        base_year=2021,
        figures=FIGURES,
        categories=CATEGORIES[:5],
        years=YEARS,
        target=TARGET,
        intensities=(
            Intensity(
                Name("生鲜乳（FPCM）", "Raw milk (FPCM)"),
                Decimal("12480.5"),
                "t",
                Decimal("1160.5"),
            ),
        ),
        quality=Quality(grade="B", score=Decimal("2.37")),
        method=METHOD,
        boundary=Name("运营控制，6 个场所", "Operational control, 6 sites"),
        submission=SUBMISSION,
        decision=Decision(Name("联盟协调员", "Alliance coordinator"), date(2026, 3, 28)),
    )
    return replace(facts, **changes)


def report_lines(count: int) -> tuple[ReportLine, ...]:
    """So many monthly lines of a few categories, each with the steps that such a line has."""
    return tuple(_report_line(index) for index in range(count))


def _report_line(index: int) -> ReportLine:
    month = index % 12 + 1
    quantity = Decimal("120450.5") + index * Decimal("37.25")
    kg_co2e = quantity * Decimal("0.5568")
    factor = FactorSource(
        id="cn.grid.national.2021.average",
        value="0.5568",
        unit="kgCO₂/kWh",
        source="生态环境部、国家统计局《关于发布2021年电力二氧化碳排放因子的公告》",
        table="表1",
        year=2024,
        region="CN",
        why=Name(
            "该年度最近公布的全国平均值", "The latest national average published for the year"
        ),
    )
    steps = (
        TraceStep(Name("填报的活动数据", "Quantity as entered"), f"{quantity} kWh"),
        TraceStep(
            Name("排放因子", "Emission factor"), f"{quantity} kWh × 0.5568 kgCO₂/kWh", factor=factor
        ),
        TraceStep(Name("气体质量", "Mass of gas"), f"CO₂: {kg_co2e} kg"),
        TraceStep(
            Name("二氧化碳当量", "CO2 equivalent"),
            f"{kg_co2e} kg × 1 = {kg_co2e} kgCO₂e",
            note=Name("仅含 CO₂", "CO₂ only"),
        ),
    )
    return ReportLine(
        position=index + 1,
        category=CATEGORIES[index % len(CATEGORIES)].name,
        scope=CATEGORIES[index % len(CATEGORIES)].scope,
        site=f"S-{index % 6 + 1:02}",
        start=date(2025, month, 1),
        end=date(2026, 1, 1) if month == 12 else date(2025, month + 1, 1),
        quantity=quantity,
        unit="kWh",
        kg_co2e=kg_co2e,
        kg_co2e_market=kg_co2e / 2,
        kg_co2_biogenic=Decimal(0) if index % 5 else Decimal("12.5"),
        quality=index % 5 + 1,
        steps=steps,
        evidence=(index % 8 + 1,),
        note="抄表数据" if index % 7 == 0 else "",
    )


def report_facts(*, lines: int = 24, **changes: Any) -> ReportFacts:
    """Facts of a good ordinary report with so many lines, and what the test changes about them."""
    facts = ReportFacts(
        language=Language.ZH,
        issued_on=date(2026, 4, 2),
        certificate_number="ZCA-2026-000142",
        alliance=ALLIANCE,
        member=MEMBER,
        member_code="M-0142",
        year=2025,
        base_year=2021,
        figures=FIGURES,
        gases=(
            GasFigure("co2", kg("6210.4"), kg("6210.4")),
            GasFigure("ch4_biogenic", kg("201.5"), kg("5621.85")),
            GasFigure("n2o", kg("9.71"), kg("2650.83")),
            GasFigure("hfc-134a", Decimal("0.42"), Decimal("642.6")),
        ),
        categories=CATEGORIES,
        sites=tuple(
            SiteFigure(
                f"S-{number:02}",
                Name(f"青禾第{number}牧场", f"Qinghe farm {number}"),
                Name("内蒙古自治区", "Inner Mongolia"),
                kg("14483.7031") / 6,
            )
            for number in range(1, 7)
        ),
        lines=report_lines(lines),
        evidence=tuple(
            EvidenceFile(
                n, f"2025年电费发票-{n:02}.pdf", "application/pdf", 81_234 * n, f"{n:064x}"
            )
            for n in range(1, 9)
        ),
        intensities=(
            Intensity(
                Name("生鲜乳（FPCM）", "Raw milk (FPCM)"),
                Decimal("12480.5"),
                "t",
                Decimal("1160.5"),
            ),
        ),
        warnings=(
            AcknowledgedWarning(
                3,
                Name("数量约为去年同期的 1000 倍", "About 1000 times last year’s quantity"),
                "去年按万千瓦时填报，今年改为千瓦时。",
            ),
            AcknowledgedWarning(0, Name("缺少 2 月数据", "February is missing"), "春节停产检修。"),
        ),
        not_applicable=(
            NotApplicableCategory(
                Name("外购蒸汽", "Purchased steam"), "厂内自备锅炉，不外购蒸汽。"
            ),
        ),
        years=YEARS,
        target=TARGET,
        quality=Quality(grade="B", score=Decimal("2.37")),
        method=METHOD,
        boundary=Name("运营控制，6 个场所", "Operational control, 6 sites"),
        submission=SUBMISSION,
        decision=Decision(Name("联盟协调员", "Alliance coordinator"), date(2026, 3, 28)),
        note="本年度新增一处牧场，自 6 月起纳入边界。",
    )
    return replace(facts, **changes)
