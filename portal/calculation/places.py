"""Places: a country and, within China, a province; and the larger areas that factors are published for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.calculation.problems import Problem, problem

WORLD = "GLO"


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its ISO 3166-1 code, with the region of the IPCC's tables that it lies in."""

    code: str
    name_en: str
    name_zh: str
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Province:
    """A Chinese province by its ISO 3166-2 code, with its power grid and its farming region (GB/T 32151.22)."""

    code: str
    name_en: str
    name_zh: str
    grid: str
    farming: str


@dataclass(frozen=True)
class Places:
    """All countries and provinces that the portal knows."""

    countries: Mapping[str, Country]
    provinces: Mapping[str, Province]

    def areas(self, country: str, region: str) -> tuple[str, ...]:
        """The regions that hold a place, nearest first; a country that isn't listed lies in the world only."""
        province = self.provinces.get(region)
        near = (region,) if region else ()
        farming = (f"CN:{province.farming}",) if province else ()
        known = self.countries.get(country)
        return (*near, *farming, country, *(known.areas if known else ()), WORLD)

    def problems(self, country: str, region: str) -> list[Problem]:
        """What is wrong with a place as given: no country code, or a region that isn't one of the country's."""
        if country in self.countries and (
            not region or (country == "CN" and region in self.provinces)
        ):
            return []
        if not re.fullmatch(r"[A-Z]{2}", country):
            return [problem("line.country.unknown", "country", given=country)]
        if region and not region.startswith(f"{country}-"):
            return [problem("line.region.elsewhere", "region", given=region, country=country)]
        if region and country == "CN" and region not in self.provinces:
            return [problem("line.region.unknown", "region", given=region)]
        return []
