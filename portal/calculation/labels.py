"""The words of a trace in both languages; they travel with the numbers, so that a file from the shell reads like a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.calculation.factors import Factor, Tier
from portal.calculation.selection import Choice, Fit, Flag


@dataclass(frozen=True, slots=True)
class Label:
    """One wording in English and in Simplified Chinese."""

    en: str
    zh: str

    def as_json(self) -> dict[str, str]:
        """Both wordings by language."""
        return {"en": self.en, "zh": self.zh}


TIERS: Mapping[Tier, Label] = {
    Tier.MEASURED: Label("Value of the supplier or the site itself", "供应商或场所自有数值"),
    Tier.SECTOR_STANDARD: Label("National standard of the sector", "本行业国家标准"),
    Tier.NATIONAL: Label("National or provincial publication", "国家或省级公布值"),
    Tier.IPCC: Label("International default", "国际通用缺省值"),
    Tier.FOREIGN: Label("Official set of another country", "其他国家官方因子"),
    Tier.SECONDARY: Label("Secondary database", "次级数据库"),
}

FLAGS: Mapping[Flag, Label] = {
    Flag.STALE: Label(
        "No factor is published for the year; the latest earlier one was used.",
        "该年度尚无公布值，采用最近的较早年度数值。",
    ),
    Flag.LATER: Label(
        "No factor exists for the year or before it; the nearest later one was used.",
        "该年度及以前均无可用因子，采用最近的较晚年度数值。",
    ),
    Flag.STANDARD_BEFORE_FORCE: Label(
        "The standard came into force after the year; it is applied to the whole series of years.",
        "该标准在本年度之后实施；为保持年度序列可比，统一采用。",
    ),
    Flag.OTHER_SECTOR: Label(
        "The standard was written for another sector.", "该标准适用于其他行业。"
    ),
    Flag.UNVERIFIED: Label(
        "The factor was not verified; nothing better fits.", "该因子未经核实；没有更合适的因子。"
    ),
    Flag.LOW_CONFIDENCE: Label(
        "The factor is of low confidence; nothing better fits.",
        "该因子可信度低；没有更合适的因子。",
    ),
    Flag.MIXED_GWP: Label(
        "The factor exists only as CO2e under another set of potentials.",
        "该因子仅以其他 GWP 口径的二氧化碳当量公布。",
    ),
    Flag.NO_RESIDUAL_MIX: Label(
        "No residual mix is published here; the grid average stands in.",
        "当地未公布剩余电力因子，以电网平均因子代替。",
    ),
    Flag.NORMAL_CONDITIONS: Label(
        "Cubic metres as metered were taken as normal cubic metres.",
        "计量立方米按标准立方米计。",
    ),
    Flag.TTW_ONLY: Label(
        "Upstream emissions of the fuel are not published for this transport and are left out.",
        "该运输方式未公布燃料上游排放，未计入。",
    ),
    Flag.MONTREAL: Label(
        "Gas of the Montreal Protocol: reported outside the scopes.",
        "《蒙特利尔议定书》气体：范围之外单独列报。",
    ),
}


def why(factor: Factor, rank: Tier, choice: Choice, year: int) -> Label:
    """Why this factor, of this tier, was chosen for the activity year, in one sentence."""
    family, tier = factor.family, TIERS[rank]
    if family.name_en:
        tier = Label(f"{tier.en} ({family.name_en})", f"{tier.zh}（{family.name_zh}）")
    if Flag.STANDARD_BEFORE_FORCE in choice.flags:
        since = factor.valid_from.isoformat()
        return Label(
            f"{tier.en}, in force from {since} and applied to {year} as well.",
            f"{tier.zh}，自 {since} 起实施，{year} 年一并采用。",
        )
    if choice.fit is Fit.EARLIER and factor.valid_to is not None:
        last = factor.valid_to.year
        return Label(
            f"{tier.en} of {last}, the latest before {year}.",
            f"{tier.zh}（{last} 年），为 {year} 年之前最新一版。",
        )
    if choice.fit is Fit.LATER:
        first = factor.valid_from.year
        return Label(
            f"{tier.en} of {first}, the nearest after {year}; none of the sources considered here is older.",
            f"{tier.zh}（{first} 年），为 {year} 年之后最近一版；此处考虑的来源中没有更早的。",
        )
    return Label(f"{tier.en}, valid in {year}.", f"{tier.zh}，适用于 {year} 年。")
