"""Targets, levels and actions as papers say them, in both languages, and the values of a target as they are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portal.calculation.pathways import Kind, Part, Pathway
from portal.documents.charts.scales import Unit, emission_unit
from portal.documents.facts import CriterionFacts, Name, Series, TargetTermsFacts
from portal.documents.figures import MINUS, TonneColumn, number, short_number
from portal.documents.texts import cut_to_width
from portal.domain.actions import Status
from portal.domain.levels import YES_OR_NO, Criterion, Measure
from portal.domain.levers import Area, Ledger, Method

# A measured value has no more; beyond them it would not be read anyway.
MOST_DIGITS = 20
# In ems; a unit is typed by the member.
WIDEST_UNIT = Decimal(11)

SCOPES = {
    1: Name("范围一", "Scope 1"),
    2: Name("范围二", "Scope 2"),
    3: Name("范围三", "Scope 3"),
}
PATHWAYS = {
    Pathway.LINEAR: Name("直线路径", "a straight line"),
    Pathway.COMPOUND: Name("每年降幅相同的路径", "the same percentage each year"),
    Pathway.SBTI_15: Name(
        "SBTi 1.5 °C 路径，每年降低基准年的 4.2%",
        "the SBTi 1.5 °C path (4.2% of the base year each year)",
    ),
    Pathway.SBTI_WB2C: Name(
        "SBTi 远低于 2 °C 路径，每年降低基准年的 2.5%",
        "the SBTi well-below-2 °C path (2.5% of the base year each year)",
    ),
    Pathway.FLAG: Name(
        "SBTi FLAG 路径，每年降低基准年的 3.03%",
        "the SBTi FLAG path (3.03% of the base year each year)",
    ),
}
PARTS = {
    Part.ALL: Name(""),
    Part.FLAG: Name("（仅土地与畜牧，FLAG）", " (land and livestock only, FLAG)"),
    Part.NON_FLAG: Name("（不含土地与畜牧）", " (without land and livestock)"),
}
STATUSES = {
    Status.IDEA: Name("设想", "Idea"),
    Status.PLANNED: Name("已计划", "Planned"),
    Status.IN_PROGRESS: Name("实施中", "In progress"),
    Status.DONE: Name("已完成", "Done"),
    Status.STOPPED: Name("已停止", "Stopped"),
}
AREAS = {
    Area.PRODUCTION: Name("生产", "Production"),
    Area.PURCHASING: Name("采购", "Purchasing"),
    Area.STORAGE: Name("仓储", "Storage"),
    Area.LOGISTICS: Name("物流", "Logistics"),
    Area.FARM: Name("牧场", "Farm"),
}
LEDGERS = {
    Ledger.INVENTORY: Name("清单之内", "Within the inventory"),
    Ledger.AVOIDED: Name("边界之外的避免排放", "Avoided outside the boundary"),
}
ESTIMATES = {
    Method.SHARE: Name("排放源的比例", "Share of the source"),
    Method.QUANTITY: Name("减少的用量", "Amount no longer used"),
    Method.SWITCH: Name("以另一用量替代", "One amount replaced by another"),
    Method.STATED: Name("自行核算", "Own calculation"),
}
SERIES = {
    Series.REPORTED: Name("原报数据", "as reported"),
    Series.RESTATED: Name("重算后数据", "as restated"),
}
MEASURES = {
    Measure.BASELINE_APPROVED: Name("基准年清单已批准", "Baseline approved"),
    Measure.TARGET_APPROVED: Name("目标已批准", "Target approved"),
    Measure.PLAN_APPROVED: Name("减排计划已批准", "Plan approved"),
    Measure.ON_PATH: Name("不高于目标路径", "On or below the path"),
    Measure.CUT_PERCENT: Name("较基准年减排，%", "Cut since base year, %"),
    Measure.QUALITY: Name("数据质量评分，1 最好", "Data quality, 1 best"),
    Measure.TOP_SHARE: Name("减排幅度位次，前 %", "Place by cut, top %"),
    Measure.VERIFIED_SHARE: Name("有证据的减排量，%", "Savings proven, %"),
    Measure.UNDERWAY_COUNT: Name("实施中或已完成的措施", "Actions under way"),
}
YES, NO, UNKNOWN = Name("是", "yes"), Name("否", "no"), Name("–", "–")

_DIGITS = {1: "一", 2: "二", 3: "三"}


def scopes_words(scopes: Iterable[int]) -> Name:
    """Some scopes: "范围一、二", "Scopes 1 and 2"."""
    ordered = sorted(set(scopes))
    *first, last = map(str, ordered)
    english = f"Scopes {', '.join(first)} and {last}" if first else f"Scope {last}"
    return Name("范围" + "、".join(_DIGITS[scope] for scope in ordered), english)


def percent_words(percent: Decimal) -> str:
    """A percentage with no more digits than it needs: "42%", "12.5%"."""
    return f"{short_number(percent)}%"


def target_words(terms: TargetTermsFacts) -> Name:
    """A target in a sentence without its full stop: what falls by how much until when, on which path, and net zero."""
    promise = _share_promised(terms) if terms.kind.is_share else _cut_promised(terms)
    if terms.net_zero_year is None or terms.kind.is_share:
        return promise
    return Name(
        f"{promise.zh}；{terms.net_zero_year} 年实现净零",
        f"{promise.en}; net zero in {terms.net_zero_year}",
    )


def _cut_promised(terms: TargetTermsFacts) -> Name:
    subject, part, path = _subject(terms), PARTS[terms.part], PATHWAYS[terms.pathway]
    percent, base, end = percent_words(terms.percent), terms.base_year, terms.target_year
    way = "by" if terms.pathway is Pathway.COMPOUND else "on"
    return Name(
        f"{end} 年{subject.zh}{part.zh}比 {base} 年减少 {percent}（{path.zh}）",
        f"{subject.en}{part.en}: {percent} less in {end} than in {base}, {way} {path.en}",
    )


def _subject(terms: TargetTermsFacts) -> Name:
    scopes = scopes_words(terms.scopes)
    product = terms.product
    match terms.kind:
        case Kind.PHYSICAL_INTENSITY:
            return Name(
                f"{scopes.zh}内每单位{product.zh or product.en}的排放量",
                f"{scopes.en} per unit of {product.en or product.zh}",
            )
        case Kind.ECONOMIC_INTENSITY:
            return Name(f"{scopes.zh}内每单位收入的排放量", f"{scopes.en} per unit of revenue")
        case _:
            return Name(f"{scopes.zh}的排放总量", f"Total of {scopes.en.lower()}")


def _share_promised(terms: TargetTermsFacts) -> Name:
    percent, base = percent_words(terms.percent), percent_words(terms.base)
    if terms.kind is Kind.RENEWABLE_SHARE:
        subject = Name(
            "可再生电力占全部用电的比例", "Renewable electricity as a share of all power used"
        )
    else:
        subject = Name(
            "已设定自身减排目标的供应商占采购额的比例",
            "Suppliers with targets of their own as a share of spend",
        )
    return Name(
        f"{subject.zh}由 {terms.base_year} 年的 {base} 提高到 {terms.target_year} 年的 {percent}",
        f"{subject.en}: from {base} in {terms.base_year} to {percent} in {terms.target_year}",
    )


@dataclass(frozen=True, slots=True)
class TargetFigures:
    """How the values of a target are printed: kilograms as tonnes in one number of decimals, the rest as they are."""

    unit: str
    tonnes: TonneColumn | None

    @classmethod
    def of(cls, terms: TargetTermsFacts | None, *amounts: Decimal) -> TargetFigures:
        """The form for a target and some of its values; without a target they are kg CO2e."""
        if terms is None or terms.kind is Kind.ABSOLUTE:
            return cls("tCO₂e", TonneColumn.for_amounts(*amounts))
        return cls(cut_to_width(terms.unit, WIDEST_UNIT), None)

    def text(self, amount: Decimal) -> str:
        """A value without its unit."""
        if self.tonnes is not None:
            return self.tonnes.text(amount)
        return number(amount, 1) if self.unit == "%" else short_number(amount, 5)

    def chart_unit(self, amounts: Iterable[Decimal]) -> Unit:
        """In what a chart of these values counts."""
        return emission_unit(amounts) if self.tonnes is not None else Unit(symbol=self.unit)


def measured_words(criterion: CriterionFacts) -> Name:
    """What was measured for a condition: yes or no, a number, or a dash where nothing is known."""
    return _value(criterion, criterion.value)


def bounds_words(criterion: CriterionFacts) -> Name:
    """What a condition asks for: "yes", "≥ 80", "≤ 3.5", "20 – 40"."""
    low, high = criterion.at_least, criterion.at_most
    if criterion.measure in YES_OR_NO:
        return _value(criterion, high if low is None else low)
    if low is not None and high is not None:
        return _same(f"{short_number(low)} – {short_number(high)}")
    return _same(
        f"≥ {short_number(low)}" if low is not None else f"≤ {short_number(high or Decimal(0))}"
    )


def _value(criterion: CriterionFacts, value: Decimal | None) -> Name:
    if value is None:
        return UNKNOWN
    if criterion.measure in YES_OR_NO:
        return YES if value >= 1 else NO
    return _same(_faithful(criterion, value))


def _faithful(criterion: CriterionFacts, value: Decimal) -> str:
    """A value with as many digits as it takes to stand on the same side of the bounds as itself: 79.99996 is not 80."""
    rule = Criterion(criterion.measure, criterion.at_least, criterion.at_most)
    words = ""
    for digits in range(4, MOST_DIGITS):
        words = short_number(value, digits)
        if rule.is_met(Decimal(words.replace(",", "").replace(MINUS, "-"))) == rule.is_met(value):
            break
    return words


def _same(words: str) -> Name:
    return Name(words, words)
