"""Twelve sample lines for the table of activity data."""

from __future__ import annotations

from portal.web.forms.line_table import (
    Asked,
    FileLink,
    LineOptions,
    LineRow,
    ParameterInput,
    Remark,
)
from portal.web.forms.options import Option, OptionList, option_list

CATEGORIES = (
    Option(
        "electricity.grid", "外购电力（电网）", ("Purchased electricity",), ("kWh", "MWh", "万kWh")
    ),
    Option("stationary.natural_gas", "天然气", ("Natural gas",), ("m³", "10⁴Nm³", "GJ")),
    Option("mobile.diesel", "柴油（车辆）", ("Diesel, vehicles",), ("L", "t")),
    Option("refrigerant.top_up", "制冷剂补充", ("Refrigerant top-up",), ("kg",)),
    Option("freight.road", "公路货运", ("Road freight",), ("t·km",)),
)
UNITS = tuple(
    Option(code, code, also)
    for code, also in (
        ("kWh", ()),
        ("MWh", ("兆瓦时",)),
        ("万kWh", ()),
        ("m³", ("立方米",)),
        ("10⁴Nm³", ()),
        ("GJ", ()),
        ("L", ("litres", "升")),
        ("t", ("吨", "tonnes")),
        ("kg", ()),
        ("t·km", ("tonne-km",)),
    )
)
PERIODS = (
    Option("2025", "2025 年全年", ("Full year 2025",)),
    *(Option(f"2025-{month:02}", f"2025 年 {month} 月") for month in range(1, 13)),
)
SITES = (
    Option("s1", "苏州一厂", ("Suzhou plant 1",)),
    Option("s2", "无锡仓库", ("Wuxi warehouse",)),
)

# category, quantity, unit, period, site, result, last year
SAMPLES = (
    ("electricity.grid", "1284.5", "MWh", "2025-01", "s1", "732.6", "1,240 MWh"),
    ("electricity.grid", "1310.2", "MWh", "2025-02", "s1", "747.2", "1,302 MWh"),
    ("electricity.grid", "", "MWh", "2025-03", "s1", None, "1,288 MWh"),
    ("stationary.natural_gas", "86200", "m³", "2025", "s1", "174.1", None),
    ("mobile.diesel", "24150", "L", "2025", "s2", "64.2", "23,900 L"),
    ("mobile.diesel", "6120", "kWh", "2025", "s2", None, None),
    ("refrigerant.top_up", "12.4", "kg", "2025", "s1", "25.9", None),
    ("freight.road", "2.450.000", "t·km", "2025", "s2", None, "2,390,000 t·km"),
    ("freight.road", "38600", "t·km", "2025-12", "", "20.1", None),
)


def _units_of(category: str) -> OptionList:
    fitting = next((option.units for option in CATEGORIES if option.value == category), ())
    offered = [unit for unit in UNITS if not fitting or unit.value in fitting]
    return option_list(offered, empty="–")


def _errors(number: int) -> dict[str, str]:
    return {
        3: {"quantity": "填写数量 / Enter a quantity"},
        6: {"unit": "选择适用的单位：L、t / Choose a unit that fits this category: L, t"},
        8: {"quantity": "数量请写成 1234.5 的形式 / Enter the quantity as a number, like 1234.5"},
        9: {"site": "选择场所 / Choose a site"},
    }.get(number, {})


def _remarks(number: int) -> tuple[Remark, ...]:
    if number == 5:
        return (
            Remark(
                "warning",
                "open",
                "比上年高 10 倍，请说明原因。 / 10 times last year.",
                "#",
                "说明原因 / Give a reason",
            ),
        )
    if number == 8:
        return (
            Remark(
                "finding", "open", "单位是否应为 t·km？ / Is a zero missing?", "#", "答复 / Answer"
            ),
        )
    return ()


def _asked(number: int) -> tuple[Asked, ...]:
    readings = ("2450000", "2450")
    question = "“2.450.000”是哪个数？ / Which number is “2.450.000”?"
    return (Asked("confirm-quantity", question, readings),) if number == 8 else ()


def _inputs(number: int, *, bad: bool) -> tuple[ParameterInput, ...]:
    if number != 7:
        return ()
    gases = option_list([Option("hfc-134a", "HFC-134a"), Option("r-410a", "R-410A")], empty="–")
    error = "选择制冷剂 / Choose the refrigerant" if bad else ""
    return (
        ParameterInput("parameters-gas", "制冷剂 / Refrigerant", "", options=gases, error=error),
        ParameterInput("parameters-charge", "充注量 / Charge", "12.5", unit="kg"),
    )


def line_rows(*, bad: bool) -> list[LineRow]:
    """The sample lines; `bad` with their errors."""
    rows = []
    for number, (category, quantity, unit, period, site, result, last_year) in enumerate(
        SAMPLES, start=1
    ):
        values = {
            "key": f"k{number}",
            "version": "1",
            "category": category,
            "quantity": quantity,
            "unit": unit,
            "period": period,
            "site": site,
        }
        rows.append(
            LineRow(
                index=number - 1,
                number=number,
                values=values,
                units=_units_of(category),
                errors=_errors(number) if bad else {},
                last_year=last_year,
                result=result,
                result_note=None if result else "缺少数量 / quantity missing",
                trace_url="#" if result else None,
                files=(FileLink("grid-bill-q1.pdf", "#"),) if number in (1, 4) else (),
                evidence_url="#",
                details_url="#" if category.startswith("refrigerant") else None,
                remarks=_remarks(number),
                asked=_asked(number) if bad else (),
                inputs=_inputs(number, bad=bad),
            )
        )
    return rows


def line_options() -> LineOptions:
    """The options that the sample lines share."""
    return LineOptions(
        categories=option_list(CATEGORIES, empty="选择 / Choose"),
        units=option_list(UNITS, empty="–"),
        periods=option_list(PERIODS, empty="选择 / Choose"),
        sites=option_list(SITES, empty="选择 / Choose"),
    )


def blank_line() -> LineRow:
    """The line that the script copies."""
    return LineRow(index=-1, number=-1, values={}, units=option_list(UNITS, empty="–"))
