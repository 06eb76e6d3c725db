"""The alliance's programme: default target, roadmap, rules of levels, restatement and costs, read from plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from typing import Any

from portal.calculation.pathways import Kind, Part, Pathway
from portal.domain.levels import LevelRule, read_rules
from portal.domain.standing import DEFAULT_DAYS, MOST_DAYS
from portal.domain.warnings import Weight
from portal.domain.words import N_

SCOPES = (1, 2, 3)
FIRST_YEAR, LAST_YEAR = 2000, 2100
_HUNDRED = Decimal(100)


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
    warning_days: Mapping[Weight, int]

    def level(self, level_id: str) -> LevelRule | None:
        """The rule of a level; None for none."""
        return next((rule for rule in self.levels if rule.id == level_id), None)


def read_programme(raw: Mapping[str, Any]) -> Programme:
    """The programme from plain data. Raises ValueError with words that name what is wrong."""
    rest, days = _apart(raw)
    found = _table(
        rest, "programme", "target", "phase", "level", "restatement", "cost", "systematic"
    )
    restatement = _table(found["restatement"], "restatement", "threshold_percent")
    systematic = _table(found["systematic"], "systematic", "text_zh", "text_en")
    return Programme(
        target=_target(found["target"]),
        phases=_phases(found["phase"]),
        levels=read_rules(found["level"]),
        restatement_percent=_percent(restatement, "restatement", "threshold_percent"),
        discount_rate=_rate(found["cost"]),
        systematic_zh=_text(systematic, "systematic", "text_zh"),
        systematic_en=_text(systematic, "systematic", "text_en"),
        warning_days=days,
    )


_DAYS = {"serious_days": Weight.SERIOUS, "check_days": Weight.CHECK, "note_days": Weight.NOTE}


def _apart(raw: object) -> tuple[object, Mapping[Weight, int]]:
    """The programme without its days of warnings, which versions from before there were any don't have, and these."""
    if not isinstance(raw, Mapping) or "warning" not in raw:
        return raw, DEFAULT_DAYS
    rest = {name: table for name, table in raw.items() if name != "warning"}
    return rest, _warning_days(raw["warning"])


def _warning_days(raw: object) -> Mapping[Weight, int]:
    """How many days a warning may wait before it goes up, by its weight."""
    table = _table(raw, "warning", *_DAYS)
    for name in _DAYS:
        if type(table[name]) is not int or not 1 <= table[name] <= MOST_DAYS:
            raise ValueError(f"warning.{name} must be a whole number of days from 1 to {MOST_DAYS}")
    return {weight: table[name] for name, weight in _DAYS.items()}


def _target(raw: object) -> DefaultTarget:
    names = ("kind", "pathway", "part", "scopes", "target_year", "percent", "net_zero_year")
    table = _table(raw, "target", *names)
    found = DefaultTarget(
        kind=Kind(_choice(table, "kind", Kind)),
        pathway=Pathway(_choice(table, "pathway", Pathway)),
        part=Part(_choice(table, "part", Part)),
        scopes=_scopes(table["scopes"]),
        target_year=_year(table, "target", "target_year"),
        percent=_percent(table, "target", "percent"),
        net_zero_year=_year(table, "target", "net_zero_year"),
    )
    if found.kind is not Kind.ABSOLUTE:
        raise ValueError("target.kind must be absolute: an intensity needs a product of the member")
    if found.target_year > found.net_zero_year:
        raise ValueError("target.net_zero_year must not be before target.target_year")
    if found.pathway is Pathway.COMPOUND and found.percent == _HUNDRED:
        raise ValueError("target.percent must be below 100: a compound path never reaches zero")
    return found


def _scopes(raw: object) -> tuple[int, ...]:
    given = list(raw) if isinstance(raw, Sequence) and not isinstance(raw, str) else []
    if not given or any(type(each) is not int or each not in SCOPES for each in given):
        raise ValueError("target.scopes must be among 1, 2 and 3")
    if len(set(given)) != len(given):
        raise ValueError("target.scopes must name each scope once")
    return tuple(sorted(given))


def _phases(raw: object) -> tuple[Phase, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise ValueError("phase: a list with at least one phase is needed")
    phases = tuple(_phase(each) for each in raw)
    for earlier, later in pairwise(phases):
        if later.until <= earlier.until or later.percent < earlier.percent:
            raise ValueError(f"phase.until {later.until}: phases follow each other and cut more")
    return phases


def _phase(raw: object) -> Phase:
    texts = ("name_zh", "name_en", "text_zh", "text_en")
    table = _table(raw, "phase", "until", "percent", *texts)
    return Phase(
        until=_year(table, "phase", "until"),
        percent=_percent(table, "phase", "percent"),
        **{name: _text(table, "phase", name) for name in texts},
    )


def _rate(raw: object) -> Decimal:
    rate = _number(_table(raw, "cost", "discount_rate"), "cost", "discount_rate")
    if not 0 <= rate < 1:
        raise ValueError("cost.discount_rate must be from 0 to below 1, for instance 0.08")
    return rate


def _table(raw: object, place: str, *names: str) -> Mapping[str, Any]:
    """A table with exactly these keys; each stranger and each gap would mean something that nobody reads."""
    if not isinstance(raw, Mapping) or raw.keys() != set(names):
        raise ValueError(f"{place} takes exactly {', '.join(names)}")
    return raw


def _choice(raw: Mapping[str, Any], name: str, known: type[StrEnum]) -> str:
    if raw[name] not in list(known):
        raise ValueError(f"target.{name} must be one of {', '.join(known)}")
    return str(raw[name])


def _text(raw: Mapping[str, Any], place: str, name: str) -> str:
    words = raw[name]
    if not isinstance(words, str) or not words.strip():
        raise ValueError(f"{place}.{name} must be a text")
    return words


def _year(raw: Mapping[str, Any], place: str, name: str) -> int:
    year = raw[name]
    if type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{place}.{name} must be a year from {FIRST_YEAR} to {LAST_YEAR}")
    return year


def _percent(raw: Mapping[str, Any], place: str, name: str) -> Decimal:
    value = _number(raw, place, name)
    if not 0 <= value <= _HUNDRED:
        raise ValueError(f"{place}.{name} must be from 0 to 100")
    return value


def _number(raw: Mapping[str, Any], place: str, name: str) -> Decimal:
    try:
        value = Decimal(str(raw[name]))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueError(f"{place}.{name} must be a number")
    return value


MOVED_ON = N_(
    "Somebody else has changed the programme meanwhile. What you typed is still here: compare it with what holds now, and save again."
)
MESSAGES = {
    "programme.moved_on": MOVED_ON,
    "programme.phases.missing": N_("Enter at least one phase."),
    "programme.phases.order": N_("Each phase ends later than the one before it, and cuts no less."),
}
