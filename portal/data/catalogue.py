"""Reads the categories, the sectors, the places and the first programme that the portal knows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from portal.calculation.categories import Category, Sector, category_of
from portal.calculation.gases import gases
from portal.calculation.places import Country, Places, Province
from portal.data.library import load_edition
from portal.domain.levers import Lever, read_lever

_FOLDER = Path(__file__).parent


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


@cache
def load_categories() -> Mapping[str, Category]:
    """The emission source categories by id, in the order a person meets them."""
    raw = _read("categories.toml")
    shared = {name: _with_options(each) for name, each in raw["parameters"].items()}
    listed = [category_of(each, shared) for each in raw["category"]]
    found = {category.id: category for category in listed}
    if len(found) != len(listed):
        raise ValueError("two categories have one id")
    return MappingProxyType(found)


def _with_options(parameter: dict[str, Any]) -> dict[str, Any]:
    """The list of gases is long and stands in the library already."""
    if parameter.get("options_from") != "gases":
        return parameter
    known = gases(load_edition().table("gwp"))
    options = [{"code": gas.key, "en": gas.name_en, "zh": gas.name_zh} for gas in known.values()]
    return {**parameter, "options": options}


@cache
def load_sectors() -> Mapping[str, Sector]:
    """The kinds of suppliers by id, each with the categories it usually has."""
    return MappingProxyType(
        {
            each["id"]: Sector(
                id=each["id"],
                name_en=each["names"]["en"],
                name_zh=each["names"]["zh"],
                hint_en=each["hints"]["en"],
                hint_zh=each["hints"]["zh"],
                standard=each["standard"],
                output_unit=each["output_unit"],
                categories=tuple(each["categories"]),
            )
            for each in _read("sectors.toml")["sector"]
        }
    )


@cache
def load_places() -> Places:
    """The countries and the Chinese provinces."""
    raw = _read("provinces.toml")
    countries = {
        code: Country(code, each["en"], each["zh"], tuple(each["areas"]))
        for code, each in raw["countries"].items()
    }
    provinces = {
        code: Province(code, each["en"], each["zh"], each["grid"], each["farming"])
        for code, each in raw["provinces"].items()
    }
    return Places(MappingProxyType(countries), MappingProxyType(provinces))


def load_provinces() -> Mapping[str, Province]:
    """The Chinese provinces by ISO 3166-2 code."""
    return load_places().provinces


@cache
def load_levers() -> Mapping[str, Lever]:
    """The reduction levers by id, in the order of the file."""
    raw = _read("levers.toml")
    known = {"sectors": load_sectors(), "categories": load_categories()}
    listed = [read_lever(_spelt_out(each, raw["words"]), **known) for each in raw["lever"]]
    found = {lever.id: lever for lever in listed}
    if len(found) != len(listed):
        raise ValueError("two levers have one id")
    return MappingProxyType(found)


def _spelt_out(lever: dict[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """Costs, evidence and side effects that several levers share are named in a lever and stand in the file once."""
    named = {key: [words[key][each] for each in lever[key]] for key in ("costs", "evidence")}
    effects: dict[str, Any] = {
        key: words["effects"][lever[key]] for key in ("water", "waste", "energy") if key in lever
    }
    return {**lever, **named, **effects}


def load_programme() -> dict[str, Any]:
    """The programme that an alliance begins with, as plain data; `domain.programmes` gives it its meaning."""
    return _read("programme.toml")


@cache
def load_bundle_readme() -> str:
    """The words that explain an evidence bundle, in both languages, with `$` before what is filled in."""
    return (_FOLDER / "bundle_readme.md").read_text(encoding="utf-8")
