"""Sample charts of the kit: a supplier's way to its target, why a year differs, and what a tonne costs."""

from __future__ import annotations

from decimal import Decimal

from portal.documents.charts.abatement import Block, abatement_curve
from portal.documents.charts.drawing import PHONE, WIDE, Chart, Size
from portal.documents.charts.scales import emission_unit
from portal.documents.charts.trajectory import YearPoint, trajectory
from portal.documents.charts.waterfall import Step, waterfall
from portal.documents.facts import Language, Name

D = Decimal

# year, scopes 1 to 3 where reported, total as first reported; all in kg CO2e
REPORTED = {
    2022: (D(2_523_600), D(1_261_800), D(4_626_600), D(7_907_300)),
    2023: (D(2_435_300), D(1_217_600), D(4_464_700), None),
    2024: (D(2_346_900), D(1_173_500), D(4_302_700), None),
    2025: (D(2_258_600), D(1_129_300), D(4_140_800), None),
}
BASE, BASE_YEAR, TARGET_YEAR = D(8_412_000), 2022, 2030
# parts of the change from 2024 to 2025, in kg CO2e
EFFECTS = (
    (Name("结构与边界变化", "Structure and boundary"), D(-41_000)),
    (Name("排放因子版本更新", "Editions of emission factors"), D(-95_200)),
    (Name("生产活动量变化", "Activity: production volume"), D(640_000)),
    (Name("单位产品排放强度", "Emission intensity of output"), D(-798_200)),
)
# name, kg CO2e a year, CNY per tonne
MEASURES = (
    (Name("LED 照明改造", "LED lighting"), 120_000, -620),
    (Name("空压机余热回收", "Waste heat from compressed air"), 340_000, -410),
    (Name("制冷系统变频控制", "Variable-speed control of refrigeration"), 410_000, -180),
    (Name("厂房屋顶光伏", "Rooftop photovoltaics"), 980_000, -95),
    (Name("购买绿色电力", "Purchase of green power"), 2_200_000, 60),
    (Name("饲料添加剂降低肠道甲烷", "Feed additive against enteric methane"), 1_800_000, 150),
    (Name("天然气锅炉改热泵", "Heat pump instead of a gas boiler"), 1_500_000, 210),
    (Name("低 GWP 制冷剂替换", "Low-GWP refrigerants"), 90_000, 340),
    (Name("电动牵引车", "Electric trucks"), 310_000, 880),
)


def sample_charts(language: Language) -> dict[str, list[Chart]]:
    """Each chart by its name, wide and for phones."""
    drawn = {"trajectory": _trajectory, "waterfall": _waterfall, "abatement": _abatement}
    return {
        name: [draw(size, language) for size in (WIDE, PHONE)] for name, draw in drawn.items()
    }


def _trajectory(size: Size, language: Language) -> Chart:
    return trajectory(
        Name("排放、目标路径与预测", "Emissions, target path and forecast").first(language),
        [_year(year) for year in range(BASE_YEAR, TARGET_YEAR + 1)],
        tuple(Name(f"范围{zh}", f"Scope {en}").first(language) for zh, en in ("一1", "二2", "三3")),
        unit=emission_unit([BASE]),
        target=Name("目标路径", "Target path").first(language),
        forecast=Name("按计划的预测", "Forecast from the plan").first(language),
        other=Name("原报告值", "As reported").first(language),
        size=size,
        language=language,
    )


def _year(year: int) -> YearPoint:
    since = year - BASE_YEAR
    target = BASE * (1 - D("0.042") * since)
    if year in REPORTED:
        *scopes, reported = REPORTED[year]
        return YearPoint(str(year), tuple(scopes), target, other=reported)
    expected = BASE * (1 - D("0.034") * since)
    return YearPoint(
        str(year), target=target, low=expected * D("0.9"), high=expected * D("1.06")
    )


def _waterfall(size: Size, language: Language) -> Chart:
    before, now = (sum(REPORTED[year][:3], D(0)) for year in (2024, 2025))
    return waterfall(
        Name("较 2024 年变化的原因", "Why it changed since 2024").first(language),
        Step("2024", before),
        [Step(name.first(language), kg) for name, kg in EFFECTS],
        Step("2025", now),
        unit=emission_unit([before, now]),
        size=size,
        language=language,
    )


def _abatement(size: Size, language: Language) -> Chart:
    return abatement_curve(
        Name("每吨减排的成本", "Cost of each tonne avoided").first(language),
        [Block(name.first(language), D(kg), D(cost)) for name, kg, cost in MEASURES],
        unit=emission_unit([D(kg) for _, kg, _ in MEASURES]),
        cost_unit=Name("元/tCO₂e", "CNY/tCO₂e").first(language),
        size=size,
        language=language,
    )
