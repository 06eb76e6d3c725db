"""Sample charts for the kit: each of them wide and for phones, in the page's language."""

from __future__ import annotations

from decimal import Decimal

from portal.documents.charts.abatement import Block, abatement_curve
from portal.documents.charts.drawing import PHONE, WIDE, Chart, Size
from portal.documents.charts.scales import Unit
from portal.documents.charts.trajectory import YearPoint, trajectory
from portal.documents.charts.waterfall import Step, waterfall
from portal.documents.facts import Language, Name

TONNES = Unit(Decimal(1000), "tCO₂e")
SCOPES = (Name("范围一", "Scope 1"), Name("范围二", "Scope 2"), Name("范围三", "Scope 3"))
MEASURES = (
    (Name("LED 照明改造", "LED lighting"), 120, -620),
    (Name("空压机余热回收", "Waste heat recovery from compressed air"), 340, -410),
    (Name("制冷系统变频控制", "Variable-speed control of refrigeration"), 410, -180),
    (Name("厂房屋顶光伏", "Rooftop photovoltaics"), 980, -95),
    (Name("购买绿色电力", "Green power purchase"), 2200, 60),
    (Name("饲料添加剂降低肠道甲烷", "Feed additive against enteric methane"), 1800, 150),
    (Name("燃气锅炉改热泵", "Heat pump in place of the gas boiler"), 1500, 210),
    (Name("低 GWP 制冷剂替换", "Low-GWP refrigerants"), 90, 340),
    (Name("电动牵引车", "Electric trucks"), 310, 880),
)
CHANGES = (
    (Name("生产活动量", "Activity: production volume"), 640),
    (Name("单位产品排放强度", "Emission intensity of output"), -1490),
    (Name("排放因子更新", "Emission factor edition"), -95),
    (Name("结构变化", "Structure"), 0),
)


def sample_charts(language: Language) -> dict[str, tuple[Chart, Chart]]:
    """Each kind of chart by its name, wide and for phones."""
    drawn = {"trajectory": _path_to, "waterfall": _change, "abatement": _curve}
    samples = {name: (draw(language, WIDE), draw(language, PHONE)) for name, draw in drawn.items()}
    samples["to-2050"] = (_path_to(language, WIDE, 2050), _path_to(language, PHONE, 2050))
    return samples


def _path_to(language: Language, size: Size, last: int = 2030) -> Chart:
    def say(zh: str, en: str) -> str:
        return Name(zh, en).first(language)

    return trajectory(
        say(f"至 {last} 年的排放与目标", f"Emissions and target to {last}"),
        [_year(year, last) for year in range(2021, last + 1)],
        tuple(scope.first(language) for scope in SCOPES),
        unit=TONNES,
        target=say("目标路径", "Target path"),
        forecast=say("按已批准计划的预测", "Forecast from the approved plan"),
        other=say("原报告值", "As reported"),
        size=size,
        language=language,
    )


def _year(year: int, last: int) -> YearPoint:
    past = year - 2021
    target = Decimal(8_412_000) * (last + 1 - year) / (last + 1 - 2021)
    if year > 2025:
        middle = target + 400_000
        return YearPoint(str(year), (), target, low=middle * 9 / 10, high=middle * 11 / 10)
    scopes = (Decimal(2_500_000), Decimal(1_300_000), Decimal(4_612_000 - 330_000 * past))
    return YearPoint(str(year), scopes, target, other=Decimal(8_100_000) if past < 2 else None)


def _change(language: Language, size: Size) -> Chart:
    steps = [Step(name.first(language), Decimal(tonnes * 1000)) for name, tonnes in CHANGES]
    start = Step("2024", Decimal(8_412_000))
    end = Step("2025", start.amount + sum(step.amount for step in steps))
    title = Name("2025 年比 2024 年的变化", "Change from 2024 to 2025").first(language)
    return waterfall(title, start, steps, end, unit=TONNES, size=size, language=language)


def _curve(language: Language, size: Size) -> Chart:
    return abatement_curve(
        Name("各项措施的减排成本", "What the measures cost").first(language),
        [Block(name.first(language), Decimal(t * 1000), Decimal(c)) for name, t, c in MEASURES],
        unit=TONNES,
        cost_unit=Name("元/tCO₂e", "CNY/tCO₂e").first(language),
        size=size,
        language=language,
    )
