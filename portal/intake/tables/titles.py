"""What titles of columns mean, in both languages: the column of a line, and a unit that stands in the title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from portal.calculation.categories import Category
from portal.intake.characters import words
from portal.intake.read import PARAMETER
from portal.intake.units import looks_like_unit

# Below this two titles are two things; between this and equality a person is asked.
_ALIKE = 84
_SHORTEST_ALIKE = 4
_UNIT = re.compile(r"(?P<title>.*?)\s*[(\[/,;:]\s*(?P<unit>[^()\[\]]{1,20}?)\s*[)\]]?", re.ASCII)
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)

# Spaces in a title are written as underscores here.
_TITLES: Mapping[str, str] = {
    title.replace("_", " "): role
    for role, titles in {
        "category": (
            "category activity activity_type activity_data source emission_source source_type energy energy_type "
            "energy_carrier fuel fuel_type item type kind what description "
            "类别 活动 活动类型 活动类别 活动数据 活动名称 排放源 排放源类别 排放源名称 源类别 能源 能源类型 能源品种 能源名称 "
            "能源种类 燃料 燃料类型 燃料品种 品种 项目 项目名称 名称 种类 类型 分类 物料"
        ),
        "quantity": (
            "quantity amount consumption usage use value volume activity_amount consumed qty quantity_used reading "
            "数量 用量 消耗量 消费量 使用量 活动水平 活动数据值 实物量 数值 量 耗用量 用量合计 本月用量 实际用量"
        ),
        "unit": (
            "unit units uom unit_of_measure measure measurement_unit "
            "单位 计量单位 数量单位 计量 实物量单位"
        ),
        "site": (
            "site site_code site_name site_id plant facility location works factory building farm station place "
            "where meter_location "
            "场所 场所编码 场所名称 场所代码 厂区 工厂 厂名 站点 设施 设施名称 地点 车间 分公司 基地 牧场 养殖场 单位名称 "
            "所属场所 用能单位 使用地点"
        ),
        "period": (
            "period month reporting_period billing_period billing_month accounting_period date time year_month yyyymm "
            "yyyy-mm posting_period "
            "期间 月份 报告期 账期 所属期间 统计期 日期 时间 年月 所属月份 统计月份 核算期 报告期间"
        ),
        "start": (
            "start from start_date begin begin_date from_date first_day period_start date_from "
            "开始 起始 开始日期 起始日期 起始日 起 自"
        ),
        "end": (
            "end to end_date until to_date last_day period_end date_to "
            "结束 截止 结束日期 截止日期 终止日期 截止日 止 至"
        ),
        "year": "year reporting_year calendar_year 年 年份 年度 报告年度 核算年度 统计年度",
        "month": "month_number month_no 月",
        "note": "note notes remark remarks comment comments memo 备注 说明 注 摘要 备考",
        "": (
            "total sum subtotal ytd annual_total grand_total average no no. number row line # index cost price amount_(cny) "
            "合计 总计 小计 全年 年合计 年累计 累计 平均 序号 行号 金额 费用 单价"
        ),
    }.items()
    for title in words(titles)
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a title means: the role of its column ("" for none), a unit it names, and whether that is beyond doubt."""

    role: str
    unit: str = ""
    is_certain: bool = True


def folded_title(title: str) -> str:
    """Titles compare without regard to width, case, invisible characters, underscores and runs of spaces."""
    plain = unicodedata.normalize("NFKC", title).translate(_UNSEEN).casefold().replace("_", " ")
    return " ".join(plain.split()).strip(" *:：-")


@lru_cache(maxsize=2048)
def meaning_of(title: str) -> Meaning | None:
    """What a title means by itself, or None; one that is only alike a known title is uncertain."""
    known = folded_title(title[:120])
    if not known:
        return None
    if (role := _TITLES.get(known)) is not None:
        return Meaning(role)
    if (found := _with_unit(known)) is not None:
        return found
    return _alike(known)


def _with_unit(known: str) -> Meaning | None:
    """“Consumption (kWh)”: a known title with a unit behind it."""
    found = _UNIT.fullmatch(known)
    if found is None or not looks_like_unit(found["unit"]):
        return None
    role = _TITLES.get(found["title"].strip())
    return None if role != "quantity" else Meaning(role, found["unit"])


def unit_in(title: str) -> tuple[str, str]:
    """The words and the unit of a title such as “Electricity (kWh)”; the unit is empty where none stands there."""
    found = _UNIT.fullmatch(unicodedata.normalize("NFKC", title[:120]).translate(_UNSEEN).strip())
    if found is None or not looks_like_unit(found["unit"]):
        return title, ""
    return found["title"].strip(), found["unit"]


def _alike(known: str) -> Meaning | None:
    if len(known) < _SHORTEST_ALIKE:
        return None
    found = process.extractOne(known, _LONG_TITLES, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if found is None else Meaning(_TITLES[found[0]], is_certain=False)


_LONG_TITLES = [title for title, role in _TITLES.items() if role and len(title) >= _SHORTEST_ALIKE]


def parameter_titles(categories: Mapping[str, Category]) -> dict[str, str]:
    """From the folded names of parameters that are asked under one meaning only to their columns."""
    found: dict[str, str] = {}
    for category in categories.values():
        for each in category.parameters:
            for name in (each.name, PARAMETER + each.name, each.name_en, each.name_zh):
                found.setdefault(folded_title(name), PARAMETER + each.name)
    return {title: role for title, role in found.items() if title not in _TITLES}
