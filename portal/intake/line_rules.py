"""What activity lines are read against: the day, the year, the sites and the categories, and what was read before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar, cast

from portal.calculation.categories import Category
from portal.calculation.periods import Period
from portal.intake.choices import folded_name
from portal.intake.raw import RawLine
from portal.intake.reading import Read

# A year of a hundred thousand lines names the same few sites, units and months over and over.
_MOST_REMEMBERED = 10_000
_LONGEST_REMEMBERED = 100

T = TypeVar("T")


@dataclass(frozen=True)
class LineRules:
    """What lines are read against: the day, the inventory's year, the member's sites, and the categories.

    `sites` leads from every spelling of a site (its code, its names) to its key; two sites with one name have
    that name left out. `locale` says how numbers are typed. What a text came to under these rules is remembered
    with them, so that it is read once for all lines that repeat it.
    """

    today: date
    inventory_year: int
    sites: Mapping[str, str]
    categories: Mapping[str, Category]
    locale: str = "zh"
    remembered: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def category_ids(self) -> Mapping[str, str]:
        """From every folded spelling of a category (its id, its names) to its id; ids win over names."""
        names = {
            folded_name(name): each.id
            for each in self.categories.values()
            for name in (each.name_en, each.name_zh)
        }
        return {**names, **{folded_name(each): each for each in self.categories}}

    @cached_property
    def site_keys(self) -> Mapping[str, str]:
        """From every folded spelling of a site to its key."""
        return {folded_name(spelling): key for spelling, key in self.sites.items()}

    @cached_property
    def site_cure(self) -> str:
        """The sites that a message names, one spelling of each."""
        return ", ".join(_each_once(self.sites)[:10])

    @cached_property
    def year(self) -> Period:
        """The days of the inventory."""
        return Period.of_year(self.inventory_year)


def read_once(
    raw: RawLine,
    rules: LineRules,
    question: str,
    given: tuple[object, ...],
    read: Callable[[], Read[T]],
) -> Read[T]:
    """Read what was typed, or recall what the same text came to before, under the same rules and at the same address.

    Only texts are remembered, for 1, 1.0 and True are one key; and only where every line has the same addresses.
    """
    if not raw.repeats_addresses or not all(_is_memorable(each) for each in given):
        return read()
    key = (question, raw.origin, given)
    known = rules.remembered.get(key)
    if isinstance(known, Read):
        return known
    _make_room(rules)
    found = rules.remembered[key] = read()
    return found


def read_together(
    raw: RawLine,
    rules: LineRules,
    read: Callable[[], dict[str, Read[object]]],
    *,
    apart: tuple[str, ...],
) -> Mapping[str, Read[object]]:
    """Read a line's columns, or recall what the same texts in all of them but those `apart` came to before."""
    if not raw.repeats_addresses:
        return read()
    given = tuple([each for each in raw.fields.items() if each[0] not in apart])
    for _, text in given:
        if not _is_memorable(text):
            return read()
    key = (raw.origin, given)
    known = rules.remembered.get(key)
    if known is None:
        known = read()
        _make_room(rules)
        rules.remembered[key] = known
    return cast(Mapping[str, Read[object]], known)


def _make_room(rules: LineRules) -> None:
    if len(rules.remembered) >= _MOST_REMEMBERED:
        rules.remembered.clear()


def _is_memorable(given: object) -> bool:
    return given is None or (type(given) is str and len(given) <= _LONGEST_REMEMBERED)


def _each_once(sites: Mapping[str, str]) -> list[str]:
    """One spelling of each site: its key where that is one, because a code is the same in every language."""
    chosen: dict[str, str] = {}
    for spelling, key in sites.items():
        if key not in chosen or spelling == key:
            chosen[key] = spelling
    return list(chosen.values())
