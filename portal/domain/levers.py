"""Reduction levers: what is usually done to emit less, as data, and the words of areas, methods, ledgers and states."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.domain.words import N_


class Area(StrEnum):
    """Where in a company an action takes place."""

    PRODUCTION = "production"
    PURCHASING = "purchasing"
    STORAGE = "storage"
    LOGISTICS = "logistics"
    FARM = "farm"


class Method(StrEnum):
    """How a saving is estimated."""

    SHARE = "share"
    QUANTITY = "quantity"
    SWITCH = "switch"
    STATED = "stated"


class Ledger(StrEnum):
    """Where a saving is booked: it explains the inventory, or lies outside the boundary and is never netted."""

    INVENTORY = "inventory"
    AVOIDED = "avoided"


class Confidence(StrEnum):
    """How sure the usual saving of a lever is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Direction(StrEnum):
    """What an action does to water, waste or energy use."""

    LESS = "less"
    MORE = "more"
    NONE = "none"


AREA_NAMES = {
    # “Production” alone is the amount that a company makes, a word of its own in Chinese.
    Area.PRODUCTION: N_("Production processes"),
    Area.PURCHASING: N_("Purchasing"),
    Area.STORAGE: N_("Storage"),
    Area.LOGISTICS: N_("Logistics"),
    Area.FARM: N_("Farm"),
}
METHOD_NAMES = {
    Method.SHARE: N_("Share of the source"),
    Method.QUANTITY: N_("Amount that is no longer used"),
    Method.SWITCH: N_("One amount replaced by another"),
    Method.STATED: N_("Own calculation"),
}
METHOD_HINTS = {
    Method.SHARE: N_("So many per cent of what the source emits today."),
    Method.QUANTITY: N_("For example 120 MWh of electricity less each year."),
    Method.SWITCH: N_("For example natural gas replaced by electricity for a heat pump."),
    Method.STATED: N_("You enter tonnes and say how they were worked out; attach the calculation."),
}
LEDGER_NAMES = {
    Ledger.INVENTORY: N_("Own emissions"),
    Ledger.AVOIDED: N_("Avoided elsewhere"),
}
LEDGER_HINTS = {
    Ledger.INVENTORY: N_("Lowers what your inventory counts."),
    Ledger.AVOIDED: N_(
        "Saved by others, for example by power you feed into the grid. Shown apart, never subtracted."
    ),
}
CONFIDENCE_NAMES = {
    Confidence.HIGH: N_("Well established"),
    Confidence.MEDIUM: N_("Depends on the site"),
    Confidence.LOW: N_("Engineering judgement"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SideEffect:
    """What a lever does to water, waste or energy use, with a few words where it does anything."""

    direction: Direction
    words: Words


@dataclass(frozen=True, slots=True)
class Lever:
    """One lever. `low` and `high` are the usual saving as fractions of what its source emits, from `source`.

    `sectors` and `categories` are ids; no sectors means all. The first category is the usual one; `switch_to` is the
    category that replaces it where one amount replaces another.
    """

    id: str
    area: Area
    sectors: tuple[str, ...]
    categories: tuple[str, ...]
    method: Method
    switch_to: str
    ledger: Ledger
    low: Decimal
    high: Decimal
    lifetime_years: int
    name_zh: str
    name_en: str
    hint_zh: str
    hint_en: str
    costs: tuple[Words, ...]
    evidence: tuple[Words, ...]
    water: SideEffect
    waste: SideEffect
    energy: SideEffect
    source: str
    source_year: int
    confidence: Confidence

    def fits(self, sector: str) -> bool:
        """Whether suppliers of a sector usually can use it."""
        return not self.sectors or sector in self.sectors


_REQUIRED = frozenset(
    [
        "id",
        "area",
        "categories",
        "method",
        "saving",
        "lifetime_years",
        "names",
        "hints",
        "costs",
        "evidence",
        "source",
        "source_year",
        "confidence",
    ]
)
_OPTIONAL = frozenset({"sectors", "switch_to", "ledger", "water", "waste", "energy"})
_NO_EFFECT = SideEffect(Direction.NONE, Words("", ""))


def read_lever(
    raw: Mapping[str, Any], *, sectors: Collection[str], categories: Collection[str]
) -> Lever:
    """A lever from plain data. Raises ValueError that names the lever and what is wrong with it."""
    name = str(raw.get("id", "?"))
    if wrong := _wrong(raw, sectors, categories):
        raise ValueError(f"lever {name}: {wrong}")
    low, high = _range(raw)
    return Lever(
        id=name,
        area=Area(raw["area"]),
        sectors=tuple(raw.get("sectors", ())),
        categories=tuple(raw["categories"]),
        method=Method(raw["method"]),
        switch_to=raw.get("switch_to", ""),
        ledger=Ledger(raw.get("ledger", Ledger.INVENTORY)),
        low=low,
        high=high,
        lifetime_years=int(raw["lifetime_years"]),
        name_zh=raw["names"]["zh"],
        name_en=raw["names"]["en"],
        hint_zh=raw["hints"]["zh"],
        hint_en=raw["hints"]["en"],
        costs=tuple(Words(each["zh"], each["en"]) for each in raw["costs"]),
        evidence=tuple(Words(each["zh"], each["en"]) for each in raw["evidence"]),
        water=_side_effect(raw.get("water")),
        waste=_side_effect(raw.get("waste")),
        energy=_side_effect(raw.get("energy")),
        source=raw["source"],
        source_year=int(raw["source_year"]),
        confidence=Confidence(raw["confidence"]),
    )


def _wrong(raw: Mapping[str, Any], sectors: Collection[str], categories: Collection[str]) -> str:
    if missing := sorted(_REQUIRED - raw.keys()):
        return f"keys are missing: {missing}"
    if unknown := sorted(raw.keys() - _REQUIRED - _OPTIONAL):
        return f"unknown keys {unknown}"
    switch_to = raw.get("switch_to", "")
    if bool(switch_to) is not (raw["method"] == Method.SWITCH):
        return "a lever that replaces one amount by another names the category that comes instead, no other does"
    named = [*raw["categories"], *([switch_to] if switch_to else [])]
    if not raw["categories"]:
        return "it acts on no category"
    if unknown := sorted(set(named) - set(categories)):
        return f"unknown categories {unknown}"
    if unknown := sorted(set(raw.get("sectors", ())) - set(sectors)):
        return f"unknown sectors {unknown}"
    low, high = _range(raw)
    return "" if 0 < low <= high <= 1 else "a saving lies between 0 and 1, low before high"


def _range(raw: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(raw["saving"]["low"]), Decimal(raw["saving"]["high"])


def _side_effect(raw: Mapping[str, str] | None) -> SideEffect:
    if raw is None:
        return _NO_EFFECT
    return SideEffect(Direction(raw["direction"]), Words(raw["zh"], raw["en"]))
