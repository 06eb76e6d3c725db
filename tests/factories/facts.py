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
    Method,
    Name,
    Quality,
    ScopeFigures,
    SubmissionMark,
    TargetPoint,
    YearFigures,
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
    CategoryFigure(
        "purchased.feed", Name("外购饲料", "Purchased feed"), 3, kg("2860.25")
    ),
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
                Name("生鲜乳（FPCM）", "Raw milk (FPCM)"), Decimal("12480.5"), "t", Decimal("1160.5")
            ),
        ),
        quality=Quality(grade="B", score=Decimal("2.37")),
        method=METHOD,
        boundary=Name("运营控制，6 个场所", "Operational control, 6 sites"),
        submission=SUBMISSION,
        decision=Decision(Name("联盟协调员", "Alliance coordinator"), date(2026, 3, 28)),
    )
    return replace(facts, **changes)
