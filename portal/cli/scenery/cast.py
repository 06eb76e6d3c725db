"""The cast: 154 members in eight sectors, their sites and their people, always the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from portal.cli.scenery.names import (
    BRANDS,
    CITIES,
    GIVEN_NAMES,
    SITE_WORDS,
    SURNAMES,
    TRADES,
    City,
)
from portal.intake.identifiers import credit_check_character

FIRST_YEAR, LAST_YEAR = 2020, 2025

SECTOR_SIZES = {
    "dairy_farm": 48,
    "packaging": 26,
    "ingredients": 20,
    "haulier": 18,
    "processing_plant": 14,
    "cold_store": 12,
    "feed_mill": 10,
    "equipment": 6,
}
# Year of joining → how many joined, and how many years back their first inventory reaches.
JOINED = {2022: (43, 2), 2023: (36, 2), 2024: (40, 2), 2025: (27, 2), 2026: (8, 1)}

SITE_KINDS = {
    "dairy_farm": ("farm", "farm", "warehouse"),
    "packaging": ("plant", "plant", "office"),
    "ingredients": ("plant", "warehouse", "office"),
    "haulier": ("fleet", "warehouse", "office"),
    "processing_plant": ("plant", "warehouse", "plant"),
    "cold_store": ("warehouse", "warehouse", "office"),
    "feed_mill": ("plant", "warehouse", "office"),
    "equipment": ("plant", "office", "warehouse"),
}
# Yearly change of what a unit of product needs: half of the members cut in earnest, the others slowly.
TRENDS = ((-0.1, -0.05), (-0.045, -0.005))
_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class PersonSketch:
    """A person of a member."""

    email: str
    name: str
    language: str
    post: str


@dataclass(frozen=True, slots=True)
class SiteSketch:
    """A site of a member."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    province: str


@dataclass(frozen=True, slots=True)
class MemberSketch:
    """A member before it enters the database; `size` scales its amounts, `trend` is its yearly change in intensity."""

    place: int
    code: str
    name_zh: str
    name_en: str
    credit_code: str
    sector: str
    city: City
    joined_on: date
    first_year: int
    sites: tuple[SiteSketch, ...]
    reporter: PersonSketch
    signatory: PersonSketch
    size: float
    trend: float
    growth: float


def cast(random: Random) -> list[MemberSketch]:
    """All members, in the order of their codes; the first to join come first."""
    sectors = [sector for sector, count in SECTOR_SIZES.items() for _ in range(count)]
    random.shuffle(sectors)
    years = [year for year, (count, _) in JOINED.items() for _ in range(count)]
    names = _names(random, sectors)
    return [
        _member(random, place, sector, year, *name)
        for place, (sector, year, name) in enumerate(
            zip(sectors, years, names, strict=True), start=1
        )
    ]


def _names(random: Random, sectors: list[str]) -> list[tuple[City, str, str]]:
    pairs = [(city, brand) for brand in BRANDS for city in CITIES]
    random.shuffle(pairs)
    named = []
    for sector, (city, brand) in zip(sectors, pairs, strict=False):
        trade_zh, trade_en = random.choice(TRADES[sector])
        named.append((city, f"{city.zh}{brand[0]}{trade_zh}", f"{city.en} {brand[1]} {trade_en}"))
    return named


def _member(
    random: Random, place: int, sector: str, year: int, city: City, name_zh: str, name_en: str
) -> MemberSketch:
    code = f"M-{place:04d}"
    back = JOINED[year][1]
    return MemberSketch(
        place=place,
        code=code,
        name_zh=name_zh,
        name_en=name_en if random.random() < 0.8 else "",
        credit_code=_credit_code(random, city.region),
        sector=sector,
        city=city,
        joined_on=date(year, random.randint(1, 11 if year == 2026 else 12), random.randint(1, 28)),
        first_year=max(FIRST_YEAR, year - back),
        sites=_sites(random, sector, city),
        reporter=_person(
            random, code, "reporter", random.choice(("环保专员", "能源管理员", "EHS 主管"))
        ),
        signatory=_person(random, code, "signatory", random.choice(("总经理", "厂长", "副总经理"))),
        size=round(random.lognormvariate(0, 0.55), 3),
        trend=round(random.uniform(*random.choice(TRENDS)), 4),
        growth=round(random.uniform(-0.03, 0.02), 4),
    )


def _credit_code(random: Random, region: str) -> str:
    body = "91" + region + "".join(random.choice(_CODE_ALPHABET) for _ in range(9))
    return body + credit_check_character(body)


def _sites(random: Random, sector: str, city: City) -> tuple[SiteSketch, ...]:
    count = random.choices((1, 2, 3), weights=(18, 46, 36))[0]
    sites = []
    for place, kind in enumerate(SITE_KINDS[sector][:count], start=1):
        where = city if place == 1 else random.choice(CITIES)
        word_zh, word_en = SITE_WORDS[kind]
        sites.append(
            SiteSketch(
                f"S{place}",
                f"{where.zh}{word_zh}",
                f"{where.en} {word_en}",
                kind,
                where.province,
            )
        )
    return tuple(sites)


def _person(random: Random, code: str, role: str, post: str) -> PersonSketch:
    surname, given = random.choice(SURNAMES), random.choice(GIVEN_NAMES)
    is_chinese = random.random() < 0.85
    name = f"{surname[0]}{given[0]}" if is_chinese else f"{given[1]} {surname[1]}"
    number = code.removeprefix("M-")
    return PersonSketch(
        f"{role}.{number}@supplier.example", name, "zh_Hans_CN" if is_chinese else "en", post
    )
