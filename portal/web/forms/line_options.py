"""The choices of the table of activity lines, written once for a language and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_skeleton
from flask_babel import gettext, pgettext

from portal import data
from portal.calculation.categories import Category, Parameter
from portal.calculation.units import UNITS
from portal.web.forms.line_table import LineOptions
from portal.web.forms.options import Option, OptionList, grouped_options, option_list
from portal.web.language import catalogue, current
from portal.web.names import in_language, name_of

SCOPES = (1, 2, 3)


def line_options(sector: str, year: int, sites: Sequence[Any]) -> LineOptions:
    """The choices that all lines of a year share."""
    words = catalogue()
    return LineOptions(
        categories=_categories(words, sector),
        units=_all_units(words),
        periods=_periods(words, year),
        sites=_sites(sites),
    )


def units_for(category: str | None) -> OptionList:
    """The units that fit a category, the usual first; all units while none is chosen."""
    return _units(catalogue(), category or "")


def scope_title(scope: int) -> str:
    """What a scope is, in a few words."""
    return {
        1: gettext("Scope 1: what you burn, leak or keep"),
        2: gettext("Scope 2: electricity and heat you buy"),
        3: gettext("Scope 3: what others emit for you"),
    }[scope]


@lru_cache(maxsize=64)
def _categories(_words: Any, sector: str) -> OptionList:
    groups = [(scope_title(scope), map(_option, _ordered(scope, sector))) for scope in SCOPES]
    return grouped_options(groups, empty=gettext("Choose a category"))


def _ordered(scope: int, sector: str) -> list[Category]:
    """A scope's categories: those that such a supplier usually has come first."""
    known = data.load_sectors().get(sector)
    usual = known.categories if known else ()
    categories = [each for each in data.load_categories().values() if each.scope == scope]
    return sorted(categories, key=lambda each: each.id not in usual)


def _option(category: Category) -> Option:
    also = (category.name_en, category.name_zh)
    return Option(category.id, name_of(category), also=also, units=category.units)


@lru_cache(maxsize=4)
def _all_units(_words: Any) -> OptionList:
    options = [
        Option(code, code, also=(unit.name_en, unit.name_zh), is_data=True)
        for code, unit in UNITS.items()
    ]
    return option_list(options, empty=gettext("Choose a unit"))


@lru_cache(maxsize=256)
def _units(_words: Any, category: str) -> OptionList:
    known = data.load_categories().get(category)
    codes: Iterable[str] = known.units if known else UNITS
    return option_list(
        [Option(code, code, is_data=True) for code in codes], empty=gettext("Choose a unit")
    )


def period_labels(year: int) -> list[tuple[str, str]]:
    """The usual periods of a year: all of it, its quarters, its months."""
    locale = current().locale
    quarters = [
        (
            f"{year}-Q{number}",
            pgettext("quarter", "%(year)s quarter %(number)s", year=year, number=number),
        )
        for number in range(1, 5)
    ]
    months = [
        (f"{year}-{month:02d}", format_skeleton("yMMM", date(year, month, 1), locale=locale))
        for month in range(1, 13)
    ]
    return [(f"{year}", gettext("Full year %(year)s", year=year)), *quarters, *months]


@lru_cache(maxsize=64)
def _periods(_words: Any, year: int) -> OptionList:
    options = [Option(code, label) for code, label in period_labels(year)]
    return option_list(options, empty=gettext("Choose a period"))


def _sites(sites: Sequence[Any]) -> OptionList:
    """The active sites; written once for as long as none of them is renamed."""
    named = tuple((site.code, site.name_zh, site.name_en) for site in sites if site.is_active)
    return _named_sites(catalogue(), named)


@lru_cache(maxsize=256)
def _named_sites(_words: Any, named: tuple[tuple[str, str, str], ...]) -> OptionList:
    options = [
        Option(code, in_language(zh, en), also=(code, zh, en), is_data=True)
        for code, zh, en in named
    ]
    return option_list(options, empty=gettext("Choose a site"))


@lru_cache(maxsize=512)
def _choices(_words: Any, category: str, name: str) -> OptionList:
    parameter = data.load_categories()[category].parameter(name)
    options = parameter.options if parameter else ()
    return option_list(
        [Option(option.code, name_of(option)) for option in options], empty=gettext("Choose")
    )


def choices_of(category: Category, parameter: Parameter) -> OptionList:
    """The choices of a parameter."""
    return _choices(catalogue(), category.id, parameter.name)
