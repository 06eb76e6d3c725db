"""Levels of progress certificates: published rules kept as data, and the level that measured facts come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from portal.domain.words import N_

LONGEST_ID = 40


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


@dataclass(frozen=True, slots=True)
class Tried:
    """One condition held against what was measured; None where it is unknown."""

    criterion: Criterion
    value: Decimal | None
    is_met: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The level reached, empty for none, and under each rule's id its conditions as they were found."""

    level: str
    tried: tuple[tuple[str, tuple[Tried, ...]], ...]


def level_of(rules: Sequence[LevelRule], measured: Mapping[Measure, Decimal | None]) -> str:
    """The highest level whose conditions are met together with those of every level below it; empty for none."""
    reached = ""
    for rule in rules:
        if not rule.is_met(measured):
            break
        reached = rule.id
    return reached


def outcome_of(rules: Sequence[LevelRule], measured: Mapping[Measure, Decimal | None]) -> Outcome:
    """The level with what it rests on: each condition of each rule, its measured value, and whether it is met."""
    tried = tuple((rule.id, _tried(rule, measured)) for rule in rules)
    return Outcome(level_of(rules, measured), tried)


def _tried(rule: LevelRule, measured: Mapping[Measure, Decimal | None]) -> tuple[Tried, ...]:
    values = [(each, measured.get(each.measure)) for each in rule.criteria]
    return tuple(Tried(each, value, each.is_met(value)) for each, value in values)


def read_rules(raw: object) -> tuple[LevelRule, ...]:
    """The rules, lowest level first, from plain data. Raises ValueError that names what is wrong with which level."""
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise ValueError("levels: a list with at least one level is needed")
    rules = tuple(_rule(each) for each in raw)
    if len({rule.id for rule in rules}) != len(rules):
        raise ValueError("levels: two levels have one id")
    return rules


def _rule(raw: object) -> LevelRule:
    wanted = {"id", "name_zh", "name_en", "text_zh", "text_en", "criteria"}
    if not isinstance(raw, Mapping) or raw.keys() != wanted:
        name = raw.get("id", "?") if isinstance(raw, Mapping) else raw
        raise ValueError(f"level {name}: it takes {', '.join(sorted(wanted))}")
    texts = {name: raw[name] for name in wanted - {"criteria"}}
    if not all(isinstance(words, str) and words.strip() for words in texts.values()):
        raise ValueError(f"level {raw['id']}: its texts must not be empty")
    # Certificates keep the id, in a column of this width.
    if len(raw["id"]) > LONGEST_ID:
        raise ValueError(f"level {raw['id']}: its id must not be longer than {LONGEST_ID}")
    return LevelRule(**texts, criteria=_criteria(raw["id"], raw["criteria"]))


def _criteria(level: str, raw: object) -> tuple[Criterion, ...]:
    # A level without conditions would be everybody's.
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise ValueError(f"level {level}: criteria must list at least one condition")
    return tuple(_criterion(level, each) for each in raw)


def _criterion(level: str, raw: object) -> Criterion:
    if not isinstance(raw, Mapping) or raw.keys() - {"measure", "at_least", "at_most"}:
        raise ValueError(f"level {level}: {raw} is not a condition that is known")
    if raw.get("measure") not in list(Measure):
        raise ValueError(f"level {level}: {raw.get('measure')} is not a measure that is known")
    measure = Measure(raw["measure"])
    bounds = {
        name: _bound(level, measure, raw[name]) for name in ("at_least", "at_most") if name in raw
    }
    if not bounds:
        raise ValueError(f"level {level}: {measure} needs at_least or at_most")
    if len(bounds) == 2 and bounds["at_least"] > bounds["at_most"]:
        raise ValueError(f"level {level}: nothing lies within the bounds of {measure}")
    return Criterion(measure, bounds.get("at_least"), bounds.get("at_most"))


def _bound(level: str, measure: Measure, raw: object) -> Decimal:
    try:
        bound = Decimal(str(raw))
    except InvalidOperation:
        bound = Decimal("NaN")
    if not bound.is_finite():
        raise ValueError(f"level {level}: the bounds of {measure} must be numbers")
    return bound
