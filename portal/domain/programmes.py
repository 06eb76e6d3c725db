"""The alliance's programme: default target, roadmap, rules of levels, restatement and costs, read from plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.calculation.pathways import Kind, Part, Pathway
from portal.domain.levels import LevelRule, read_rules


@dataclass(frozen=True, slots=True)
class DefaultTarget:
    """What a member promises that adopts the alliance's target; its base year is the member's own."""

    kind: Kind
    pathway: Pathway
    part: Part
    scopes: tuple[int, ...]
    target_year: int
    percent: Decimal
    net_zero_year: int


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the roadmap: until when, the cut of the whole alliance by then in percent, and what is done in it."""

    until: int
    percent: Decimal
    name_zh: str
    name_en: str
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Programme:
    """What holds for all members; `restatement_percent` of the base year, `discount_rate` as a fraction a year.

    `systematic_zh/en` is the rule by which a member counts as reducing systematically.
    """

    target: DefaultTarget
    phases: tuple[Phase, ...]
    levels: tuple[LevelRule, ...]
    restatement_percent: Decimal
    discount_rate: Decimal
    systematic_zh: str
    systematic_en: str

    def level(self, level_id: str) -> LevelRule | None:
        """The rule of a level; None for none."""
        return next((rule for rule in self.levels if rule.id == level_id), None)


def read_programme(raw: Mapping[str, Any]) -> Programme:
    """The programme from plain data. Raises ValueError with words that name what is wrong."""
    wanted = {"target", "phase", "level", "restatement", "cost", "systematic"}
    if raw.keys() != wanted:
        raise ValueError(f"a programme consists of {', '.join(sorted(wanted))}")
    phases = tuple(_phase(each) for each in raw["phase"])
    if list(phases) != sorted(phases, key=lambda phase: phase.until):
        raise ValueError("the phases must follow each other")
    rate = _number(raw["cost"], "discount_rate")
    if not 0 <= rate < 1:
        raise ValueError("discount_rate must be from 0 to 1, for instance 0.08")
    return Programme(
        target=_target(raw["target"]),
        phases=phases,
        levels=read_rules(raw["level"]),
        restatement_percent=_percent(raw["restatement"], "threshold_percent"),
        discount_rate=rate,
        systematic_zh=raw["systematic"]["text_zh"],
        systematic_en=raw["systematic"]["text_en"],
    )


def _target(raw: Mapping[str, Any]) -> DefaultTarget:
    try:
        found = DefaultTarget(
            kind=Kind(raw["kind"]),
            pathway=Pathway(raw["pathway"]),
            part=Part(raw["part"]),
            scopes=tuple(int(scope) for scope in raw["scopes"]),
            target_year=int(raw["target_year"]),
            percent=_percent(raw, "percent"),
            net_zero_year=int(raw["net_zero_year"]),
        )
    except KeyError as missing:
        raise ValueError(f"the default target lacks {missing}") from missing
    if not found.scopes or set(found.scopes) - {1, 2, 3}:
        raise ValueError("the scopes of the default target must be among 1, 2 and 3")
    if found.kind is not Kind.ABSOLUTE:
        raise ValueError("the default target must be absolute: an intensity needs a product")
    if not 2000 <= found.target_year <= found.net_zero_year <= 2100:
        raise ValueError(
            "the net-zero year must not be before the target year, both in this century"
        )
    return found


def _phase(raw: Mapping[str, Any]) -> Phase:
    texts = {name: str(raw.get(name, "")) for name in ("name_zh", "name_en", "text_zh", "text_en")}
    if not all(texts.values()):
        raise ValueError("a phase needs its name and its text in both languages")
    return Phase(until=int(raw["until"]), percent=_percent(raw, "percent"), **texts)


def _percent(raw: Mapping[str, Any], name: str) -> Decimal:
    value = _number(raw, name)
    if not 0 <= value <= 100:
        raise ValueError(f"{name} must be from 0 to 100")
    return value


def _number(raw: Mapping[str, Any], name: str) -> Decimal:
    try:
        value = Decimal(str(raw[name]))
    except KeyError as missing:
        raise ValueError(f"{name} is missing") from missing
    except InvalidOperation as wrong:
        raise ValueError(f"{name} must be a number") from wrong
    if not value.is_finite():
        raise ValueError(f"{name} must be a number")
    return value
