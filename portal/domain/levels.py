"""Levels of progress certificates: published rules kept as data, and the level that measured facts come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.domain.words import N_


class Measure(StrEnum):
    """What a rule can ask for; yes is 1, no is 0.

    `cut_percent` is the cut since the base year, `quality` the emission-weighted data-quality score (1 best, 5 worst),
    `top_share` the place by cut among all members that year in percent (1 is the first in a hundred), `verified_share`
    the percent of the reported savings that evidence proves, `underway_count` actions in progress or done.
    """

    BASELINE_APPROVED = "baseline_approved"
    TARGET_APPROVED = "target_approved"
    PLAN_APPROVED = "plan_approved"
    ON_PATH = "on_path"
    CUT_PERCENT = "cut_percent"
    QUALITY = "quality"
    TOP_SHARE = "top_share"
    VERIFIED_SHARE = "verified_share"
    UNDERWAY_COUNT = "underway_count"


MEASURE_NAMES = {
    Measure.BASELINE_APPROVED: N_("Baseline approved"),
    Measure.TARGET_APPROVED: N_("Target approved"),
    Measure.PLAN_APPROVED: N_("Reduction plan approved"),
    Measure.ON_PATH: N_("On or below the target path"),
    Measure.CUT_PERCENT: N_("Cut since the base year, per cent"),
    Measure.QUALITY: N_("Data quality score (1 best)"),
    Measure.TOP_SHARE: N_("Place among the members, top per cent"),
    Measure.VERIFIED_SHARE: N_("Savings proven by evidence, per cent"),
    Measure.UNDERWAY_COUNT: N_("Actions in progress or done"),
}
YES_OR_NO = frozenset(
    {Measure.BASELINE_APPROVED, Measure.TARGET_APPROVED, Measure.PLAN_APPROVED, Measure.ON_PATH}
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition: a measure that must be known and lie within its bounds, ends included."""

    measure: Measure
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    def is_met(self, value: Decimal | None) -> bool:
        """Whether a measured value fulfils it; an unknown one never does."""
        if value is None:
            return False
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One level, with the text that is published for it and the conditions that the text means."""

    id: str
    name_zh: str
    name_en: str
    text_zh: str
    text_en: str
    criteria: tuple[Criterion, ...]

    def is_met(self, measured: Mapping[Measure, Decimal | None]) -> bool:
        """Whether all conditions of this level are fulfilled."""
        return all(each.is_met(measured.get(each.measure)) for each in self.criteria)


def level_of(rules: Sequence[LevelRule], measured: Mapping[Measure, Decimal | None]) -> str:
    """The highest level whose conditions are met together with those of every level below it; empty for none."""
    reached = ""
    for rule in rules:
        if not rule.is_met(measured):
            break
        reached = rule.id
    return reached


def read_rules(raw: Sequence[Mapping[str, Any]]) -> tuple[LevelRule, ...]:
    """The rules, lowest level first, from plain data. Raises ValueError that names what is wrong with which level."""
    rules = tuple(_rule(each) for each in raw)
    if len({rule.id for rule in rules}) != len(rules):
        raise ValueError("two levels have one id")
    return rules


def _rule(raw: Mapping[str, Any]) -> LevelRule:
    wanted = {"id", "name_zh", "name_en", "text_zh", "text_en", "criteria"}
    if raw.keys() != wanted:
        raise ValueError(f"level {raw.get('id', '?')}: it takes {', '.join(sorted(wanted))}")
    texts = {name: raw[name] for name in wanted - {"criteria"}}
    if not all(isinstance(words, str) and words.strip() for words in texts.values()):
        raise ValueError(f"level {raw['id']}: its texts must not be empty")
    return LevelRule(**texts, criteria=tuple(_criterion(raw["id"], c) for c in raw["criteria"]))


def _criterion(level: str, raw: Mapping[str, Any]) -> Criterion:
    unknown = raw.keys() - {"measure", "at_least", "at_most"}
    if unknown or raw.get("measure") not in list(Measure):
        raise ValueError(f"level {level}: {dict(raw)} is not a condition that is known")
    if "at_least" not in raw and "at_most" not in raw:
        raise ValueError(f"level {level}: {raw['measure']} needs at_least or at_most")
    bounds = {name: Decimal(str(raw[name])) for name in ("at_least", "at_most") if name in raw}
    if not all(bound.is_finite() for bound in bounds.values()):
        raise ValueError(f"level {level}: the bounds of {raw['measure']} must be numbers")
    return Criterion(Measure(raw["measure"]), bounds.get("at_least"), bounds.get("at_most"))
